"""Robustness in a report: scores and gains in every form of the test rows, the worst of them, what was changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from xstilts.analysis.cells import BASELINE
from xstilts.analysis.robustness import Difference, RobustEstimate, RobustnessTable
from xstilts.analysis.table import Table
from xstilts.analysis.variants import MINIMUM, Form
from xstilts.reports.entries import Entry, brief, gain_entry
from xstilts.reports.figures.pictures import Line, Mark, Panel, Picture
from xstilts.reports.grids import Grid, arm_title, largest_gain
from xstilts.reports.numbers import MARKS, MISSING, counted, percent, plain, points, points_interval

AS_THEY_ARE, MIXED = "rows as they are", "mean over pairs of two languages"
REMARK = (
    "Every perturbation makes the same share of character errors in every language, as far as a language has the "
    "characters for it; the audit says what was made. Rows that people typed have the errors that they made. The gain "
    "under a perturbation is the arm minus none on the same perturbed rows, and its change is that gain minus the one "
    "on the rows as they are, with a paired interval. The minimum of each example scores it where it scores lowest, as "
    "it is or perturbed. The worst language and perturbation are picked after seeing the scores, so expect them to be "
    "somewhat less bad in a new run."
)


def robustness_remarks(table: Table, target: str) -> tuple[str, ...]:
    """The rate that was asked for, and where a perturbation is not defined."""
    robust = table.robustness
    if robust is None:
        return ()
    found = []
    if target in robust.rates:
        found.append(f"Character error rate asked for: {percent(robust.rates[target])} %.")
    for name, reasons in robust.undefined.get(target, {}).items():
        if reasons:
            found.append(f"{name} is not defined for {', '.join(reasons)}.")
    return tuple(map(plain, found))


def robustness_grids(table: Table, target: str) -> tuple[Grid, ...]:
    """The tables of one target: by form, the worst, by language, pairs of languages, and the audit."""
    robust = table.robustness
    if robust is None or target not in robust.targets:
        return ()
    forms = [form for form in robust.forms(target) if not form.second]
    grids = [_by_form(table, robust, target, forms), _worst(table, robust, target, forms)]
    perturbed = [form for form in forms if form.perturbation]
    if perturbed:
        grids += [_by_language(table, robust, target, arm, forms) for arm in table.arms]
        grids.append(_audits(robust, target, [form for form in perturbed if form.perturbation != MINIMUM]))
    if any(form.second for form in robust.forms(target)):
        grids += _pairs(table, robust, target)
    return tuple(grids)


def form_title(form: Form) -> str:
    """What a form of the rows is called."""
    if form.second:
        return MIXED if form.second == "*" else f"second sentence in {form.second}"
    return form.perturbation or AS_THEY_ARE


def robustness_picture(table: Table) -> Picture | None:
    """Every arm's gain in every form of the rows, with its interval, on one axis."""
    robust, arms = table.robustness, [arm for arm in table.arms if arm != BASELINE]
    if robust is None or not arms:
        return None
    lines: list[Line] = []
    for target in robust.targets:
        lines.append(Line(label=plain(target), strong=True, marks=(None,) * len(arms)))
        for form in (*(one for one in robust.forms(target) if not one.second), Form(second="*")):
            means = [robust.of(target, arm, form=form, language=None) for arm in arms]
            if any(means):
                lines.append(Line(label=form_title(form), marks=tuple(map(_mark, means))))
    if not any(mark and mark.value is not None for line in lines for mark in line.marks):
        return None
    return Picture(
        description="Gain of every arm over none in points on the test rows as they are and in every other form, with "
        "its 95 % interval; the same numbers are in the tables of robustness",
        panels=tuple(Panel(title=f"{plain(arm)} (gain)", gains=True) for arm in arms),
        lines=tuple(lines),
    )


def _mark(one: RobustEstimate | None) -> Mark:
    if one is None or one.gain is None:
        return Mark(value=None, words=MISSING)
    return Mark(value=one.gain, low=one.gain_low, high=one.gain_high, sign=one.sign)


def _by_form(table: Table, robust: RobustnessTable, target: str, forms: Sequence[Form]) -> Grid:
    """Form × arm: mean over target languages."""
    shown = [*forms, Form(second="*")]
    means = {(form, arm): robust.of(target, arm, form=form, language=None) for form in shown for arm in table.arms}
    largest = largest_gain(one for one in means.values() if one)
    rows = []
    for form in shown:
        of_form = [means[form, arm] for arm in table.arms]
        if any(of_form):
            covered = {len(one.languages) for one in of_form if one}
            noun = "pair" if form.second else "language"
            rows.append((plain(f"{form_title(form)} ({counted(max(covered), noun)})"), of_form))
    return Grid(
        title="Mean over target languages, by form of the test rows",
        corner="test rows",
        columns=tuple(map(arm_title, table.arms)),
        rows=tuple((title, tuple(_entry(one, largest) for one in of_form)) for title, of_form in rows),
        largest=largest,
    )


def _entry(one: RobustEstimate | None, largest: float) -> Entry:
    """The baseline's score or an arm's gain, and how it differs from that on the rows as they are."""
    if one is None or one.mean is None:
        failed = bool(one and one.failure)
        return Entry(main="failed" if failed else MISSING, status="failed" if failed else "missing")
    entry = gain_entry(one, largest=largest)
    change = one.score_change if one.arm == BASELINE else one.gain_change
    hint = "; ".join(filter(None, [entry.hint, f"score {percent(one.mean)}"]))
    details = (*entry.details, *([f"change {_difference(change)}"] if change else []))
    return Entry(
        main=entry.main, details=details, strength=entry.strength, sign=entry.sign, status=entry.status, hint=hint
    )


