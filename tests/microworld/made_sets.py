"""Every dataset of the world by name: how it is made, what of the world an item tells, and how it is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from xstilts.microworld.meaning import Clause, Text
from xstilts.microworld.sets import bitext, completion, copa, nli, paraphrase, passages, tags

MAKERS: dict[str, Callable[..., list[Any]]] = {
    "nli": nli.make,
    "paraphrase": paraphrase.make,
    "qa": passages.make,
    "yes_no": passages.make_yes_no,
    "copa": copa.make,
    "completion": completion.make,
    "tags": tags.make,
    "names": tags.make_named,
    "bitext": bitext.make,
}
SAYS: dict[str, Callable[..., Any]] = {
    "nli": nli.say,
    "paraphrase": paraphrase.say,
    "qa": passages.say,
    "yes_no": passages.say_yes_no,
    "copa": copa.say,
    "completion": completion.say,
    "tags": tags.pos,
    "names": tags.entities,
}
LABELLED = ("nli", "paraphrase", "yes_no", "copa", "completion")


def clauses(meaning: Clause | Text) -> tuple[Clause, ...]:
    """The clauses of a sentence."""
    return meaning.clauses if isinstance(meaning, Text) else (meaning,)


def told(item: Any) -> Iterator[Clause]:
    """What an item tells as having happened: of premise, passage, story or sentence, never what is asked about it."""
    for name in ("premise", "passage", "context", "first"):
        if hasattr(item, name):
            meanings = getattr(item, name)
            plain = isinstance(meanings, tuple) and not isinstance(meanings, Clause | Text)
            for meaning in meanings if plain else (meanings,):
                yield from clauses(meaning)
            return
    yield from clauses(item)


def label(item: Any) -> Any:
    """What is right of an item."""
    return item.label if hasattr(item, "label") else item.role
