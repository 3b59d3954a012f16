"""Test rows in other forms: the counts on them, and the minimum of each example over its forms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from xstilts.analysis.cells import Counts, Failed

MINIMUM = "minimum of each example"
"""An example scored where it scores lowest: as it is, or under one of the perturbations (HELM, arXiv 2211.09110)."""


class Form(NamedTuple):
    """What was done to test rows: a perturbation, or second sentences in another language."""

    perturbation: str = ""
    second: str = ""


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What a perturbation did to the rows of a target in a language.

    Attributes:
        error_rate: edits per character.
        tokens_changed: edits per token of the model's tokenizer.
        changed: share of the examples whose text is another.
        examples: that were looked at.
    """

    target: str
    language: str
    perturbation: str
    error_rate: float
    tokens_changed: float
    changed: float
    examples: int


@dataclass(frozen=True, kw_only=True)
class Varied:
    """All evaluations of a run on test rows in other forms.

    Attributes:
        counts: by form; once the minimum of each example has been taken (`with_minimum`), it is one of them.
        failed: by form.
        audits: one per perturbation, target and language.
        undefined: target → perturbation → language → why it is not defined there.
        rates: target → character error rate asked for.
    """

    counts: Mapping[Form, Sequence[Counts]]
    failed: Mapping[Form, Sequence[Failed]]
    audits: Sequence[Audit] = ()
    undefined: Mapping[str, Mapping[str, Mapping[str, str]]]
    rates: Mapping[str, float]


def with_minimum(clean: Sequence[Counts], varied: Varied) -> Varied:
    """The same with the minimum over all perturbations as a further form, where every one has a result."""
    forms: dict[tuple[str, str, str, int | None], list[Counts]] = defaultdict(list)
    for form, cells in varied.counts.items():
        for cell in cells if form.perturbation else ():
            forms[cell.arm, cell.target, cell.language, cell.seed].append(cell)
    most: dict[tuple[str, str], int] = defaultdict(int)
    for (_, target, language, _), found in forms.items():
        most[target, language] = max(most[target, language], len(found))
    lowest = list(_minima(clean, forms, most))
    return replace(varied, counts={**varied.counts, Form(perturbation=MINIMUM): lowest}) if lowest else varied


def _minima(
    clean: Iterable[Counts],
    forms: Mapping[tuple[str, str, str, int | None], Sequence[Counts]],
    most: Mapping[tuple[str, str], int],
) -> Iterator[Counts]:
    for cell in clean:
        others = forms.get((cell.arm, cell.target, cell.language, cell.seed), ())
        if others and len(others) == most[cell.target, cell.language]:
            yield minimum([cell, *others])


def under(name: str, varied: Varied | None) -> list[Counts]:
    """The counts in one form of the rows: a perturbation's, ``minimum``, or ``pairs``, each a language of its own."""
    if varied is None:
        return []
    if name == "pairs":
        pairs = ((form, cell) for form, cells in varied.counts.items() if form.second for cell in cells)
        return [replace(cell, language=f"{cell.language} × {form.second}") for form, cell in pairs]
    return list(varied.counts.get(Form(perturbation=MINIMUM if name == "minimum" else name), ()))


def minimum(forms: Sequence[Counts]) -> Counts:
    """Every example with the counts of the form in which its official score is lowest; undefined scores count last.

    Args:
        forms: the same examples in the same order.
    """
    counts_FNC = np.stack([one.counts for one in forms])
    with np.errstate(divide="ignore", invalid="ignore"):
        scores_FN = np.stack([np.asarray(one.scores(one.counts)[one.score_names[0]], float) for one in forms])
    chosen_N = np.where(np.isnan(scores_FN), np.inf, scores_FN).argmin(axis=0)
    return replace(forms[0], counts=counts_FNC[chosen_N, np.arange(counts_FNC.shape[1])])
