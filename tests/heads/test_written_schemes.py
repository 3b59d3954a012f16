"""Entities of every tag scheme as text: what is trained, and the tags that come back."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_writer as tiny

from xstilts import registry
from xstilts.metrics.schemes import recognised
from xstilts.metrics.spans import spans
from xstilts.reading.examples import Tagged

HEAD = registry.find("heads.text_to_text", "tagging")
SENTENCES = {
    "IOB2": "B-PER I-PER O B-PER B-LOC",
    "IOB1": "I-PER I-PER O I-PER I-LOC",
    "IOE": "I-PER E-PER O E-PER E-LOC",
    "BIOES": "B-PER E-PER O S-PER S-LOC",
    "BILOU": "B-PER L-PER O U-PER U-LOC",
    "BMES": "B-PER E-PER O S-PER S-LOC",
    "underscore": "B_PER L_PER O U_PER U_LOC",
}


@pytest.mark.parametrize("name", SENTENCES)
def test_entities_are_written_and_read_back_in_their_scheme(name):
    tags = tuple(SENTENCES[name].split())
    labels = tuple(sorted(set(tags) | ({"M-PER"} if name == "BMES" else set())))
    example = Tagged(example_id="0", cluster_id="0", tokens=("Anna", "Lee", "met", "Rick", "Rome"), tags=tags)
    (row,) = tiny.encode(HEAD, [example], labels, style="bytes", max_length=600, training=True)
    written = tiny.tokenizer("bytes").decode(tiny.target_of(row)[:-1])
    assert written == "PER: Anna Lee $$ PER: Rick $$ LOC: Rome"

    kinds = list(dict.fromkeys(label[2:] for label in labels if label.startswith("B-")))
    kinds += [kind for kind in dict.fromkeys(label[2:] for label in labels if label != "O") if kind not in kinds]
    found = np.array([[kinds.index("PER"), 0, 1], [kinds.index("PER"), 3, 3], [kinds.index("LOC"), 4, 4]])
    (answer,) = HEAD.decode([{"found": found}], [{"example": 0, "first": 0}], [example], labels=labels)
    scheme = recognised(labels)
    assert spans(answer, scheme) == spans(tags, scheme) == {("PER", 0, 1), ("PER", 3, 3), ("LOC", 4, 4)}
    assert set(answer) <= set(labels)


def test_an_entity_that_a_row_cuts_is_trained_as_far_as_it_goes():
    tags = ("U-PER", "B-LOC", "I-LOC", "L-LOC")
    example = Tagged(example_id="0", cluster_id="0", tokens=("Ann", "northern", "upper", "town"), tags=tags)
    rows = tiny.encode(HEAD, [example], ("O", *tags), style="bytes", max_length=24, training=True)
    written = [tiny.tokenizer("bytes").decode(tiny.target_of(row)[:-1]) for row in rows]
    assert len(written) > 1
    assert all("LOC: " in text or "PER: " in text for text in written)
