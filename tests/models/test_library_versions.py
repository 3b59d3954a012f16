from __future__ import annotations

import os
import subprocess
import sys

import pytest

from xstilts.errors import CheckpointError
from xstilts.models.versions import CACHE_ARGUMENTS, cache_argument, mend_modernbert


class Oldest:
    def forward(self, input_ids=None, past_key_values=None, use_cache=None, **kwargs): ...


class Newest:
    def forward(self, input_ids=None, cache=None, use_cache=None, **kwargs): ...


class Between:
    """Takes both for a while: the new name is the one that stays."""

    def forward(self, input_ids=None, past_key_values=None, cache=None): ...


class Stranger:
    def forward(self, input_ids=None, memory=None, **kwargs): ...


@pytest.mark.parametrize(
    ("model", "name"),
    [(Oldest, "past_key_values"), (Newest, "cache"), (Between, "cache")],
    ids=lambda value: str(value),
)
def test_the_cache_is_passed_under_the_name_that_the_forward_gives_it(model, name):
    assert cache_argument(model) == name


def test_a_forward_without_a_known_name_is_named_with_the_version():
    import transformers

    with pytest.raises(CheckpointError) as raised:
        cache_argument(Stranger)
    message = str(raised.value)
    assert "Stranger" in message
    assert transformers.__version__ in message
    assert all(name in message for name in CACHE_ARGUMENTS)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("model", ["MT5ForConditionalGeneration", "T5ForConditionalGeneration"])
def test_the_installed_version_takes_the_cache_under_the_name_found(model):
    """Every warning is an error here: the name is not on its way out."""
    import torch
    import transformers

    torch.manual_seed(0)
    shape = {"vocab_size": 32, "d_model": 8, "d_kv": 4, "d_ff": 16, "num_layers": 1, "num_heads": 2}
    config = transformers.T5Config(**shape) if model.startswith("T5") else transformers.MT5Config(**shape)
    config.decoder_start_token_id = 0
    loaded = getattr(transformers, model)(config).eval()
    cache = transformers.EncoderDecoderCache(transformers.DynamicCache(), transformers.DynamicCache())
    read, written = torch.tensor([[5, 6, 1]]), torch.tensor([[0, 7, 9]])
    with torch.no_grad():
        whole = loaded(input_ids=read, decoder_input_ids=written, use_cache=False).logits
        for place in range(written.shape[1]):
            step = {"decoder_input_ids": written[:, place : place + 1], cache_argument(type(loaded)): cache}
            last = loaded(input_ids=read, use_cache=True, **step).logits[:, -1]
            assert torch.allclose(last, whole[:, place], atol=1e-5), place
    assert cache.get_seq_length() == written.shape[1]


def test_a_modernbert_whose_layers_all_see_everything_is_read(tmp_path):
    from transformers import AutoConfig, ModernBertConfig

    mend_modernbert()
    sizes = {"num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2, "vocab_size": 32, "pad_token_id": 0}
    marks = dict.fromkeys(("bos_token_id", "eos_token_id", "cls_token_id", "sep_token_id"), 1)
    config = ModernBertConfig(**sizes, **marks, global_attn_every_n_layers=1, global_rope_theta=1234.0)
    config.save_pretrained(tmp_path)
    for read in (config, AutoConfig.from_pretrained(tmp_path)):
        assert read.layer_types == ["full_attention"] * 2
        assert read.rope_parameters["full_attention"] == {"rope_type": "default", "rope_theta": 1234.0}
        assert set(read.rope_parameters) <= {"full_attention", "sliding_attention"}
    mixed = ModernBertConfig(**sizes, **marks, global_attn_every_n_layers=2, local_rope_theta=77.0)
    assert mixed.rope_parameters["sliding_attention"]["rope_theta"] == 77.0


WARNS = """
import warnings
from xstilts.cli import main
main(["--version"])
warnings.warn("later otherwise", FutureWarning)
"""


@pytest.mark.parametrize(("asked", "shown"), [("", False), ("default", True)])
def test_a_user_sees_what_a_library_deprecates_only_when_asking_for_it(asked, shown):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    ended = subprocess.run(
        [sys.executable, "-c", WARNS],
        env=environment | ({"PYTHONWARNINGS": asked} if asked else {}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("later otherwise" in ended.stderr) is shown, ended.stderr


@pytest.mark.parametrize(("asked", "raises"), [("", False), ("error", True)])
def test_a_node_hides_them_too(asked, raises):
    """In a worker, which runs `dispatch.run` and no command."""
    code = (
        "import warnings; from xstilts.phases import dispatch\n"
        "with dispatch._quiet(): warnings.warn('later otherwise', FutureWarning)\n"
        "warnings.warn('not hidden behind it', FutureWarning)"
    )
    ended = subprocess.run(
        [sys.executable, *([f"-W{asked}::FutureWarning"] if asked else []), "-c", code],
        env={name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode != 0) is raises
    assert ("later otherwise" in ended.stderr) is raises
    assert ("not hidden behind it" in ended.stderr) is not raises
