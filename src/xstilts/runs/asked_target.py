"""What advice is asked for, checked against what there is: a target, its languages, and the runs of one model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from xstilts import languages as spoken
from xstilts import registry
from xstilts.analysis.advice import Wanted
from xstilts.errors import ConfigError, UnknownName
from xstilts.runs.evidence import FinishedRun, of_models
from xstilts.tasks.kind import kind_of

HINT = "`xstilts list tasks` lists them; a run's own targets are known, too"


@dataclass(frozen=True)
class Asked:
    """What is asked, checked against what is known."""

    target: str
    given: tuple[str, ...]
    found: Sequence[FinishedRun]
    named: str | None

    @cached_property
    def model(self) -> str:
        """Whose runs are read."""
        models = list(of_models(self.found))
        if self.named is not None:
            meant = [one for one in models if self.named in (one, one.split(" after ")[0])]
            if len(meant) > 1:
                raise ConfigError(f"{self.named} was pretrained in several ways: {'; '.join(meant)}", where="--model")
            return meant[0] if meant else self.named
        if len(models) > 1:
            text = f"the runs are of several models: {'; '.join(models)}; gains of one say little of another"
            raise ConfigError(text, where="--model", hint="name one")
        if not models:
            raise ConfigError(
                "there are no finished runs to learn from", where="recommend", hint="name their folders, or run one"
            )
        return models[0]

    @cached_property
    def runs(self) -> list[FinishedRun]:
        """Of the model.

        Raises:
            UnknownName: there are none.
        """
        models = of_models(self.found)
        if self.model not in models:
            raise UnknownName("model of finished runs", self.model, models, where="--model")
        return models[self.model]

    @cached_property
    def wanted(self) -> Wanted:
        """The target with its kind and languages."""
        tasks = registry.names("tasks")
        of_runs = {name for run in self.runs for one in run.known.tasks.items() for name in one}
        if self.target not in tasks and self.target not in of_runs:
            raise UnknownName("target", self.target, {*tasks, *of_runs}, where="--target", hint=HINT)
        kinds = [
            kind
            for run in self.runs
            for name, kind in run.known.kinds.items()
            if run.known.is_target(name, self.target)
        ]
        kind = kinds[0] if kinds else registry.find("tasks", self.target).kind
        return Wanted(target=self.target, kind=kind, languages=self._languages())

    def _languages(self) -> tuple[str, ...]:
        tested = {
            language: None
            for run in self.runs
            for name, some in run.languages.items()
            if run.known.is_target(name, self.target)
            for language in some
        }
        source = None
        if self.target in registry.names("tasks"):
            task = registry.find("tasks", self.target)
            tested |= dict.fromkeys(task.languages)
            source = task.source_language
        if not self.given:
            return tuple(one for one in tested if one != source)
        asked = []
        for code in self.given:
            meant = spoken.understood(code)
            if meant is None:
                spoken.get(code, where="--languages")
            elif meant.id not in tested:
                hint = "`xstilts show` of a task lists its languages"
                text = f"{self.target} has no test data in {meant.id}; it has in {', '.join(sorted(tested)) or 'none'}"
                raise ConfigError(text, where="--languages", hint=hint)
            else:
                asked.append(meant.id)
        return tuple(dict.fromkeys(asked))

    @property
    def predicted(self) -> list[str]:
        """Arms of which predictors say something."""
        every = (of_arms for run in self.runs for said in run.known.predicted.values() for of_arms in said.values())
        return [arm for of_arms in every for arm in of_arms]

    @property
    def unknown(self) -> tuple[str, ...]:
        """Registered training sets that no arm of these runs was trained on: of the built-in world for its own."""
        tried = frozenset[str]().union(*(run.trained_on for run in self.runs))
        tasks = {name: registry.find("tasks", name) for name in registry.names("tasks")}
        built_in = self.target in tasks and tasks[self.target].made is not None
        return tuple(
            name
            for name, task in tasks.items()
            if name not in tried
            and name != self.target
            and (task.made is not None) == built_in
            and task.trainable
            and task.train_on is None
            and not kind_of(task.kind).retrieval
        )
