"""What a statement of a claim comes to in one run: the quantities that are tested, or why none can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product

from xstilts import languages
from xstilts.analysis.answers import Contrast
from xstilts.analysis.cells import BASELINE
from xstilts.analysis.claims.measured import Quantity, Side
from xstilts.analysis.claims.verdicts import Expectation
from xstilts.analysis.contrasts import POINT
from xstilts.errors import nearest
from xstilts.experiments.claim import OTHERS, ArmWanted, LessWanted, Statement
from xstilts.experiments.claim_arms import Trained, arms_meant, targets_meant, trained
from xstilts.experiments.schema import Experiment
from xstilts.phases.options.arm import DEFAULT_METHOD
from xstilts.phases.options.wording import counted


@dataclass(frozen=True, kw_only=True)
class RunShape:
    """What a run has, as far as claims ask.

    Attributes:
        languages: target → its target languages.
        few_shot: the targets that train on examples of the target languages.
    """

    experiment: Experiment
    languages: Mapping[str, Sequence[str]]
    few_shot: Sequence[str] = ()

    @cached_property
    def arms(self) -> tuple[Trained, ...]:
        """Every arm but the baseline."""
        return trained(self.experiment)

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets that count where none is named: never zero-shot and few-shot ones together."""
        zero_shot = tuple(target for target in self.languages if target not in self.few_shot)
        return zero_shot or tuple(self.languages)

    def speaking(self, targets: Sequence[str], spoken: Sequence[str]) -> tuple[str, ...]:
        """Those of the targets that have one of the languages, or any where none is named."""
        of_target = {target: self.languages.get(target, ()) for target in targets}
        return tuple(target for target, own in of_target.items() if set(own) & set(spoken or own))


@dataclass(frozen=True, kw_only=True)
class Family:
    """The quantities of a statement; without any, why."""

    quantities: tuple[Quantity, ...] = ()
    stand_ins: tuple[str, ...] = ()
    why: str = ""


def expectation(statement: Statement) -> Expectation:
    """What a statement says of its quantities, in fractions."""
    return Expectation(
        expects=statement.expects,
        margin=None if statement.margin is None else statement.margin * POINT,
        size=None if statement.size is None else statement.size * POINT,
        holds=statement.holds,
        correction=statement.correction,
    )


def family(statement: Statement, run: RunShape, *, stand_ins: bool) -> Family:
    """The quantities that a statement is about in a run."""
    said: list[str] = []
    try:
        first = _side(statement, run, said, stand_ins=stand_ins)
        sides = _each(statement, first, run)
        quantities = tuple(Quantity(side=one, less=_less(statement, one, run, said, stand_ins)) for one in sides)
    except _NotHereError as missing:
        return Family(why=str(missing))
    return Family(quantities=quantities, stand_ins=tuple(dict.fromkeys(said)))


def of_contrast(contrast: Contrast, run: RunShape) -> Family:
    """The one quantity that a contrast of a run's own question is."""

    def side(one: Contrast) -> Side:
        targets = run.speaking(one.targets or run.targets, one.languages)
        return Side(
            arms=(one.arm,), against=(one.against,), targets=targets, languages=one.languages, under=contrast.under
        )

    first, second = side(contrast), side(contrast.less) if contrast.less else None
    if second is not None:  # means are over the targets that both sides have
        both = tuple(target for target in first.targets if target in second.targets)
        first, second = replace(first, targets=both), replace(second, targets=both)
    return Family(quantities=(Quantity(side=first, less=second),))


class _NotHereError(Exception):
    """Something that a statement is about is not in the run."""