def _difference(one: Difference) -> str:
    return " ".join(filter(None, [points(one.mean), points_interval(one.low, one.high), MARKS[one.sign]]))


def _worst(table: Table, robust: RobustnessTable, target: str, forms: Sequence[Form]) -> Grid:
    """Arm × worst case, by score."""

    def named(arm: str, places: Iterator[tuple[Form, str | None]]) -> Entry:
        found = [robust.of(target, arm, form=form, language=language) for form, language in places]
        scored = [one for one in found if one is not None and one.mean is not None]
        if not scored:
            return Entry(main=MISSING, status="missing")
        low = min(scored, key=lambda one: one.mean or 0.0)
        where = " × ".join(filter(None, [low.language, low.form.perturbation]))
        return Entry(main=percent(low.mean), details=(plain(where),))

    languages = _languages(robust, target)
    own = [form for form in forms if form.perturbation != MINIMUM]
    perturbed = [form for form in own if form.perturbation]
    columns: dict[str, Callable[[], Iterator[tuple[Form, str | None]]]] = {
        "worst language, rows as they are": lambda: ((Form(), language) for language in languages),
        "worst perturbation, mean over target languages": lambda: ((form, None) for form in perturbed),
        "worst language and perturbation": lambda: ((form, language) for form in perturbed for language in languages),
        MINIMUM: lambda: iter([(Form(perturbation=MINIMUM), None)]),
    }
    return Grid(
        title="The worst cases, by score",
        corner="arm",
        columns=tuple(columns),
        rows=tuple((plain(arm), tuple(named(arm, places()) for places in columns.values())) for arm in table.arms),
    )


def _by_language(table: Table, robust: RobustnessTable, target: str, arm: str, forms: Sequence[Form]) -> Grid:
    """Language × form under one arm."""
    found = {
        (language, form): robust.of(target, arm, form=form, language=language)
        for language in _languages(robust, target)
        for form in forms
    }
    largest = largest_gain(one for one in found.values() if one)
    return Grid(
        title=f"By language: {arm_title(arm)}",
        corner="language",
        columns=tuple(map(form_title, forms)),
        rows=tuple(
            (plain(language), tuple(_entry(found[language, form], largest) for form in forms))
            for language in _languages(robust, target)
        ),
        folded=True,
        largest=largest,
    )


def _audits(robust: RobustnessTable, target: str, forms: Sequence[Form]) -> Grid:
    """Language × perturbation: character errors and tokens changed, in per cent."""
    found = {(one.language, one.perturbation): one for one in robust.audits if one.target == target}

    def entry(language: str, name: str) -> Entry:
        one = found.get((language, name))
        if one is None:
            return Entry(main=MISSING, status="missing")
        details = (f"tokens {percent(one.tokens_changed)}", f"examples {percent(one.changed)}")
        return Entry(main=percent(one.error_rate), details=details, hint=f"{one.examples} examples looked at")

    return Grid(
        title="Audit: character error rate made, tokens and examples changed, in per cent",
        corner="language",
        columns=tuple(form.perturbation for form in forms),
        rows=tuple(
            (plain(language), tuple(entry(language, form.perturbation) for form in forms))
            for language in _languages(robust, target)
        ),
        folded=True,
    )


def _pairs(table: Table, robust: RobustnessTable, target: str) -> list[Grid]:
    """A heat map per arm: language of the first sentence × that of the second; the gains of all arms on one scale."""
    languages = _languages(robust, target)

    def place(arm: str, first: str, second: str) -> RobustEstimate | None:
        form = Form() if first == second else Form(second=second)
        return robust.of(target, arm, form=form, language=first)

    found = {arm: [[place(arm, one, other) for other in languages] for one in languages] for arm in table.arms}
    gains = largest_gain(one for arm in table.arms if arm != BASELINE for row in found[arm] for one in row if one)
    costs = max((abs(_cost(one)) for row in found.get(BASELINE, ()) for one in row), default=0.0)
    return [_map_of_pairs(arm, languages, rows, costs if arm == BASELINE else gains) for arm, rows in found.items()]


def _map_of_pairs(
    arm: str, languages: Sequence[str], found: Sequence[Sequence[RobustEstimate | None]], largest: float
) -> Grid:
    """Gains, or the baseline's scores in the colour of what they differ from the diagonal of their row."""
    colours = ", coloured by the change from the diagonal" if arm == BASELINE else ""
    rows = [tuple(brief(_of_pair(one, largest)) for one in row) for row in found]
    return Grid(
        title=f"First sentence (rows) × second sentence (columns), the diagonal as it is: {arm_title(arm)}{colours}",
        corner="first",
        across="language",
        columns=tuple(map(plain, languages)),
        rows=tuple(zip(map(plain, languages), rows, strict=True)),
        largest=largest,
    )


def _of_pair(one: RobustEstimate | None, largest: float) -> Entry:
    entry = _entry(one, largest)
    if one is None or one.arm != BASELINE or one.score_change is None or not largest:
        return entry
    return replace(entry, strength=_cost(one) / largest, sign=one.score_change.sign)


def _cost(one: RobustEstimate | None) -> float:
    """By how much a score differs from that on the rows as they are."""
    return one.score_change.mean if one and one.score_change else 0.0


def _languages(robust: RobustnessTable, target: str) -> tuple[str, ...]:
    named = (one.language for one in robust.estimates if one.target == target and one.language is not None)
    return tuple(sorted(dict.fromkeys(named)))
