"""transformers' Trainer at its best documented settings, and the rows in the form that it takes.

The settings are those of transformers' guides to training on a CPU and on one GPU: bf16, batches grouped by length,
the fused AdamW (a default), and on a GPU TF32 for what stays in fp32 and workers that load ahead.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from harness import workload
from xstilts.heads.rows import Rows

SEED = 7
EVAL_BATCH = 64


def best_settings(*, training: bool) -> dict[str, Any]:
    """For this device; workers that load ahead pay in training alone, since every call of ``predict`` starts them."""
    import torch

    best: dict[str, Any] = {"bf16": True, "train_sampling_strategy": "group_by_length"}
    if torch.cuda.is_available():
        best |= {"tf32": True, **({"dataloader_num_workers": 2} if training else {})}
    return best


def model_of(work: workload.Work, start: Path) -> Any:  # noqa: ANN401
    """The drawn encoder under transformers' own head for the task."""
    import transformers

    transformers.logging.set_verbosity_error()
    name = {
        "pair_classification": "XLMRobertaForSequenceClassification",
        "tagging": "XLMRobertaForTokenClassification",
        "extractive_qa": "XLMRobertaForQuestionAnswering",
    }[work.kind]
    transformers.set_seed(SEED)
    options = {} if work.kind == "extractive_qa" else {"num_labels": len(work.labels)}
    return getattr(transformers, name).from_pretrained(start, **options)


def transfer_model_of(model: Any, work: workload.Work) -> Any:  # noqa: ANN401
    """The same weights as a model of ours."""
    import torch

    from xstilts.training.model import TransferModel

    head = getattr(model, "classifier", None) or model.qa_outputs
    if hasattr(head, "out_proj"):  # our head is given the first token's state, theirs picks it
        head = torch.nn.Sequential(head.dense, torch.nn.Tanh(), head.out_proj)
    return TransferModel(model.roberta, {work.task: work.head}, {work.task: head})


def features_of(work: workload.Work, rows: Rows) -> list[dict[str, Any]]:
    """The rows as what the Trainer's models take; lists, as `datasets` gives them."""
    found = []
    for i in range(len(rows)):
        row = rows.row(i)
        feature: dict[str, Any] = {"input_ids": row["input_ids"].tolist()}
        if work.kind == "pair_classification":
            feature["labels"] = row["label"]
        elif work.kind == "tagging":
            feature["labels"] = row["labels"].tolist()
        else:
            feature.update(start_positions=row["start"], end_positions=row["end"])
        found.append(feature)
    return found


def collate(features: list[dict[str, Any]]) -> dict[str, Any]:
    """Padded to the longest row, as transformers' own collators do."""
    import torch

    width = max(len(feature["input_ids"]) for feature in features)
    batch: dict[str, Any] = {"attention_mask": torch.zeros(len(features), width, dtype=torch.long)}
    for name, value in features[0].items():
        if isinstance(value, list):
            batch[name] = torch.full((len(features), width), workload.PAD if name == "input_ids" else -100)
        else:
            batch[name] = torch.tensor([feature[name] for feature in features])
    for place, feature in enumerate(features):
        size = len(feature["input_ids"])
        batch["attention_mask"][place, :size] = 1
        for name, value in feature.items():
            if isinstance(value, list):
                batch[name][place, :size] = torch.tensor(value)
    return batch
