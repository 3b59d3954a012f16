"""What the test sets share with what was trained on, and the gains without it, in a report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xstilts.analysis.cells import BASELINE
from xstilts.analysis.contamination import ALL, OWN, CleanEstimate, Contamination
from xstilts.analysis.overlaps import Overlap
from xstilts.analysis.table import Table
from xstilts.reports.entries import Entry, gain_entry
from xstilts.reports.grids import Grid, largest_gain
from xstilts.reports.numbers import MARKS, MISSING, percent, plain, points, points_interval

REMARK = (
    "Every text that was trained on is looked through for the test sets; only the built-in world's own sets are not "
    "compared with each other. A cell is the share of a test set's characters that lie in n-grams which the text has "
    "as well, in per cent. Behind it are examples: “whole”, every field was found; “in part”, only some (a premise "
    "without its hypothesis); “parallel”, the example was found in another language only. The clean part leaves all "
    "three out, for an arm and for none alike, so the change of a gain has a paired interval. What a model was "
    "pretrained on before this run is not known here."
)


def contamination_remarks(table: Table) -> tuple[str, ...]:
    """What was found, in a sentence; what could not be looked through."""
    found = table.contamination
    if found is None:
        return ()
    names = [plain(name) for _, name in found.texts]
    seen = [one for one in found.overlaps if one.seen]
    lines = []
    if names and not seen:
        lines.append(f"No test example was found in what was trained on: {', '.join(dict.fromkeys(names))}.")
    lines += [f"{plain(text)}." for text in found.told]
    return tuple(lines)


def contamination_warnings(table: Table) -> tuple[str, ...]:
    """Gains that are not the same without the examples that were trained on."""
    lost = table.contamination.lost() if table.contamination else []
    return tuple(
        f"The gain of {one.arm} on {one.target} ({points(one.whole)} points) is not there on the clean part: it is "
        f"{_said(one)} without the {one.left_out:,} of {one.examples:,} test examples that the arm was trained on."
        for one in lost
    )


def clean_rows(table: Table) -> Iterator[dict[str, str | float]]:
    """For CSV, column → value: scores and gains without what was trained on; ``row`` says in which phases."""
    for one in table.contamination.clean if table.contamination else ():
        kind = "cell" if one.language else "average over target languages"
        numbers = {
            "mean": one.mean,
            "low": one.low,
            "high": one.high,
            "gain": one.gain,
            "gain_low": one.gain_low,
            "gain_high": one.gain_high,
        }
        yield {
            "row": f"{kind}, clean of phase {' and '.join(one.phases)}",
            "arm": one.arm,
            "target": one.target,
            "language": one.language or "",
            "metric": one.metric or "",
            "interval": one.interval,
            "gain_interval": one.gain_interval,
            "status": "ok" if one.mean is not None else "missing",
            "examples": str(one.examples - one.left_out),
            **{name: value for name, value in numbers.items() if value is not None},
        }


def contamination_grids(table: Table) -> tuple[Grid, ...]:
    """Text × target, arm × target on the clean part, and each language."""
    found = table.contamination
    if found is None or not any(one.share or one.seen for one in found.overlaps):
        return ()
    targets = [target for target in table.targets if any(one.target == target for one in found.overlaps)]
    grids = [_overlaps(found, targets)]
    if found.clean:
        grids.append(_gains(table, found, OWN, "Gain without what the arm alone was trained on"))
        if any(one.phases == ALL for one in found.clean):
            grids.append(_gains(table, found, ALL, "Gain without anything that was trained on, whichever phase"))
    grids += [_by_language(table, found, target) for target in targets if _any(found.overlaps, target)]
    return tuple(grid for grid in grids if grid.rows)


def _any(overlaps: Iterable[Overlap], target: str) -> bool:
    return any(one.target == target and (one.share or one.seen) for one in overlaps)


def _overlaps(found: Contamination, targets: Sequence[str]) -> Grid:
    """Training text × target, over all languages."""
    rows = []
    for phase, text in found.texts:
        of_text = [one for one in found.overlaps if (one.phase, one.text) == (phase, text)]
        entries = [_entry([one for one in of_text if one.target == target]) for target in targets]
        rows.append((plain(f"{phase}: {text}"), tuple(entries)))
    return Grid(
        title="Shared with the test sets, all languages",
        corner="phase and text",
        across="target",
        columns=tuple(map(plain, targets)),
        rows=tuple(rows),
    )


def _entry(some: Sequence[Overlap]) -> Entry:
    """The mean share over languages and the examples of all; the largest share is named."""
    if not some:
        return Entry(main=MISSING, status="missing")
    most = max(some, key=lambda one: one.share)
    share = sum(one.share for one in some) / len(some)
    examples = sum(one.examples for one in some)
    counts = {name: sum(len(getattr(one, name)) for one in some) for name in ("whole", "part", "parallel")}
    details = [f"whole {counts['whole']:,}"] if counts["whole"] else []
    details += [f"in part {counts['part']:,} ({_fields(some)})"] if counts["part"] else []
    details += [f"parallel {counts['parallel']:,}"] if counts["parallel"] else []
    details += [f"of {examples:,}"] if details else []
    details += [f"most in {most.language} {percent(most.share)}"] if share and len(some) > 1 else []
    short = sum(one.too_short for one in some)
    hint = f"too short to be looked for: {short:,}" if short else ""
    return Entry(main=percent(share), details=tuple(map(plain, details)), hint=hint)


def _fields(some: Sequence[Overlap]) -> str:
    """Which fields were found without the others, and in how many examples."""
    counts: Counter[str] = Counter()
    for one in some:
        counts.update(one.by_field)
    return ", ".join(f"{fields} {count:,}" for fields, count in counts.most_common())


def _gains(table: Table, found: Contamination, phases: tuple[str, ...], title: str) -> Grid:
    """Arm × target: the mean gain on the clean part; a dash where nothing is left out."""
    arms = [arm for arm in table.arms if arm != BASELINE]
    cells = {(arm, target): found.of(arm, target, phases) for arm in arms for target in table.targets}
    largest = largest_gain(one for one in cells.values() if one)
    shown = [arm for arm in arms if any(cells[arm, target] for target in table.targets)]
    return Grid(
        title=title,
        corner="arm",
        across="target",
        columns=tuple(map(plain, table.targets)),
        rows=tuple(
            (plain(arm), tuple(_clean(cells[arm, target], largest) for target in table.targets)) for arm in shown
        ),
        largest=largest,
    )


def _clean(one: CleanEstimate | None, largest: float) -> Entry:
    if one is None:
        return Entry(main=MISSING, status="missing", hint="nothing is left out")
    out = f"without {one.left_out:,} of {one.examples:,}"
    if one.gain is None:
        return Entry(main=MISSING, status="missing", details=(out,))
    entry = gain_entry(one, largest=largest)
    change = one.change
    details = [*entry.details, f"all examples {points(one.whole)}"]
    if change is not None:
        span = points_interval(change.low, change.high)
        details.append(" ".join(filter(None, [f"change {points(change.mean)}", span, MARKS[change.sign]])))
    gone = [f"nothing left in {', '.join(one.gone)}"] if one.gone else []
    return replace(entry, details=tuple(map(plain, [*details, out, *gone])))


def _said(one: CleanEstimate) -> str:
    if one.gain is None:
        return "not known, since nothing is left"
    return " ".join(filter(None, [points(one.gain), points_interval(one.gain_low, one.gain_high)]))


def _by_language(table: Table, found: Contamination, target: str) -> Grid:
    """Language × training text, then language × arm on the clean part, for one target."""
    of_target = [one for one in found.overlaps if one.target == target]
    texts = [one for one in found.texts if any((o.phase, o.text) == one for o in of_target)]
    arms = [arm for arm in table.arms if any(one.arm == arm and one.target == target for one in found.clean)]
    clean = {(one.arm, one.language): one for one in found.clean if one.target == target and one.phases == OWN}
    largest = largest_gain(clean.values())
    rows = []
    for language in table.languages(target):
        of_language = [one for one in of_target if one.language == language]
        entries = [_entry([one for one in of_language if (one.phase, one.text) == text]) for text in texts]
        entries += [_clean(clean.get((arm, language)), largest) for arm in arms]
        rows.append((plain(language), tuple(entries)))
    columns = [f"{phase}: {text}" for phase, text in texts] + [f"{arm} (gain on the clean part)" for arm in arms]
    return Grid(
        title=f"{plain(target)} by language",
        corner="language",
        columns=tuple(map(plain, columns)),
        rows=tuple(rows),
        folded=True,
        largest=largest,
    )
