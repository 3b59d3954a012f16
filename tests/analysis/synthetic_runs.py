"""Synthetic trainings for the tests of what is degenerate: answers drawn at a rate, losses that fall or do not."""

import numpy as np
from synthetic_counts import rng_of

from xstilts.analysis.loss_curves import Curve
from xstilts.analysis.same_answers import Answers

LABELS = ("entailment", "neutral", "contradiction")


def answers(arm, seed, *, rate=0.6, one=0.0, target="xnli", n=150, noise=None):
    """A classifier that is right at a rate, and answers neutral to a share of the items instead."""
    gold = np.arange(n) % 3
    rng = rng_of(arm, seed, target, noise)
    wrong = (gold + rng.integers(1, 3, n)) % 3
    given = np.where(rng.random(n) < rate, gold, wrong)
    given = np.where(rng.random(n) < one, 1, given)
    commonest, number = max(((label, int((given == label).sum())) for label in range(3)), key=lambda pair: pair[1])
    return Answers(
        arm=arm,
        target=target,
        seed=seed,
        language="eng-Latn",
        example_ids=[str(i) for i in range(n)],
        clusters=[str(i) for i in range(n)],
        points=(given == gold).astype(float),
        constant=(gold == 0).astype(float),
        answer=LABELS[commonest],
        share=number / n,
        gold_share=float((gold == commonest).mean()),
        parts=n,
        part="items",
    )


def spans(arm, seed, *, score, target="tydiqa", n=100, share=0.02):
    """A reader of questions, whose answers are free texts, with a mean F1."""
    points = np.clip(rng_of(arm, seed, target, score).normal(score, 0.02, n), 0.0, 1.0)
    return Answers(
        arm=arm,
        target=target,
        seed=seed,
        language="eng-Latn",
        example_ids=[str(i) for i in range(n)],
        clusters=[str(i // 2) for i in range(n)],
        points=points,
        constant=None,
        answer="",
        share=share,
        gold_share=0.0,
        parts=n,
        part="items",
    )


def curve(arm, seed, *, start=1.1, end=0.8, steps=63, targets=("xnli",), noise=0.06, **more):
    """A loss that goes from one value to the other, within the noise of batches."""
    rng = rng_of(arm, seed, start, end, targets)
    way = 1 - np.exp(-np.linspace(0, 5, steps))
    losses = start + (end - start) * way + rng.normal(0, noise, steps)
    return Curve(arm=arm, seed=seed, targets=targets, group=more.pop("group", "rows"), losses=losses, **more)
