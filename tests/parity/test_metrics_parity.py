"""Metrics against seqeval 1.2.2, scikit-learn, and references written from the rules of the published scripts.

The references are written for this test, in another shape than the product: bags of tokens are matched by crossing
tokens out, Chinese is segmented by a state machine, retrieval is brute force over similarities.
"""

import re
import string
import unicodedata
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics import f1_score, precision_score, recall_score
from seqeval.metrics.sequence_labeling import get_entities
from sklearn.metrics import accuracy_score, average_precision_score

from xstilts.metrics.accuracy import METRIC as ACCURACY
from xstilts.metrics.mean_average_precision import MeanAveragePrecision
from xstilts.metrics.mean_reciprocal_rank import MeanReciprocalRank
from xstilts.metrics.mlqa import METRIC as MLQA
from xstilts.metrics.mlqa import normalise
from xstilts.metrics.pos import METRIC as POS
from xstilts.metrics.retrieval_accuracy import METRIC as RETRIEVAL
from xstilts.metrics.span_f1 import METRIC as SPAN_F1
from xstilts.metrics.spans import spans
from xstilts.metrics.squad_v1 import METRIC as SQUAD_V1
from xstilts.metrics.squad_v2 import METRIC as SQUAD_V2

UPOS = [
    *("ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM"),
    *("PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X", "_"),
]
NER = [f"{prefix}-{kind}" for prefix in "BIES" for kind in ("PER", "LOC", "ARGM-LOC", "中")]
ODD = ["O", "B", "I", "E", "S", ".", "B-", "-", "I--X", ".-PER", "BPER", "O-PER"]
OFFICIAL = settings(max_examples=150, deadline=None)
L = "eng-Latn"


def corpora(tags):
    """Lists of sentences, each a list of (gold, predicted) tags; predictions agree with gold three times in four."""
    pair = st.tuples(st.sampled_from(tags), st.sampled_from(tags), st.integers(0, 3)).map(
        lambda drawn: (drawn[0], drawn[1] if drawn[2] == 0 else drawn[0])
    )
    return st.lists(st.lists(pair, min_size=1, max_size=9), min_size=1, max_size=5)


def sides(corpus):
    return [[[pair[side] for pair in sentence] for sentence in corpus] for side in (0, 1)]


def quietly(score, *args):
    """Seqeval warns of tags without a prefix, and of nothing to divide by; both are part of what is compared."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* seems not to be NE tag")
        warnings.filterwarnings("ignore", message=".*ill-defined and being set to 0.0")
        return score(*args)


def as_seqeval(score):
    """Seqeval's 0 for what is undefined here."""
    return 0.0 if np.isnan(score) else float(score)


def totals(metric, corpus, language=L):
    return np.sum([metric.counts(gold, guess, language=language) for gold, guess in corpus], axis=0)


# -- seqeval ---------------------------------------------------------------------------------------------------------


@OFFICIAL
@given(st.lists(st.sampled_from(NER + ODD + UPOS), max_size=12))
def test_spans_of_any_sentence_are_seqevals(tags):
    assert spans(tags) == set(quietly(get_entities, tags))


@OFFICIAL
@given(corpora(["O", "O", *NER]))
def test_span_f1_precision_and_recall_are_seqevals(corpus):
    gold, guess = sides(corpus)
    scores = SPAN_F1.scores(totals(SPAN_F1, zip(gold, guess, strict=True)))
    assert as_seqeval(scores["f1"]) == pytest.approx(quietly(f1_score, gold, guess), abs=1e-12)
    assert as_seqeval(scores["precision"]) == pytest.approx(quietly(precision_score, gold, guess), abs=1e-12)
    assert as_seqeval(scores["recall"]) == pytest.approx(quietly(recall_score, gold, guess), abs=1e-12)


@OFFICIAL
@given(corpora(UPOS))
def test_pos_span_f1_is_seqevals_unless_a_sentence_begins_with_x(corpus):
    gold, guess = sides(corpus)
    tp, fp, fn, correct, tokens = counted = totals(POS, zip(gold, guess, strict=True))
    golden, guessed = (set(quietly(get_entities, side)) for side in (gold, guess))
    # seqeval runs on over the ends of sentences: one that begins with an untyped tag inherits the span before it.
    inherited = sum(sentence[0][0] in ("X", "_") and sentence[0][1] in ("X", "_") for sentence in corpus[1:])
    assert (tp + fp, tp + fn) == (len(guessed), len(golden))
    assert 0 <= tp - len(golden & guessed) <= inherited
    if not inherited:
        assert as_seqeval(POS.scores(counted)["span_f1"]) == pytest.approx(quietly(f1_score, gold, guess), abs=1e-12)
    flat = [[tag for sentence in side for tag in sentence] for side in (gold, guess)]
    assert correct / tokens == pytest.approx(accuracy_score(*flat))


# -- scikit-learn ----------------------------------------------------------------------------------------------------


