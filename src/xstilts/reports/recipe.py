"""What the experiment of a run says of its training sets, read from the YAML text in the run's record.

A record may come from another version, so nothing is taken for granted here: what is not understood is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from xstilts.phases.methods import sentence_of
from xstilts.phases.options.augment import augment_sentence
from xstilts.phases.options.objective import objective_sentence
from xstilts.reports.numbers import counted, listed

Experiment = Mapping[str, Any]


def read_experiment(text: str) -> Experiment:
    """The experiment as plain values; empty where it cannot be read."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        found = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError):
        return {}
    return _mapping(found)


def pretraining_text(experiment: Experiment) -> str:
    """``masked_lm on text/mono, microworld and text/parallel, at most 3,000,000 tokens``; a distillation's teacher."""
    said = _mapping(experiment.get("pretraining"))
    # The microworld may be both: it is named once.
    texts = list(dict.fromkeys([*_names(said.get("text")), *_names(said.get("parallel"))]))
    if not texts:
        return ""
    tokens = said.get("max_tokens")
    limit = f", at most {counted(tokens, 'token')}" if isinstance(tokens, int) else ""
    teacher = f" of {said['teacher']}" if said.get("teacher") else ""
    return f"{said.get('method') or 'masked_lm'}{teacher} on {listed(texts)}{limit}"


def arm_texts(experiment: Experiment) -> dict[str, str]:
    """Arm → what it trains on, and the limit of its rows where it has one of its own."""
    return {
        str(arm["name"]): "; ".join(filter(None, [sentence_of(arm), _own_limit(arm)]))
        for arm in _mappings(experiment.get("intermediate"))
        if "name" in arm
    }


def target_texts(experiment: Experiment) -> dict[str, str]:
    """Target → the stand-in of its training set, and the limit of its rows where it has one of its own."""
    found = {}
    for target in _mappings(experiment.get("targets")):
        other = target.get("train_on") or ""
        own = _files(other.get("files")) if isinstance(other, Mapping) else str(other)
        stand_in = _files(target.get("train_file")) or own
        how = [augment_sentence(target.get("augment")), objective_sentence(target.get("objective"))]
        parts = [f"fine-tuned on {stand_in}" if stand_in else "", *how, _own_limit(target)]
        found[str(target.get("name"))] = "; ".join(filter(None, parts))
    return found


def limit_text(experiment: Experiment) -> str:
    """``at most 2,000; tydiqa at most 1,000``: per training set, as the experiment's budget says it."""
    limits = _mapping(_mapping(experiment.get("budget")).get("max_train_examples"))
    said = {name: f"at most {number:,}" if isinstance(number, int) else "all" for name, number in limits.items()}
    default = said.pop("default", None)
    return "; ".join(filter(None, [default, *(f"{name} {text}" for name, text in said.items())]))


def _own_limit(part: Mapping[str, Any]) -> str:
    limit = _mapping(part.get("budget")).get("max_train_examples")
    return f"at most {counted(limit, 'row')}" if isinstance(limit, int) else ""


def _files(files: object) -> str:
    return listed(_names(files))


def _names(value: object) -> list[str]:
    """One name or several: an experiment may write either."""
    if isinstance(value, str):
        return [value] if value else []
    return [str(name) for name in value] if isinstance(value, Sequence) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(values: object) -> list[Mapping[str, Any]]:
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, Sequence) else []
