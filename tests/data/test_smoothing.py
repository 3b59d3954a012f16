"""Words drawn among their neighbours, as Robust-XLT draws them; and files of neighbours that are none."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xstilts.data.neighbours import read_neighbours
from xstilts.data.transforms.smoothing import TRANSFORM, SmoothingKeys
from xstilts.errors import DataError
from xstilts.reading.examples import Classified

NEAR = {"happy": ["glad", "pleased"], "dog": ["hound"], "the": []}


@pytest.fixture
def near(tmp_path):
    file = tmp_path / "near.json"
    file.write_text(json.dumps(NEAR), encoding="utf-8")
    return file


def pair(number: int, first: str = "the happy dog", second: str | None = "a happy dog.") -> Classified:
    return Classified(example_id=str(number), cluster_id=f"c{number}", first=first, second=second, label="yes")


def smoothed(examples, near, *, seed: int = 0, **options):
    keys = SmoothingKeys(**options)
    said = {"copies": keys.copies, "keep_originals": keys.keep_originals, "neighbours": near}
    found = TRANSFORM.apply(examples, "eng-Latn", said, seed)
    assert len(found) == keys.factor * len(examples)
    return found, TRANSFORM.counts(examples, found, said)


def test_each_word_is_drawn_among_itself_and_its_neighbours(near):
    found, _ = smoothed([pair(number) for number in range(300)], near, copies=2)
    first = [one.first.split(" ") for one in found]
    assert {words[0] for words in first} == {"the"}, "an empty list leaves a word as it is"
    drawn = Counter(words[1] for words in first)
    assert drawn.keys() == {"happy", "glad", "pleased"}
    assert all(150 <= count <= 250 for count in drawn.values()), "uniformly: 200 of each are expected"
    assert Counter(words[2] for words in first).keys() == {"dog", "hound"}
    assert {one.second.split(" ")[2] for one in found} == {"dog."}, "a full stop makes another word of it"
    together = Counter((a.first.split(" ")[1], a.second.split(" ")[1]) for a in found)
    assert len(together) == 9, "the two texts of a pair are drawn independently"


def test_copies_have_ids_of_their_own_and_the_cluster_and_label_of_what_they_were_made_of(near):
    examples = [pair(1), pair(2, second=None)]
    found, _ = smoothed(examples, near, copies=3)
    assert [one.example_id for one in found] == ["1~1", "2~1", "1~2", "2~2", "1~3", "2~3"]
    assert {(one.cluster_id, one.label) for one in found} == {("c1", "yes"), ("c2", "yes")}
    assert found[1].second is None
    kept, _ = smoothed(examples, near, copies=3, keep_originals=True)
    assert kept[:2] == examples
    assert kept[2:] == found


def test_a_copy_depends_on_the_seed_its_number_and_its_example_alone(near):
    examples = [pair(number) for number in range(20)]
    found, _ = smoothed(examples, near, copies=2)
    assert smoothed(examples, near, copies=2)[0] == found
    assert smoothed(examples[5:9], near, copies=1)[0] == found[5:9], "whatever is beside it"
    assert smoothed(examples, near, copies=2, seed=1)[0] != found
    assert found[0].first != found[20].first or found[1].first != found[21].first


def test_what_was_done_is_counted(near):
    examples = [pair(number) for number in range(50)]
    found, counts = smoothed(examples, near, copies=4, keep_originals=True)
    assert (counts["words"], counts["with_neighbours"], counts["words_of_copies"]) == (300, 150, 1200)
    changed = sum(
        word != other
        for one in found[50:]
        for text, original in ((one.first, "the happy dog"), (one.second, "a happy dog."))
        for word, other in zip(text.split(" "), original.split(" "), strict=True)
    )
    assert counts["changed"] == changed
    assert 250 < changed < 450


@given(st.lists(st.text(alphabet="ab \u3000.", max_size=12), min_size=1, max_size=4))
def test_a_text_keeps_its_blanks(texts):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "near.json"
        file.write_text('{"a": ["b"], "ab": ["ba", "bab"]}', encoding="utf-8")
        found, _ = smoothed([pair(i, text) for i, text in enumerate(texts)], file, copies=2)
    for one, text in zip(found, texts * 2, strict=True):
        assert one.first.count(" ") == text.count(" ")
        assert one.first.replace("a", "").replace("b", "") == text.replace("a", "").replace("b", "")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"a": ["b"],\n "c": ["d"]\n "e": []}', 3, "is not JSON"),
        ('["a"]', 1, "holds no JSON object"),
        ('{"a": ["b"],\n "c": "d"}', 2, "the neighbours of 'c' are not a list"),
        ('{"a": ["b"],\n\n "c": ["d", 3]}', 3, "a neighbour of 'c' is not text: 3"),
        ('{"a": ["b"],\n "é": ["a b"]}', 2, "a neighbour of 'é' is not one word: 'a b'"),
        ('{"a": ["b"],\n "c": [""]}', 2, "is not one word: ''"),
        ('{"a": ["b"],\n "c": ["d"],\n "a": []}', 3, "the word 'a' is there twice"),
        ('{"a": []}', None, "no word has a neighbour"),
    ],
)
def test_a_file_that_is_none_is_refused_with_its_line(text, line, said, tmp_path):
    file = tmp_path / "near.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_neighbours(file)
    assert said in str(error.value)
    assert (error.value.file, error.value.line) == (str(file), line)


def test_a_file_of_another_encoding_is_refused(tmp_path):
    file = tmp_path / "near.json"
    file.write_bytes('{"é": ["e"]}'.encode("latin-1"))
    with pytest.raises(DataError, match="is not UTF-8"):
        read_neighbours(file)
