"""Exact spans in every script, strides, unanswerable questions, and the search against brute force."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import numpy as np
import pytest
import tiny_encoder as tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from xstilts.heads.encoder.extractive_qa import HEAD, NO_ANSWER
from xstilts.heads.spans import best_spans, windows
from xstilts.reading.examples import Answer, Question
from xstilts.tasks.kind import kind_of

CONTEXTS = (
    "  The lighthouse keeper, Mara Lind, lit the lamp in 1931.",
    "ชาวประมงเฒ่าออกเรือทุกเช้าเวลาเจ็ดโมง แล้วกลับมาตอนเย็น",
    "سَافَرَ التَّاجِرُ إِلَى المَدِينَةِ القَدِيمَةِ فِي الشِّتَاءِ",
    "老渔夫每天早上七点出海,晚上回到村里。",
    "किसान ने अपने खेत में गेहूँ और ज्वार बोया था।",
    "The winner 🏆 was 👩🏽‍🚀 Ada (aged 34) 🎉!",
    unicodedata.normalize("NFD", "Søren bestilte crème brûlée på caféen i Århus."),
    "\n\t Ｆｕｌｌｗｉｄｔｈ　ｔｅｘｔ ﬁnds its ﬂow — ½ cup\u00a0of ＡＢＣ　",
    "Nguyễn Thị Hương đọc sách ở thư viện quận Ba.",
)


def perfect(rows: list[dict], spans: list[tuple[int, int]]) -> list[dict]:
    """The outputs of a model that is sure of one span of tokens per row (0, 0: none)."""
    found = []
    for row, (start, end) in zip(rows, spans, strict=True):
        logits = {side: np.zeros(len(row["input_ids"]), dtype=np.float32) for side in ("start", "end")}
        logits["start"][start], logits["end"][end] = 9, 9
        found.append(logits)
    return found


def trained_answer(example: Question, *, style: str, max_length: int) -> str:
    """What decoding gives when the model predicts exactly what it was trained to."""
    rows = tiny.encode(HEAD, [example], style=style, max_length=max_length)
    outputs = perfect(rows, [(row["start"], row["end"]) for row in rows])
    return tiny.decoded(HEAD, outputs, rows, [example])[0]


@settings(max_examples=150, deadline=None)
@given(
    context=st.sampled_from(CONTEXTS),
    style=st.sampled_from(tiny.STYLES),
    max_length=st.sampled_from((48, 200)),
    data=st.data(),
)
def test_every_prediction_is_an_exact_span_of_the_context(context, style, max_length, data):
    example = Question(example_id="1", cluster_id="1", question="who?", context=context, answers=None)
    rows = tiny.encode(HEAD, [example], style=style, max_length=max_length)
    assert all(row["start"] == row["end"] == -1 for row in rows)
    seed = data.draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    outputs = [{k: rng.normal(size=len(row["input_ids"])).astype("f4") for k in ("start", "end")} for row in rows]
    answer = tiny.decoded(HEAD, outputs, rows, [example])[0]
    assert answer
    assert answer in context
    assert answer == answer.strip()


@settings(max_examples=150, deadline=None)
@given(context=st.sampled_from(CONTEXTS), style=st.sampled_from(tiny.STYLES), data=st.data())
def test_whole_words_come_back_exactly(context, style, data):
    words = [word for word in context.split() if len(word) <= 8]
    word = data.draw(st.sampled_from(words or context.split()))
    start = context.index(word)
    example = Question(
        example_id="1", cluster_id="1", question="?", context=context, answers=(Answer(text=word, start=start),)
    )
    answer = trained_answer(example, style=style, max_length=500)
    # Thai and Chinese are not split at words: a piece of the vocabulary may reach over the answer.
    if len(tiny.tokenizer(style)(word)["input_ids"]) <= 30:
        assert word in answer
        assert len(answer) <= len(word) + 3


@pytest.mark.parametrize("style", tiny.STYLES)
def test_an_answer_late_in_a_long_context_is_found(style):
    context = " ".join(["filler words, nothing here."] * 30) + " The key is Zebra7 in the end."
    example = tiny.question(0, "what is the key?" * 10, context, "Zebra7")
    rows = tiny.encode(HEAD, [example], style=style, max_length=64)
    assert len(rows) > 10
    with_answer = [row for row in rows if row["start"] > 0]
    assert 1 <= len(with_answer) <= 3
    assert trained_answer(example, style=style, max_length=64) == "Zebra7"
    trained = tiny.encode(HEAD, [example], style=style, max_length=64, training=True)
    assert [(row["start"], row["end"]) for row in trained] == [(row["start"], row["end"]) for row in rows]
    assert "offset_start" not in trained[0]


def test_windows_cover_every_token_and_overlap():
    assert windows(0, size=10, overlap=3) == [(0, 0)]
    assert windows(10, size=10, overlap=3) == [(0, 10)]
    assert windows(11, size=10, overlap=3) == [(0, 10), (7, 11)]
    for tokens in range(1, 60):
        found = windows(tokens, size=9, overlap=4)
        assert set().union(*(range(a, b) for a, b in found)) == set(range(tokens))
        assert all(b == c + 4 for (_, b), (c, _) in pairwise(found))


def test_the_question_never_takes_the_whole_row():
    example = tiny.question(0, "why " * 500, "Because it rained.", "rained")
    rows = tiny.encode(HEAD, [example], max_length=40)
    assert max(len(row["input_ids"]) for row in rows) <= 40
    assert trained_answer(example, style="sentencepiece", max_length=40) == "rained."[: len("rained")]


def test_only_the_first_answer_is_trained_and_one_that_fits_no_window_not_at_all():
    first, second = "Lind", "lamp"
    example = tiny.question(0, "?", CONTEXTS[0], first, second)
    assert trained_answer(example, style="bytes", max_length=200) == first
    long = tiny.question(0, "?", "x" * 300, "x" * 290)
    assert tiny.encode(HEAD, [long], style="bytes", max_length=64, training=True) == []
    assert tiny.encode(HEAD, [long], style="bytes", max_length=64)
    empty = Question(example_id="1", cluster_id="1", question="?", context="", answers=(Answer(text="", start=0),))
    assert tiny.encode(HEAD, [empty], training=True) == []


def test_unanswerable_questions_train_position_0_and_are_predicted_with_the_label_only():
    example = tiny.question(0, "who sank?", CONTEXTS[0])
    rows = tiny.encode(HEAD, [example], max_length=200, training=True)
    assert [(row["start"], row["end"]) for row in rows] == [(0, 0)]
    assert kind_of("extractive_qa").gold(example) == ()
    rows = tiny.encode(HEAD, [example], max_length=200)
    outputs = perfect(rows, [(0, 0)])
    assert tiny.decoded(HEAD, outputs, rows, [example], NO_ANSWER) == [""]
    assert tiny.decoded(HEAD, outputs, rows, [example], ()) != [""]
    outputs[0]["start"][20] = outputs[0]["end"][20] = 10
    assert tiny.decoded(HEAD, outputs, rows, [example], NO_ANSWER) != [""]


def test_the_lowest_null_score_of_all_windows_counts():
    example = tiny.question(0, "?", "word " * 40)
    rows = tiny.encode(HEAD, [example], max_length=32)
    assert len(rows) > 2
    sure_of_none = perfect(rows, [(0, 0)] * len(rows))
    assert tiny.decoded(HEAD, sure_of_none, rows, [example], NO_ANSWER) == [""]
    sure_of_none[1]["start"][0] = -20
    assert tiny.decoded(HEAD, sure_of_none, rows, [example], NO_ANSWER) != [""]


def test_contexts_without_a_word_give_an_empty_answer():
    examples = [tiny.question(i, "?", context) for i, context in enumerate(("", " \n ", "x"))]
    rows = tiny.encode(HEAD, examples)
    outputs = perfect(rows, [(0, 0)] * 3)
    assert tiny.decoded(HEAD, outputs, rows, examples) == ["", "", "x"]


@settings(max_examples=100, deadline=None)
@given(seed=st.integers(0, 10**6), rows=st.integers(1, 5), longest=st.integers(1, 6))
def test_best_spans_equal_brute_force(seed, rows, longest):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 12, size=rows)
    starts = [rng.normal(size=n).astype("f4") for n in lengths]
    ends = [rng.normal(size=n).astype("f4") for n in lengths]
    begins = [np.where(rng.random(n) < 0.3, -1, 2 * np.arange(n)) for n in lengths]
    offsets = [(b, np.where(b < 0, -1, b + 2)) for b in begins]
    found = best_spans(starts, ends, offsets, longest=longest)
    for row in range(rows):
        spans = [
            (starts[row][i] + ends[row][j], begins[row][i], begins[row][j] + 2)
            for i in range(lengths[row])
            for j in range(i, min(i + longest, lengths[row]))
            if begins[row][i] >= 0 and begins[row][j] >= 0
        ]
        if not spans:
            assert found.score[row] == -np.inf
        else:
            assert (found.score[row], found.start[row], found.end[row]) == max(spans)


def test_ten_thousand_windows_decode_in_seconds():
    import time

    rng = np.random.default_rng(0)
    outputs = [{k: rng.normal(size=384).astype("f4") for k in ("start", "end")} for _ in range(10_000)]
    offsets = np.arange(384)
    rows = [{"example": i // 3, "offset_start": offsets, "offset_end": offsets + 1} for i in range(10_000)]
    example = tiny.question(0, "?", "x" * 384)
    begin = time.process_time()
    assert len(HEAD.decode(outputs, rows, [example] * 3334, labels=())) == 3334
    assert time.process_time() - begin < 10
