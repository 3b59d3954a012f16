"""Works as BibTeX: the address and what follows from it; authors and titles only where a card has them."""

from __future__ import annotations

from collections.abc import Iterable

from xstilts.reports.references import Reference
from xstilts.reports.tex.escaping import SPECIALS

OF_LATEX = frozenset("\\{}$&#%_^~")
"""What no LaTeX prints as it is, whoever reads the file."""


def bibtex(works: Iterable[Reference]) -> str:
    """One ``@misc`` a work, in the order given."""
    return "\n\n".join(map(_entry, works)) + "\n"


def _entry(one: Reference) -> str:
    fields = ",\n".join(f"  {name} = {{{_value(name, text)}}}" for name, text in one.fields.items())
    return f"@misc{{{one.key},\n{fields}\n}}"


def _value(name: str, text: str) -> str:
    """Addresses are taken as they are, but for braces; in a note LaTeX's specials are escaped, letters stay letters."""
    if name != "note":
        return text.replace("{", "%7B").replace("}", "%7D")
    return "".join(SPECIALS[one] if one in OF_LATEX else one for one in text)
