"""A run in the form of a short paper: abstract, question, methodology, results, limitations, claims, works cited.

Every sentence is computed from the run's record and manifests, its table and the cards of what it names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from xstilts import languages
from xstilts.analysis.cells import BASELINE
from xstilts.analysis.claims.verdicts import NOT_TESTED
from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.errors import UnknownName
from xstilts.reports import claims as written
from xstilts.reports.alarms import REMARK as ALARMS
from xstilts.reports.blocks import Block, Bullets, GridBlock, Heading, Listing, Paragraph, Works, charts
from xstilts.reports.document import Document, Section, document
from xstilts.reports.entries import Entry
from xstilts.reports.grids import Grid
from xstilts.reports.morphology import language_name
from xstilts.reports.numbers import MISSING, counted, listed, plain
from xstilts.reports.papers.claim_table import claim_blocks
from xstilts.reports.papers.review import Check, review, review_grid, score
from xstilts.reports.papers.settings import SELECTION, limits_of_tests, model_of, node_time, recipe_grid, split_grid
from xstilts.reports.recipe import arm_texts, pretraining_text, read_experiment, target_texts
from xstilts.reports.references import LANGUAGES, Reference, cited_for, references
from xstilts.reports.tex.writing import ABSTRACT

QUESTION = (
    "Which intermediate training makes the model transfer better to languages without labels, by how much, and is the "
    "gain real?"
)
"""Of a run that asks none of its own."""
MACHINE = (
    "This report was written by a program from the run's record: every number is the run's own, and nobody looked at "
    "the examples behind it. It is original measurement, not a survey of the literature: works are cited because the "
    "cards of the model, tasks and methods cite them, and none of them was read for this report."
)
REFERENCES = "References"


def paper_blocks(table: Table, info: RunInfo) -> Iterator[Block]:
    """The whole paper."""
    page, works, checks = document(table, info), references(table, info), review(table, info)
    yield Heading(text=_title(table, info), level=1)
    yield from _abstract(page, table, info, checks)
    yield from _introduction(page, info, works)
    yield from _methodology(table, info, works)
    yield from _results(page, info, works, checks)
    yield from _limitations(page, info)
    yield from claim_blocks(info)
    yield from (
        Heading(text="Review", level=2),
        Paragraph(
            text=f"{score(checks)}. A check passes or fails by what the "
            "run's record says; none weighs more than another."
        ),
        GridBlock(grid=review_grid(checks)),
    )
    yield Heading(text=REFERENCES, level=2)
    yield Works(references=works)


def numbered(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same with numbers before the titles of sections, but for the abstract and the references."""
    number = 0
    for block in blocks:
        if isinstance(block, Heading) and block.level == 2 and block.text not in (ABSTRACT, REFERENCES):
            number += 1
            yield replace(block, text=f"{number} {block.text}")
        else:
            yield block


def _title(table: Table, info: RunInfo) -> str:
    arms = [arm for arm in table.arms if arm != BASELINE]
    what = f"Intermediate training on {listed(arms)}" if 0 < len(arms) <= 3 else f"{len(arms)} intermediate trainings"
    what = what if arms else "Direct fine-tuning"
    spoken = {cell.language for cell in table.cells}
    return plain(f"{what} of {info.model}: transfer to {counted(len(spoken), 'language')} ({info.name})")


def _abstract(page: Document, table: Table, info: RunInfo, checks: Sequence[Check]) -> Iterator[Block]:
    tested = [one for one in info.claims if one.verdict != NOT_TESTED]
    said = (
        f"{counted(len(tested), 'claim')} of the ledger {'is' if len(tested) == 1 else 'are'} tested. "
        if tested
        else ""
    )
    text = (
        f"{page.question or QUESTION} This run measures it: {', '.join(page.summary)}. {page.verdict.sentence} "
        f"{said}{score(checks)}."
    )
    yield from (Heading(text=ABSTRACT, level=2), Paragraph(text=text))


def _introduction(page: Document, info: RunInfo, works: Sequence[Reference]) -> Iterator[Block]:
    yield Heading(text="Introduction", level=2)
    yield Paragraph(text=page.question or QUESTION, label="Research question")
    yield Paragraph(
        text="Intermediate training is training on further labelled tasks before fine-tuning on the target task. "
        "Whether it helps in languages that the target has no labels in is measured here against direct fine-tuning, "
        "target by target and language by language.",
        cites=cited_for(works, "method"),
    )
    about = [one.name for one in info.claims if one.verdict != NOT_TESTED]
    if about:
        yield Paragraph(text=f"Claims that this run tests: {listed(about)}.", cites=cited_for(works, "claim"))


