"""Tag schemes: which letter of a tag marks the beginning, the inside and the end of a span, and a span of one word.

- IOB1, IOB2 (Ramshaw and Marcus 1995; Tjong Kim Sang and Veenstra 1999): B, I. In IOB2 every span begins with B, in
  IOB1 only one that follows another of its type. Both, and IOE (E ends), are read as conlleval reads them
  (``spans.conlleval_spans``).
- BIOES (IOBES), BILOU (Ratinov and Roth 2009, aclanthology.org/W09-1119), BMES and BMEOW: the end and the single word
  have letters of their own, so a span is one only if it is closed: B, any number of insides, the end; or the single
  letter. All other sequences are none, as in seqeval's strict mode.

A tag is a letter and a type (``B-PER``, also ``B_PER``), a bare letter, or ``O``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

OUTSIDE = "O"
SEPARATORS = "-_"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One scheme.

    Attributes:
        metric: the registered metric that scores it.
        letters: of begin, inside, end and single; several of one part are alternatives, none: it has no such part.
        meaning: for people.
    """

    name: str
    metric: str
    letters: tuple[str, str, str, str]
    meaning: str

    @property
    def closed(self) -> bool:
        """Whether a span has to be closed."""
        return bool(self.letters[3])

    def letter_of(self, given: str) -> str:
        """The letter of BIOES with the meaning of a letter of this scheme; empty where it has no such letter."""
        return next((bioes for bioes, own in zip("BIES", self.letters, strict=True) if given in own), "")


_CONLLEVAL = "read as conlleval reads it"
IOB = Scheme("IOB", "span_f1", ("B", "I", "", ""), _CONLLEVAL)
IOB1 = Scheme("IOB1", "span_f1", IOB.letters, "I begins a span, B one that follows another of its type")
IOB2 = Scheme("IOB2", "span_f1", IOB.letters, "B begins a span")
IOE = Scheme("IOE", "span_f1", ("", "I", "E", ""), _CONLLEVAL)
BIOE = Scheme("BIOE", "span_f1", ("B", "I", "E", ""), _CONLLEVAL)
BIOES = Scheme("BIOES", "span_f1_bioes", ("B", "I", "E", "S"), "E closes a span, S is one alone")
BILOU = Scheme("BILOU", "span_f1_bilou", ("B", "I", "L", "U"), "L closes a span, U is one alone")
BMES = Scheme("BMES", "span_f1_bmes", ("B", "M", "E", "SW"), "E closes a span, S or W is one alone")
SCHEMES = (IOB, IOE, BIOES, BILOU, BMES)
"""Those that a set of tags can show, in the order in which they are tried."""


def split(tag: str) -> tuple[str, str]:
    """The letter of a tag, and its type: empty of a bare letter; two empty texts where it is not of this form."""
    if len(tag) == 1:
        return tag, ""
    return (tag[0], tag[2:]) if tag[1] in SEPARATORS and len(tag) > 2 else ("", "")


def typed(labels: Collection[str]) -> bool:
    """Whether the tags of a scheme have types."""
    return any(len(label) > 1 for label in labels)


def recognised(labels: Collection[str]) -> Scheme | None:
    """The scheme of a set of tags; None where they are not spans (parts of speech, numbers)."""
    parts = [split(label) for label in labels if label != OUTSIDE]
    letters = {letter for letter, _ in parts}
    if not labels or "" in letters or len({bool(kind) for _, kind in parts}) > 1:
        return None
    if parts and not typed(labels) and "B" not in letters and not ("I" in letters and OUTSIDE in labels):
        return None
    return next((scheme for scheme in SCHEMES if letters <= set("".join(scheme.letters))), None)


def refined(scheme: Scheme, sentences: Iterable[Sequence[str]]) -> Scheme:
    """The scheme that sentences show: IOB1 or IOB2, and BIOES without S where single words are left open."""
    if scheme is IOB:
        begins, continues = _starts(sentences)
        return IOB2 if not continues else IOB if begins else IOB1
    if scheme is BIOES:
        tags = list(sentences)
        letters = {tag[0] for sentence in tags for tag in sentence}
        if "S" not in letters and any(open_words(sentence, scheme) for sentence in tags):
            return BIOE
    return scheme


def open_words(tags: Sequence[str], scheme: Scheme) -> int:
    """How many words of a sentence have a tag of a span that is never closed, or was never begun."""
    covered = {word for _, first, last in closed_spans(tags, scheme) for word in range(first, last + 1)}
    return sum(tag != OUTSIDE and word not in covered for word, tag in enumerate(tags))


def closed_spans(tags: Sequence[str], scheme: Scheme) -> set[tuple[str, int, int]]:
    """The spans of a sentence that are closed: type (``_`` of bare tags), first and last word, both inclusive.

    Equal to the entities of seqeval 1.2.2 in strict mode with the scheme of the same name.
    """
    found: set[tuple[str, int, int]] = set()
    first, kind = -1, ""
    for word, tag in enumerate(tags):
        given, now = split(tag)
        letter = scheme.letter_of(given) if given else ""
        if letter in ("B", "S"):
            first, kind = word, now
        elif letter not in ("I", "E") or now != kind:
            first = -1
        if letter in ("E", "S") and first >= 0:
            found.add((kind or "_", first, word))
        if letter in ("E", "S"):
            first = -1
    return found


def as_bioes(tags: Sequence[str], scheme: Scheme) -> list[str]:
    """The tags with the letters of BIOES, whose meaning conlleval knows; none of a span stays as it is."""
    parts = ((tag, *split(tag)) for tag in tags)
    changed = (
        (tag, scheme.letter_of(letter) if tag != OUTSIDE and letter else "", kind) for tag, letter, kind in parts
    )
    return [(f"{letter}-{kind}" if kind else letter) if letter else tag for tag, letter, kind in changed]


def tags_of(kind: str, length: int, scheme: Scheme, labels: Collection[str]) -> list[str]:
    """The tags of a span of a type and a number of words, each one of ``labels``."""
    parts = ((label, *split(label)) for label in labels if label != OUTSIDE)
    own = {scheme.letter_of(letter): label for label, letter, its in parts if its == kind}
    wanted = ["SBEI"] if length == 1 else ["BI", *["IB"] * (length - 2), "EIB"]
    return [next(own[letter] for letter in [*order, *own] if letter in own) for order in wanted]


def _starts(sentences: Iterable[Sequence[str]]) -> tuple[bool, bool]:
    """Whether B begins a span that follows none of its type, and whether I does: what IOB2 and IOB1 ask for."""
    begins = continues = False
    for sentence in sentences:
        before: str | None = None
        for tag in sentence:
            letter, kind = split(tag) if tag != OUTSIDE else ("", "")
            if kind != before or before is None:
                begins, continues = begins or letter == "B", continues or letter == "I"
            before = kind if letter else None
    return begins, continues