@OFFICIAL
@given(st.lists(st.tuples(*[st.sampled_from(("entailment", "neutral", "否", "لا"))] * 2), min_size=1, max_size=20))
def test_accuracy_is_scikit_learns(pairs):
    gold, guess = zip(*pairs, strict=True)
    assert ACCURACY.scores(totals(ACCURACY, pairs))["accuracy"] == pytest.approx(accuracy_score(gold, guess))


@OFFICIAL
@given(st.lists(st.booleans(), min_size=1, max_size=30).filter(any), st.randoms(use_true_random=False))
def test_average_precision_of_a_whole_ranking_is_scikit_learns(relevant, random):
    similarity = random.sample(range(1000), len(relevant))  # no ties: scikit-learn groups them, a ranking cannot
    ranking = sorted(range(len(relevant)), key=lambda candidate: -similarity[candidate])
    gold = {candidate for candidate, good in enumerate(relevant) if good}
    ours, _ = MeanAveragePrecision(k=None).counts(gold, ranking, language=L)
    assert ours == pytest.approx(average_precision_score(relevant, similarity))


# -- ranked lists: LAReQA's and Mewsli-X's definitions ---------------------------------------------------------------


@OFFICIAL
@given(st.sets(st.integers(0, 40), min_size=1), st.lists(st.integers(0, 40), max_size=40))
def test_map_and_mrr_at_20_follow_their_definitions(gold, ranking):
    top = ranking[:20]
    first_seen = [rank for rank, found in enumerate(top) if found in gold and top.index(found) == rank]
    precisions = [len(set(top[: rank + 1]) & gold) / (rank + 1) for rank in first_seen]
    ours, _ = MeanAveragePrecision().counts(gold, ranking, language=L)
    assert ours == pytest.approx(sum(precisions) / min(len(gold), 20))
    ours, _ = MeanReciprocalRank().counts(gold, ranking, language=L)
    assert ours == (1 / (first_seen[0] + 1) if first_seen else 0)


# -- retrieval: brute force ------------------------------------------------------------------------------------------


@OFFICIAL
@given(st.integers(0, 2**32 - 1), st.integers(1, 12))
def test_retrieval_accuracy_is_the_brute_force_one_in_both_directions(seed, n):
    rng = np.random.default_rng(seed)
    english, foreign = rng.normal(size=(2, n, 3))
    foreign += english
    forth, back = [], []
    for query in range(n):
        forth.append(max(range(n), key=lambda candidate, query=query: _cosine(english[query], foreign[candidate])))
        back.append(max(range(n), key=lambda candidate, query=query: _cosine(foreign[query], english[candidate])))
    predicted = [{"from_english": a, "to_english": b} for a, b in zip(forth, back, strict=True)]
    scores = RETRIEVAL.scores(totals(RETRIEVAL, enumerate(predicted)))
    assert scores["english_to_foreign"] == pytest.approx(accuracy_score(range(n), forth))
    assert scores["foreign_to_english"] == pytest.approx(accuracy_score(range(n), back))
    assert scores["both"] == pytest.approx((accuracy_score(range(n), forth) + accuracy_score(range(n), back)) / 2)


def _cosine(one, other):
    return one @ other / np.sqrt((one @ one) * (other @ other))


# -- question answering: the published scripts' rules ----------------------------------------------------------------

ARTICLES = {
    "en": "a an the",
    "es": "un una unos unas el la los las",
    "vi": "của là cái chiếc những",
    "de": "ein eine einen einem eines einer der die das den dem des",
}
WORDS = [
    *(
        "the",
        "The",
        "a",
        "an",
        "A.N.",
        "theatre",
        "cat",
        "Cat's",
        "eye-witness",
        "1,000",
        "$5",
        "€5",
        "a€",
        "½",
        "!",
    ),
    *("ein", "DER", "die", "das", "ß", "ﬁ", "el", "La", "unos", "¿qué?", "é", "e\u0301", "—"),
    *("của", "LÀ", "la\u0300", "những", "İ", "ال", "البيت", "سالم", "بيت،", "٪", "ताज", "महल।", "ประเทศไทย", "ไทย"),
    *(
        "北京",
        "《北京》",
        "2008年",
        "中x国",
        "臺。",
        "こん。",
        "한국",
        "\u9fa5\u9fa6",
        "\u4dff\u4e00",
        "𠀀",
        "\u200b",
        "\u3000",
    ),
    *" ".join(ARTICLES.values()).split(),
]
SENTENCE = st.lists(st.sampled_from(WORDS), max_size=5).flatmap(
    lambda words: st.lists(st.sampled_from(("", " ", "  ", "\n", "\u00a0")), min_size=6, max_size=6).map(
        lambda gaps: "".join(word + gap for word, gap in zip(words, gaps, strict=False))
    )
)
ANY_TEXT = st.one_of(SENTENCE, SENTENCE, st.text(max_size=8))
LANGUAGES = {
    "eng-Latn": "en",
    "spa-Latn": "es",
    "hin-Deva": "hi",
    "vie-Latn": "vi",
    "deu-Latn": "de",
    "ara-Arab": "ar",
    "zho-Hans": "zh",
}


def drop_articles(text, words):
    return re.sub(r"\b(?:" + "|".join(words.split()) + r")\b", " ", text)


