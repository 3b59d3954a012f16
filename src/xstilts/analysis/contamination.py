"""What the test sets of a run share with what was trained on, and what is left of the gains without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from xstilts.analysis.cells import Estimate
from xstilts.analysis.overlaps import PHASES, Overlap
from xstilts.analysis.robustness import Difference

if TYPE_CHECKING:
    import polars

OWN, ALL = ("ii",), PHASES
"""Whose texts are left out: those that the arm has read and the baseline has not, and those of every phase."""


@dataclass(kw_only=True)
class CleanEstimate(Estimate):
    """One arm × target × language on the clean part; ``language`` None: the mean over target languages.

    Attributes:
        phases: whose texts have none of it.
        left_out: examples that are not clean, and how many there are.
        whole: the gain on all examples.
        change: the gain on the clean part minus that on all examples.
        languages: what a mean covers: those in which something is left.
        gone: target languages of which nothing is left.
    """

    target: str
    language: str | None
    phases: tuple[str, ...]
    left_out: int
    examples: int
    whole: float | None = None
    whole_sign: int = 0
    change: Difference | None = None
    languages: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contamination:
    """What the test sets of a run share with what was trained on, and what is left of the gains without it.

    Attributes:
        overlaps: of every training text, target and language.
        clean: only where something is left out.
        told: what could not be looked through.
    """

    overlaps: tuple[Overlap, ...]
    clean: tuple[CleanEstimate, ...] = ()
    told: tuple[str, ...] = ()

    def of(self, arm: str, target: str, phases: Sequence[str], language: str | None = None) -> CleanEstimate | None:
        """One estimate."""
        return self._found.get((arm, target, tuple(phases), language))

    @cached_property
    def _found(self) -> Mapping[tuple[str, str, tuple[str, ...], str | None], CleanEstimate]:
        return {(one.arm, one.target, one.phases, one.language): one for one in self.clean}

    @property
    def texts(self) -> tuple[tuple[str, str], ...]:
        """Phase and name of every training text, in the order of the phases."""
        found = dict.fromkeys((one.phase, one.text) for one in self.overlaps)
        return tuple(sorted(found, key=lambda one: PHASES.index(one[0])))

    def lost(self) -> list[CleanEstimate]:
        """Mean gains that are distinguishable from zero on all examples but not on the clean part, or change sign."""
        means = [one for one in self.clean if one.language is None and one.phases == OWN]
        return [one for one in means if one.whole_sign and one.sign != one.whole_sign]

    def frames(self) -> dict[str, polars.DataFrame]:
        """``overlaps`` and ``clean`` as tables, a row each; fractions."""
        import polars

        rows = [
            {
                **{name: getattr(one, name) for name in ("text", "phase", "target", "language", "examples", "share")},
                "arms": list(one.arms),
                **{name: len(getattr(one, name)) for name in ("whole", "part", "parallel")},
                "too_short": one.too_short,
            }
            for one in self.overlaps
        ]
        clean = [
            {
                **{
                    name: getattr(one, name) for name in ("arm", "target", "language", "metric", "left_out", "examples")
                },
                "phases": list(one.phases),
                "gain": one.whole,
                **{f"clean_{name}": getattr(one, name) for name in ("gain", "gain_low", "gain_high")},
                **{f"change_{name}": value for name, value in _parts(one.change).items()},
            }
            for one in self.clean
        ]
        return {"overlaps": polars.DataFrame(rows), "clean": polars.DataFrame(clean)}


def _parts(change: Difference | None) -> dict[str, float | None]:
    return asdict(change) if change else dict.fromkeys(("mean", "low", "high"))