def _methodology(table: Table, info: RunInfo, works: Sequence[Reference]) -> Iterator[Block]:
    experiment, model = read_experiment(info.experiment), model_of(info)
    size = "" if model.parameters is None else f", {counted(model.parameters, 'weight')} (embedding and matrices)"
    pretrained = pretraining_text(experiment)
    yield Heading(text="Methodology", level=2)
    yield Paragraph(
        text=f"Model: {info.model}{f' ({model.title})' if model.title else ''}{size}. "
        + (f"Pretraining: {pretrained}." if pretrained else "Its weights are taken as they are."),
        cites=cited_for(works, "model"),
    )
    arms, targets = arm_texts(experiment), target_texts(experiment)
    yield Bullets(lines=tuple(plain(f"arm {name}: {text or 'trained on its task'}") for name, text in arms.items()))
    yield Bullets(
        lines=tuple(
            plain("; ".join(filter(None, [f"target {one}", _spoken(table, one), targets.get(one, "")])))
            for one in table.targets
        )
    )
    if cites := cited_for(works, "task", "metric"):
        yield Paragraph(text="The cards of tasks and metrics cite the works that they are from.", cites=cites)
    seeds = sorted({seed for cell in table.cells for seed in cell.seeds})
    yield Paragraph(
        text=f"Seeds: {', '.join(map(str, seeds)) or 'none'}. {SELECTION} Intervals are 95 % and "
        "paired: each draw of seeds and clusters of examples is shared by all arms "
        f"({counted(table.replicates, 'replicate')}). Averages are unweighted means over target "
        "languages; the source language is never part of them."
    )
    yield from (
        GridBlock(grid=grid) for grid in (recipe_grid(info), split_grid(table, info), _languages(table)) if grid
    )
    if cites := cited_for(works, LANGUAGES):
        yield Paragraph(text="Names and properties of languages were read in the works cited.", cites=cites)


def _spoken(table: Table, target: str) -> str:
    source = table.source_languages.get(target)
    metric = next(iter(table.metrics(target)), "")
    trained = f"trained in {source}" if source else "no training"
    return "; ".join(filter(None, [metric, counted(len(table.languages(target)), "language"), trained]))


def _languages(table: Table) -> Grid | None:
    """Every language with its own name, in its script."""
    spoken = sorted({cell.language for cell in table.cells})
    tested = {one: [target for target in table.targets if one in table.languages(target)] for one in spoken}
    rows = tuple((plain(language_name(one)), _properties(one, len(tested[one]))) for one in spoken)
    columns = ("own name", "family", "morphological type", "targets")
    return Grid(title="Languages", corner="language", columns=columns, rows=rows) if rows else None


def _properties(language: str, targets: int) -> tuple[Entry, ...]:
    try:
        known = languages.get(language)
        found = (known.own_name, known.family, known.morphology)
    except UnknownName:
        found = (None, None, None)
    return (*(Entry(main=plain(one or MISSING)) for one in found), Entry(main=str(targets)))


def _results(page: Document, info: RunInfo, works: Sequence[Reference], checks: Sequence[Check]) -> Iterator[Block]:
    yield Heading(text="Results", level=2)
    yield Paragraph(text=page.verdict.sentence, strong=True)
    yield from (Paragraph(text=detail) for detail in page.verdict.details)
    verdicts = written.summary(info.claims) if info.claims else "No claim was judged"
    nodes = {"ran": info.ran, "taken from the store": info.cached, "failed": info.failed, "not run": info.not_run}
    ended = ", ".join(f"{number:,} {how}" for how, number in nodes.items())
    yield Paragraph(text=f"Steps: {ended}. {counted(len(works), 'work')} cited. {verdicts}. Review: {score(checks)}.")
    yield from (GridBlock(grid=grid) for grid in (*page.contrasts, *page.heat_maps) if not grid.folded)
    yield Bullets(lines=page.legend)
    yield from charts(page)
    if page.alarms:
        yield from (Heading(text="Negative transfer", level=3), Paragraph(text=ALARMS), Bullets(lines=page.alarms))
    yield from (GridBlock(grid=grid) for grid in page.morphology[:1])
    for part in page.parts:
        yield from _part(part.title, part.remark, part.sections)
    yield from _part("Robustness", page.robustness_remark, page.robustness)
    yield from _part("Contamination", page.contamination_remark, page.contamination)


def _part(title: str, remark: str, sections: Sequence[Section]) -> Iterator[Block]:
    """A part of the report without what most readers do not need."""
    if sections:
        yield from (Heading(text=title, level=3), Paragraph(text=remark))
    for section in sections:
        yield from (Paragraph(text=text) for text in section.remarks)
        yield from (GridBlock(grid=grid, level=4) for grid in section.grids if not grid.folded)


def _limitations(page: Document, info: RunInfo) -> Iterator[Block]:
    limits = limits_of_tests(read_experiment(info.experiment))
    took = node_time(info)
    found = [
        MACHINE,
        *([f"Test sets are samples: {listed(limits)}."] if limits else []),
        *([f"All trainings and evaluations together took {took}."] if took else []),
        "Energy was not measured.",
        *page.warnings,
        *page.failures,
        *page.degenerate,
    ]
    yield from (Heading(text="Limitations", level=2), Bullets(lines=tuple(map(plain, found))))
    if info.command:
        yield from (Paragraph(text="The run can be had again by:"), Listing(text=info.command))
