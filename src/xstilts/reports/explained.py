"""What goes with the gains per language: the regressions of each arm, and the languages with their properties."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from xstilts.analysis.cells import LanguageAverage
from xstilts.analysis.explanation import ASSOCIATED, PREDICTORS, SIZE, Effect, Explanation, Explanations, Slope
from xstilts.analysis.morphology import family_of
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry, gain_entry
from xstilts.reports.grids import Grid, largest_gain
from xstilts.reports.morphology import language_name
from xstilts.reports.numbers import MARKS, MISSING, counted, listed, plain, points, points_interval, points_range

REMARK = (
    "Each arm's gain is regressed on properties of the target languages: one observation a target and language, an "
    "intercept for each target, every language with the same weight. A coefficient is in points of gain a standard "
    "deviation of the predictor. Languages of one family are not independent: intervals are those of the cluster "
    "jackknife over families, with Student’s quantile, and the coefficients without one family are its replicates. "
    "“Not distinguishable from data size” means that the interval excludes zero until the size of the pretraining text "
    "is a predictor, too. A regression over languages shows what goes together, not what causes what."
)
COLUMNS = ("alone", "without data size", "jointly", "without one family", "could have seen", "verdict")
PROPERTIES = {
    "fusion": ("fusion", 3),
    "premium": ("premium", 2),
    "fertility": ("fertility", 2),
    "continued": ("continued words", 2),
    "tokens_per_character": ("tokens a character", 2),
    SIZE: ("pretraining size", None),
}
"""Property → its heading and decimals."""


def explained_sections(table: Table) -> Iterator[tuple[str, tuple[str, ...], tuple[Grid, ...]]]:
    """Title, remarks and grids: of each arm, then of the languages."""
    found = table.explained
    if found is None:
        return
    for one in found.arms:
        yield plain(one.arm), tuple(map(plain, _remarks(one))), (_effects(one),) if one.effects else ()
    yield "Languages", tuple(map(plain, found.told)), (_languages(table, found),)


def explained_lines(table: Table) -> Iterator[str]:
    """The verdicts alone, a line each."""
    for one in table.explained.arms if table.explained else ():
        said = [f"no regression over languages: {one.problem}."] if one.problem else map(_sentence, one.effects)
        yield from (plain(f"{one.arm}: {text}") for text in said)


def _remarks(one: Explanation) -> Iterator[str]:
    if one.problem:
        yield f"No regression: {one.problem}."
    else:
        languages = sum(one.families.values())
        yield (
            f"{counted(languages, 'language')} of {len(one.families)} families "
            f"({', '.join(f'{name} {count}' for name, count in one.families.items())}), "
            f"{counted(one.observations, 'observation')}."
        )
        yield from (_sentence(effect) for effect in one.effects)
        yield from (text for effect in one.effects if (text := _turned(effect)))
        if one.closest is not None:
            first, second, alike = one.closest
            pair = f"{PREDICTORS[first]} and {PREDICTORS[second]}"
            yield f"The two predictors that are most alike are {pair}: correlation {alike:+.2f}.".replace("-", "−")
    if one.left_out:
        why = "; ".join(f"{language} ({missing})" for language, missing in sorted(one.left_out.items()))
        yield f"Left out, since something of them is not known: {why}."


def _sentence(effect: Effect) -> str:
    name = PREDICTORS[effect.predictor]
    said = f"{name[0].upper()}{name[1:]} is {effect.verdict}: {_spelt(effect.jointly)} jointly"
    if effect.verdict != ASSOCIATED:
        said += f", {_spelt(effect.alone)} alone"
    return f"{said}, points a standard deviation ({effect.spread:.2g})."


def _spelt(slope: Slope) -> str:
    return f"{points(slope.value)} {points_interval(slope.low, slope.high)}"


def _turned(effect: Effect) -> str:
    """Families without which the joint coefficient has the other sign, where its interval excludes zero."""
    slope = effect.jointly
    turned = [family for family, value in slope.without.items() if slope.sign and value * slope.value < 0]
    if not turned:
        return ""
    return f"Without {listed(turned)} the coefficient of {PREDICTORS[effect.predictor]} has the other sign."


def _effects(one: Explanation) -> Grid:
    return Grid(
        title="Points of gain a standard deviation",
        corner="predictor",
        columns=COLUMNS,
        rows=tuple((PREDICTORS[effect.predictor], _row(effect)) for effect in one.effects),
    )


def _row(effect: Effect) -> tuple[Entry, ...]:
    without = effect.jointly.without.values()
    return (
        _slope(effect.alone),
        _slope(effect.without_size),
        _slope(effect.jointly),
        Entry(main=points_range((min(without), max(without)))),
        Entry(main=points(effect.jointly.smallest).lstrip("+")),
        Entry(main=effect.verdict),
    )


def _slope(slope: Slope) -> Entry:
    return Entry(
        main=f"{points(slope.value)} {MARKS[slope.sign]}".strip(),
        details=(points_interval(slope.low, slope.high),),
        sign=slope.sign,
    )


def _languages(table: Table, found: Explanations) -> Grid:
    """Every language: its gains, and what may go with them."""
    gains = {(one.arm, one.language): one for one in table.by_morphology if one.language is not None}
    arms = [one.arm for one in found.arms]
    largest = largest_gain(one for one in gains.values() if one.arm in arms)
    rows = []
    for language in sorted({name for _, name in gains if name is not None}):
        of_arms = tuple(_gain(gains.get((arm, language)), largest) for arm in arms)
        known = found.properties.get(language, {})
        own = tuple(_number(known, name, decimals) for name, (_, decimals) in PROPERTIES.items())
        rows.append((plain(language_name(language)), (*of_arms, *own, Entry(main=plain(family_of(language))))))
    headings = [heading for heading, _ in PROPERTIES.values()]
    return Grid(
        title="Gain and properties of every target language",
        corner="language",
        columns=(*map(plain, arms), *headings, "family"),
        rows=tuple(rows),
        folded=True,
        largest=largest,
    )


def _gain(average: LanguageAverage | None, largest: float) -> Entry:
    return gain_entry(average, largest=largest) if average else Entry(main=MISSING, status="missing")


def _number(known: Mapping[str, float | None], name: str, decimals: int | None) -> Entry:
    value = known.get(name)
    if value is None:
        return Entry(main=MISSING, status="missing")
    return Entry(main=f"{value:g}" if decimals is None else f"{value:.{decimals}f}")
