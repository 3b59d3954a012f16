"""What there is in the world: the concepts that every language file names, and how they may go together."""

from __future__ import annotations

from typing import Final

PEOPLE: Final = {
    "anna": "f", "maria": "f", "sofia": "f", "elena": "f", "laura": "f", "julia": "f", "amina": "f", "fatima": "f",
    "leila": "f", "aisha": "f", "ayse": "f", "priya": "f", "yuki": "f", "mei": "f", "sara": "f", "nina": "f",
    "ivan": "m", "david": "m", "daniel": "m", "thomas": "m", "peter": "m", "carlos": "m", "omar": "m", "ali": "m",
    "hassan": "m", "juma": "m", "mehmet": "m", "ravi": "m", "kenji": "m", "minho": "m", "viktor": "m", "paul": "m",
}  # fmt: skip
"""Given names and the gender that words agree with."""

CITIES: Final = (
    "cairo", "paris", "london", "moscow", "berlin", "madrid", "rome", "tokyo", "seoul", "beijing", "new_delhi",
    "istanbul", "nairobi", "jakarta", "hanoi", "lima", "helsinki", "sofia_city", "buenos_aires", "cape_town",
)  # fmt: skip

ORGANISATIONS: Final = ("bank", "university", "museum", "hospital")
"""Kinds of organisation; each is named after a city: the Bank of Cairo."""

PROFESSIONS: Final = (
    "teacher", "doctor", "farmer", "baker", "driver", "painter", "cook", "singer", "engineer", "journalist",
)  # fmt: skip

KINDS_OF: Final = {
    "animal": ("dog", "cat", "horse", "cow", "goat", "sheep", "duck", "rabbit"),
    "vehicle": ("car", "bicycle", "boat", "truck"),
    "instrument": ("guitar", "drum", "flute", "violin"),
    "tool": ("hammer", "knife", "saw", "axe"),
}
"""Hypernym -> what it covers: every dog is an animal. ``instrument`` is a musical instrument."""

OTHER_THINGS: Final = (
    "apple", "orange", "banana", "lemon", "book", "letter", "cup", "bottle", "plate", "basket", "box", "table",
    "chair", "bed", "lamp", "key", "hat", "shirt", "bag", "umbrella",
)  # fmt: skip

ANIMALS: Final = KINDS_OF["animal"]
THINGS: Final = (*OTHER_THINGS, *(noun for name in ("vehicle", "instrument", "tool") for noun in KINDS_OF[name]))
NOUNS: Final = (*ANIMALS, *THINGS, *KINDS_OF)
"""Every noun that a language file names, hypernyms last."""

HYPERNYM: Final = {noun: name for name, nouns in KINDS_OF.items() for noun in nouns}

GROUNDS: Final = ("table", "chair", "bed", "box", "car", "truck", "boat")
"""Things that others are on, under or beside; never located themselves."""
LOCATED: Final = (*ANIMALS, *(t for t in OTHER_THINGS if t not in GROUNDS), *KINDS_OF["instrument"], *KINDS_OF["tool"])

SIZES: Final = ("big", "small", "old", "new")
COLOURS: Final = ("red", "blue", "green", "yellow", "white", "black")
MATERIALS: Final = ("wooden", "metal", "glass")
MADE_OF: Final = {
    "wooden": ("plate", "basket", "box", "table", "chair", "bed", "boat", "flute", "guitar", "drum", "cup"),
    "metal": ("cup", "bottle", "plate", "box", "table", "chair", "bed", "lamp", "key", "hammer", "knife"),
    "glass": ("cup", "bottle", "plate", "table", "lamp", "box"),
}
"""Which things can be of a material."""
COLOURS_OF: Final = {
    **dict.fromkeys(ANIMALS, ("white", "black")),
    **dict.fromkeys(("orange", "banana", "lemon"), ()),
    "apple": ("red", "green", "yellow"),
}
"""The colours of nouns that do not take them all."""
SIZES_OF: Final = dict.fromkeys(("apple", "orange", "banana", "lemon", *ANIMALS), ("big", "small"))
"""The sizes of nouns that do not take them all: there are no new apples in this world."""

