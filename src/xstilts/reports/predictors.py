"""What predictors of the best intermediate task were worth, in a report: regret in points, beside simple rivals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xstilts.analysis.judged_predictors import ALWAYS, CHOSEN, RANDOM, JudgedPredictor, JudgedPredictors, Measured
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.numbers import MARKS, MISSING, counted, listed, percent, plain, points, points_interval

REMARK = (
    "A predictor ranks the arms for a target without looking at the gains. Regret at k is by how many points the best "
    "arm is better than the best of the k that are ranked first, in a target language; from an interval that begins at "
    "0 the choice cannot be distinguished from the best, and costs nothing that could be shown. “Told” counts the "
    "languages in which the first choice can be. “Over random” is the gain of the first choice less the mean gain of "
    "all arms. The correlation is of a predictor’s scores with the gains over arms, by ranks. Intervals carry the "
    "gains’ own noise (seeds and examples); a predictor’s scores are those of the first seed. Arms that train on a "
    "target’s own training set are no candidates for it. “Largest data” takes the arm with the most examples. What "
    "scores alike is chosen among by lot. FLOPs are those for one target, over all arms: of the predictor’s own "
    "passes, and, if it needs them, of the trainings. This is one model: what predicts on it need not on others."
)
COLUMNS = (*(f"regret at {k}" for k in CHOSEN), "told", "over random", "correlation", "FLOPs", "of trainings")
LARGEST = "size"
SHOWN = 30
"""Target languages, over all targets, up to which each is shown: all are in the CSV report."""


def predictor_sections(table: Table) -> Iterator[tuple[str, tuple[str, ...], tuple[Grid, ...]]]:
    """Title, remarks and grids; nothing where the run computed none, or there is nothing to choose."""
    found = table.predictors
    if found is None or not (found.overall or found.told):
        return
    grids = [_grid("Over all targets and target languages", found.overall)] if found.overall else []
    targets = list(dict.fromkeys(one.target for one in found.by_target))
    if len(targets) > 1:
        for target in targets:
            of_target = [one for one in found.by_target if one.target == target]
            arms = listed([*found.arms[target or ""]])
            grids.append(_grid(plain(f"{target}: chosen among {arms}"), of_target, folded=True))
    places = list(dict.fromkeys((one.target, one.language) for one in found.by_language))
    if 1 < len(places) <= SHOWN:
        grids.append(_by_language(found, places))
    yield "Which arm for which target", tuple(map(plain, _remarks(found))), tuple(grids)


def predictor_rows(table: Table) -> Iterator[dict[str, str | float]]:
    """For CSV, column → value: regrets as gains that were missed, correlations as means; ``metric`` says which."""
    for one in table.predictors.rows if table.predictors else ():
        kind = "cell" if one.language else "average over target languages" if one.target else "average over targets"
        said = {"row": f"predictor, {kind}", "arm": one.predictor, "target": one.target or ""}
        said |= {"language": one.language or "", "status": "ok" if one.places else "missing"}
        for k, regret in one.regrets.items():
            yield {**said, "metric": f"regret at {k}", **_numbers(regret, "gain")}
        for name, found in (("gain over random", one.over_random), ("rank correlation", one.correlation)):
            if found is not None:
                yield {**said, "metric": name, **_numbers(found, "gain" if "gain" in name else "")}


def _numbers(one: Measured, name: str) -> dict[str, str | float]:
    low, high = (f"{name}_low", f"{name}_high") if name else ("low", "high")
    ends = {} if one.interval is None else {low: one.interval[0], high: one.interval[1]}
    return {name or "mean": one.value, **ends}


def _remarks(found: JudgedPredictors) -> Iterator[str]:
    for target, arms in found.left_out.items():
        yield f"{target}: {listed([*arms])} {'trains' if len(arms) == 1 else 'train'} on its own training set."
    alike: dict[str, list[str]] = {}
    for one in found.overall:
        if one.silent:
            alike.setdefault(f"no score in {counted(one.silent, 'target language')}", []).append(_said(one.predictor))
        if one.unscored:
            share = f"{percent(one.unscored)} % of the arms have no score where others do, and are behind them"
            alike.setdefault(share, []).append(_said(one.predictor))
    for said, names in alike.items():
        yield f"{listed(names)}: {said}."
    yield from found.told


def _grid(title: str, rows: Sequence[JudgedPredictor], *, folded: bool = False) -> Grid:
    """One line a predictor, the one with the lowest regret first, then who looks at nothing."""
    rivals = [one for one in rows if _rival(one)]
    judged = sorted((one for one in rows if not _rival(one)), key=lambda one: (_first(one), one.predictor))
    return Grid(
        title=title,
        corner="predictor",
        columns=COLUMNS,
        rows=tuple((plain(_said(one.predictor)), _row(one)) for one in [*judged, *rivals]),
        folded=folded,
    )


def _rival(one: JudgedPredictor) -> bool:
    return one.predictor in (LARGEST, RANDOM) or one.predictor.startswith(f"{ALWAYS} ")


def _first(one: JudgedPredictor) -> float:
    return one.regrets[1].value if 1 in one.regrets else float("inf")


def _said(predictor: str) -> str:
    """Its name in words; that of an arm stays as it is."""
    if predictor.startswith(f"{ALWAYS} "):
        return predictor
    return "largest data" if predictor == LARGEST else predictor.replace("_", " ")


def _row(one: JudgedPredictor) -> tuple[Entry, ...]:
    return (
        *(_points(one.regrets.get(k)) for k in CHOSEN),
        Entry(main=f"{one.told} of {one.places}") if one.places else _missing(),
        _points(one.over_random if one.predictor != RANDOM else None, signed=True),
        _correlation(one.correlation),
        _flops(one.flops),
        _flops(one.training_flops),
    )


def _points(one: Measured | None, *, signed: bool = False) -> Entry:
    if one is None:
        return _missing()
    main, span = points(one.value), points_interval(*(one.interval or (None, None)))
    if not signed:
        return Entry(main=main.lstrip("+"), details=tuple(filter(None, [span.replace("+", "")])))
    sign = 0 if one.interval is None else (one.interval[0] > 0) - (one.interval[1] < 0)
    return Entry(main=f"{main} {MARKS[sign]}".strip(), details=tuple(filter(None, [span])), sign=sign)


def _correlation(one: Measured | None) -> Entry:
    if one is None:
        return _missing()
    low, high = one.interval or (None, None)
    span = () if low is None or high is None else (f"[{_rho(low)}, {_rho(high)}]",)
    return Entry(main=_rho(one.value), details=span)


def _rho(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


def _flops(value: float | None) -> Entry:
    return _missing() if value is None else Entry(main="0" if value == 0 else f"{value:.1e}")


def _missing() -> Entry:
    return Entry(main=MISSING, status="missing")


def _by_language(found: JudgedPredictors, places: Sequence[tuple[str | None, str | None]]) -> Grid:
    """Target language × predictor: regret at 1."""
    names = list(dict.fromkeys(one.predictor for one in found.by_language))
    at = {(one.predictor, one.target, one.language): one for one in found.by_language}
    rows = [
        (
            plain(f"{target}, {language}"),
            tuple(_points(at[name, target, language].regrets.get(1)) for name in names),
        )
        for target, language in places
    ]
    return Grid(
        title="Regret at 1 in each target language",
        corner="target language",
        columns=tuple(plain(_said(name)) for name in names),
        rows=tuple(rows),
        folded=True,
    )


def lines(found: JudgedPredictors) -> list[dict[str, str]]:
    """The regret table as texts, for a terminal: one row a predictor, over all targets."""
    grid = _grid("", found.overall)
    return [
        {"predictor": name, **{column: _text(entry) for column, entry in zip(COLUMNS, entries, strict=True)}}
        for name, entries in grid.rows
    ]


def _text(entry: Entry) -> str:
    return " ".join((entry.main, *entry.details))


def markdown(run: str, model: str, found: JudgedPredictors) -> str:
    """The regret table of a run for a page."""
    rows = [["predictor", *COLUMNS], ["---", *("---:" for _ in COLUMNS)], *([*one.values()] for one in lines(found))]
    arms = {", ".join(arms) for arms in found.arms.values()}
    said = f"Run {run}, model {model}: {counted(len(found.arms), 'target')}; arms {listed(sorted(arms))}."
    return "\n".join([said, "", *("| " + " | ".join(row) + " |" for row in rows)])
