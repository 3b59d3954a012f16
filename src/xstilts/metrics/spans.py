"""Typed spans from a sentence's tags: as seqeval reads them in its default mode, or by a scheme that closes them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from xstilts.errors import UserError
from xstilts.metrics.schemes import BILOU, Scheme, closed_spans

Span = tuple[str, int, int]
"""Type, first token, last token (both inclusive)."""


def spans(tags: Sequence[str], scheme: Scheme | None = None) -> set[Span]:
    """The spans of one sentence.

    Args:
        tags: of its words.
        scheme: that they follow; None: BILOU where a tag says so by its letter, else as conlleval reads them, which
            IOB1, IOB2 and IOE have in common.
    """
    if scheme is None and any(tag[:2] in ("L-", "U-") for tag in tags):
        scheme = BILOU
    return closed_spans(tags, scheme) if scheme is not None and scheme.closed else conlleval_spans(tags)


def conlleval_spans(tags: Sequence[str]) -> set[Span]:
    """The spans of one sentence, equal to ``seqeval.metrics.sequence_labeling.get_entities`` (1.2.2) on it alone.

    A tag is read as its first character (the *prefix*) and the rest after at most one hyphen (the *type*, ``_``
    where nothing is left). So ``B-PER`` is B of PER, ``NOUN`` is N of OUN, ``X`` is X of ``_``. Then, as conlleval:

    - B and S always start a span; I or E starts one after O, E or S; any prefix but O and ``.`` starts one where the
      type differs from the one before. ``O I-PER`` is therefore a span, and ``B-PER I-LOC`` are two.
    - E and S always end a span; B or I ends before B, S or O; any prefix but O and ``.`` ends where the type changes.

    The end of the sentence is an O, whose type is ``_``. Hence two results that are seqeval's and not a slip here:
    an untyped run other than B, I, E, S (the tag X) is lost before an O or at the end of the sentence, and an end
    without a start takes the start of the span before it.
    """
    found: set[Span] = set()
    before, before_type, first = "O", "", 0
    for position, tag in enumerate(chain(tags, ("O",))):
        now, now_type = tag[0], _type(tag)
        changed = before_type != now_type
        if before in "ES" or (before in "BI" and now in "BSO") or (before not in "O." and changed):
            found.add((before_type, first, position - 1))
        if now in "BS" or (now in "EI" and before in "OES") or (now not in "O." and changed):
            first = position
        before, before_type = now, now_type
    return found


def check_tags(metric: str, gold: Sequence[str], predicted: Sequence[str]) -> None:
    """Refuses two taggings of one sentence that cannot be compared.

    Raises:
        UserError: a tagging that is not a sequence (hidden labels are None), an empty or non-text tag, or two lengths.
    """
    for role, tags in (("gold", gold), ("predicted", predicted)):
        if isinstance(tags, str) or not isinstance(tags, Sequence):
            raise UserError(f"{metric}: the {role} tags are {tags!r}; expected a sequence of tags, one per token")
        for position, tag in enumerate(tags):
            if not isinstance(tag, str) or not tag:
                raise UserError(f"{metric}: the {role} tag of token {position} is {tag!r}; expected a non-empty str")
    if len(gold) != len(predicted):
        raise UserError(f"{metric}: {len(gold)} gold tags but {len(predicted)} predicted tags for one sentence")


def _type(tag: str) -> str:
    rest = tag[1:]
    head, hyphen, tail = rest.partition("-")
    return (tail if hyphen else head) or "_"
