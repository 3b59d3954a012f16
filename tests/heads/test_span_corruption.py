"""Span corruption: what is read and what is written together are the text, and the shares are T5's."""

import pytest
import tiny_writer as tiny
import torch

from xstilts import registry
from xstilts.reading.examples import Text

HEAD = registry.find("heads.text_to_text", "masked_lm")
SENTENCE = "the old fisherman sees a green boat under the wide bridge and sings"


def texts(count=40, language="eng-Latn"):
    return [Text(example_id=str(i), cluster_id=str(i), text=f"{SENTENCE} {i}", language=language) for i in range(count)]


def restored(row, marks):
    """The tokens of a row's text: each mark in the source replaced by what the target has behind it."""
    source, target = tiny.source_of(row)[:-1], tiny.target_of(row)[:-1]
    behind, mark = {}, None
    for token in target:
        if token in marks:
            mark = token
        behind.setdefault(mark, []).append(token)
    return [token for one in source for token in (behind[one][1:] if one in marks else [one])]


@pytest.mark.parametrize("style", tiny.STYLES)
def test_source_and_target_make_the_text(style):
    tok = tiny.tokenizer(style)
    marks = set(tok.convert_tokens_to_ids([f"<extra_id_{n}>" for n in range(20)]))
    rows = tiny.encode(HEAD, texts(), style=style, training=True, max_length=64)
    whole = [token for row in rows for token in restored(row, marks)]
    space = "" if style == "sentencepiece" else " "
    assert whole == [t for one in texts() for t in tok(space + one.text, add_special_tokens=False)["input_ids"]]
    assert [row["example"] for row in rows] == list(range(len(rows)))
    assert max(len(tiny.source_of(row)) for row in rows) == 64
    for row in rows[:-1]:
        written = [token for token in tiny.target_of(row)[:-1] if token not in marks]
        total = len(written) + len([token for token in tiny.source_of(row)[:-1] if token not in marks])
        assert len(written) == round(0.15 * total)
        stretches = sum(token in marks for token in tiny.target_of(row))
        assert stretches == max(1, round(len(written) / (20 if style == "bytes" else 3)))
        assert tiny.source_of(row)[0] not in marks
        assert tiny.target_of(row)[0] in marks


def test_stretches_differ_between_rows_and_come_again():
    one, same = (tiny.encode(HEAD, texts(), training=True, max_length=64) for _ in range(2))
    assert one == same
    assert len({tuple(tiny.target_of(row)) for row in one}) > 0.8 * len(one)


def test_rows_are_of_one_language_and_pairs_alone():
    pair = Text(
        example_id="p", cluster_id="p", text=SENTENCE, language="eng-Latn",
        translation="der alte Fischer", translation_language="deu-Latn",
    )  # fmt: skip
    rows = tiny.encode(HEAD, [pair, *texts(1), *texts(1, "deu-Latn")], training=True)
    assert len(rows) == 3


def test_it_learns_what_was_there():
    model = tiny.transfer_model(HEAD, ())
    batch = tiny.batch_of(HEAD, tiny.encode(HEAD, texts(3), training=True, max_length=40))
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(6):
        loss, count = model(batch, "task")
        (loss / count).backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float((loss / count).detach()))
    assert losses[-1] < 0.9 * losses[0]
    with torch.no_grad():
        outputs = model.predict(batch, "task")
        whole, number = model(batch, "task")
    decoded = HEAD.decode(outputs, [{}] * len(outputs), (), labels=())
    assert sum(loss for loss, _ in decoded) == pytest.approx(float(whole), rel=1e-4)
    assert sum(count for _, count in decoded) == int(number)
