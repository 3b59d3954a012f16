"""What a run's record says of its target languages: fusion, pretraining size, and what the tokenizer makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from xstilts import languages
from xstilts.errors import UnknownName, XstiltsError
from xstilts.experiments.experiment_graph import ExperimentGraph
from xstilts.experiments.explain import ExplainData
from xstilts.phases.start import start_of
from xstilts.phases.tokenizer_measures import Measures, measures
from xstilts.pipeline.store import Store

MEASURED = ("premium", "fertility", "continued", "tokens_per_character")


def explain_record(study: ExperimentGraph, store: Store) -> dict[str, Any]:
    """For the record of a run that regresses its gains; nothing for any other."""
    data = study.explain
    if data is None:
        return {}
    chosen = sorted({one.language for one in study.evaluations})
    measured, told = _measured(study, data, store)
    properties = {
        language: {
            "fusion": _fusion(language),
            "pretraining_size": data.sizes.get(language),
            **{name: measured.get(language, {}).get(name) for name in MEASURED},
        }
        for language in chosen
    }
    if data.size_of:
        told.append(f"Pretraining size: {data.size_of}.")
    return {"explain": {"gain": list(data.asked.gain), "languages": properties, "told": told}}


def _fusion(language: str) -> float | None:
    try:
        return languages.get(language).fusion
    except UnknownName:
        return None


def _measured(study: ExperimentGraph, data: ExplainData, store: Store) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Language → measures of the first text that has it; and which texts these are."""
    if not data.texts:
        return {}, []
    # All checkpoints of a run have one tokenizer: any that is in the store will do.
    nodes = [one.node for one in study.evaluations]
    here = next((node for node in nodes if all(store.has(parent.key) for parent in node.parents.values())), None)
    if here is None:
        return {}, ["What the tokenizer makes of the languages could not be measured: no checkpoint is in the store."]
    try:
        tokenizer = start_of(here, store).tokenizer()
        every = [measures(tokenizer, text, reference=data.asked.reference) for text in data.texts]
    except XstiltsError as error:  # the results are there; what they are compared with is not
        return {}, [f"What the tokenizer makes of the languages could not be measured: {error}"]
    found: dict[str, dict[str, Any]] = {}
    for one in (one for of_text in every for one in of_text):
        found.setdefault(one.language, asdict(one))
    return found, [_told(every, data.asked.reference)]


def _told(every: Sequence[Sequence[Measures]], reference: str) -> str:
    names = ", ".join(dict.fromkeys(one.text for of_text in every for one in of_text))
    return f"Tokens: of this run's tokenizer on {names}; the premium is relative to {reference}."
