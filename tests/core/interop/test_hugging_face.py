"""The exported folder computes what our model computes, by a second reading of the published architectures' layout."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer as Backend
from torch.nn import functional as F

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.interop.hugging_face import export
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.settings import change_all
from llmstudio.core.tokenizer.config import END, SPECIALS
from llmstudio.core.tokenizer.kinds import char_backend
from llmstudio.core.tokenizer.tokenizer import Tokenizer

SMALL = DecoderConfig(num_layers=2, embed_dim=32, num_heads=4, context_length=24)


@pytest.fixture
def tokenizer():
    return Tokenizer(char_backend(list("abcdefghijklmnopqrstuvwxyz ")))


def _export(config, tokenizer, out):
    model = build_model("decoder", config, tokenizer.vocab_size, seed=1).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("norm.weight"):
                weight.uniform_(0.5, 1.5, generator=torch.Generator().manual_seed(0))
    export(model, tokenizer, out, facts={"has read": "nothing"}, record_kind="turns")
    return model


def _their_logits(folder, ids):
    """A forward pass written from the published names and shapes alone: separate projections, rotate-half, SwiGLU."""
    c = json.loads((folder / "config.json").read_text())
    w = load_file(folder / "model.safetensors")
    heads, kv, width = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
    length = len(ids)
    angle = torch.outer(
        torch.arange(length).double(), c["rope_theta"] ** (-torch.arange(0, width, 2).double() / width)
    ).repeat(1, 2)

    def norm(x, gain):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + c["rms_norm_eps"]) * gain

    def turn(x):
        half = width // 2
        return x * angle.cos().float() + torch.cat((-x[..., half:], x[..., :half]), -1) * angle.sin().float()

    x = w["model.embed_tokens.weight"][ids]
    for layer in range(c["num_hidden_layers"]):
        p = f"model.layers.{layer}."
        h = norm(x, w[p + "input_layernorm.weight"])
        q, k, v = (
            (h @ w[p + f"self_attn.{n}_proj.weight"].T).view(length, count, width)
            for n, count in (("q", heads), ("k", kv), ("v", kv))
        )
        if c["model_type"] == "qwen3":
            q, k = norm(q, w[p + "self_attn.q_norm.weight"]), norm(k, w[p + "self_attn.k_norm.weight"])
        q, k, v = turn(q.transpose(0, 1)), turn(k.transpose(0, 1)), v.transpose(0, 1)
        k, v = (t.repeat_interleave(heads // kv, dim=0) for t in (k, v))
        scores = (q @ k.transpose(1, 2) / width**0.5).masked_fill(torch.ones(length, length).triu(1).bool(), -torch.inf)
        mixed = (scores.softmax(-1) @ v).transpose(0, 1).reshape(length, -1)
        x = x + mixed @ w[p + "self_attn.o_proj.weight"].T
        h = norm(x, w[p + "post_attention_layernorm.weight"])
        x = (
            x
            + (F.silu(h @ w[p + "mlp.gate_proj.weight"].T) * (h @ w[p + "mlp.up_proj.weight"].T))
            @ w[p + "mlp.down_proj.weight"].T
        )
    head = w["model.embed_tokens.weight"] if c["tie_word_embeddings"] else w["lm_head.weight"]
    return norm(x, w["model.norm.weight"]) @ head.T


@pytest.mark.parametrize(
    "config",
    [
        SMALL,
        replace(SMALL, num_kv_heads=2, tie_embeddings=False),
        replace(SMALL, qk_norm=False),
        replace(SMALL, num_heads=3, head_width=6),
    ],
)
def test_that_the_exported_weights_give_our_logits(tmp_path, tokenizer, config):
    model = _export(config, tokenizer, tmp_path / "out")
    ids = torch.arange(7, 27)
    with torch.inference_mode():
        ours = model.head(model(Batch(ids[None])).hidden)[0]
    torch.testing.assert_close(_their_logits(tmp_path / "out", ids), ours, atol=1e-5, rtol=1e-4)
    name = json.loads((tmp_path / "out" / "config.json").read_text())["architectures"]
    assert name == (["Qwen3ForCausalLM"] if config.qk_norm else ["LlamaForCausalLM"])


def test_that_the_exported_tokenizer_gives_the_same_ids(tmp_path, tokenizer):
    _export(SMALL, tokenizer, tmp_path / "out")
    again = Backend.from_file(str(tmp_path / "out" / "tokenizer.json"))
    assert again.encode("the fox").ids == tokenizer.encode("the fox")
    settings = json.loads((tmp_path / "out" / "tokenizer_config.json").read_text())
    assert settings["eos_token"] in SPECIALS
    assert settings["model_input_names"] == ["input_ids", "attention_mask"], "no segment ids, which a decoder refuses"
    assert settings["padding_side"] == "left", "rows of a batch end together"
    drawn = json.loads((tmp_path / "out" / "generation_config.json").read_text())
    assert set(range(len(SPECIALS))) - set(drawn["suppress_tokens"]) == {END}
    assert settings["chat_template"] == (tmp_path / "out" / "chat_template.jinja").read_text()


@pytest.mark.parametrize(
    ("changes", "way_back"),
    [
        ({"activation": "relu2"}, "model.activation=swiglu"),
        ({"convolution_width": 4, "value_embeddings": True}, "model.convolution_width=0, model.value_embeddings=false"),
        (
            {"positions": "learned", "norm": "layer", "norm_place": "after"},
            "rotary, model.norm=rms, model.norm_place=before",
        ),
        ({"attention_window": 8}, "model.attention_window=0"),
    ],
)
def test_that_a_shape_of_our_own_is_refused_with_the_settings_that_lead_back(tmp_path, tokenizer, changes, way_back):
    config = replace(SMALL, **changes)
    with pytest.raises(StudioError, match=f"only in this program.*{way_back}"):
        _export(config, tokenizer, tmp_path / "out")
    again = change_all(config, config.changes_for_export())
    assert again.why_not_exportable() is None
    assert again == SMALL
    assert not (tmp_path / "out").exists()


def test_that_an_existing_folder_is_never_overwritten(tmp_path, tokenizer):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("precious")
    with pytest.raises(StudioError, match="exists already"):
        _export(SMALL, tokenizer, tmp_path / "out")
    assert (tmp_path / "out" / "mine.txt").read_text() == "precious"
