"""Tag schemes: recognised by their tags, read with their own meaning, and never taken for one another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.scheme import BILOU as SEQEVAL_BILOU
from seqeval.scheme import IOBES as SEQEVAL_BIOES
from seqeval.scheme import Entities

from xstilts import registry
from xstilts.metrics import schemes
from xstilts.metrics.schemes import BILOU, BIOES, BMES, IOB1, IOB2, IOE, recognised, refined, tags_of
from xstilts.metrics.spans import spans

CLOSED = (BIOES, BILOU, BMES)


@pytest.mark.parametrize(
    ("labels", "name"),
    [
        ("O B-PER I-PER", "IOB"),
        ("O I-PER I-LOC", "IOB"),
        ("O B-PER", "IOB"),
        ("O B_PER I_PER", "IOB"),
        ("O", "IOB"),
        ("O B I", "IOB"),
        ("O I", "IOB"),
        ("B I", "IOB"),
        ("O I-PER E-PER", "IOE"),
        ("O B-PER I-PER E-PER S-PER", "BIOES"),
        ("O S-PER", "BIOES"),
        ("O B-LOC E-LOC S-PER", "BIOES"),
        ("B I E S", "BIOES"),
        ("O B-PER I-PER L-PER U-PER", "BILOU"),
        ("O U-PER", "BILOU"),
        ("O B L", "BILOU"),
        ("B M E S", "BMES"),
        ("O B-PER M-PER E-PER W-PER", "BMES"),
    ],
)
def test_a_scheme_is_recognised_by_its_tags(labels, name):
    assert recognised(labels.split()).name == name


@pytest.mark.parametrize(
    "labels",
    [
        "",
        "0 1 2",
        "NOUN VERB",
        "N V A",
        "O S",
        "PER-B PER-I O",
        "O B-PER I",
        "B- I-PER O",
        "LABEL_0 LABEL_1",
        "O X-PER",
        "NNP VBD .",
    ],
)
def test_other_tags_are_no_spans(labels):
    assert recognised(labels.split()) is None


@pytest.mark.parametrize(
    ("sentences", "name"),
    [
        (["O B-PER I-PER B-PER"], "IOB2"),
        (["I-PER I-PER B-PER O I-LOC"], "IOB1"),
        (["O I-PER I-LOC"], "IOB1"),
        (["O B-PER", "I-PER O"], "IOB"),
        (["O"], "IOB2"),
        (["B I B O"], "IOB2"),
        (["I I B O"], "IOB1"),
    ],
)
def test_sentences_tell_iob1_from_iob2(sentences, name):
    split = [sentence.split() for sentence in sentences]
    labels = sorted({tag for sentence in split for tag in sentence})
    assert refined(recognised(labels), split).name == name


def test_without_s_words_that_are_left_open_are_read_as_conlleval_reads_them():
    assert refined(BIOES, [["B-PER", "O", "B-PER", "E-PER"]]).metric == "span_f1"
    assert refined(BIOES, [["B-PER", "I-PER", "E-PER"]]) is BIOES
    assert refined(BIOES, [["B-PER", "O", "S-PER", "E-PER"]]) is BIOES


@pytest.mark.parametrize(
    ("tags", "scheme", "expected"),
    [
        ("U-PER U-PER", BILOU, {("PER", 0, 0), ("PER", 1, 1)}),
        ("B-PER L-PER U-PER", BILOU, {("PER", 0, 1), ("PER", 2, 2)}),
        ("B-PER I-PER L-PER", BILOU, {("PER", 0, 2)}),
        ("B-PER I-PER O", BILOU, set()),
        ("B-PER L-LOC", BILOU, set()),
        ("L-PER U-PER", BILOU, {("PER", 1, 1)}),
        ("B-PER B-PER L-PER", BILOU, {("PER", 1, 2)}),
        ("S-PER B-LOC E-LOC", BIOES, {("PER", 0, 0), ("LOC", 1, 2)}),
        ("B-PER E-PER E-PER", BIOES, {("PER", 0, 1)}),
        ("B_PER E_PER", BIOES, {("PER", 0, 1)}),
        ("B E S", BIOES, {("_", 0, 1), ("_", 2, 2)}),
        ("B M M E S W", BMES, {("_", 0, 3), ("_", 4, 4), ("_", 5, 5)}),
        ("I-PER I-PER B-PER O I-LOC", IOB1, {("PER", 0, 1), ("PER", 2, 2), ("LOC", 4, 4)}),
        ("I-PER E-PER E-PER", IOE, {("PER", 0, 1), ("PER", 2, 2)}),
        ("B I O I", IOB2, {("_", 0, 1), ("_", 3, 3)}),
    ],
)
def test_each_scheme_has_its_own_meaning(tags, scheme, expected):
    assert spans(tags.split(), scheme) == expected


@pytest.mark.parametrize(
    ("name", "gold", "predicted", "f1"),
    [
        ("span_f1_bilou", "U-PER U-PER", "B-PER L-PER", 0),
        ("span_f1_bilou", "B-PER L-PER", "U-PER U-PER", 0),
        ("span_f1_bilou", "U-PER O", "B-PER O", 0),
        ("span_f1_bilou", "B-PER L-PER", "B-PER E-PER", 0),
        ("span_f1_bilou", "B-PER L-PER U-LOC", "B-PER L-PER O", 2 / 3),
        ("span_f1_bioes", "S-PER S-PER", "B-PER E-PER", 0),
        ("span_f1_bioes", "B-PER E-PER", "B-PER L-PER", 0),
        ("span_f1_bioes", "B-PER I-PER E-PER", "B-PER I-PER E-PER", 1),
        ("span_f1_bmes", "B E S", "B E B", 2 / 3),
        ("span_f1", "I-PER B-PER", "I-PER I-PER", 0),
        ("span_f1", "I-PER B-PER", "B-PER B-PER", 1),
    ],
)
def test_a_prediction_of_another_meaning_is_no_hit(name, gold, predicted, f1):
    metric = registry.find("metrics", name)
    totals = metric.counts(gold.split(), predicted.split(), language="eng-Latn")
    assert float(metric.scores(totals)["f1"]) == pytest.approx(f1)


def test_the_titles_name_the_scheme():
    assert registry.find("metrics", "span_f1_bilou").labels_for_people["f1"] == "span F1, scheme BILOU"
    assert registry.find("metrics", "span_f1").labels_for_people["f1"] == "span F1"


LENGTHS = st.lists(st.tuples(st.integers(1, 4), st.sampled_from(("", "PER", "LOC"))), max_size=5)


def written(drawn, scheme, *, outside_between):
    """Tags of spans of these lengths and types (empty: so many words outside), and the spans."""
    letters = dict(zip("BIES", scheme.letters, strict=True))
    labels = [f"{letters[part][0]}-{kind}" for kind in ("PER", "LOC") for part in "BIES" if letters[part]]
    tags, found = [], set()
    for length, kind in drawn:
        if kind:
            found.add((kind, len(tags), len(tags) + length - 1))
            tags += tags_of(kind, length, scheme, labels)
        if not kind or outside_between:
            tags += ["O"] * length
    return tags, found


@settings(max_examples=60, deadline=None)
@given(LENGTHS, st.sampled_from((*CLOSED, IOB2)), st.booleans())
def test_what_is_written_in_a_scheme_is_read_in_it(drawn, scheme, outside_between):
    tags, found = written(drawn, scheme, outside_between=outside_between)
    assert spans(tags, scheme) == found


@settings(max_examples=60, deadline=None)
@given(LENGTHS, st.sampled_from(CLOSED), st.sampled_from((*CLOSED, IOB2)))
def test_spans_of_a_converted_sentence_are_those_of_the_original(drawn, one, other):
    tags, _ = written(drawn, one, outside_between=False)
    labels = [f"{letters[0]}-{kind}" for kind in ("PER", "LOC") for letters in other.letters if letters]
    converted = ["O"] * len(tags)
    for kind, first, last in spans(tags, one):
        converted[first : last + 1] = tags_of(kind, last - first + 1, other, labels)
    assert spans(converted, other) == spans(tags, one)


@pytest.mark.parametrize(("scheme", "theirs"), [(BIOES, SEQEVAL_BIOES), (BILOU, SEQEVAL_BILOU)])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_closed_spans_are_seqevals_in_strict_mode(scheme, theirs, data):
    known = [f"{letter}-{kind}" for letter in scheme.letters for kind in ("PER", "LOC", "ARGM-LOC")]
    tags = data.draw(st.lists(st.sampled_from(["O", *known]), min_size=1, max_size=10))
    expected = {(one.tag, one.start, one.end - 1) for one in Entities([tags], theirs).entities[0]}
    assert spans(tags, scheme) == expected


def test_words_that_the_scheme_does_not_allow_are_counted():
    assert schemes.open_words(["B-PER", "O", "L-PER", "U-PER", "I-LOC"], BILOU) == 3
    assert np.sum([schemes.open_words(["B-PER", "L-PER"], BILOU), schemes.open_words(["O"], BILOU)]) == 0
