"""How often the statistics of many comparisons err: simulated, with the world of `coverage` for one gain and for many.

A family is either M languages of one target, whose gains share what the seeds do and, since test sets are parallel,
half of how easy an example is; or M arms, which share the baseline and all of that.

Shapes: R simulations, M members, k seeds, n examples, B replicates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xstilts.analysis.bootstrap import generator
from xstilts.analysis.cells import Floats
from xstilts.analysis.corrections import benjamini_hochberg, holm
from xstilts.analysis.coverage import World
from xstilts.analysis.equivalence import equivalent
from xstilts.analysis.power import Spread, planned
from xstilts.analysis.simultaneous import bands, critical_value
from xstilts.analysis.two_way import TwoWay, of_matrix, pooled

TOGETHER = 4_000_000
"""Answers that are simulated together (16 MB)."""
ONE_SIDED = 0.025
"""The error of a one-sided test that goes with a 95 % interval."""
LANGUAGES, ARMS = "languages", "arms"


@dataclass(frozen=True, kw_only=True)
class Family:
    """One condition with many gains.

    Attributes:
        world: of one member; its gain is that of the members that have one.
        kind: ``languages`` or ``arms``.
        members: M.
        helped: how many members have a gain; the others have none.
    """

    world: World
    kind: str
    members: int
    helped: int

    @property
    def gains(self) -> Floats:
        """[M], the truth."""
        return np.where(np.arange(self.members) < self.helped, self.world.gain, 0.0)


def one_gain(world: World, *, simulations: int, seed: int = 0) -> dict[str, float]:
    """Coverage of the interval by variance components, its mean and median width, and its power.

    ``seen`` is the share of simulations whose interval excludes zero.
    """
    rng = generator("one gain", repr(world), str(seed))
    hits, seen, widths = 0, 0, []
    size = max(1, TOGETHER // (2 * world.seeds * world.examples))
    for start in range(0, simulations, size):
        low, high = of_matrix(_one(world, rng, min(size, simulations - start))).ends()
        hits += int(((low <= world.gain) & (world.gain <= high)).sum())
        seen += int(((low > 0) | (high < 0)).sum())
        widths.append(high - low)
    width = np.concatenate(widths)
    return {
        "coverage": hits / simulations,
        "width": float(width.mean()),
        "median": float(np.median(width)),
        "seen": seen / simulations,
    }


def many_gains(family: Family, *, simulations: int, replicates: int = 300, seed: int = 0) -> dict[str, float]:
    """Shares of simulations in which each method errs; ``named`` is the share of true gains that Holm names.

    Intervals err where they miss a member's gain: ``single`` any of the members', each by itself; ``crossed max-T``
    and ``max-T`` any of them at once; ``chosen`` and ``chosen, max-T`` that of the member that comes first. ``Holm``
    names a member without a gain; ``equivalence`` calls a gain smaller than it is. ``Benjamini-Hochberg`` is the mean
    share of names that are false.
    """
    rng = generator("many gains", repr(family), str(seed))
    total: dict[str, float] = {}
    size = max(1, TOGETHER // (family.members * family.world.seeds * family.world.examples * 4))
    for start in range(0, simulations, size):
        values = _many(family, rng, min(size, simulations - start))
        crossed = _crossed(values, rng, replicates=replicates)
        for matrix, drawn in zip(values, crossed, strict=True):
            for name, value in _errors(family, of_matrix(matrix), drawn).items():
                total[name] = total.get(name, 0.0) + value / simulations
    return total


def power_as_planned(world: World, *, simulations: int, seed: int = 0) -> tuple[float, float]:
    """The smallest gain that `planned` states for a world, and how often it is seen if it is the true one."""
    spread = true_spread(world)
    smallest = planned(spread, seeds=world.seeds, clusters=world.examples)
    with_it = with_gain(world, smallest)
    return smallest, one_gain(with_it, simulations=simulations, seed=seed)["seen"]


def with_gain(world: World, gain: float) -> World:
    """The world with an arm that much better than its baseline."""
    low, high = world.means[0], world.means[0] + 10.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if replace(world, means=(world.means[0], middle)).gain < gain else (low, middle)
    return replace(world, means=(world.means[0], low))


def true_spread(world: World, *, seeds: int = 40, examples: int = 5_000) -> Spread:
    """The variances of a world's gain, from one very large study."""
    large = replace(world, seeds=seeds, examples=examples)
    found = of_matrix(_one(large, generator("spread", repr(world)), 1))
    rest = float(found.of_rest[0])
    return Spread(
        seeds=2 * (world.seed_points / 100) ** 2,
        items=(float(found.of_items[0]) - rest) * examples,
        rest=rest * seeds * examples,
    )


