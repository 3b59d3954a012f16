"""The config.json of a model directory: a known type, sizes that are numbers, nothing that needs other code."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from xstilts.errors import beginning, nearest
from xstilts.models.preflight import library
from xstilts.models.preflight.problems import Problems
from xstilts.models.shapes import SPELLINGS, sized, spelled

FILE, ADAPTER = "config.json", "adapter_config.json"
_OPTIONAL = frozenset({"intermediate", "positions"})
"""Sizes that a configuration may give as null: the model then chooses."""
_OWN_HEADS = ("head_dim", "d_kv", "d_head", "attention_head_size")
"""Where the width of a head is given, the width of the model need not be a multiple of their number."""
ENCODERS = "MODEL_FOR_MASKED_LM_MAPPING_NAMES"
"""The library's table of the models that learn masked LM."""
_AROUND = ("*", "snapshots/*")
"""Where a model may be in the folder that was given for it: in a pipeline, in the hub's cache."""
_OTHER_INPUT = ("vision_config", "audio_config")


def check_configuration(problems: Problems) -> dict[str, Any] | None:
    """The configuration, with what is wrong with it noted; None where there is none to read."""
    if (problems.folder / ADAPTER).exists() and not (problems.folder / FILE).exists():
        return None  # which says itself that it is not a model
    config = read_configuration(problems)
    if config is None:
        return None
    _check_type(problems, config)
    named = config.get("architectures")
    if named is not None and not isinstance(named, list):
        problems.add(f"architectures is {_shown(named)}; a list of names is expected", file=FILE)
    _check_sizes(problems, config)
    if config.get("quantization_config") is not None:
        problems.add("its weights are quantised, which cannot be trained", file=FILE, hint="give the original model")
    if other := [name for name in _OTHER_INPUT if config.get(name) is not None]:
        problems.add(
            f"a model of more than text ({', '.join(other)})",
            file=FILE,
            hint="give a model of text, or save its language model by itself",
        )
    return config


def read_configuration(problems: Problems) -> dict[str, Any] | None:
    """The configuration as it stands; None where there is none to read, which is noted."""
    config = problems.table(FILE)
    if config is None and FILE not in problems.unusable:
        inside = sorted(file.parent for way in _AROUND for file in problems.folder.glob(f"{way}/{FILE}"))
        hint = f"did you mean {inside[0]}?" if inside else "a Hugging Face model directory is expected"
        problems.add(f"holds no {FILE}", hint=hint)
    return config


def typed(config: Mapping[str, Any]) -> bool:
    """Whether a configuration says of which type its model is, in the form that is expected."""
    return isinstance(config.get("model_type"), str) and isinstance(config.get("architectures") or [], list)


def _check_type(problems: Problems, config: Mapping[str, Any]) -> None:
    """A ``model_type`` that the installed library knows. The code that a checkpoint brings is never run."""
    kind = config.get("model_type")
    if not isinstance(kind, str) or not kind:
        said = "names no model_type" if kind is None else f"model_type is {kind!r}, not a name"
        problems.add(said, file=FILE, hint="e.g. bert, xlm-roberta, modernbert")
        return
    known = library.model_types()
    if not known:
        return
    if kind not in known:
        text = f"model_type {kind!r} is not known to {library.release()}"
        close = nearest(kind, known)
        hint = f"did you mean {close!r}?" if close else "give a model of a type that it knows, or a newer transformers"
        if "auto_map" in config:
            text += ", and code that a checkpoint brings is never run"
            hint = "give a model of a type that transformers itself knows"
        problems.add(text, file=FILE, hint=hint)
        return
    writes = bool(config.get("is_encoder_decoder"))
    mapping = "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES" if writes else "MODEL_MAPPING_NAMES"
    loadable = library.types_with(mapping)
    if loadable and kind not in loadable:
        what = "text-to-text model" if writes else "model"
        problems.add(f"{library.release()} has no {what} of model_type {kind!r}", file=FILE)


def _check_sizes(problems: Problems, config: Mapping[str, Any]) -> None:
    """Every size that is given is a whole number above zero, and the heads divide the width."""
    right = True
    for what, names in SPELLINGS.items():
        for name in names:
            value = config.get(name)
            if name not in config or sized(value) is not None or _left_open(config, what, value):
                continue
            right = False
            problems.add(f"{name} is {_shown(value)}; a whole number above 0 is expected", file=FILE)
    padding = config.get("pad_token_id")
    if padding is not None and (not isinstance(padding, int) or isinstance(padding, bool)):
        problems.add(f"pad_token_id is {_shown(padding)}; the number of a token is expected", file=FILE)
    hidden, heads = spelled(config, "hidden"), spelled(config, "heads")
    # Of decoders there are some whose class gives a head its width.
    divided = right and str(config.get("model_type")) in library.types_with(ENCODERS)
    if divided and hidden and heads and hidden % heads and not any(config.get(name) for name in _OWN_HEADS):
        problems.add(f"a width of {hidden} cannot be divided among {heads} attention heads", file=FILE)


def _left_open(config: Mapping[str, Any], what: str, value: object) -> bool:
    """Whether a size that is no number may be so: null where the model chooses, a list where layers differ in it."""
    if value is None:
        return what in _OPTIONAL or spelled(config, what) is not None
    return what == "intermediate" and isinstance(value, list)


def _shown(value: object) -> str:
    """A value as it stands in JSON; of a very long one, its beginning."""
    if value is None:
        return "null"
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 2**63:
        return "a number of more than 18 digits"
    return beginning(repr(value))
