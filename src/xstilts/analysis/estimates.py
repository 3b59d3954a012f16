"""From replicates to the numbers of an ``Estimate``."""

from __future__ import annotations

import math
from typing import Any

from xstilts.analysis.bootstrap import Sampled
from xstilts.analysis.cells import FEW_SEEDS, Interval
from xstilts.analysis.paired import Pair
from xstilts.analysis.percentiles import interval
from xstilts.analysis.printed import printed


def numbers(arm: str, metric: str | None, pair: Pair | None, *, seeds: tuple[int, ...]) -> dict[str, Any]:
    """The fields of an ``Estimate``."""
    fields: dict[str, Any] = {"arm": arm, "metric": metric, "seeds": seeds}
    if pair is None or math.isnan(pair[0].mean):
        return fields
    value, gain = pair
    fields["mean"] = value.mean
    low, high, fields["interval"] = _bounds(value)
    # No score is below 0 or above 1, and an interval that is symmetric does not know.
    fields["low"], fields["high"] = (None if end is None else min(max(end, 0.0), 1.0) for end in (low, high))
    fields["examples_only"], fields["seed_range"] = _few(value)
    if gain is not None:
        fields["gain"] = gain.mean
        fields["gain_low"], fields["gain_high"], fields["gain_interval"] = _bounds(gain)
        fields["gain_examples_only"], fields["gain_seed_range"] = _few(gain)
        fields["gain_seeds"] = tuple(gain.by_seed)
    return fields


def _bounds(quantity: Sampled) -> tuple[float | None, float | None, str]:
    """Low, high and kind of the interval."""
    ends, kind = printed(quantity)
    return (None, None, kind) if ends is None else (*ends, kind)


def _few(quantity: Sampled) -> tuple[Interval | None, Interval | None]:
    """Example-only interval and seed range, where there are seeds but fewer than three."""
    if not 0 < quantity.fewest < FEW_SEEDS:
        return None, None
    only = quantity.fixed_interval
    if only is None and quantity.clusters > 1:
        only = interval(quantity.fixed)
    values = [value for value in quantity.by_seed.values() if not math.isnan(value)]
    return only, (min(values), max(values)) if len(values) > 1 else None
