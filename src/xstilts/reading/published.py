"""Published facts about the tasks: languages by the benchmarks' own codes, sizes by language."""

from __future__ import annotations

from collections.abc import Mapping

from xstilts import languages


def ids(codes: str, *, system: str = "xtreme") -> tuple[str, ...]:
    """Language ids of a benchmark's codes, in their order: ``ids("en sw")`` is ``("eng-Latn", "swa-Latn")``."""
    return tuple(languages.from_code(code, system).id for code in codes.split())


def sizes_of(split: str, counts: Mapping[str, int], *, system: str = "xtreme") -> dict[str, int]:
    """Sizes by language, from ``{"de en": 10_000, "sw": 1_000}``."""
    return {f"{split}-{id_}": count for codes, count in counts.items() for id_ in ids(codes, system=system)}
