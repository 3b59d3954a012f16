"""The works behind a run: what the cards of its model, tasks, methods and metrics cite, and nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xstilts import languages, registry
from xstilts.analysis.provenance import RunInfo
from xstilts.analysis.table import Table
from xstilts.errors import UnknownName
from xstilts.reports.numbers import listed, plain
from xstilts.reports.recipe import read_experiment

NOUNS = {
    "models": "model family",
    "phases": "method",
    "tasks": "task",
    "metrics": "metric",
    "training.objectives": "objective",
    "data.transforms": "transform",
}
"""Room → what a card of it describes."""
LANGUAGES, CLAIM = "the table of languages", "claim "
"""What cites works beside cards."""
TYPOLOGY = ("family", "morphology", "own_name")
"""What a report says of languages, by the attributes of the table of languages."""
_ARXIV = re.compile(r"https?://arxiv\.org/(?:abs|pdf)/(?P<id>\d{4}\.\d{4,5})(?:v\d+)?")
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/(?P<id>10\.\S+)")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One work.

    Attributes:
        url: where it can be read, as the card has it.
        cited_by: the cards, in words: ``task xnli (XNLI)``.
        citation: authors and title, where a card has them.
    """

    url: str
    cited_by: tuple[str, ...]
    citation: str = ""

    @property
    def key(self) -> str:
        """For BibTeX: ``arxiv-1809.05053``, or the address in letters, digits and hyphens."""
        found = _ARXIV.fullmatch(self.url)
        if found:
            return f"arxiv-{found['id']}"
        bare = re.sub(r"^https?://(www\.)?", "", self.url)
        return re.sub(r"[^A-Za-z0-9.]+", "-", bare).strip("-.")

    @property
    def fields(self) -> dict[str, str]:
        """What BibTeX may say of it: the address and what follows from it, the citation as it was read, and by whom."""
        found: dict[str, str] = {"url": self.url}
        if arxiv := _ARXIV.fullmatch(self.url):
            found |= {"eprint": arxiv["id"], "archiveprefix": "arXiv"}
        if doi := _DOI.fullmatch(self.url):
            found["doi"] = doi["id"]
        by = [self._by_cards, *(f"by {card}" for card in self.cited_by if card.startswith(LANGUAGES))]
        claims = [card for card in self.cited_by if card.startswith(CLAIM)]
        cited = f"Cited {listed([*filter(None, by), *([f'for {listed(claims)}'] if claims else [])])}."
        return {**found, "note": f"{self.citation}. {cited}" if self.citation else cited}

    @property
    def _by_cards(self) -> str:
        """``by the cards of task xnli (XNLI) and metric pos``."""
        cards = [card for card in self.cited_by if not card.startswith((LANGUAGES, CLAIM))]
        return f"by the card{'s' * (len(cards) > 1)} of {listed(cards)}" if cards else ""


def references(table: Table, info: RunInfo) -> tuple[Reference, ...]:
    """Every work that a card of this run cites, in the order in which the cards are met."""
    found: dict[str, list[str]] = {}
    citations: dict[str, str] = {}
    for url, card in (*_of_cards(info), *_of_claims(info)):
        found.setdefault(url, []).append(card)
    for url, card, citation in _of_languages(table):
        found.setdefault(url, []).append(card)
        citations[url] = citation
    return tuple(
        Reference(url=plain(url), cited_by=tuple(dict.fromkeys(cards)), citation=plain(citations.get(url, "")))
        for url, cards in found.items()
    )


def cited_for(works: Sequence[Reference], *nouns: str) -> tuple[Reference, ...]:
    """The works that cards of some kinds cite: ``task``, ``model family``."""
    return tuple(one for one in works if any(card.startswith(nouns) for card in one.cited_by))


def cards(info: RunInfo) -> tuple[tuple[str, str, Any], ...]:
    """Room, name and card of all that the experiment of a run names and that is registered here, each once."""
    return tuple(
        (room, name, registry.find(room, name))
        for room, name in dict.fromkeys(_named(read_experiment(info.experiment), info.model))
        if name in registry.names(room)
    )


def _of_cards(info: RunInfo) -> Iterator[tuple[str, str]]:
    for room, name, card in cards(info):
        paper, title = getattr(card, "paper", None), getattr(card, "title", "")
        if paper:
            yield str(paper), f"{NOUNS[room]} {name}" + (f" ({title})" if title else "")


def _of_claims(info: RunInfo) -> Iterator[tuple[str, str]]:
    for one in info.claims:
        if one.source.startswith("http"):
            yield one.source, f"{CLAIM}{one.name}"


def _of_languages(table: Table) -> Iterator[tuple[str, str, str]]:
    """The works in which the properties of the run's languages were read."""
    for name in dict.fromkeys(cell.language for cell in table.cells):
        try:
            known = languages.get(name)
        except UnknownName:
            continue
        for fact in TYPOLOGY:
            for source in known.sources.get(fact, ()):
                if getattr(known, fact) is not None:
                    yield source.url.split()[0], f"{LANGUAGES} ({fact.replace('_', ' ')})", source.citation


def _named(experiment: Mapping[str, Any], model: str) -> Iterator[tuple[str, str]]:
    """Room and name of what an experiment names; some may not be registered."""
    yield "models", model.partition(":")[0]
    pretraining = _mapping(experiment.get("pretraining"))
    if pretraining:
        yield "phases", str(pretraining.get("method") or "masked_lm")
    for arm in _mappings(experiment.get("intermediate")):
        yield "phases", str(arm.get("method") or "single_task")
        yield from _of_training(arm)
    for target in _mappings(experiment.get("targets")):
        yield from _of_training(target, target=True)
        for name in _texts(_mapping(target.get("robustness")).get("perturbations")):
            yield "data.transforms", name


def _of_training(part: Mapping[str, Any], *, target: bool = False) -> Iterator[tuple[str, str]]:
    """What an arm or a target trains on and under, and of a target what scores it."""
    sources = [source.get("task") for source in _mappings(part.get("sources"))]
    for name in _texts([part.get("task"), part.get("train_on"), *sources, *_texts(part.get("tasks"))]):
        yield "tasks", name
        if name in registry.names("tasks"):
            task = registry.find("tasks", name)
            yield from (("tasks", other) for other in (task.train_on, task.train_first) if other)
            if target:
                yield "metrics", task.metric
    for key, room in (("objective", "training.objectives"), ("augment", "data.transforms")):
        given = part.get(key)
        chosen = given.get("name") if isinstance(given, Mapping) else given
        if isinstance(chosen, str):
            yield room, chosen


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    values: Iterable[object] = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, str)]
