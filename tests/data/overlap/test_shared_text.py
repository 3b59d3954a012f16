"""Which texts of a test set a training text has as well: characters, hashes, coverage, and what is said of examples."""

import itertools
import random
import string

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts import registry
from xstilts.data.overlap import verdicts as verdicts_module
from xstilts.data.overlap.characters import block
from xstilts.data.overlap.hashes import Hashes
from xstilts.data.overlap.index import Index
from xstilts.data.overlap.lengths import SCRIPTS, Lengths
from xstilts.data.overlap.verdicts import Found, Item, Verdicts, linked, verdicts
from xstilts.reading.examples import Choice, Classified

OWN = {
    "Thai": "ช่างไม้คนหนึ่งซ่อมหลังคาบ้านของหญิงชราที่ริมแม่น้ำเมื่อวานนี้ แล้วเขาก็กลับไปที่โรงเรียน",
    "Han": "昨天下午,木匠在河边给那位老太太修好了屋顶,然后回学校去看他的两个朋友。",
    "Devanagari": "कल दोपहर को बढ़ई ने नदी के किनारे बूढ़ी औरत के घर की छत ठीक की और फिर स्कूल लौट गया।",
    "Arabic": "أصلح النجار أمس سقف بيت المرأة العجوز على ضفة النهر ثم عاد إلى المدرسة ليرى صديقيه.",
    "Hangul": "어제 오후에 목수가 강가에서 할머니 집 지붕을 고치고 나서 친구 두 명을 보러 학교로 돌아갔다.",
    "Greek": "Χθες το απόγευμα ο ξυλουργός έφτιαξε τη στέγη της γριάς δίπλα στο ποτάμι και γύρισε στο σχολείο.",
}


def characters(text):
    found = block([text])
    return "".join(map(chr, found.characters[:-1]))


def shares(tests, training, **options):
    index = Index(tests, **options)
    index.add(training)
    return index.shares().tolist()


def test_case_width_blanks_and_punctuation_do_not_count():
    spelled = ["Straße, 12 ﬁne “Cafés”!", "STRASSE12  FINE\u200bCAFÉS", "strasse １２ fine cafe\u0301s"]
    assert {characters(text) for text in spelled} == {"strasse12finecafés"}
    assert characters("IĞDIR ışık İzmir") == characters("ığdır IŞIK izmir") == "iğdirişikizmir"
    assert characters("नदी के किनारे।") == "नदीकेकिनारे", "signs of vowels are kept"


def test_texts_and_sentences_are_told_apart():
    found = block(["One two. Three!", "", "四五。六"])
    assert found.lengths.tolist() == [11, 0, 3]
    runs = zip(found.sentence_starts.tolist(), found.sentence_lengths.tolist(), strict=True)
    sentences = ["".join(map(chr, found.characters[start : start + size])) for start, size in runs if size]
    assert sentences == ["onetwo", "three", "四五", "六"]


def test_a_text_has_the_script_of_most_of_its_characters():
    found = block(["plain words", "東京のHonda", "서울 시", "سلام"], scripts=True)
    assert [list(SCRIPTS)[number] for number in found.scripts] == ["alphabets", "alphabets", "Hangul", "abjads"]


@given(text=st.text(alphabet="ab", min_size=1, max_size=40), length=st.integers(1, 12))
def test_equal_runs_and_no_others_have_equal_hashes(text, length):
    hashes = Hashes(np.array([ord(one) for one in text], dtype=np.uint32))
    windows = hashes.windows(length).tolist()
    runs = [text[start : start + length] for start in range(len(text) - length + 1)]
    assert len(windows) == len(runs)
    assert len(set(windows)) == len(set(runs))
    starts = np.arange(len(runs))
    assert hashes.runs(starts, np.full(len(runs), length)).tolist() == windows


def test_runs_of_one_character_differ_by_their_length():
    hashes = Hashes(np.full(20, 97, dtype=np.uint32))
    assert len({int(hashes.windows(length)[0]) for length in range(1, 21)}) == 20


def brute_force(text, training, gram):
    """The share of characters in n-grams that a training text has."""
    covered = set()
    for start in range(len(text) - gram + 1):
        if any(text[start : start + gram] in one for one in training):
            covered |= set(range(start, start + gram))
    return len(covered) / len(text)


@settings(max_examples=60)
@given(data=st.data())
def test_the_share_is_that_of_a_plain_search(data):
    texts = st.text(alphabet="abc", min_size=4, max_size=15)
    tests = data.draw(st.lists(texts, min_size=1, max_size=6, unique=True))
    training = data.draw(st.lists(texts, max_size=8))
    lengths = [Lengths(scripts=one.scripts, gram=4, shortest=4) for one in SCRIPTS.values()]
    expected = [brute_force(text, training, 4) for text in tests]
    assert shares(tests, training, lengths=lengths) == pytest.approx(expected)


def test_portions_of_a_training_text_are_one_text(monkeypatch):
    rng = random.Random(1)
    lines = ["".join(rng.choices(string.ascii_lowercase, k=60)) for _ in range(50)]
    whole = shares(lines[:10], lines[5:])
    monkeypatch.setattr("xstilts.data.overlap.index.TOGETHER", 70)
    assert shares(lines[:10], lines[5:]) == whole == [0.0] * 5 + [1.0] * 5


def in_microworld(language):
    rows = registry.find("tasks", "micro_nli").made.rows("test", language)
    return [one for example in itertools.islice(rows, 12) for one in (example.first, example.second)]


