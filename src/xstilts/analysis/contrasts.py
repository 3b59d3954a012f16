"""Contrasts between two arms of a run: their difference, with the draws and averages of every gain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from xstilts.analysis.answers import Answer, Contrast
from xstilts.analysis.cells import BASELINE, Average, Counts, Failed, LanguageAverage
from xstilts.analysis.gain_matrix import gain_matrix
from xstilts.analysis.gains import FewShot
from xstilts.analysis.interactions import less_another, of_arms
from xstilts.analysis.variants import Varied, under

POINT = 0.01
"""As a fraction."""

_Mean = TypeVar("_Mean", Average, LanguageAverage)


def contrasted(
    wanted: Contrast,
    cells: Sequence[Counts],
    failed: Sequence[Failed] = (),
    *,
    source_languages: Mapping[str, str],
    few_shot: FewShot | None = None,
) -> Contrast:
    """A contrast with its numbers; as it was given where the run lacks one of the two arms.

    The arm that it is compared with takes the place of the baseline: seeds and clusters of examples are drawn alike for
    all arms, so the difference of any two is paired as a gain is.

    Args:
        wanted: the arms and targets.
        cells: of the whole run.
        failed: the cells that have no counts.
        source_languages: target → language of its training set.
        few_shot: target → language → examples: with zero-shot targets beside them, they are part of no mean.
    """
    if wanted.less is not None:
        return less_another(wanted, cells, source_languages=source_languages, few_shot=few_shot)
    counts = list(of_arms(wanted, cells))
    if {cell.arm for cell in counts} != {wanted.arm, BASELINE}:
        return wanted
    table = gain_matrix(
        counts,
        list(of_arms(wanted, failed)),
        source_languages=source_languages,
        few_shot=few_shot,
        by_family=True,
        compare=False,
    )

    def own(means: Iterable[_Mean]) -> tuple[_Mean, ...]:
        return tuple(one for one in means if one.arm == wanted.arm)

    by_target = [table.average(wanted.arm, target) for target in table.targets]
    return replace(
        wanted,
        overall=table.average(wanted.arm, None),
        by_target=tuple(one for one in by_target if one is not None),
        by_morphology=own(table.by_morphology),
        by_family=own(table.by_family),
    )


def contrasts_in(
    record: Mapping[str, Any], cells: Sequence[Counts], failed: Sequence[Failed], *, varied: Varied | None = None
) -> dict[str, Any]:
    """The fields of a table that compare arms with each other: ``answer`` and ``pairs``, as a run's record asks."""
    sources, shots = record["source_languages"], record.get("few_shot", {})
    question = record.get("question")
    wanted = [Contrast(arm=arm, against=other) for arm, other in record.get("pairs", ())]
    return {
        "answer": answered(question, cells, failed, source_languages=sources, varied=varied, few_shot=shots)
        if question
        else None,
        "pairs": tuple(contrasted(one, cells, failed, source_languages=sources, few_shot=shots) for one in wanted),
    }


def answered(
    question: Mapping[str, Any],
    cells: Sequence[Counts],
    failed: Sequence[Failed] = (),
    *,
    source_languages: Mapping[str, str],
    varied: Varied | None = None,
    few_shot: FewShot | None = None,
) -> Answer:
    """The question in the record of a run, with its answer.

    Args:
        question: as the experiment asks it.
        cells: of the test rows as they are.
        failed: the cells that have no counts.
        source_languages: target → language of its training set.
        varied: the same on perturbed rows, for contrasts under a perturbation.
        few_shot: target → language → examples that fine-tuning trained on.
    """

    def found(one: Contrast) -> Contrast:
        own = under(one.under, varied) if one.under else cells
        failures = () if one.under else failed
        return contrasted(one, own, failures, source_languages=source_languages, few_shot=few_shot)

    wanted = [asked(one) for one in question["contrasts"]]
    matters = question.get("matters")
    return Answer(
        text=str(question["text"]),
        contrasts=tuple(map(found, wanted)),
        about=tuple(map(str, question.get("about") or ())),
        settles=bool(question.get("settles", True)),
        matters=None if matters is None else float(matters) * POINT,
    )


def asked(one: Mapping[str, Any]) -> Contrast:
    """A contrast as the record of a run has it."""
    return Contrast(
        arm=str(one["arm"]),
        against=str(one["against"]),
        targets=tuple(map(str, one.get("targets") or ())),
        claim=str(one.get("claim") or ""),
        under=str(one.get("under") or ""),
        languages=tuple(map(str, one.get("languages") or ())),
        less=asked(one["less"]) if one.get("less") else None,
    )
