"""Greedy decoding along automata: a row writes, token by token, the likeliest that its automaton allows.

transformers' ``generate`` gives the same tokens. Here only the tokens that some row may ever write get a logit, of a
vocabulary of 250,000 a hundredth, and rows that have ended are computed no further.

Shape legend: B rows, A rows that go on, S tokens of a source, D hidden width, U tokens that may be written, R what the
decoder gives: D, or in a plain run the whole vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from xstilts.heads.text_to_text.automaton import Automaton, Walk, Written

SHRINK = 0.75
"""Ended rows are dropped once fewer than this share go on: dropping copies the cache."""


Decoder = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, Any], torch.Tensor]
"""(states [B, S, D], their mask, tokens [B, T], transformers' cache) → what `Choose` is given [B, T, R]."""
Choose = Callable[[torch.Tensor], torch.Tensor]
"""What the decoder gives of a token [A, R] → the logits of all tokens that may be written [A, U]."""


def greedy(
    decoder: Decoder,
    states_BSD: torch.Tensor,
    mask_BS: torch.Tensor,
    automata: Sequence[Automaton],
    *,
    choosing: Callable[[torch.Tensor], Choose],
    start: int,
    end: int,
    shrink: float = SHRINK,
) -> list[Written]:
    """What every row writes.

    Args:
        decoder: reads tokens behind those that the cache holds.
        states_BSD: the encoder's.
        mask_BS: of the sources.
        automata: what each row may write.
        choosing: given the tokens that may be written [U], what gives their logits.
        start: the token that opens every text.
        end: the token that closes it.
        shrink: ended rows are dropped once fewer than this share go on.
    """
    from transformers import DynamicCache, EncoderDecoderCache

    cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
    tokens = torch.tensor(sorted({end}.union(*(one.tokens for one in automata))), device=states_BSD.device)
    allowed = _Allowed(tokens, choosing(tokens), end=end)
    walks = [Walk(automaton, end=end) for automaton in automata]
    margins: list[float] = []
    going, before = walks, torch.full((len(walks), 1), start, device=states_BSD.device)
    for _ in range(max(automaton.longest for automaton in automata)):
        logits_AU = allowed.logits(decoder(states_BSD, mask_BS, before, cache)[:, -1], going)
        margins = margins or allowed.margins(logits_AU)
        before = allowed.tokens[logits_AU.argmax(dim=1)][:, None]
        for walk, token in zip(going, before[:, 0].tolist(), strict=True):
            walk.take(token)
        left = [place for place, walk in enumerate(going) if walk.allowed]
        if not left:
            break
        if len(left) < shrink * len(going):
            chosen = torch.tensor(left, device=states_BSD.device)
            cache.batch_select_indices(chosen)
            states_BSD, mask_BS, before = states_BSD[chosen], mask_BS[chosen], before[chosen]
            going = [going[place] for place in left]
    return [Written(walk.result, margin) for walk, margin in zip(walks, margins, strict=True)]


class _Allowed:
    """The logits of the tokens that may be written."""

    def __init__(self, tokens_U: torch.Tensor, choose: Choose, *, end: int) -> None:
        self.tokens, self.choose, self.end = tokens_U, choose, end
        self.column = {token: column for column, token in enumerate(tokens_U.tolist())}

    def logits(self, reached_AR: torch.Tensor, walks: Sequence[Walk]) -> torch.Tensor:
        """Of each token [A, U], minus infinity where a row's walk does not go; ended ones go to the end."""
        self.all_AU = self.choose(reached_AR).float()
        rows, columns = [], []
        for row, walk in enumerate(walks):
            allowed = [self.column[token] for token in walk.allowed or [self.end]]
            rows += [row] * len(allowed)
            columns += allowed
        places = torch.tensor([rows, columns], device=reached_AR.device)
        guided = torch.full_like(self.all_AU, -torch.inf)
        guided[places[0], places[1]] = self.all_AU[places[0], places[1]]
        return guided

    def margins(self, guided_AU: torch.Tensor) -> list[float]:
        """Of each row: the logit of its best token less that of ending at once."""
        end = self.column[self.end]
        others = guided_AU.clone()
        others[:, end] = -torch.inf
        found: list[float] = (others.max(dim=1).values - self.all_AU[:, end]).tolist()
        return found
