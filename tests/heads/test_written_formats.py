"""What goes in and what comes out, to the letter; what an automaton allows, and what it takes a text to mean."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import tiny_encoder
import tiny_writer as tiny

from xstilts import registry
from xstilts.errors import ConfigError, UnknownName
from xstilts.heads.text_to_text.automaton import Walk
from xstilts.heads.text_to_text.extractive_qa import Copy
from xstilts.heads.text_to_text.tag_texts import Entities, Marked
from xstilts.heads.text_to_text.texts import fitting
from xstilts.reading.examples import Choice, Classified, Tagged
from xstilts.tasks.kind import kind_of

END = 1


def head_of(kind):
    return registry.find("heads.text_to_text", kind)


def texts_of(head, example, labels=()):
    """Source and target of an example's only row, as text (bytes keep every character)."""
    (row,) = tiny.encode(head, [example], labels, style="bytes", max_length=600, training=True)
    decode = tiny.tokenizer("bytes").decode
    return tuple(decode(ids[:-1]) for ids in (tiny.source_of(row), tiny.target_of(row)))


def pair(label, first="a b", second="c"):
    return Classified(example_id="0", cluster_id="0", first=first, second=second, label=label)


def tagged(words, tags):
    return Tagged(example_id="0", cluster_id="0", tokens=tuple(words.split()), tags=tuple(tags.split()))


def walked(automaton, tokens):
    walk = Walk(automaton, end=END)
    for token in tokens:
        assert token in walk.allowed, token
        walk.take(token)
    return walk


def test_inference_is_mt5s():
    labels = ("neutral", "entailment", "contradiction")
    written = texts_of(head_of("pair_classification"), pair("entailment"), labels)
    assert written == ("xnli: premise: a b hypothesis: c", "0")
    assert texts_of(head_of("pair_classification"), pair("contradiction"), labels)[1] == "2"


@pytest.mark.parametrize(
    ("task", "source", "target"),
    [
        ("pawsx", "paws sentence1: a b sentence2: c", "paraphrase"),
        ("qqp", "qqp question1: a b question2: c", "duplicate"),
    ],
)
def test_a_tasks_own_words(task, source, target):
    known = registry.find("tasks", task)
    head = head_of(known.kind).worded(known.wording)
    assert texts_of(head, pair("1"), known.labels) == (source, target)
    assert head_of(known.kind).wording is None, "the shared head stays as it is"


def test_other_classifications():
    labels = ("odd", "even")
    assert texts_of(head_of("pair_classification"), pair("odd"), labels) == ("classify: first: a b second: c", "odd")
    alone = dataclasses.replace(pair("even"), second=None)
    assert texts_of(head_of("single_classification"), alone, labels) == ("classify: text: a b", "even")
    with pytest.raises(UnknownName, match="label"):
        texts_of(head_of("pair_classification"), pair("off"), labels)


def test_entities_are_mt5s():
    example = tagged("Rick met Anna Lee in Rome", "B-PER O B-PER I-PER O B-LOC")
    labels = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
    written = texts_of(head_of("tagging"), example, labels)
    assert written == ("tag: Rick met Anna Lee in Rome", "PER: Rick $$ PER: Anna Lee $$ LOC: Rome")
    assert texts_of(head_of("tagging"), tagged("so what", "O O"), labels)[1] == ""


def test_other_tags_follow_sentinels():
    (row,) = tiny.encode(
        head_of("tagging"), [tagged("go on", "VERB ADV")], ("ADV", "VERB"), style="bytes", training=True
    )
    first, second = tiny.tokenizer("bytes").convert_tokens_to_ids(["<extra_id_0>", "<extra_id_1>"])
    letters = {name: [byte + 3 for byte in f" {name}".encode()] for name in ("go", "on", "VERB", "ADV")}
    assert tiny.target_of(row) == [first, *letters["VERB"], second, *letters["ADV"], END]
    assert tiny.source_of(row)[len("label:") :] == [first, *letters["go"], second, *letters["on"], END]


def test_questions_and_choices():
    asked = tiny_encoder.question(0, "Where?", "He is in Rome now.", "Rome")
    assert texts_of(head_of("extractive_qa"), asked) == ("question: Where? context: He is in Rome now.", "Rome")
    choice = Choice(example_id="0", cluster_id="0", prompt="p", choices=("x", "y"), label=1)
    assert texts_of(head_of("multiple_choice"), choice) == ("choose: choice1: x choice2: y prompt: p", "2")


def test_long_inputs_are_cut_and_tags_are_not_lost():
    head, (examples, labels) = head_of("tagging"), tiny.examples_of("tagging")
    assert len(tiny.encode(head, examples, labels, max_length=20)) > len(examples)
    assert tiny.dictate(head, examples, labels, max_length=20) == kind_of("tagging").golds(examples)
    head, (examples, labels) = head_of("tagging"), tiny.examples_of("tagging/words")
    assert tiny.dictate(head, examples, labels, max_length=24) == kind_of("tagging").golds(examples)
    with pytest.raises(ConfigError, match="max_length"):
        tiny.encode(head, examples, labels, max_length=8)


