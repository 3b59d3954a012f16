"""One table of languages: ISO codes, the benchmarks' codes mapped once, typology, and the source of each cell.

Adding a language is one row of ``table.tsv``; a new work to cite is one row of ``sources.tsv``.
"""

from xstilts.languages.language import BENCHMARKS, CORPORA, MORPHOLOGIES, SYSTEMS, WORD_ORDERS, Language, Source
from xstilts.languages.table import all_languages, from_code, get, sources
from xstilts.languages.tags import Understood, is_tag, understood

__all__ = [
    "BENCHMARKS",
    "CORPORA",
    "MORPHOLOGIES",
    "SYSTEMS",
    "WORD_ORDERS",
    "Language",
    "Source",
    "Understood",
    "all_languages",
    "from_code",
    "get",
    "is_tag",
    "sources",
    "understood",
]