def _one(world: World, rng: np.random.Generator, simulations: int) -> Floats:
    """[R, k, n] of 1, 0 and -1: what the arm answers right and the baseline does not, or the other way about."""
    shape = (simulations, 2, world.seeds, world.examples)
    latent = rng.standard_normal(shape, dtype=np.float32)
    latent += world.easy_sd * rng.standard_normal((simulations, 1, 1, world.examples), dtype=np.float32)
    latent += world.arm_sd * rng.standard_normal((simulations, 2, 1, world.examples), dtype=np.float32)
    latent += world.seed_sd * rng.standard_normal((simulations, 2, world.seeds, 1), dtype=np.float32)
    latent += np.array(world.means, dtype=np.float32)[:, None, None]
    right = latent > 0
    return np.asarray(right[:, 1].astype(np.float64) - right[:, 0])


def _many(family: Family, rng: np.random.Generator, simulations: int) -> Floats:
    """[R, M, k, n], gains on single examples."""
    world, half = family.world, math.sqrt(0.5)
    R, M, k, n = simulations, family.members, world.seeds, world.examples

    def noise(*shape: int) -> NDArray[np.float32]:
        return rng.standard_normal(shape, dtype=np.float32)

    means = np.where(np.arange(M) < family.helped, world.means[1], world.means[0]).astype(np.float32)[:, None, None]
    if family.kind == ARMS:
        easy = world.easy_sd * noise(R, 1, 1, n)
        base = easy + world.arm_sd * noise(R, 1, 1, n) + world.seed_sd * noise(R, 1, k, 1) + noise(R, 1, k, n)
        own = world.arm_sd * noise(R, M, 1, n) + world.seed_sd * noise(R, M, k, 1) + noise(R, M, k, n)
        return np.asarray((means + easy + own > 0).astype(np.float64) - (world.means[0] + base > 0))
    easy = world.easy_sd * half * (noise(R, 1, 1, n) + noise(R, M, 1, n))

    def answers(mean: NDArray[np.float32] | float) -> Floats:
        luck = world.seed_sd * half * (noise(R, 1, k, 1) + noise(R, M, k, 1))
        right = mean + easy + world.arm_sd * noise(R, M, 1, n) + luck + noise(R, M, k, n) > 0
        return np.asarray(right, dtype=np.float64)

    return answers(means) - answers(world.means[0])


def _crossed(values: Floats, rng: np.random.Generator, *, replicates: int) -> Floats:
    """[R, M, B], seeds and examples drawn alike for all members."""
    k, n = values.shape[2:]
    examples = rng.multinomial(n, np.full(n, 1 / n), size=replicates) / n
    seeds = rng.multinomial(k, np.full(k, 1 / k), size=replicates) / k
    totals = values.astype(np.float32) @ examples.T.astype(np.float32)
    return np.asarray(np.einsum("rmkb,bk->rmb", totals, seeds, dtype=np.float64))


def _errors(family: Family, gains: TwoWay, crossed: Floats) -> Mapping[str, float]:
    """Of one simulation; ``crossed`` [M, B]."""
    truth, family_gains = family.gains, pooled(gains)
    critical = critical_value(crossed)
    first = int(np.argmax(gains.means))

    def missed(low: Floats, high: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        return (truth < low) | (truth > high)

    alone, together = missed(*gains.ends()), missed(*bands(family_gains, critical))
    reach = critical * crossed.std(axis=1)
    drawn = missed(gains.means - reach, gains.means + reach)
    above, none = family_gains.above(), truth <= 0
    named, explored = holm(above) <= ONE_SIDED, benjamini_hochberg(above) <= 2 * ONE_SIDED
    return {
        "single": float(alone.any()),
        "crossed max-T": float(drawn.any()),
        "max-T": float(together.any()),
        "chosen": float(alone[first]),
        "chosen, crossed max-T": float(drawn[first]),
        "chosen, max-T": float(together[first]),
        "Holm": float((named & none).any()),
        "Benjamini-Hochberg": float((explored & none).sum() / max(explored.sum(), 1)),
        "named": float((named & ~none).sum() / max((~none).sum(), 1)),
        "equivalence": float(equivalent(gains, family.world.gain)[~none].mean()) if (~none).any() else 0.0,
    }