PLACES: Final = ("market", "garden", "school", "station", "forest", "kitchen", "library", "office", "park", "beach")
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
TIMES: Final = ("morning", "afternoon", "evening", "night")
NUMBERS: Final = (1, 2, 3, 4, 5, 6, 7, 8, 9)
RELATIONS: Final = ("on", "under", "in", "beside", "behind", "in_front")
CONTAINERS: Final = ("box", "car", "truck", "boat")

VERBS: Final = {
    "event": ("buy", "sell", "find", "lose", "see", "wash", "hide", "steal", "repair", "paint", "break", "bring"),
    "give": ("give", "lend", "sell_to", "show"),
    "receive": ("receive", "borrow", "buy_from"),
    "go": ("go", "return"),
    "act": ("sing", "dance", "sleep", "wait", "laugh", "cry"),
}
"""Clause kind -> its verbs. ``give``: somebody to somebody; ``receive``: somebody from somebody."""
OF_THINGS_ONLY: Final = ("repair", "paint")
BREAKABLE: Final = (
    "cup", "bottle", "plate", "box", "table", "chair", "bed", "lamp", "key", "umbrella", "guitar", "drum", "flute",
    "violin", "hammer", "knife", "saw", "axe",
)  # fmt: skip
TO_A_GOAL: Final = ("go", "return", "bring")
"""Verbs whose place is where something goes to."""
CONVERSE_VERB: Final = {"give": "receive", "lend": "borrow", "sell_to": "buy_from"}
"""Anna gave Ivan a cup: Ivan received a cup from Anna."""

CAUSES: Final = {
    "was_hungry": "ate_bread",
    "was_thirsty": "drank_water",
    "was_tired": "went_to_bed_early",
    "was_ill": "called_the_doctor",
    "was_cold": "put_on_a_coat",
    "was_late": "ran_to_the_station",
    "forgot_the_umbrella": "got_wet",
    "heard_a_joke": "laughed_loudly",
    "studied_hard": "passed_the_exam",
    "overslept": "missed_the_bus",
    "lost_the_key": "could_not_open_the_door",
    "cut_a_finger": "put_on_a_bandage",
    "burned_the_food": "opened_the_window",
    "won_the_race": "received_a_medal",
    "ate_too_much": "had_a_stomach_ache",
    "heard_a_loud_noise": "woke_up",
    "drove_too_fast": "paid_a_fine",
    "slipped_on_the_ice": "broke_a_leg",
    "found_a_wallet": "went_to_the_police",
    "had_a_birthday": "received_a_present",
}
"""Cause -> effect, of the same person."""
ALSO_PLAUSIBLE: Final = {
    "was_tired": ("missed_the_bus", "woke_up"),
    "was_ill": ("went_to_bed_early", "had_a_stomach_ache", "missed_the_bus"),
    "was_cold": ("woke_up",),
    "was_late": ("missed_the_bus", "paid_a_fine"),
    "was_hungry": ("had_a_stomach_ache", "woke_up"),
    "was_thirsty": ("woke_up",),
    "forgot_the_umbrella": ("missed_the_bus",),
    "heard_a_joke": ("woke_up",),
    "studied_hard": ("received_a_medal", "received_a_present", "went_to_bed_early"),
    "overslept": ("ran_to_the_station",),
    "lost_the_key": ("missed_the_bus", "went_to_the_police", "ran_to_the_station"),
    "cut_a_finger": ("called_the_doctor",),
    "burned_the_food": ("put_on_a_bandage", "woke_up", "could_not_open_the_door"),
    "won_the_race": ("received_a_present", "laughed_loudly", "drank_water"),
    "ate_too_much": ("called_the_doctor", "drank_water", "went_to_bed_early"),
    "heard_a_loud_noise": ("went_to_the_police", "opened_the_window"),
    "drove_too_fast": ("broke_a_leg", "went_to_the_police"),
    "slipped_on_the_ice": ("called_the_doctor", "got_wet", "put_on_a_bandage"),
    "found_a_wallet": ("received_a_present",),
    "had_a_birthday": ("laughed_loudly",),
}
"""Effects that a cause might also have: never offered as its wrong alternative."""
PREDICATES: Final = (*CAUSES, *CAUSES.values())