def test_windows_without_the_answer_are_without_an_answer():
    context = " ".join([*tiny_encoder.SENTENCES[:3]] * 3) + " Rome."
    example = tiny_encoder.question(0, "Where?", context, "Rome")
    head = head_of("extractive_qa")
    rows = tiny.encode(head, [example], max_length=48, training=True)
    targets = [tiny.target_of(row) for row in rows]
    assert len(rows) > 2
    assert targets[0] == [END]
    assert len(targets[-1]) > 1
    assert tiny.dictate(head, [dataclasses.replace(example, answers=())], ("no_answer",), max_length=48) == [""]


def test_the_window_with_the_largest_margin_answers():
    example = tiny_encoder.question(0, "Where?", "In Rome or in Oslo.", "Rome")
    head = head_of("extractive_qa")
    (row,) = tiny.unpacked(tiny.encode(head, [example], style="bytes"))
    place = np.flatnonzero(row["offset_start"] == example.context.index("Oslo"))[0]
    outputs = [
        {"span": np.array([place, place + 3]), "margin": np.float32(-0.5)},
        {"span": np.array([place, place + 1]), "margin": np.float32(-2)},
        {"span": np.array([-1, -1]), "margin": np.float32(9)},
    ]
    for labels, answer in (((), "Oslo"), (("no_answer",), "")):
        assert head.decode(outputs, [row] * 3, [example], labels=labels) == [answer]


def test_an_answer_is_any_stretch_and_nothing_else():
    context = Copy([5, 6, 5, 7], [0, 2, 4, 6], [1, 3, 5, 7], may_be_empty=False)
    assert set(walked(context, []).allowed) == {5, 6, 7}
    assert set(walked(context, [5]).allowed) == {6, 7, END}
    assert walked(context, [5, 7, END]).result == (2, 3)
    assert walked(context, [5, END]).result == (0, 0), "the first of equal ones"
    assert walked(dataclasses.replace(context, may_be_empty=True), [END]).result == ()
    blank = Copy([5, 6], [-1, 2], [-1, 3], may_be_empty=False)
    assert set(walked(blank, []).allowed) == {6}


def test_entities_stand_in_the_sentence_and_in_its_order():
    sentence = Entities([[10], [11, 12], [10]], [[20, 21], [20, 22]], [30])
    assert set(walked(sentence, []).allowed) == {20, END}
    assert walked(sentence, [END]).result == ()
    assert set(walked(sentence, [20, 21]).allowed) == {10, 11}
    assert walked(sentence, [20, 22, 11, 12, 10, END]).result == ((1, 1, 2),)
    assert walked(sentence, [20, 21, 10, 30, 20, 22, 10, END]).result == ((0, 0, 0), (1, 2, 2))
    assert 11 not in walked(sentence, [20, 21, 11, 12, 30, 20, 21]).allowed, "what is behind is not named again"
    assert END not in walked(sentence, [20, 21, 11]).allowed, "no half words"


def test_every_word_gets_one_label():
    labels = Marked.of([[1000], [1001]], [[5], [5, 6], [7]]).over(2)
    assert walked(labels, []).allowed == [1000]
    assert set(walked(labels, [1000, 5]).allowed) == {6, 1001}
    assert walked(labels, [1000, 5, 1001, 5, 6, END]).result == (0, 1)
    assert walked(labels, [1000, 7, 1001]).allowed == [5, 7]


def test_what_is_cut_off_keeps_what_was_whole():
    walk = walked(Copy([5, 6], [0, 2], [1, 3], may_be_empty=False), [5])
    assert walk.result == (0, 0)
    assert walked(Marked.of([[9]], [[5]]).over(1), [9]).result is None


@pytest.mark.parametrize(
    ("lengths", "room", "kept"),
    [([5, 3], 9, [5, 3]), ([9, 3], 8, [5, 3]), ([9, 9], 9, [4, 5]), ([4, 4, 1], 6, [2, 3, 1]), ([3], 0, [0])],
)
def test_the_longest_is_cut_first(lengths, room, kept):
    assert fitting(lengths, room) == kept


def test_labels_that_look_alike_are_written_as_numbers_and_numbers_as_pieces():
    from xstilts.heads.text_to_text.texts import Texts

    texts = Texts(tiny.tokenizer("sentencepiece"))
    assert texts.labels(("odd", "even"), opens=True) == texts.inputs.tokens(["odd", "even"])
    strange = ("\u4e00", "\u4e01")
    assert texts.labels(strange, opens=True) == texts.inputs.tokens(["0", "1"])
    found = texts.labels(tuple(strange * 100), opens=False)
    assert len({tuple(one) for one in found}) == 200
