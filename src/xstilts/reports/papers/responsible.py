"""The questions of the checklist of responsible NLP research, answered from a run where its manifests and cards know.

The letters are those of ACL Rolling Review (https://aclrollingreview.org/responsibleNLPresearch/), the wording is ours.
What a run cannot know is said to be for the authors: no answer is guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from xstilts.analysis.cells import FEW_SEEDS
from xstilts.analysis.provenance import RunInfo, machine_values, work
from xstilts.analysis.table import Table
from xstilts.reports.blocks import Block, Bullets, GridBlock, Heading, Paragraph
from xstilts.reports.document import legend, warnings
from xstilts.reports.numbers import counted, duration, listed, plain
from xstilts.reports.papers.settings import (
    RECIPE,
    SELECTION,
    limits_of_tests,
    model_of,
    node_time,
    recipe_grid,
    split_grid,
    tasks_of,
)
from xstilts.reports.recipe import limit_text, read_experiment
from xstilts.reports.references import references

SOURCE = "https://aclrollingreview.org/responsibleNLPresearch/"
FOR_AUTHORS = "For the authors to fill in"
LIBRARIES = ("python", "torch", "transformers", "tokenizers", "xstilts")
"""Facts of a manifest that are versions."""


@dataclass(frozen=True, kw_only=True)
class Item:
    """A question and what the run knows of its answer.

    Attributes:
        letter: of ACL Rolling Review.
        asks: in our words.
        answer: from the run.
        authors: what is left to them; "": nothing.
    """

    letter: str
    asks: str
    answer: Callable[[Table, RunInfo], Iterable[Block]] | None = None
    authors: str = ""


def checklist_blocks(table: Table, info: RunInfo) -> Iterator[Block]:
    """The whole checklist."""
    left = sum(bool(item.authors) for item in ITEMS)
    yield Heading(text=f"Responsible NLP research: {plain(info.name)}", level=1)
    yield Paragraph(
        text=f"Answered from the record of the run, the manifests of its nodes and the cards of what it names. "
        f"{left} of {len(ITEMS)} questions are left to the authors, in whole or part, and marked. The letters are "
        f"those of ACL Rolling Review ({SOURCE}), the wording is ours."
    )
    part = ""
    for item in ITEMS:
        if item.letter[0] != part:
            part = item.letter[0]
            yield Heading(text=f"{part}: {PARTS[part]}", level=2)
        yield Heading(text=f"{item.letter} {item.asks}", level=3)
        if item.answer is not None:
            yield from item.answer(table, info)
        if item.authors:
            yield Paragraph(text=f"{FOR_AUTHORS}: {item.authors}", strong=True)


def _limits(table: Table, info: RunInfo) -> Iterator[Block]:
    said = [*warnings(table, info), *limits_of_tests(read_experiment(info.experiment))]
    said += [one.sentence for one in table.degenerate]
    yield Paragraph(text="What the run itself says against its numbers:" if said else "The run has no warning.")
    yield Bullets(lines=tuple(map(plain, said)))


def _cited(table: Table, info: RunInfo) -> Iterator[Block]:
    works = references(table, info)
    yield Paragraph(text=f"{counted(len(works), 'work')} that cards of the run cite (the paper format writes BibTeX):")
    yield Bullets(lines=tuple(f"{one.url} – {listed(one.cited_by)}" for one in works))


def _licences(table: Table, info: RunInfo) -> Iterator[Block]:
    model = model_of(info)
    yield Bullets(
        lines=(
            plain(f"model {model.name}: {model.licence or 'licence not known here'}"),
            *(plain(f"{name}: {(task and task.licence) or 'licence not known here'}") for name, task in tasks_of(info)),
        )
    )


def _documented(table: Table, info: RunInfo) -> Iterator[Block]:
    spoken = sorted({cell.language for cell in table.cells})
    yield Paragraph(text=f"{counted(len(spoken), 'language')}: {', '.join(spoken)}.")
    yield Bullets(
        lines=tuple(
            plain(f"{name} ({task.title}): {task.kind}; {task.homepage or 'no homepage known here'}")
            for name, task in tasks_of(info)
            if task is not None
        )
    )


def _splits(table: Table, info: RunInfo) -> Iterator[Block]:
    yield GridBlock(grid=split_grid(table, info), level=4)
    experiment = read_experiment(info.experiment)
    limits = [f"rows per training set: {limit_text(experiment)}", *limits_of_tests(experiment)]
    yield Bullets(lines=tuple(map(plain, limits[not limit_text(experiment) :])))


def _budget(table: Table, info: RunInfo) -> Iterator[Block]:
    model, took, facts = model_of(info), node_time(info), machine_values(info.machines)
    size = "not known here" if model.parameters is None else f"{model.parameters:,} (embedding and matrices)"
    kinds = [f"{one.kind} {duration(one.seconds)} in {counted(one.nodes, 'node')}" for one in work(info.machines)]
    lines = [
        f"parameters of {model.name}: {size}",
        f"time of all nodes: {took or 'not recorded'}",
        *([f"of these: {'; '.join(kinds)}"] if kinds else []),
        *([f"tokens of this call: {info.tokens:,}"] if info.tokens else []),
        *(f"{key}: {listed(values)}" for key, values in facts.items() if key not in LIBRARIES),
    ]
    yield Bullets(lines=tuple(map(plain, lines)))


def _setup(table: Table, info: RunInfo) -> Iterator[Block]:
    searched = _searched(info)
    grid = recipe_grid(info)
    if grid is not None:
        yield GridBlock(grid=grid, level=4)
    yield Paragraph(
        text=f"{SELECTION} "
        + (
            f"The same sets are trained on under several values of {listed(searched)}: their bounds are in the table."
            if searched
            else "Within this run nothing else was searched: every set is trained on under one recipe."
        )
    )


def _searched(info: RunInfo) -> list[str]:
    """What differs among trainings of one kind on the same sets."""
    seen: dict[tuple[object, ...], set[str]] = {}
    for one in info.trainings:
        for key in RECIPE:
            seen.setdefault((one.kind, one.sets, key), set()).add(str(one.recipe.get(key)))
    return list(dict.fromkeys(RECIPE[str(place[-1])] for place, values in seen.items() if len(values) > 1))


def _statistics(table: Table, info: RunInfo) -> Iterator[Block]:
    seeds = sorted({seed for cell in table.cells for seed in cell.seeds})
    how = (
        f"means over {counted(len(seeds), 'seed')} ({', '.join(map(str, seeds))})" if len(seeds) > 1 else "single runs"
    )
    said = [
        f"Scores are {how if seeds else 'constants without a seed'}, never maxima.",
        *(line for line in legend(table) if line.startswith("Brackets")),
        *(["With fewer than three seeds the range over seeds is given, too."] if 0 < len(seeds) < FEW_SEEDS else []),
    ]
    yield Paragraph(text=" ".join(said))


def _packages(table: Table, info: RunInfo) -> Iterator[Block]:
    facts = machine_values(info.machines)
    found = [f"{name} {listed(facts[name])}" for name in LIBRARIES if name in facts]
    metrics = [f"{target}: {listed(names)}" for target in table.targets if (names := table.metrics(target))]
    yield Bullets(lines=tuple(map(plain, [*found, *(f"metric of {one}" for one in metrics)])))


PARTS = {
    "A": "every submission",
    "B": "scientific artifacts",
    "C": "computational experiments",
    "D": "human annotators and participants",
    "E": "AI assistants",
}
_PEOPLE = "whether people annotated anything for this work; the run itself asked nobody."
ITEMS = (
    Item(letter="A1", asks="Limitations", answer=_limits, authors="a section that discusses them."),
    Item(letter="A2", asks="Potential risks", authors="what harm could come of the work; a run cannot know it."),
    Item(letter="B1", asks="Citing who made the artifacts", answer=_cited, authors="that these works are cited."),
    Item(
        letter="B2", asks="Licences and terms", answer=_licences, authors="the terms of what you distribute yourselves."
    ),
    Item(
        letter="B3",
        asks="Intended use",
        authors="whether data sets and the model are used as their licences and authors intend; no card has that.",
    ),
    Item(
        letter="B4",
        asks="Personal and offensive content",
        authors="what was checked; the run looked at no content for it.",
    ),
    Item(
        letter="B5",
        asks="Documentation: languages, domains, phenomena",
        answer=_documented,
        authors="domains and the people who are represented; cards do not have them.",
    ),
    Item(letter="B6", asks="Statistics of the splits", answer=_splits),
    Item(
        letter="C1",
        asks="Parameters, computing time, infrastructure",
        answer=_budget,
        authors="time that was spent outside this run and its store: trials, and the pretraining of a published model.",
    ),
    Item(
        letter="C2",
        asks="Set-up, search of hyper-parameters and best values",
        answer=_setup,
        authors="values that were tried in other runs, and how these were chosen.",
    ),
    Item(letter="C3", asks="Descriptive statistics", answer=_statistics),
    Item(letter="C4", asks="Packages and their settings", answer=_packages),
    Item(letter="D1", asks="Instructions to annotators", authors=_PEOPLE),
    Item(letter="D2", asks="Recruitment and payment", authors=_PEOPLE),
    Item(letter="D3", asks="Consent", authors=_PEOPLE),
    Item(letter="D4", asks="Review by an ethics board", authors=_PEOPLE),
    Item(letter="D5", asks="Characteristics of annotators", authors=_PEOPLE),
    Item(letter="E1", asks="Use of AI assistants", authors="whether and for what; a run cannot know it."),
)
"""Every question, in order."""
