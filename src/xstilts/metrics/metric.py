"""What a metric is: additive counts per example, and scores from their sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from xstilts.errors import XstiltsError


class Metric(Protocol):
    """Per-example counts → totals → scores. A bootstrap resamples rows of counts and never decodes again.

    ``counts`` returns float64 ``[C]`` (``C = len(count_names)``), additive over examples. ``scores`` maps totals
    ``[..., C]`` to scores ``[...]`` by name, in [0, 1] ("fraction"), vectorised over leading dimensions; the first
    name is the official one. A score whose denominator is 0 is NaN, never 0. Scores are rounded nowhere.

    A metric may also carry ``labels_for_people``, a mapping from score name to a short title (see ``title``), and
    ``check_language(language)``, which refuses a language that it has no rules for.
    """

    @property
    def name(self) -> str:
        """The registered name, equal to the module's."""
        ...

    @property
    def version(self) -> int:
        """Raised when the code changes results; part of every key that uses the metric."""
        ...

    @property
    def unit(self) -> str:
        """Unit of every score: ``"fraction"``, in [0, 1]."""
        ...

    @property
    def count_names(self) -> tuple[str, ...]:
        """What the columns of the counts are; C names."""
        ...

    @property
    def score_names(self) -> tuple[str, ...]:
        """The scores; the first is the official one."""
        ...

    @property
    def paper(self) -> str:
        """Where it is defined."""
        ...

    def counts(self, gold: Any, predicted: Any, *, language: str) -> NDArray[np.float64]:  # noqa: ANN401
        """Counts of one example. What ``gold`` and ``predicted`` are is the metric's, stated in its docstring."""
        ...

    def scores(self, totals: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Scores from summed counts."""
        ...


@runtime_checkable
class ClusterMetric(Protocol):
    """A metric whose unit is the cluster: a test case fails if one of its questions does (MultiCheckList)."""

    def by_cluster(self, counts: NDArray[np.float64], clusters: Sequence[str]) -> NDArray[np.float64]:
        """Counts ``[N, C]`` of examples in these clusters, still additive over whole clusters."""
        ...


def title(metric: Metric, score: str) -> str:
    """What people read above a column of ``score``: the metric's own short title, or the name in words."""
    titles: dict[str, str] = getattr(metric, "labels_for_people", {})
    return titles.get(score, score.replace("_", " "))


def ratio(numerator: ArrayLike, denominator: ArrayLike, *, missed: ArrayLike = 0.0) -> NDArray[np.float64]:
    """``numerator / denominator`` element by element; NaN (and no warning) where the denominator is 0.

    Args:
        missed: where the denominator is 0 and this is not, the result is 0: nothing was found of what was there.
    """
    above, below, lost = np.broadcast_arrays(
        *(np.asarray(x, dtype=np.float64) for x in (numerator, denominator, missed))
    )
    if below.all():
        return np.asarray(above / below)
    undefined = np.where(lost != 0, 0.0, np.nan)
    result: NDArray[np.float64] = np.divide(above, below, out=undefined, where=below != 0)
    return result


def columns(totals: ArrayLike, count_names: Sequence[str]) -> tuple[NDArray[np.float64], ...]:
    """The C columns of totals ``[..., C]``, each ``[...]``.

    Raises:
        XstiltsError: the last dimension is not C.
    """
    totals = np.asarray(totals, dtype=np.float64)
    if totals.ndim == 0 or totals.shape[-1] != len(count_names):
        raise XstiltsError(
            f"totals of shape {totals.shape} do not end in the {len(count_names)} counts {', '.join(count_names)}"
        )
    return tuple(np.moveaxis(totals, -1, 0))
