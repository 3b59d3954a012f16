"""Which architectures the engine knows, and what it may do with each.

A model is known by its class: one of transformers' own of these types. Whatever else is computed plainly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xstilts.engine.last_layer import Narrow, after_norm, before_norm
from xstilts.models.architectures.decoder import DECODERS
from xstilts.models.loading import base_of

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the engine may do with an architecture.

    Attributes:
        packs: it computes attention through transformers' interface and takes explicit positions, so that rows can be
            packed.
        narrow: how its last layer is computed for some tokens alone; None where that is not known.
    """

    packs: bool = False
    narrow: Narrow | None = None


PADDED = Known()
KNOWN = {
    **dict.fromkeys(("bert", "camembert", "roberta", "xlm-roberta"), Known(packs=True, narrow=after_norm)),
    "modernbert": Known(packs=True, narrow=before_norm),
    **dict.fromkeys(("deberta-v2", "eurobert", "mt5", "t5", "umt5", *DECODERS), PADDED),
}
"""By ``model_type``."""


def known(encoder: PreTrainedModel) -> Known | None:
    """What the engine may do with a model; None where it does not know the model's class."""
    base: Any = base_of(encoder)
    if not type(base).__module__.startswith("transformers.models."):
        return None
    found = KNOWN.get(base.config.model_type)
    # BERT's relatives can also be run as decoders, whose tokens do not see those behind them.
    if found is not None and found.packs and getattr(base.config, "is_decoder", False):
        return PADDED
    return found


def why_unknown(encoder: PreTrainedModel) -> str:
    """Why the engine leaves a model alone; empty where it knows its class."""
    name = type(base_of(encoder)).__name__
    return "" if known(encoder) is not None else f"the engine does not know the model class {name}"
