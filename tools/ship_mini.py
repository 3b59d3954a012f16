"""Turns the checkpoint of ``xstilts run pretrain-mini`` into the files of ``xstilts.models.mini``: fp16, no heads.

python tools/ship_mini.py CHECKPOINT_DIR src/xstilts/models/mini
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

FILES = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json")


def main(source: Path, target: Path) -> None:
    """Writes config, weights in fp16 and tokenizer."""
    tensors = {name: tensor.to(torch.float16) for name, tensor in load_file(source / "model.safetensors").items()}
    save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
    config = json.loads((source / "config.json").read_text(encoding="utf-8"))
    config["dtype"] = "float16"
    (target / "config.json").write_text(json.dumps(config, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    for name in FILES:
        if (source / name).exists():
            shutil.copyfile(source / name, target / name)
    (target / "model.safetensors").chmod(0o644)
    size = sum(file.stat().st_size for file in target.iterdir() if file.is_file())
    print(f"{sum(tensor.numel() for tensor in tensors.values()):,} parameters, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
