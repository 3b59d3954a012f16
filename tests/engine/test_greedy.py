"""Greedy decoding against transformers' `generate` under the same constraint, and what it saves."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "heads"))
import tiny_writer as tiny

from xstilts import registry
from xstilts.engine import greedy
from xstilts.heads.text_to_text.automaton import Walk
from xstilts.heads.text_to_text.tag_texts import Marked
from xstilts.training.text_to_text import source

KINDS = ("tagging", "tagging/words", "extractive_qa")


class Guide:
    """A logits processor of transformers: allows what each row's walk allows."""

    def __init__(self, walks, end):
        self.walks, self.end, self.margins = walks, end, []

    def __call__(self, input_ids, scores):
        if self.margins:
            self.take(input_ids)
        guided = torch.full_like(scores, -torch.inf)
        for row, walk in enumerate(self.walks):
            allowed = walk.allowed or [self.end]
            guided[row, allowed] = scores[row, allowed]
        if not self.margins:
            others = guided.clone()
            others[:, self.end] = -torch.inf
            self.margins = (others.max(dim=1).values - scores[:, self.end]).tolist()
        return guided

    def take(self, input_ids):
        for walk, token in zip(self.walks, input_ids[:, -1].tolist(), strict=True):
            walk.take(token)


def generated(model, states, mask, automata):
    """What `generate` writes, all rows to the end of the longest and over the whole vocabulary."""
    from transformers import GenerationConfig, LogitsProcessorList
    from transformers.modeling_outputs import BaseModelOutput

    guide = Guide([Walk(automaton, end=1) for automaton in automata], 1)
    options = {"decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0, "do_sample": False}
    tokens = model.generate(
        encoder_outputs=BaseModelOutput(last_hidden_state=states),
        attention_mask=mask,
        logits_processor=LogitsProcessorList([guide]),
        generation_config=GenerationConfig(max_new_tokens=max(one.longest for one in automata), **options),
    )
    guide.take(tokens)
    return [walk.result for walk in guide.walks], guide.margins


def asked(kind: str, style: str, *, seed: int):
    """A model, its states of a batch, and the automata that the head has it follow."""
    head, (examples, labels) = registry.find("heads.text_to_text", kind.partition("/")[0]), tiny.examples_of(kind)
    model = tiny.transfer_model(head, labels, style, seed=seed)
    batch = tiny.batch_of(head, tiny.encode(head, examples, labels, style=style))
    writer, found = model.module_of("task"), []

    class Listening:
        tokenizer, labels = writer.tokenizer, writer.labels

        def follow(self, states, batch, automata):
            found.extend(automata)
            return writer.follow(states, batch, automata)

    states = model.hidden(batch, "task")
    head.predict(Listening(), states, batch)
    return model.encoder, writer, states, batch, found


@torch.no_grad()
@pytest.mark.parametrize("style", tiny.STYLES)
@pytest.mark.parametrize("kind", KINDS)
def test_writes_what_generate_writes(kind, style):
    for seed in range(2):
        model, writer, states, batch, automata = asked(kind, style, seed=seed)
        written = writer.follow(states, batch, automata)
        results, margins = generated(model, states, source(batch)[1], automata)
        assert [one.found for one in written] == results
        assert [one.margin for one in written] == pytest.approx(margins, abs=1e-4)


@torch.no_grad()
def test_rows_that_have_ended_are_computed_no_further(monkeypatch):
    """Each row of another length writes what it writes alone, and the batch gets smaller on the way."""
    model, writer, states, batch, _ = asked("tagging/words", "sentencepiece", seed=0)
    shared = Marked.of([[20 + word] for word in range(12)], [[5], [6, 7], [6, 8]])
    automata = [shared.over(1 + 3 * (row % 4)) for row in range(len(states))]
    sizes, mask = [], source(batch)[1]
    reached = type(writer)._reached

    def counted(self, states, mask, before, cache=None):
        sizes.append(len(before))
        return reached(self, states, mask, before, cache)

    monkeypatch.setattr(type(writer), "_reached", counted)
    written = writer.follow(states, batch, automata)
    assert [one.found for one in written] == generated(model, states, mask, automata)[0]
    assert [len(one.found) for one in written] == [automaton.count for automaton in automata]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < sizes[0] / 2
    assert len(sizes) <= max(automaton.longest for automaton in automata)


@torch.no_grad()
def test_only_tokens_that_may_be_written_get_a_logit(monkeypatch):
    _, writer, states, batch, automata = asked("tagging/words", "sentencepiece", seed=0)
    widths = []
    logits = greedy._Allowed.logits

    def measured(self, hidden, walks):
        found = logits(self, hidden, walks)
        widths.append(found.shape[1])
        assert {token for walk in walks for token in walk.allowed} <= set(self.column)
        return found

    monkeypatch.setattr(greedy._Allowed, "logits", measured)
    writer.follow(states, batch, automata)
    assert set(widths) == {len({1}.union(*(automaton.tokens for automaton in automata)))}
    assert widths[0] < writer.output.weight.shape[0] / 4
