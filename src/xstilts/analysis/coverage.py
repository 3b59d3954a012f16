"""How often a 95 % interval of a gain contains the true gain: simulated, per number of seeds and method.

The world of the simulation: arm a, seed s and example i give a right answer when

    m[a] + u[i] + v[a, i] + w[a, s] + e[a, s, i] > 0

with independent normal terms: u how easy the example is for everybody, v how easy for this arm, w how lucky the seed
was, e the rest. The true gain is the difference of the two arms' accuracy over all examples and all seeds:
the normal distribution function of m[a] / sd(u + v + w + e).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xstilts.analysis.bootstrap import Sampled, cluster_weights, generator, sampled
from xstilts.analysis.cells import Floats, Interval
from xstilts.analysis.percentiles import interval
from xstilts.analysis.totals import drawn_totals
from xstilts.analysis.two_way import of_draws

METHODS = ("crossed", "components", "nested", "examples only")


@dataclass(frozen=True, kw_only=True)
class World:
    """One condition. Standard deviations are on the latent scale; e has 1."""

    seeds: int
    examples: int
    seed_sd: float
    easy_sd: float = 1.0
    arm_sd: float = 0.5
    means: tuple[float, float] = (0.3, 0.45)
    """m of the baseline and of the arm."""

    @property
    def spread(self) -> float:
        """Standard deviation of the latent value."""
        return math.sqrt(self.easy_sd**2 + self.arm_sd**2 + self.seed_sd**2 + 1)

    @property
    def gain(self) -> float:
        """The true gain, a fraction."""
        base, arm = (0.5 * math.erfc(-mean / self.spread / math.sqrt(2)) for mean in self.means)
        return arm - base

    @property
    def seed_points(self) -> float:
        """Standard deviation of one arm's accuracy over seeds, in points (to first order)."""
        density = math.exp(-((self.means[0] / self.spread) ** 2) / 2) / math.sqrt(2 * math.pi)
        return 100 * density * self.seed_sd / self.spread


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Share of simulations whose interval contains the true gain, and the mean width, by method."""

    world: World
    simulations: int
    share: dict[str, float]
    width: dict[str, float]


def simulate(world: World, *, simulations: int, replicates: int = 500, seed: int = 0) -> Coverage:
    """Draws the world again and again and counts how often each method's interval contains the truth."""
    rng = generator("coverage", repr(world), str(seed))
    hits, width = dict.fromkeys(METHODS, 0), dict.fromkeys(METHODS, 0.0)
    for number in range(simulations):
        bounds = _intervals(_draw(world, rng), rng, replicates=replicates, name=f"{seed}.{number}")
        for method, (low, high) in bounds.items():
            hits[method] += low <= world.gain <= high
            width[method] += high - low
    return Coverage(
        world=world,
        simulations=simulations,
        share={method: hits[method] / simulations for method in METHODS},
        width={method: width[method] / simulations for method in METHODS},
    )


def _draw(world: World, rng: np.random.Generator) -> Floats:
    """[2, k, N] right answers (0 or 1) of the baseline and the arm."""
    easy = rng.normal(0, world.easy_sd, world.examples)
    own = rng.normal(0, world.arm_sd, (2, 1, world.examples))
    luck = rng.normal(0, world.seed_sd, (2, world.seeds, 1))
    rest = rng.normal(0, 1, (2, world.seeds, world.examples))
    latent = np.array(world.means)[:, None, None] + easy + own + luck + rest
    return (latent > 0).astype(np.float64)


def _intervals(right: Floats, rng: np.random.Generator, *, replicates: int, name: str) -> dict[str, Interval]:
    """One interval of the gain per method. The crossed one and that by components are the product's own code."""
    gains = right[1] - right[0]
    seeds, examples = gains.shape
    weights = cluster_weights(name, [f"{index:06d}" for index in range(examples)], replicates=replicates)
    scores = drawn_totals(gains.T, weights) / examples
    # Seeds named after the simulation: the product draws alike for equal seeds, which would tie simulations.
    named = range(int(name.split(".")[1]) * seeds, (int(name.split(".")[1]) + 1) * seeds)
    quantity = sampled(gains.mean(axis=1), scores, seeds=named, clusters=examples)
    found = {
        "crossed": interval(quantity.crossed),
        "components": _components(quantity),
        "nested": interval(_nested(gains, rng, replicates=replicates)),
        "examples only": interval(quantity.fixed),
    }
    return {method: bounds for method, bounds in found.items() if bounds is not None}


def _components(quantity: Sampled) -> Interval:
    """By variance components, from the same replicates."""
    low, high = of_draws([quantity]).ends()
    return float(low[0]), float(high[0])


def _nested(gains: Floats, rng: np.random.Generator, *, replicates: int) -> Floats:
    """[B] gains with examples drawn anew within each drawn seed, as if every seed had its own test set.

    N draws from the three values that a gain can take are a multinomial draw of their shares.
    """
    seeds, examples = gains.shape
    shares = np.stack([(gains == value).mean(axis=1) for value in (-1, 0, 1)], axis=1)
    drawn = rng.multinomial(examples, shares[rng.integers(0, seeds, (replicates, seeds))])
    return np.asarray((drawn[..., 2] - drawn[..., 0]).mean(axis=1) / examples)


def as_markdown(results: Sequence[Coverage]) -> str:
    """A Markdown table: one row per condition, coverage in per cent and mean width in points per method."""
    lines = [
        "| seeds | examples | sd over seeds (points) | " + " | ".join(METHODS) + " |",
        "|---|---|---|" + "---|" * len(METHODS),
    ]
    for result in results:
        cells = [f"{100 * result.share[m]:.1f} % ({100 * result.width[m]:.1f})" for m in METHODS]
        world = result.world
        lines.append(f"| {world.seeds} | {world.examples} | {world.seed_points:.1f} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"
