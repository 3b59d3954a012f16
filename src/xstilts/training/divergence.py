"""How far apart two forward passes of the same rows are: divergences between the distributions that they give.

A head that decides gives one distribution a decision (a sentence's label, a word's tag, an example's choice), or
several whose divergences are averaged (the start and the end of a span); a writer gives one for every token to be
written. Decisions whose gold is hidden are left out, as in the loss: the units are the same.

Shape legend: N decisions, C classes.
"""

from __future__ import annotations

from collections.abc import Callable

import torch

from xstilts.heads.decisions import Decisions

Between = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
"""``between(logits, other)``: summed over decisions [N, C]."""
GUARD = 1e-6
"""Of odds, in SMART."""


def over_parts(one: Decisions, other: Decisions, between: Between) -> torch.Tensor:
    """The mean over the parts of a divergence that is summed over the decisions."""
    found = []
    for (logits_NC, gold_N), (other_NC, _) in zip(one.parts, other.parts, strict=True):
        known_N = gold_N != one.ignore
        found.append(between(logits_NC[known_N].float(), other_NC[known_N].float()))
    return torch.stack(found).mean()


def symmetric(logits_NC: torch.Tensor, other_NC: torch.Tensor) -> torch.Tensor:
    """KL in both directions; both sides have a gradient in each (R3F)."""
    log_p_NC, log_q_NC = logits_NC.log_softmax(dim=-1), other_NC.log_softmax(dim=-1)
    return _kl(log_p_NC, log_q_NC) + _kl(log_q_NC, log_p_NC)


def symmetric_to_fixed(logits_NC: torch.Tensor, other_NC: torch.Tensor) -> torch.Tensor:
    """The same value; in each direction the distribution that is compared with has no gradient (SMART)."""
    log_p_NC, log_q_NC = logits_NC.log_softmax(dim=-1), other_NC.log_softmax(dim=-1)
    return _kl(log_p_NC.detach(), log_q_NC) + _kl(log_q_NC.detach(), log_p_NC)


def log_odds(logits_NC: torch.Tensor, other_NC: torch.Tensor) -> torch.Tensor:
    """Twice the expected difference of log-odds, which have no gradient: along it SMART looks for its noise."""
    p_NC, q_NC = logits_NC.softmax(dim=-1), other_NC.softmax(dim=-1)
    return 2 * (p_NC * (_log_odds(p_NC) - _log_odds(q_NC)).detach()).sum()


def _kl(log_p_NC: torch.Tensor, log_q_NC: torch.Tensor) -> torch.Tensor:
    """KL(p ‖ q)."""
    return (log_p_NC.exp() * (log_p_NC - log_q_NC)).sum()


def _log_odds(p_NC: torch.Tensor) -> torch.Tensor:
    return -(1.0 / (p_NC + GUARD) - 1.0 + GUARD).log()
