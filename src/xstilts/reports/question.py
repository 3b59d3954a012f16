"""A run's question and its answer: the sentence with which the report opens, and the contrasts behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from xstilts.analysis.answers import CONTRADICTED, MISSING, SUPPORTED, TOO_LITTLE_POWER, Answer, Contrast
from xstilts.analysis.cells import BASELINE, FEW_SEEDS, Average, Estimate, LanguageAverage
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry, gain_entry
from xstilts.reports.few_shot import few_shot_sentence
from xstilts.reports.grids import ALL_TARGETS, Grid, largest_gain
from xstilts.reports.morphology import language_name
from xstilts.reports.numbers import MISSING as MISSING_ENTRY
from xstilts.reports.numbers import counted, listed, plain, points
from xstilts.reports.verdict import Verdict, described, verdict

WORDS = {
    SUPPORTED: "Supported",
    CONTRADICTED: "Contradicted",
    TOO_LITTLE_POWER: "Too little power to tell",
    MISSING: "No answer",
}
SIGNS = {SUPPORTED: 1, CONTRADICTED: -1}


def opening(table: Table) -> Verdict:
    """The answer to the run's question, or where it asks none the verdict on its arms."""
    of_arms, answer = verdict(table), table.answer
    of_arms = replace(of_arms, details=(*filter(None, [few_shot_sentence(table)]), *of_arms.details))
    if answer is None:
        return of_arms
    return Verdict(
        sentence=plain(answer_sentence(answer, model_is="this run's model")),
        details=tuple(map(plain, (*_remarks(answer), of_arms.sentence))) + of_arms.details,
        sign=SIGNS.get(answer.verdict, 0),
    )


def answer_sentence(answer: Answer, *, model_is: str) -> str:
    """``Supported: …``, ``Contradicted: …``, or ``Too little power to tell: …`` with what the run could have seen."""
    parts = "; ".join(_part(one, answer) for one in answer.contrasts)
    limit = ""
    if not answer.settles:
        limit = f" – for {model_is} alone, which cannot settle a question about {listed(answer.about)}"
    return f"{WORDS[answer.verdict]}{limit}: {parts}."


def contrast_grids(contrasts: Sequence[Contrast]) -> tuple[Grid, ...]:
    """Every contrast over all targets and on each, then by language family and by morphological type."""
    contrasts = [one for one in contrasts if one.overall is not None]
    if not contrasts:
        return ()
    targets = list(dict.fromkeys(str(mean.target) for one in contrasts for mean in one.by_target))
    over: list[dict[str, Estimate]] = []
    for one in contrasts:
        found: dict[str, Estimate] = {ALL_TARGETS: one.overall} if one.overall else {}
        over.append(found | {str(mean.target): mean for mean in one.by_target})
    return (
        _grid("Contrasts: mean over target languages", "target", [ALL_TARGETS, *targets], contrasts, over),
        *_grouped("by language family", contrasts, [one.by_family for one in contrasts]),
        *_grouped("by morphological type", contrasts, [one.by_morphology for one in contrasts]),
    )


def title(contrast: Contrast) -> str:
    """``hard − hard.random``, in which languages, less what, and the form of the test rows."""
    under = f", {contrast.under}" if contrast.under else ""
    return difference_of(contrast) + under


def difference_of(contrast: Contrast) -> str:
    """``hard − hard.random``, in some languages; of two differences ``(both − first) − (second − none)``."""
    said = f"{contrast.arm} − {contrast.against}{_spoken(contrast)}"
    return said if contrast.less is None else f"({said}) − ({difference_of(contrast.less)})"


def _part(one: Contrast, answer: Answer) -> str:
    found = one.overall
    if found is None or found.gain is None:
        return f"this run has no result of {difference_of(one) if one.less else f'{one.arm} against {one.against}'}"
    kind = "few-shot target" if found.few_shot else "target"
    where = f"on average over the target languages of {counted(len(found.targets), kind)}"
    under = f" under {one.under}" if one.under else ""
    said = f"{_compared(one)}{under} is {described(found)} {where}"
    meaning = f" ({one.claim})" if one.claim else ""
    if one.verdict(answer.matters) == TOO_LITTLE_POWER and one.smallest is not None:
        said += f"; the smallest difference that it would have seen four times in five is {_size(one.smallest)}"
    return f"{said}{meaning}{_seeds(found)}"


def _compared(one: Contrast) -> str:
    """``hard against direct fine-tuning``; of two differences what is added to which."""
    if one.less is not None:
        return f"the difference {difference_of(one)}"
    return f"{one.arm} against {'direct fine-tuning' if one.against == BASELINE else one.against}{_spoken(one)}"


def _spoken(one: Contrast) -> str:
    """`` in Swahili and Turkish``; nothing where all languages count."""
    return f" in {listed([language_name(name).partition(',')[0] for name in one.languages])}" if one.languages else ""


def _size(fraction: float) -> str:
    return f"{points(fraction).lstrip('+')} points"


def _seeds(found: Average) -> str:
    number = len(found.gain_seeds)
    return f" (only {counted(number, 'seed')})" if 0 < number < FEW_SEEDS else ""


def _remarks(answer: Answer) -> list[str]:
    """What the answer needs, and what each contrast says where there are several."""
    found = []
    if len(answer.contrasts) > 1:
        each = [f"{title(one)}: {one.verdict(answer.matters)}" for one in answer.contrasts]
        found.append(f"The answer is yes only where every contrast is above zero. {'; '.join(each)}.")
    if answer.matters is not None:
        found.append(f"A difference of less than {_size(answer.matters)} counts as none that matters.")
    if not answer.settles:
        found.append(
            f"The question is about {listed(answer.about)}. What a smaller or another model shows can support a guess, "
            "not settle it: run the experiment at its published scale for that."
        )
    return found


def _grouped(how: str, contrasts: Sequence[Contrast], means: Sequence[Sequence[LanguageAverage]]) -> tuple[Grid, ...]:
    """One column a group, and folded one a language."""
    groups: list[dict[str, Estimate]] = []
    languages: list[dict[str, Estimate]] = []
    for of_one in means:
        groups.append({_group(mean): mean for mean in of_one if mean.language is None})
        languages.append({language_name(mean.language): mean for mean in of_one if mean.language is not None})
    found = [(groups, f"Contrasts {how}: mean over languages", False)]
    if how.endswith("family"):
        found.append((languages, "Contrasts by language", True))
    return tuple(
        _grid(text, "languages", sorted({name for one in over for name in one}), contrasts, over, folded=folded)
        for over, text, folded in found
    )


def _group(mean: LanguageAverage) -> str:
    return f"{mean.morphology} ({len(mean.languages)})"


def _grid(
    text: str,
    corner: str,
    rows: Sequence[str],
    contrasts: Sequence[Contrast],
    over: Sequence[dict[str, Estimate]],
    *,
    folded: bool = False,
) -> Grid:
    """A column a contrast."""
    largest = largest_gain(estimate for one in over for estimate in one.values())

    def entry(one: dict[str, Estimate], name: str) -> Entry:
        return gain_entry(one[name], largest=largest) if name in one else Entry(main=MISSING_ENTRY, status="missing")

    return Grid(
        title=text,
        corner=corner,
        columns=tuple(plain(title(one)) for one in contrasts),
        rows=tuple((plain(name), tuple(entry(one, name) for one in over)) for name in rows),
        folded=folded,
        largest=largest,
    )
