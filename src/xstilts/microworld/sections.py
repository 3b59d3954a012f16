"""The sections of a language file: what each must name, and what the slots of its patterns may mean."""

from __future__ import annotations

from collections.abc import Mapping

from xstilts.microworld import world
from xstilts.microworld.meaning import FORMS, KINDS, QUESTIONS, ROLES

BUILT_IN: Mapping[str, list[str]] = {
    "polarity": ["neg"],
    "focus": ["passive"],
    "mood": [*QUESTIONS],
    "position": ["fronted"],
    "definiteness": ["def", "indef"],
    "reading": ["counted"],
    "direction": ["at", "to"],
    "modification": ["modified"],
    "size": ["has_size"],
    "colour": ["has_colour"],
    "material": ["has_material"],
    "place": ["has_place"],
    "day": ["has_day"],
    "time": ["has_time"],
}
"""The features that meanings set; a language file declares those of its own words under ``features``."""

VERBS = tuple(verb for verbs in world.VERBS.values() for verb in verbs)
SECTIONS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "people": (tuple(world.PEOPLE), "PROPN", "PER"),
    "cities": (world.CITIES, "PROPN", "LOC"),
    "professions": (world.PROFESSIONS, "NOUN", ""),
    "nouns": (world.NOUNS, "NOUN", ""),
    "sizes": (world.SIZES, "ADJ", ""),
    "colours": (world.COLOURS, "ADJ", ""),
    "materials": (world.MATERIALS, "ADJ", ""),
    "numbers": (tuple(str(number) for number in world.NUMBERS), "NUM", ""),
    "verbs": (VERBS, "VERB", ""),
    "words": ((), "", ""),
}
"""Section of words -> the concepts that it must name, the tag of its words, the entity that they are."""
PATTERNS: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "organisations": (world.ORGANISATIONS, "PROPN", "ORG"),
    "places": (world.PLACES, "", ""),
    "relations": (world.RELATIONS, "", ""),
    "days": (world.DAYS, "", ""),
    "times": (world.TIMES, "", ""),
    "phrases": (("person", "profession", "thing", "city"), "", ""),
    "clauses": (tuple(KINDS), "", ""),
    "predicates": (world.PREDICATES, "", ""),
    "texts": (tuple(FORMS), "", ""),
}
"""Sections whose entries are patterns with slots."""
SETTINGS = ("language", "unsure", "spaces", "capitals", "vowels", "letters", "sounds", "features",
            "paradigms", "tables", "defaults", "joins", "first_letters", "space_before")  # fmt: skip
LINES = ("language", "unsure", "spaces", "capitals", "vowels", "joins", "space_before")
"""What holds no names with values."""


def roles_in(section: str, name: str) -> tuple[str, ...]:
    """What the slots of an entry may mean."""
    match section:
        case "clauses":
            return KINDS.get(name, ROLES)
        case "predicates":
            return ("agent",)
        case "texts":
            return FORMS[name]
        case "organisations":
            return ("city",)
        case "relations":
            return ("ground",)
        case "phrases":
            return (*ROLES, "name", "noun", "number", "size", "colour", "material")
    return ()
