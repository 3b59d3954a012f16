"""The states that heads decide by, beside their classes: what predictors look at."""

from __future__ import annotations

import numpy as np
import pytest
import tiny_encoder as tiny
import torch

from xstilts import registry
from xstilts.heads.states import PER_ROW, PER_WORD, StatesAndText, by_state
from xstilts.reading.examples import Choice, Classified, Tagged

LABELS = ("no", "yes")


def head_of(kind, architecture="encoder"):
    return registry.find(f"heads.{architecture}", kind)


def classified(label, text="The old ferry leaves."):
    return Classified(example_id="1", cluster_id="1", first=text, label=label)


def tagged(tokens, tags):
    return Tagged(example_id="1", cluster_id="1", tokens=tuple(tokens), tags=tags and tuple(tags))


def test_which_heads_decide_by_single_states():
    found = {kind: head.decides_on for kind in registry.names("heads.encoder") if (head := by_state(head_of(kind)))}
    assert found == {
        "single_classification": PER_ROW,
        "pair_classification": PER_ROW,
        "multiple_choice": PER_ROW,
        "tagging": PER_WORD,
    }
    assert by_state(head_of("pair_classification", "decoder")).decides_on == PER_ROW
    assert by_state(head_of("pair_classification", "text_to_text")) is None


def test_a_row_has_one_state_and_its_label():
    head = head_of("single_classification")
    rows = tiny.encode(head, [classified("yes"), classified(None), classified("no")], LABELS)
    assert np.concatenate(head.classes(tiny.pack(rows))).tolist() == [1, -1, 0]
    hidden = torch.randn(3, 6, 32)
    states = head.states(hidden, tiny.batch_of(head, rows))
    assert torch.equal(torch.cat(states), hidden[:, 0])


def test_each_choice_is_right_or_wrong():
    head = head_of("multiple_choice")
    examples = [
        Choice(example_id="1", cluster_id="1", prompt="The cat", choices=("a", "b", "c"), label=1),
        Choice(example_id="2", cluster_id="2", prompt="The cat", choices=("a", "b"), label=None),
    ]
    rows = tiny.encode(head, examples)
    assert np.concatenate(head.classes(tiny.pack(rows))).tolist() == [0, 1, 0, -1, -1]
    assert [len(one) for one in head.states(torch.randn(5, 4, 32), tiny.batch_of(head, rows))] == [1] * 5


def test_each_word_has_its_first_state_and_its_tag():
    head = head_of("tagging")
    rows = tiny.encode(head, [tagged(["old", "ferry"], ["no", "yes"]), tagged(["the"], None)], LABELS)
    packed, batch = tiny.pack(rows), tiny.batch_of(head, rows)
    assert [one.tolist() for one in head.classes(packed)] == [[0, 1], [-100]]
    hidden = torch.randn(*batch["input_ids"].shape, 32)
    first, second = head.states(hidden, batch)
    places = [place for place, word in enumerate(rows[0]["word"]) if word >= 0]
    assert torch.equal(first, hidden[0, places])
    assert len(second) == 1


@pytest.mark.parametrize("kind", ["single_classification", "extractive_qa"])
def test_the_text_is_the_mean_of_its_tokens_and_another_head_may_decide(kind):
    head, decides = head_of(kind), torch.nn.Linear(32, 4)
    reads = StatesAndText(head, decides)
    rows = tiny.encode(head_of("single_classification"), [classified("yes"), classified("no", "Nobody.")], LABELS)
    batch = tiny.batch_of(head_of("single_classification"), rows)
    hidden = torch.randn(*batch["input_ids"].shape, 32)
    found = reads.predict(torch.nn.Identity(), hidden, batch)
    for place, row in enumerate(rows):
        expected = hidden[place, : len(row["input_ids"])].mean(dim=0)
        np.testing.assert_allclose(found[place]["text"], expected.numpy(), rtol=1e-5, atol=1e-6)
    assert reads.reads(None) is None, "all states are needed"
    if kind == "single_classification":
        assert found[0]["probabilities"].shape == (1, 4)
        np.testing.assert_allclose(
            found[0]["probabilities"][0], decides(hidden[0, 0]).softmax(dim=-1).detach().numpy(), rtol=1e-5
        )
    else:
        assert set(found[0]) == {"text"}
