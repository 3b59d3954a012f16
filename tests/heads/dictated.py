"""A writer that is told what to write: it follows each row's automaton along the target that training would give it."""

from __future__ import annotations

import torch

from xstilts.heads.text_to_text.automaton import Walk, Written


class Dictated:
    """Writes the targets of rows, in their order, and says nothing of how likely they are.

    Args:
        targets: the token ids of each row's target, the end included.
        margins: of each row's first token over ending at once.
    """

    def __init__(self, tokenizer, labels, targets, *, margins=None):
        self.tokenizer, self.labels = tokenizer, labels
        self.targets = targets
        self.margins = margins or [1.0 if len(target) > 1 else -1.0 for target in targets]

    def scores(self, states, batch, candidates):
        end = self.tokenizer.eos_token_id
        matches = [[float([*one, end] == target) for one in candidates] for target in self.targets]
        assert all(sum(row) == 1 for row in matches), "what is trained is one of the candidates"
        return torch.tensor(matches)

    def follow(self, states, batch, automata):
        found = []
        for automaton, target, margin in zip(automata, self.targets, self.margins, strict=True):
            walk = Walk(automaton, end=self.tokenizer.eos_token_id)
            for token in target:
                assert token in walk.allowed, f"{self.tokenizer.convert_ids_to_tokens(token)} may not be written"
                walk.take(token)
            assert not walk.allowed, "the end ends it"
            found.append(Written(walk.result, margin))
        return found