def reference_english(text):
    kept = [char for char in text.lower() if char not in string.punctuation]
    return " ".join(drop_articles("".join(kept), ARTICLES["en"]).split())


def reference_mlqa(text, code):
    kept = []
    for char in text.lower():
        if unicodedata.category(char)[0] != "P" and char not in string.punctuation:
            kept.append(char)
    text = "".join(kept)
    if code in ARTICLES:
        text = drop_articles(text, ARTICLES[code])
    elif code == "ar":
        text = re.sub("\\sال^|ال", " ", text)
    return " ".join(reference_segments(text) if code == "zh" else text.split())


def reference_segments(text):
    """Each character of U+4E00–U+9FA5 alone; what lies between, split at white space."""
    segments, between = [], ""
    for char in text:
        if "\u4e00" <= char <= "\u9fa5":
            segments += between.split()
            segments.append(char)
            between = ""
        else:
            between += char
    return segments + between.split()


def shared_tokens(gold, guess):
    left, shared = list(gold), 0
    for token in guess:
        if token in left:
            left.remove(token)
            shared += 1
    return shared


def reference_f1(gold, guess):
    shared = shared_tokens(gold.split(), guess.split())
    if shared == 0:
        return 0.0
    precision, recall = shared / len(guess.split()), shared / len(gold.split())
    return 2 * precision * recall / (precision + recall)


@OFFICIAL
@given(st.lists(ANY_TEXT, min_size=1, max_size=3), ANY_TEXT, st.sampled_from(sorted(LANGUAGES)))
def test_squad_v1_is_the_published_scripts_in_every_language(golds, guess, language):
    exact, f1, _ = SQUAD_V1.counts(golds, guess, language=language)
    normal = [reference_english(gold) for gold in golds]
    assert exact == max(gold == reference_english(guess) for gold in normal)
    assert f1 == max(reference_f1(gold, reference_english(guess)) for gold in normal)


@OFFICIAL
@given(st.lists(ANY_TEXT, max_size=3), st.one_of(st.just(""), ANY_TEXT))
def test_squad_v2_is_the_published_scripts(golds, guess):
    normal = [gold for gold in map(reference_english, golds) if gold] or [""]
    guessed = reference_english(guess)
    exact = max(gold == guessed for gold in normal)
    f1 = max(reference_f1(gold, guessed) if gold and guessed else float(gold == guessed) for gold in normal)
    scores = SQUAD_V2.scores(SQUAD_V2.counts(golds, guess, language=L))
    assert (scores["exact_match"], scores["f1"]) == (exact, f1)
    here, elsewhere = ("HasAns", "NoAns") if golds else ("NoAns", "HasAns")
    assert (scores[f"{here}_exact"], scores[f"{here}_f1"]) == (exact, f1)
    assert np.isnan(scores[f"{elsewhere}_exact"])
    assert np.isnan(scores[f"{elsewhere}_f1"])


@OFFICIAL
@given(st.lists(ANY_TEXT, min_size=1, max_size=3), ANY_TEXT, st.sampled_from(sorted(LANGUAGES)))
def test_mlqa_is_the_published_scripts(golds, guess, language):
    code = LANGUAGES[language]
    assert normalise(guess, language=language) == reference_mlqa(guess, code)
    normal = [reference_mlqa(gold, code) for gold in golds]
    exact, f1, _ = MLQA.counts(golds, guess, language=language)
    assert exact == max(gold == reference_mlqa(guess, code) for gold in normal)
    assert f1 == max(reference_f1(gold, reference_mlqa(guess, code)) for gold in normal)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_mlqa_normalises_every_word_and_every_character_as_published(language):
    for word in WORDS:
        assert normalise(f"x {word} y", language=language) == reference_mlqa(f"x {word} y", LANGUAGES[language]), word
    characters = " ".join(chr(point) for point in range(0x30000) if not 0xD800 <= point < 0xE000)
    assert normalise(characters, language=language) == reference_mlqa(characters, LANGUAGES[language])
    closed_up = characters.replace(" ", "")
    assert normalise(closed_up, language=language) == reference_mlqa(closed_up, LANGUAGES[language])


# -- real tags -------------------------------------------------------------------------------------------------------


@pytest.mark.shared_data
def test_on_real_tags_scoring_sentences_apart_stays_within_a_tenth_of_a_point_of_seqeval(shared_data):
    files = sorted((shared_data / "udpos").glob("test-*.tsv"))
    assert files
    rng = np.random.default_rng(0)
    for file in files:
        blocks = file.read_text(encoding="utf-8").strip().split("\n\n")
        gold = [[line.split("\t")[1] for line in block.splitlines() if line] for block in blocks[:400]]
        guess = [[tag if rng.random() < 0.8 else str(rng.choice(UPOS[:-1])) for tag in tags] for tags in gold]
        ours = POS.scores(totals(POS, zip(gold, guess, strict=True)))["span_f1"]
        assert ours == pytest.approx(quietly(f1_score, gold, guess), abs=1e-3), file.name
