"""Questions on a paragraph as questions for one of its sentences: what a dual encoder trains on (LAReQA, from SQuAD).

Upstream splits SQuAD with its own English sentence breaker (``sb_sed.py`` of google-research/xtreme), which is
tuned on it. The rule here is ours and knows several scripts: a full stop ends a sentence if something follows that
is not a lower-case letter, unless it follows an abbreviation or an initial.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from xstilts.reading.examples import AnswerInContext, Example, Question
from xstilts.reading.identify import digest

_END = re.compile(r"""[.!?…][)\]'"”’»]*(?:\[[^\]\s]{1,20}\])*\s+|[।॥؟۔][)"”’»]*\s*|[。！？][」』”’）]*\s*""")
"""A sentence's end with what closes with it (quotes, brackets, Wikipedia's notes) and the blanks after it."""
_ABBREVIATED = re.compile(
    r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|Prof|Rev|Fr|St|Sta|Lt|Gen|Col|Maj|Adm|Capt|Sgt|Gov|Sen|Pres|Jr|Sr|Mt|Ft|No|Vol|Art"
    r"|Sec|Op|vs?|cf|ca|approx|e\.g|i\.e|Jan|Feb|Aug|Sept?|Oct|Nov|Dec))\.\s+$"
)
"""A full stop that ends an abbreviation which hardly ever ends a sentence, or an initial."""


def breaks(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text start and stop, white space at either end left out; all of its words are in one."""
    found: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        rest = text[match.end() : match.end() + 2].lstrip("\"'“‘«([")
        if (rest[:1].islower() and match.group()[0] in ".…") or _ABBREVIATED.search(text, start, match.end()):
            continue
        found.append((start, match.end()))
        start = match.end()
    found.append((start, len(text)))
    return [trimmed for one in found if (trimmed := _trimmed(text, *one))[0] < trimmed[1]]


def sentence_at(breaks: Sequence[Sequence[int]], start: int, stop: int) -> int:
    """The sentence in which an answer starts; where it starts between two, the one that it overlaps most."""
    for index, (first, last) in enumerate(breaks):
        if first <= start < last:
            return index
    overlaps = [min(last, stop) - max(first, start) for first, last in breaks]
    return overlaps.index(max(overlaps))


def answered(examples: Iterable[Example], language: str) -> list[Example]:
    """Questions as questions for a sentence; those without an answer in their context are left out, others stay."""
    found: list[Example] = []
    for example in examples:
        made = _in_context(example, language) if isinstance(example, Question) else example
        found += [made] if made is not None else []
    return found


def _in_context(question: Question, language: str) -> AnswerInContext | None:
    """The first answer decides, as it does upstream."""
    answer = next(iter(question.answers or ()), None)
    if answer is None or answer.start < 0:
        return None
    spans = breaks(question.context)
    name = digest(question.context)
    return AnswerInContext(
        example_id=question.example_id,
        cluster_id=question.cluster_id,
        question=question.question,
        language=language,
        context=question.context,
        candidates=tuple(question.context[start:stop] for start, stop in spans),
        candidate_ids=tuple(f"{name}:{index}" for index in range(len(spans))),
        correct=sentence_at(spans, answer.start, answer.start + len(answer.text)),
    )


def _trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    inside = text[start:stop]
    return start + len(inside) - len(inside.lstrip()), stop - len(inside) + len(inside.rstrip())