def _side(statement: Statement, run: RunShape, said: list[str], *, stand_ins: bool) -> Side:
    arms = _arms(statement.arm, run, said, stand_ins=stand_ins)
    if len(arms) < statement.least_arms:
        raise _NotHereError(f"the run has {counted(len(arms), 'arm')} {described(statement.arm)}, too few of them")
    others = _arms(statement.against, run, said, stand_ins=stand_ins)
    against = tuple(name for name in others if name not in arms)
    if not against:
        raise _NotHereError("the run has nothing to compare it with")
    targets = _targets(statement.targets, run, said, stand_ins=stand_ins)
    speaking = run.speaking(targets, statement.languages)
    if not speaking or (statement.targets and len(speaking) < len(targets)):
        raise _NotHereError(f"the run has no target language of {', '.join(set(targets) - set(speaking)) or 'it'}")
    return Side(
        arms=arms,
        against=against,
        targets=speaking,
        languages=statement.languages,
        under=statement.under or "",
        best=statement.choose is not None,
    )


def _arms(wanted: ArmWanted, run: RunShape, said: list[str], *, stand_ins: bool) -> tuple[str, ...]:
    found = arms_meant(wanted, run.arms, stand_ins=stand_ins)
    known = [BASELINE, *(arm.name for arm in run.arms)]
    if wanted.name is not None and wanted.name not in known:
        close = nearest(wanted.name, known)
        raise _NotHereError(f"the run has no arm {wanted.name!r}" + (f"; did you mean {close!r}?" if close else ""))
    if not found.names:
        raise _NotHereError(f"the run has no arm {described(wanted)}")
    said += found.stand_ins
    return found.names


def _targets(wanted: Sequence[str], run: RunShape, said: list[str], *, stand_ins: bool) -> tuple[str, ...]:
    if not wanted:
        return run.targets
    own = [target for target in run.experiment.targets if target.name in run.languages]
    found = targets_meant(wanted, own, stand_ins=stand_ins)
    if not found.names:
        raise _NotHereError(f"the run has no target {' and '.join(wanted)}" + " or one alike" * stand_ins)
    said += found.stand_ins
    return found.names


def _each(statement: Statement, side: Side, run: RunShape) -> list[Side]:
    """One side for every combination of what is tested one by one."""
    each = set(statement.each)
    every = dict.fromkeys(language for target in side.targets for language in run.languages[target])
    chosen = [language for language in every if not side.languages or language in side.languages]
    sides = [
        replace(side, arms=arms, against=against, targets=run.speaking(targets, spoken), languages=spoken)
        for arms, against, targets, spoken in product(
            [(arm,) for arm in side.arms] if "arms" in each else [side.arms],
            [(arm,) for arm in side.against] if "against" in each else [side.against],
            [(target,) for target in side.targets] if "targets" in each else [side.targets],
            [(language,) for language in chosen] if "languages" in each else [side.languages],
        )
    ]
    return [one for one in sides if one.targets]


def _less(statement: Statement, first: Side, run: RunShape, said: list[str], stand_ins: bool) -> Side | None:
    less = statement.less
    if less is None:
        return None
    arms = _arms(less.arm, run, said, stand_ins=stand_ins) if less.arm else first.arms
    against = _arms(less.against, run, said, stand_ins=stand_ins) if less.against else first.against
    spoken = first.languages if less.languages is None else less.languages
    targets = run.speaking(_less_targets(less, first, run, said, stand_ins), spoken)
    if not targets:
        raise _NotHereError("the run has no target to compare it with")
    return replace(first, arms=arms, against=against, targets=targets, languages=spoken)


def _less_targets(less: LessWanted, first: Side, run: RunShape, said: list[str], stand_ins: bool) -> tuple[str, ...]:
    if less.targets is None:
        return first.targets
    if less.targets == (OTHERS,):
        return tuple(target for target in run.targets if target not in first.targets)
    return _targets(less.targets, run, said, stand_ins=stand_ins)


def described(wanted: ArmWanted) -> str:
    """``on mnli in English``, ``of method multi_task on …``, for messages."""
    if wanted.name is not None:
        return f"called {wanted.name}"
    sets = " or ".join(wanted.task) or ", ".join(wanted.tasks) or "any task"
    method = "" if wanted.of_methods == (DEFAULT_METHOD,) else f"of method {' or '.join(wanted.of_methods)} "
    spoken = f" in {', '.join(languages.get(one).name for one in wanted.trained_in)}" if wanted.trained_in else ""
    return f"{method}on {sets}{spoken}{' beside masked LM' if wanted.masked_lm else ''}"
