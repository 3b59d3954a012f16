"""Few-shot targets, in the words of a report: they stand apart from those without examples of a target language."""

from __future__ import annotations

from xstilts.analysis.cells import BASELINE
from xstilts.analysis.table import Table
from xstilts.reports.numbers import listed, plain
from xstilts.reports.verdict import described


def shots_text(table: Table, target: str) -> str:
    """``10-shot``; empty for a zero-shot target."""
    shots = sorted(set(table.few_shot.get(target, {}).values()))
    return f"{' and '.join(map(str, shots))}-shot" if shots else ""


def remark(table: Table, target: str) -> str:
    """Which languages have examples; empty for a zero-shot target."""
    shots = table.few_shot.get(target)
    if not shots:
        return ""
    k = next(iter(shots.values()))
    others = "" if _covers(table, target) else " Other languages are zero-shot: they have rows and are in no average."
    return f"Few-shot: fine-tuning also trains on {k} examples each of {listed(sorted(shots))}.{others}"


def few_shot_sentence(table: Table) -> str:
    """What every arm gains on the few-shot targets, where there are zero-shot ones too: the verdict is about those."""
    arms = [arm for arm in table.arms if arm != BASELINE]
    found = [(arm, average) for arm in arms if (average := table.few_shot_average(arm)) and average.gain is not None]
    if not found:
        return ""
    names = [f"{name} ({shots_text(table, name)})" for name in found[0][1].targets]
    said = "; ".join(f"{arm} {described(average)}" for arm, average in found)
    return plain(f"Few-shot, apart from the above, on average over {listed(names)}: {said}.")


def _covers(table: Table, target: str) -> bool:
    source = table.source_languages.get(target)
    return all(language in table.few_shot[target] or language == source for language in table.languages(target))
