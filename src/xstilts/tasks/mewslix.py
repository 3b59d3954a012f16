"""Mewsli-X: find the description, in any of 50 languages, of the entity that a news article mentions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from xstilts import languages
from xstilts.errors import DataError, UnknownName
from xstilts.reading import entities
from xstilts.reading.examples import AnswerSentence
from xstilts.reading.published import ids, sizes_of
from xstilts.tasks.task import Local, Task

CANDIDATES = "candidate_set_entities.jsonl"


def read(file: Path, language: str) -> Iterator[AnswerSentence]:
    """The mentions of one file in one language, each with its entity; together they hold the whole candidate set.

    Raises:
        DataError: as ``reading.entities``; a mention of an entity that is not in the candidate set.
    """
    if file.name.startswith("wikipedia_pairs"):
        for mention, description in entities.pairs(file):
            yield _example(mention, language, {mention.entity: description}, ())
        return
    mentions = list(entities.mentions(file, _code(language)))
    pool = _pool(file.with_name(CANDIDATES))
    if unknown := next((mention for mention in mentions if mention.entity not in pool), None):
        raise DataError(f"{unknown.example_id} means {unknown.entity}, which is not in {CANDIDATES}", file=file)
    named = list(pool)
    for number, mention in enumerate(mentions):
        yield _example(mention, language, pool, named[number :: len(mentions)])


def _code(language: str) -> str:
    try:
        return languages.get(language).code("xtreme")
    except UnknownName:
        return language.partition("-")[0]


def _pool(file: Path) -> Mapping[str, str]:
    state = file.stat()
    return _descriptions(file, state.st_size, state.st_mtime_ns)


@lru_cache(maxsize=1)
def _descriptions(file: Path, size: int, modified: int) -> Mapping[str, str]:
    """Kept, since every language reads it: a million entities, a gigabyte."""
    return entities.descriptions(file)


def _example(mention: entities.Mention, language: str, pool: Mapping[str, str], share: Iterable[str]) -> AnswerSentence:
    """A mention with its entity and its share of the others: the pool is all shares of one language."""
    names = tuple(sorted({mention.entity, *share}))
    return AnswerSentence(
        example_id=mention.example_id,
        cluster_id=mention.document,
        question=mention.text,
        language=language,
        candidates=tuple(pool[name] for name in names),
        candidate_ids=names,
        correct=names.index(mention.entity),
    )


FILES = {
    "train": "wikipedia_pairs-train",
    "select": "wikipedia_pairs-dev",
    "dev": "wikinews_mentions-dev",
    "test": "wikinews_mentions-test",
}
"""The dev set of WikiNews is searched in a million descriptions; that of Wikipedia, which upstream selects on too, in
its own."""

_DEV = {"ar": 318, "de": 326, "en": 316, "es": 311, "fa": 72, "ja": 310, "pl": 304, "ro": 145, "ta": 312, "tr": 262}
_TEST = {
    "ar": 1_501,
    "de": 1_551,
    "en": 1_490,
    "es": 1_552,
    "fa": 458,
    "ja": 1_519,
    "pl": 1_562,
    "ro": 672,
    "ta": 1_567,
}

TASK = Task(
    title="Mewsli-X",
    kind="dual_encoder",
    metric="mean_reciprocal_rank",
    languages=ids("ar de en es fa ja pl ro ta tr uk"),
    pool=1_003_893,
    select_split="select",
    local=Local(
        patterns={
            split: tuple(f"{folder}/{name}.jsonl" for folder in ("mewslix", "mewsli_x/output/dataset"))
            for split, name in FILES.items()
        },
        read=read,
        companion=CANDIDATES,
        within=entities.languages,
    ),
    # Mentions of mewsli-x_20220518_6, upstream's mewsli-x.md.
    sizes={
        "train": 167_719,
        "select": 14_051,
        **sizes_of("dev", {**_DEV, "uk": 315}),
        **sizes_of("test", {**_TEST, "tr": 1_215, "uk": 1_537}),
    },
    max_length=64,
    # Both rows of upstream's 64 pairs at once: what a pair is told from is what is computed with it.
    recipe={"micro_batch_tokens": 8_192},
    paper="https://aclanthology.org/2021.emnlp-main.802",
    homepage=(
        "https://github.com/google-research/google-research/blob/master/"
        "dense_representations_for_entity_retrieval/mel/mewsli-x.md"
    ),
    notes=(
        "The score is the mean over languages of the mean reciprocal rank in the first 20 (XTREME-R calls it mAP@20). "
        "The pool is the published set of 1,003,893 entities whichever languages are evaluated. Each is described in "
        "one of 50 languages. The released set differs from the paper's. Trained as XTREME-R trains it: mention "
        "against description, from English Wikipedia"
    ),
    version=2,
)
