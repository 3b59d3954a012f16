"""Mewsli-X: mentions of entities in articles, and the entities' descriptions, as JSON lines.

Layout: ``dense_representations_for_entity_retrieval/mel/mewsli-x.md`` in google-research/google-research. What a
model is given is XTREME-R's baseline (``third_party/utils_mewslix.py``): the mention, then its sentence with the
mention in braces; and the description's sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xstilts.errors import DataError
from xstilts.reading.jsonl import field, objects
from xstilts.reading.text import read_text

_LANGUAGE = re.compile(r'"language"\s*:\s*"([^"]+)"')
_BRACES = re.compile(r"\{(.*?)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One mention: its text in one sentence of context, and the id of the entity that is meant."""

    example_id: str
    document: str
    text: str
    entity: str


def languages(file: Path) -> list[str]:
    """The codes of the articles' languages, in the order of the file; without parsing it."""
    return list(dict.fromkeys(_LANGUAGE.findall(read_text(file))))


def mentions(file: Path, code: str) -> Iterator[Mention]:
    """The mentions in the articles of one language (``wikinews_mentions-*.jsonl``).

    Raises:
        DataError: a field that is missing, an article whose text has not been filled in, a mention that is not
            where its offsets say; with the line.
    """
    for line, row in objects(file):
        context = field(row, "context", file=file, line=line)
        if field(context, "language", file=file, line=line, where="context") == code:
            mentioned = field(row, "mentions", file=file, line=line)
            if not isinstance(mentioned, list):
                raise DataError(f"mentions must be a list, not {type(mentioned).__name__}", file=file, line=line)
            for mention in mentioned:
                yield _mention(context, mention, file, line)


def pairs(file: Path) -> Iterator[tuple[Mention, str]]:
    """Mentions in Wikipedia, each with the description of its entity (``wikipedia_pairs-*.jsonl``).

    Raises:
        DataError: as ``mentions``.
    """
    for line, row in objects(file):
        both = field(row, "contextual_mention", file=file, line=line)
        context, mention = (field(both, name, file=file, line=line) for name in ("context", "mention"))
        yield (
            _mention(context, mention, file, line),
            _description(field(row, "entity", file=file, line=line), file, line),
        )


def descriptions(file: Path) -> dict[str, str]:
    """Entity → description, of the whole candidate set (``candidate_set_entities.jsonl``).

    Raises:
        DataError: a field that is missing, an entity that occurs twice; with the line.
    """
    found: dict[str, str] = {}
    for line, row in objects(file):
        entity = str(field(row, "entity_id", file=file, line=line))
        if entity in found:
            raise DataError(f"the entity {entity} occurs twice", file=file, line=line)
        found[entity] = _description(row, file, line)
    return found


def _mention(context: Mapping[str, Any], mention: Mapping[str, Any], file: Path, line: int) -> Mention:
    text = field(context, "text", file=file, line=line, where="context")
    span = field(mention, "mention_span", file=file, line=line, where="mention")
    start, end, surface = (field(span, name, file=file, line=line, where="span") for name in ("start", "end", "text"))
    if not text:
        raise DataError(
            "the article has no text: Mewsli-X is published without",
            file=file,
            line=line,
            hint="upstream's get-mewsli-x.sh fills it in from WikiNews' dumps: wikinews_mentions-dev.jsonl",
        )
    if not (isinstance(text, str) and isinstance(surface, str) and _is_offset(start) and _is_offset(end)):
        raise DataError("a mention is a text with its start and its end in the article", file=file, line=line)
    if text[start:end] != surface:
        raise DataError(
            f"the mention {surface!r} is not at {start} to {end}, but {text[start:end]!r} is", file=file, line=line
        )
    spans = _spans(field(context, "sentence_spans", file=file, line=line), file, line)
    first, last = _sentence(spans, start, end, len(text))
    # Braces of the text's own become brackets, so that those around the mention are the only ones.
    left, right = (_BRACES.sub(r"(\1)", part) for part in (text[first:start], text[end:last]))
    return Mention(
        example_id=str(field(mention, "example_id", file=file, line=line, where="mention")),
        document=str(field(context, "document_id", file=file, line=line, where="context")),
        text=_line(f"{surface}: {left} {{ {surface} }} {right}"),
        entity=str(field(mention, "entity_id", file=file, line=line, where="mention")),
    )


def _sentence(spans: Sequence[Mapping[str, int]], start: int, end: int, length: int) -> tuple[int, int]:
    """The sentence around a mention, or all that it crosses; without sentences the whole text."""
    touched = [(span["start"], span["end"]) for span in spans if span["start"] < end and start < span["end"]]
    return (min(touched)[0], max(last for _, last in touched)) if touched else (0, length)


def _spans(spans: object, file: Path, line: int) -> Sequence[Mapping[str, int]]:
    """The spans of sentences, each checked."""
    if isinstance(spans, list) and all(
        isinstance(one, Mapping) and _is_offset(one.get("start")) and _is_offset(one.get("end")) for one in spans
    ):
        return spans
    raise DataError("sentence_spans must be a list of objects with start and end", file=file, line=line)


def _is_offset(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _description(row: Mapping[str, Any], file: Path, line: int) -> str:
    text = field(row, "description", file=file, line=line, where="entity")
    spans = _spans(field(row, "sentence_spans", file=file, line=line, where="entity"), file, line)
    if not isinstance(text, str):
        raise DataError("an entity without a description", file=file, line=line)
    described = _line(" ".join(text[span["start"] : span["end"]] for span in spans) or text)
    if not described:
        raise DataError("an entity without a description", file=file, line=line)
    return described


def _line(text: str) -> str:
    """Without line breaks and double blanks."""
    return " ".join(text.split())
