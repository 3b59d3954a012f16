"""What the package knows of one language, and where each piece of it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xstilts.errors import UnknownName

SYSTEMS = ("xtreme", "iso639_3", "iglue")
"""The code systems: two letters as in XTREME's file names, three as in Tatoeba's, IGLUE's own."""

MORPHOLOGIES = ("isolating", "agglutinative", "fusional", "polysynthetic", "introflexive")
WORD_ORDERS = ("SOV", "SVO", "VSO", "VOS", "OVS", "OSV", "no dominant order")
BENCHMARKS = ("xtreme", "xtreme-r", "iglue", "tydiqa", "tatoeba")

CORPORA: Mapping[str, str] = {
    "cc100": "GiB of text in CC-100, on which XLM-R was trained",
    "mc4": "billions of mT5's tokens in mC4, on which mT5 and ByT5 were trained",
}
"""Pretraining corpora whose size per language the table holds → what the number counts."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """One work or file in which a column, or a cell, of the table was read.

    Attributes:
        key: how the table cites it.
        columns: the attributes of `Language` that were read there.
        citation: authors, title, edition.
        url: where it can be read.
        version: the commit, release or date of what was read.
    """

    key: str
    columns: tuple[str, ...]
    citation: str
    url: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Language:
    """One written language: ISO 639-3 and ISO 15924, the benchmarks' codes, typology with its sources.

    A fact that was not read in a source is None, never a guess.

    Attributes:
        id: ``swa-Latn``: ISO 639-3 code, hyphen, ISO 15924 script code. A benchmark that names a macrolanguage
            keeps its code (``swa``, ``zho``, ``ara``).
        iso639_3: empty for a collection of languages (``ber``), which ISO 639-3 does not encode.
        script: ISO 15924.
        own_name: the language's name in itself, in its script; None where CLDR has none.
        codes: the language's code by system (`SYSTEMS`).
        family: as the cited source calls it.
        genus: as the cited source calls it.
        morphology: one of `MORPHOLOGIES`, or None.
        word_order: dominant order of subject, object and verb, one of `WORD_ORDERS`, or None.
        benchmarks: which of `BENCHMARKS` test it.
        glottocode: under which Grambank files it; None where Grambank does not.
        fusion: Grambank's fusion score, from 0 to 1: how much of the grammar is bound morphology. It does not tell
            fusional from agglutinative: that is ``morphology``. None where none is published.
        pretraining: corpus (`CORPORA`) → how much of it is in this language.
        sources: where each attribute was read, by the attribute's name; a fact that is None has none.
    """

    id: str
    name: str
    iso639_3: str
    script: str
    codes: Mapping[str, str] = field(hash=False)
    own_name: str | None = None
    family: str | None = None
    genus: str | None = None
    morphology: str | None = None
    word_order: str | None = None
    benchmarks: tuple[str, ...] = ()
    glottocode: str | None = None
    fusion: float | None = None
    pretraining: Mapping[str, float] = field(default_factory=dict, hash=False)
    sources: Mapping[str, tuple[Source, ...]] = field(default_factory=dict, repr=False, compare=False)

    def code(self, system: str) -> str:
        """The code under which ``system`` files this language, e.g. ``sw`` for ``xtreme``.

        Raises:
            UnknownName: no such system, or the language has no code in it.
        """
        if system not in SYSTEMS:
            raise UnknownName("code system", system, SYSTEMS)
        if system not in self.codes:
            raise UnknownName(f"code of {self.id} in the system", system, self.codes)
        return self.codes[system]

    def __str__(self) -> str:
        return self.id
