"""What runs say of claims, in words: the verdict with all that qualifies it, and the numbers behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from xstilts.analysis.answers import CONTRADICTED, SUPPORTED
from xstilts.analysis.cells import BASELINE, FEW_SEEDS
from xstilts.analysis.claims.judged import AFTER, BEFORE, CHANGED, Judged, Registration
from xstilts.analysis.claims.measured import Side
from xstilts.analysis.claims.verdicts import NOT_TESTED, UNDERPOWERED, Stated, Tested
from xstilts.reports.grids import Grid
from xstilts.reports.morphology import language_name
from xstilts.reports.numbers import MISSING, counted, listed, percent, plain, points

REMARK = (
    "What the run says of the claims that were written down for it, by the intervals of its gains: supported, "
    "contradicted, underpowered or not tested. `xstilts claims` judges it by the claims of the ledger as well."
)
SHOWN = 3
"""Keys of evaluations that a line names; ``--json`` has all."""
MOST = 4
"""Names that a line lists; of more it says how many there are."""
CORRECTED: Mapping[str, str] = {"bonferroni": "Bonferroni", "max_t": "max-T"}
"""Name of a correction → how it is written."""


def claim_sections(claims: Sequence[Judged]) -> Iterator[tuple[str, tuple[str, ...], tuple[Grid, ...]]]:
    """For a report: a section for every claim, with a remark for every test."""
    for one in claims:
        _, text, *rest = (line.strip() for line in block(one))
        yield plain(one.name), (f"“{text}”", f"{plain(verdict_words(one))}.", *rest), ()


def block(judged: Judged) -> list[str]:
    """A claim for the terminal: the verdict, the text, then a line for every test."""
    lines = [f"{judged.name}  {verdict_words(judged)}", f"    {judged.text}"]
    if judged.documents:
        lines.append(f"    documents: {documents(judged)}")
    if judged.degenerate:
        lines.append(f"    near nothing: {listed(judged.degenerate)}")
    for one in judged.statements:
        lines += [f"    {line}" for line in _statement(one)]
    if judged.statements and judged.run:
        lines.append(f"    {registered(judged.registration)}")
    return [plain(line) for line in lines]


def summary(claims: Sequence[Judged]) -> str:
    """``15 claims: 1 supported, …``: verdicts, of which a claim has one from each run that tests it."""
    found = Counter(one.verdict for one in claims)
    names = dict.fromkeys(one.name for one in claims)
    verdicts = [f"{found[name]} {name}" for name in (SUPPORTED, CONTRADICTED, UNDERPOWERED, NOT_TESTED) if found[name]]
    return f"{counted(len(names), 'claim')}: {', '.join(verdicts)}"


def verdict_words(judged: Judged) -> str:
    """``supported by quickstart on mini (confidence 0.97), not at the model and scale of the claim: …``."""
    if not judged.run:
        return f"{judged.verdict}: {judged.why}"
    said = f"{judged.verdict} by {judged.run} on {judged.model}"
    if judged.verdict == NOT_TESTED:
        return f"{NOT_TESTED} as a whole by {judged.run} on {judged.model}: {judged.why}"
    if judged.confidence is not None:
        said += f" (confidence {judged.confidence:.2f})"
    if judged.degenerate:
        said += f", with {counted(len(judged.degenerate), 'training')} that came out near nothing"
    if judged.departures:
        said += f", not at the model and scale of the claim: {'; '.join(judged.departures)}"
    return said


def documents(judged: Judged) -> str:
    """``verified by 5 documents, confidence 0.17 to 0.18``; nothing where none states it."""
    ticked = [one for one in judged.documents if one.get("verified") is not None]
    if not ticked:
        return f"asked by {counted(len(judged.documents), 'document')}" if judged.documents else ""
    verified = sum(bool(one["verified"]) for one in ticked)
    shares = sorted(one["confidence"] for one in ticked if one.get("confidence") is not None)
    spread = f"{shares[0]:.2f}" if shares and shares[0] == shares[-1] else ""
    spread = spread or (f"{shares[0]:.2f} to {shares[-1]:.2f}" if shares else "")
    return f"verified by {verified} of {len(ticked)}" + (f", confidence {spread}" if spread else "")


def registered(one: Registration) -> str:
    """Whether the claim was registered before its results."""
    if one.status == BEFORE:
        later = "; its file says something else by now: what was registered is judged" if one.file_changed else ""
        return f"registered on {one.when}, before its results{later}"
    if one.status == CHANGED:
        return f"changed after the run: what was registered on {one.when} is not what is judged"
    if one.status == AFTER:
        were = f"{one.late:,} of its {counted(one.results, 'result')} were there before"
        return f"judged after the fact: it was registered on {one.when}, and {were}"
    return "judged after the fact: the run did not register it"


def compared(test: Tested) -> str:
    """``mnli over direct fine-tuning on xnli, in Turkish``; of two differences ``(…) − (…)``."""
    less = test.quantity.less
    first = _side(test.quantity.side)
    return first if less is None else f"({first}) − ({_side(less)})"


def _statement(one: Stated) -> Iterator[str]:
    expected = one.expectation
    meaning = one.says or _expected(one)
    if not one.tests:
        yield f"– {meaning}: {NOT_TESTED}: {one.why}"
        return
    alone = len(one.tests) == 1
    if not alone:
        holds = "" if expected.holds == "all" else f", {expected.holds} of which have to hold"
        share = "" if one.confidence is None else f" (confidence {one.confidence:.2f})"
        corrected = (
            "" if expected.correction == "none" else f", intervals corrected by {CORRECTED[expected.correction]}"
        )
        yield f"– {meaning}: {one.verdict}{share}; {len(one.tests)} tests{holds}{corrected}"
    for test in one.tests:
        yield (f"– {meaning}: " if alone else "    · ") + _test(test, one)
    if one.stand_ins:
        yield f"  stand-ins: {listed(one.stand_ins)}"


def _test(test: Tested, stated: Stated) -> str:
    if test.effect is None or test.low is None or test.high is None:
        return f"{test.verdict}: {compared(test)} has no number or no interval"
    level = f"{100 * test.level:.2f}".rstrip("0").rstrip(".")
    parts = [
        f"{test.verdict}: {compared(test)} is {points(test.effect)} points ({level} % interval {points(test.low)} to "
        f"{points(test.high)})"
    ]
    if test.confidence is not None:
        parts.append(f"confidence {test.confidence:.2f}")
    margin = stated.expectation.margin
    if margin is not None:
        parts.append(f"less than {size_of(margin)} points does not matter")
    size = stated.expectation.size
    if size is not None:
        parts.append(f"the claimed {points(size)} is {'inside' if test.holds_size else 'outside'} the interval")
    parts.append(f"smallest gain that could have been seen {size_of(test.smallest)} points")
    if len(test.seeds) < FEW_SEEDS:
        parts.append(f"only {counted(len(test.seeds), 'seed')}" if test.seeds else "no seeds")
    if test.lacking:
        parts.append(f"without {counted(test.lacking, 'cell')} that failed")
    keys = ", ".join(node[:12] for node in test.nodes[:SHOWN]) + (", …" if len(test.nodes) > SHOWN else "")
    parts.append(f"{counted(len(test.nodes), 'evaluation')}: {keys}")
    return "; ".join(parts)


def _expected(one: Stated) -> str:
    margin = size_of(one.expectation.margin)
    return {
        "gain": "a gain",
        "loss": "a loss",
        "equal": f"equal within ± {margin} points",
        "no_gain": f"no gain of {margin} points",
    }[one.expectation.expects]


def _side(side: Side) -> str:
    arms = f"the best of {_names(side.arms)}" if side.best and len(side.arms) > 1 else _names(side.arms)
    against = "direct fine-tuning" if side.against == (BASELINE,) else _names(side.against)
    where = f" on {_names(side.targets, 'target')}"
    spoken = [language_name(one).partition(",")[0] for one in side.languages]
    under = f", {side.under}" if side.under else ""
    return f"{arms} over {against}{where}" + (f" in {_names(spoken, 'language')}" if spoken else "") + under


def _names(names: Sequence[str], noun: str = "arm") -> str:
    return listed(names) if len(names) <= MOST else counted(len(names), noun)


def stood_in(one: Stated) -> str:
    """What stands in for what a claim names, after what was compared."""
    return f"; {listed(one.stand_ins)}" if one.stand_ins else ""


def size_of(fraction: float | None) -> str:
    """A size in points, without a sign."""
    return MISSING if fraction is None else percent(fraction)
