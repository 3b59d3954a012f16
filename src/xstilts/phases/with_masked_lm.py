"""Intermediate training with masked language modelling: a share of the steps is masked LM on plain text.

The study's alternative to intermediate training alone, with masked LM and tasks mixed 2 : 8. The task's steps are those
of the same arm without masked LM; masked LM is added to them, so an arm and its twin differ in nothing but a longer
schedule. Not named by an arm: the methods whose arms have the key ``masked_lm`` train with it where that is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import ConfigDict, Field

from xstilts import registry
from xstilts.errors import ConfigError
from xstilts.heads import rows as row_files
from xstilts.models.architecture import ENCODER
from xstilts.models.preflight.masking import check_masking
from xstilts.models.reference import ModelReference
from xstilts.phases import supervised, texts
from xstilts.phases.arm_plan import ArmPlan
from xstilts.phases.masked_lm import TASK
from xstilts.phases.options.arm import Arm
from xstilts.phases.options.fields import Count, Files, Languages
from xstilts.phases.options.requests import TextRequest
from xstilts.phases.options.validation import Options
from xstilts.phases.options.wording import listed
from xstilts.phases.phase import Phase
from xstilts.phases.pretraining import EXPONENT
from xstilts.phases.training_node import Addition
from xstilts.phases.training_params import Mixture, TrainingParams
from xstilts.pipeline.node import Node
from xstilts.pipeline.progress import Progress
from xstilts.pipeline.sealed import made_once
from xstilts.pipeline.store import Store
from xstilts.training.checkpoint import Start
from xstilts.training.sampling import steps_beside

if TYPE_CHECKING:
    from xstilts.training.loop import Plan, Stream
    from xstilts.training.recipe import Recipe


class MaskedLM(Options):
    """Masked language modelling in steps of its own, among those of an arm's tasks."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    text: Annotated[Files, Field(min_length=1)]
    """As in a pretraining: folders of plain text, one file per language, or single such files; or ``microworld``."""
    share: Annotated[float, Field(gt=0, lt=1, allow_inf_nan=False)]
    """The share of all steps. The tasks keep their number of steps: masked LM is added to them."""
    languages: Languages = ()
    """The languages of the text; by default all that it has."""
    batch_tokens: Count | None = None
    """Tokens of one masked-LM step; by default the recipe's ``batch_size`` rows of ``max_length`` tokens."""


class MaskedLMArm(Arm):
    """An arm that may have masked LM beside its tasks."""

    masked_lm: MaskedLM | None = None
    """Masked language modelling on plain text in a share of the steps, beside the arm's tasks."""

    def plain_text(self) -> TextRequest | None:
        """The text of its masked LM."""
        said = self.masked_lm
        if said is None:
            return super().plain_text()
        return TextRequest(folders=said.text, key=("masked_lm",), languages=said.languages)

    def check_model(self, model: ModelReference, *, where: str) -> None:
        """Only encoders learn masked LM beside a task, and those with a token to mask with.

        Raises:
            CheckpointError: a model directory that cannot predict masked tokens.
        """
        architecture = model.described.architecture
        if self.masked_lm is not None and architecture != ENCODER:
            raise ConfigError(
                f"{model.name} is not an encoder ({architecture}): only encoders learn masked LM beside a task",
                where=f"{where}.masked_lm",
                hint=f"leave the arm {self.name} out",
            )
        if self.masked_lm is not None and model.directory is not None:
            check_masking(model.directory, name=model.name)

    @property
    def not_lent(self) -> str:
        """Another arm takes the task alone."""
        with_it = "an arm with masked_lm: name its task, and give this arm its own masked_lm"
        return with_it if self.masked_lm else super().not_lent

    def sentences(self) -> tuple[str, ...]:
        """``masked LM on text/mono in 20 % of the steps``."""
        said = self.masked_lm
        if said is None:
            return super().sentences()
        spoken = f" ({listed(said.languages)})" if said.languages else ""
        share = f"{said.share:.0%}".replace("%", " %")
        return (f"masked LM on {listed(said.text)}{spoken} in {share} of the steps", *super().sentences())


@dataclass(frozen=True, kw_only=True)
class MaskedSteps:
    """The parameter ``masked_lm`` of a node.

    Attributes:
        share: of all steps.
        batch_size: rows of one of its steps.
        exponent: a language's share of the tokens is its text's size to this power.
    """

    share: float
    batch_size: int
    exponent: float

    def params(self) -> dict[str, Any]:
        """For a node's parameters."""
        return {"masked_lm": asdict(self)}

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> MaskedSteps:
        """What `params` wrote."""
        return cls(**params["masked_lm"])


def training(arm: MaskedLMArm, plan: ArmPlan, *, mixture: Mixture | None = None) -> Node:
    """A training on all that the arm asked for, with masked LM beside it where the arm says so."""
    if arm.masked_lm is None or plan.text is None:
        return plan.training(mixture=mixture)
    recipe, given = plan.sets[0].recipe, arm.masked_lm
    size = max(1, round(given.batch_tokens / recipe.max_length)) if given.batch_tokens else recipe.batch_size
    steps = MaskedSteps(share=given.share, batch_size=size, exponent=EXPONENT)
    head = f"heads.{plan.start.architecture}"
    price = plan.price(mixture)
    return plan.training(
        kind="with_masked_lm",
        mixture=mixture,
        addition=Addition(
            params=steps.params(),
            versions={f"{head}.masked_lm": registry.find(head, "masked_lm").version},
            data=plan.text.data,
            paths=plan.text.paths,
        ),
        price=replace(
            price,
            masked_tokens=steps_beside(round(plan.steps(mixture)), given.share) * size * recipe.max_length,
            measured=price.measured and plan.text.here,
        ),
    )


class _Beside:
    """Masked LM in steps of its own."""

    head = TASK

    def stream(self, node: Node, store: Store, start: Start, recipe: Recipe, *, steps: int) -> Stream:
        """As many rows as its steps take; of a smaller text all, which then pass again, masked anew."""
        from xstilts.training.loop import Stream

        said, seed = MaskedSteps.read(node.params), TrainingParams.read(node.params).seed

        def make(partial: Path) -> None:
            budget = steps_beside(steps, said.share) * said.batch_size * recipe.max_length
            tokenizer = start.tokenizer()
            sets = texts.plain_text(node, tokenizer, budget, seed=seed, exponent=said.exponent, row=recipe.max_length)
            made = texts.rows(TASK.head, sets, tokenizer, max_length=recipe.max_length)
            row_files.write(made, partial, columns=TASK.head.columns)

        # A resumed run finds it there.
        rows = row_files.read(made_once(store.scratch(node.key) / "masked_lm.arrow", make))
        return Stream(task=TASK.task, head=TASK.head, rows=rows, seed=seed, batch_size=said.batch_size)

    def plan(self, node: Node, plan: Plan, *, task: int, seed: int) -> Plan:
        """The plan with its share of steps."""
        from xstilts.training.streams import plan_beside

        return plan_beside(plan, task=task, share=MaskedSteps.read(node.params).share, seed=seed)


def _run(nodes: Sequence[Node], store: Store, progress: Progress) -> None:
    for node in nodes:
        supervised.fit(node, store, progress, beside=_Beside())


PHASE = Phase(
    title="Intermediate training on a task or several, with a share of masked language modelling",
    run=_run,
    version=2,
    trains=True,
    paper="https://arxiv.org/abs/2005.13013",
)