@pytest.mark.parametrize(
    "language", ["eng-Latn", "rus-Cyrl", "ara-Arab", "hin-Deva", "jpn-Jpan", "kor-Kore", "zho-Hani"]
)
def test_a_planted_leak_is_found_in_every_script_of_the_microworld(language):
    tests = list(dict.fromkeys(in_microworld(language)))
    index = Index(tests)
    index.add([f"0 {tests[3].upper()} !", tests[4].replace(" ", "  ")])
    found = index.shares()
    told = [place for place in (3, 4) if index.long_enough[place]]
    assert told
    assert all(found[place] == 1 for place in told)


@pytest.mark.parametrize("script", OWN)
def test_a_planted_leak_is_found_in_real_languages(script):
    text, others = OWN[script], [one for name, one in OWN.items() if name != script]
    assert shares([text], others) == [0.0], "nothing is found where nothing is"
    inside = f"{others[0]} {text.rstrip('.。।')} — {others[1]}"
    assert shares([text], [inside]) == [1.0]
    begins = text[: len(text) * 2 // 3]
    assert 0.5 <= shares([text], [begins])[0] < 0.75, "a part of it counts as a part"


def test_short_texts_are_found_as_a_whole_and_shorter_ones_are_not_looked_for():
    tests = ["The cat sleeps.", "Two big dogs bark.", "Yes.", "我们明天见。"]
    index = Index(tests)
    index.add(["Look. The cat sleeps! It does.", "Two big dogs barked.", "Yes.", "我们明天见"])
    assert index.long_enough.tolist() == [True, True, False, True]
    assert index.shares().tolist() == [1.0, 0.0, 0.0, 1.0]


PREMISE = "The carpenter mended the roof of the old house by the river yesterday."
OTHER = "Nobody has mended anything in that village since the bridge was closed."


def nli(name, first, second):
    return Item.of(Classified(example_id=name, cluster_id=name, first=first, second=second, label="x"))


def test_an_example_is_found_whole_or_by_its_premise_alone():
    rows = [
        nli("both", PREMISE, OTHER),
        nli("premise", PREMISE, "A carpenter was at work near the water."),
        nli("no", "Rain fell on the market all day long.", "Yes."),
    ]
    found, count = verdicts({"eng-Latn": rows}, lambda: [PREMISE.upper(), OTHER])
    one = found["eng-Latn"]
    assert count == len(characters(PREMISE + OTHER))
    assert one.whole == {"both"}
    assert one.part == {"premise": ("first",)}
    assert one.by_field == {"first": 1}
    assert (one.examples, one.too_short, one.seen) == (3, 0, {"both", "premise"})
    assert 0 < one.share < 1


def test_what_is_too_short_cannot_be_found_and_is_counted():
    found, _ = verdicts({"a": [nli("short", "Yes.", "No.")], "b": []}, lambda: ["Yes. No."])
    assert (found["a"].too_short, found["a"].found, found["a"].share) == (1, (), 0.0)
    assert (found["b"].examples, found["b"].share) == (0, 0.0)
    assert verdicts({"b": []}, lambda: ["Yes."]) == ({"b": found["b"]}, 0)


def test_choices_are_one_text():
    row = Choice(
        example_id="1",
        cluster_id="1",
        prompt="The boat left the harbour because",
        choices=("it was late at night", "the sea had calmed down"),
        label=1,
    )
    found, _ = verdicts({"x": [Item.of(row)]}, lambda: ["it was late at night the sea had calmed down"])
    assert found["x"].part == {"1": ("choices",)}


def test_a_large_test_set_is_looked_for_in_portions(monkeypatch):
    rows = [nli(str(n), f"{PREMISE} {n}", OTHER) for n in range(5)]
    whole = verdicts({"x": rows}, lambda: [f"{PREMISE} 3"])
    monkeypatch.setattr(verdicts_module, "MOST", 100)
    assert verdicts({"x": rows}, lambda: [f"{PREMISE} 3"]) == whole


def seen(*names):
    found = tuple(Found(name, 1.0, ("first",), True) for name in names)
    return Verdicts(examples=3, characters=9, shared=3, too_short=0, found=found)


def test_what_is_found_in_one_language_is_linked_to_the_others_by_its_id():
    ids = frozenset({"0", "1", "2"})
    found = {
        "eng-Latn": (ids, seen("0", "1")),
        "swa-Latn": (frozenset({"1", "2"}), seen()),
        "deu-Latn": (ids, seen("0")),
    }
    assert linked(found, parallel=True) == {"eng-Latn": set(), "swa-Latn": {"1"}, "deu-Latn": {"1"}}
    assert not any(linked(found, parallel=False).values()), "rows of the same number are not the same"


def test_ids_that_are_hashes_link_what_is_parallel_in_part():
    name = "0a1b2c3d4e5f60718293"
    found = {"eng-Latn": (frozenset({name}), seen(name)), "spa-Latn": (frozenset({name, "7"}), seen())}
    assert linked(found, parallel=False)["spa-Latn"] == {name}


def test_one_run_of_characters_is_not_enough_of_a_short_text():
    asked = "What is the population of the Greater Los Angeles Area?"
    found, _ = verdicts(
        {"x": [Item("q", (("question", asked),))]}, lambda: ["What is the population of the Great Plains?"]
    )
    (one,) = found["x"].found
    assert 0.5 < one.share < 0.8
    assert (one.fields, one.whole, found["x"].seen) == ((), False, frozenset())
