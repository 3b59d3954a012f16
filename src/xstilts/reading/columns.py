"""Which column of a user's file plays which part: as the user says, else by the names that datasets use."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from xstilts.errors import DataError, UnknownName, nearest

Columns = Mapping[str, str | Sequence[str]]
"""Role → column; several for a prompt that is made of several, and for choices with a column each."""

ROLES: Mapping[str, tuple[str, ...]] = {
    "single_classification": ("first", "label"),
    "pair_classification": ("first", "second", "label"),
    "tagging": ("tokens", "tags"),
    "extractive_qa": ("question", "context", "answer", "start"),
    "multiple_choice": ("prompt", "choices", "label"),
}
OPTIONAL = ("start",)

ALIASES = {"text": "first", "premise": "first", "hypothesis": "second", "sentence1": "first", "sentence2": "second"}
"""Other words for a role that users may write as a key of ``columns``."""

PAIRS = (
    *(("premise", "hypothesis"), ("sentence1", "sentence2"), ("sent1", "sent2"), ("text1", "text2")),
    *(("text", "text2"), ("question1", "question2"), ("question", "sentence"), ("first", "second"), ("s1", "s2")),
    ("text_a", "text_b"),
)

DEFAULTS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("single_classification", "first"): ("text", "sentence", "first", "review", "content", "premise"),
    ("pair_classification", "first"): tuple(first for first, _ in PAIRS),
    ("pair_classification", "second"): tuple(second for _, second in PAIRS),
    ("tagging", "tokens"): ("tokens", "words", "token", "word", "text", "sentence"),
    ("tagging", "tags"): ("tags", "labels", "ner_tags", "pos_tags", "tag", "label"),
    ("extractive_qa", "question"): ("question",),
    ("extractive_qa", "context"): ("context", "passage", "paragraph", "text"),
    ("extractive_qa", "answer"): ("answers", "answer", "answer_text"),
    ("extractive_qa", "start"): ("answer_start", "start"),
    ("multiple_choice", "choices"): ("choices", "endings", "options", "alternatives"),
}
LABEL = ("label", "gold_label", "labels", "target", "class", "answer", "gold")
PROMPT = ("prompt", "context", "ctx", "premise", "passage", "question", "stem")
_NUMBERED = re.compile(r"(choice|answer|ending|option|alternative)_?(\d+|[a-z])", re.IGNORECASE)


def check_roles(kind: str, columns: Columns, *, where: str) -> dict[str, str | list[str]]:
    """The user's mapping with aliases resolved.

    Raises:
        UnknownName: a key that is no role of this kind.
    """
    known = ROLES[kind]
    found: dict[str, str | list[str]] = {}
    for key, column in columns.items():
        role = key if key in known else ALIASES.get(key, key)
        if role not in known:
            raise UnknownName(f"column role of {kind}", key, known, where=where)
        found[role] = column if isinstance(column, str) else [str(name) for name in column]
    return found


def resolve(kind: str, given: Columns, header: Collection[str], file: Path) -> dict[str, list[str]]:
    """Role → columns of one file.

    Raises:
        DataError: a column that is not there; names those that are, and the nearest.
    """
    found: dict[str, list[str]] = {}
    for role in ROLES[kind]:
        if role in given:
            names = [given[role]] if isinstance(given[role], str) else list(given[role])
            for name in names:
                if name not in header:
                    raise _missing(f"no column {name!r}", role, header, file, close=nearest(str(name), header))
            found[role] = [str(name) for name in names]
    for role in ROLES[kind]:
        if role not in found:
            found[role] = _default(kind, role, found, header)
        if not found[role] and role not in OPTIONAL:
            raise _missing("no column found", role, header, file)
    return found


def _default(kind: str, role: str, found: Mapping[str, list[str]], header: Collection[str]) -> list[str]:
    lower = {name.lower(): name for name in reversed(list(header))}
    taken = {name for names in found.values() for name in names}
    if kind == "pair_classification" and role == "first" and "second" not in found:
        both = next((pair for pair in PAIRS if pair[0] in lower and pair[1] in lower), None)
        half = next((pair[0] for pair in PAIRS if pair[0] in lower), None)  # then the second one is what is missing
        return [lower[both[0]]] if both else [lower[half]] if half else []
    if kind == "pair_classification" and role == "second" and (first := found.get("first")):
        partner = dict(PAIRS).get(first[0].lower(), "")
        if partner in lower:
            return [lower[partner]]
    if kind == "multiple_choice" and role == "prompt":
        # A question on a text reads as the text, then the question.
        names = [lower[name] for name in PROMPT if name in lower and lower[name] not in taken]
        return names[:1] if names[:1] == ["prompt"] else names[:1] + [n for n in names[1:] if n.lower() == "question"]
    choices = LABEL if role == "label" else DEFAULTS.get((kind, role), ())
    single = next((lower[name] for name in choices if name in lower and lower[name] not in taken), None)
    if single is None and role == "choices":
        return _numbered(header)
    return [single] if single is not None else []


def _numbered(header: Collection[str]) -> list[str]:
    """``choice0``, ``choice1`` …, ``answerA`` …: the columns of the word that has most of them, in order."""
    groups: dict[str, list[tuple[tuple[int, str], str]]] = {}
    for name in header:
        if match := _NUMBERED.fullmatch(name):
            mark = match[2].lower()
            order = (int(mark), "") if mark.isdigit() else (0, mark)
            groups.setdefault(match[1].lower(), []).append((order, name))
    best = max(groups.values(), key=len, default=[])
    return [name for _, name in sorted(best)] if len(best) > 1 else []


def _missing(what: str, role: str, header: Collection[str], file: Path, *, close: str | None = None) -> DataError:
    hint = f"did you mean {close!r}?" if close else f"name it with `columns: {{{role}: …}}`"
    return DataError(f"{what} for {role!r}; the file has {', '.join(header) or 'none'}", file=file, hint=hint)
