"""The exported file, read by the format's own library, holds our weights and vocabulary; what it cannot hold is refused."""

from __future__ import annotations

from dataclasses import replace

import gguf
import numpy as np
import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.interop.chat_layout import chat_template
from llmstudio.core.interop.gguf import export_gguf, gguf_weights
from llmstudio.core.interop.hugging_face import exported_weights
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.tokenizer.config import END, PAD, SPECIALS, UNKNOWN, TokenizerConfig
from llmstudio.core.tokenizer.kinds import blank, char_backend, finished, trainer_for
from llmstudio.core.tokenizer.tokenizer import Tokenizer

SMALL = DecoderConfig(num_layers=2, embed_dim=32, num_heads=4, context_length=24, rope_base=5000.0)
TEXT = ["the boy has the kite, and the girl has the ball", "that's what they've said: 12 kites… 中文 😀"] * 4


def _tokenizer(**changes):
    config = replace(TokenizerConfig(vocab_size=300), **changes)
    backend = blank(config)
    if config.kind != "byte":
        backend.train_from_iterator(TEXT, trainer_for(config))
        backend = finished(backend, config)
    return Tokenizer(backend)


def _model(config, tokenizer, kind="decoder"):
    return build_model(kind, config, tokenizer.vocab_size, seed=1).eval()


def _value(reader, key):
    return reader.fields[key].contents()


@pytest.mark.parametrize(
    "config",
    [
        SMALL,
        replace(SMALL, num_kv_heads=2, tie_embeddings=False),
        replace(SMALL, qk_norm=False, num_kv_heads=2),
        replace(SMALL, num_heads=3, head_width=6),
    ],
)
def test_that_the_file_holds_our_weights_shape_and_vocabulary(tmp_path, config):
    tokenizer = _tokenizer()
    model = _model(config, tokenizer)
    export_gguf(model, tokenizer, tmp_path / "m.gguf", name="Kites", facts={"Steps": "3"}, record_kind="turns")
    reader = gguf.GGUFReader(tmp_path / "m.gguf")
    stored = {tensor.name: tensor.data.reshape([int(n) for n in reversed(tensor.shape)]) for tensor in reader.tensors}
    wanted = gguf_weights(model)
    assert stored.keys() == wanted.keys()
    for name, values in wanted.items():
        np.testing.assert_array_equal(stored[name], values, err_msg=name)
    known = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN3 if config.qk_norm else gguf.MODEL_ARCH.LLAMA, config.num_layers)
    for published in exported_weights(model):
        assert f"{known.get_name(published.removesuffix('.weight'))}.weight" in stored, (
            "named as the format's own table does"
        )
    arch = "qwen3" if config.qk_norm else "llama"
    figures = {
        "block_count": config.num_layers,
        "context_length": config.context_length,
        "embedding_length": config.embed_dim,
        "feed_forward_length": config.feed_forward_dim,
        "attention.head_count": config.num_heads,
        "attention.head_count_kv": config.kv_heads,
        "attention.key_length": config.head_dim,
        "rope.freq_base": config.rope_base,
    }
    assert _value(reader, "general.architecture") == arch
    assert {key: _value(reader, f"{arch}.{key}") for key in figures} == figures
    tokens = _value(reader, "tokenizer.ggml.tokens")
    assert tokens == [tokenizer.backend.id_to_token(id) for id in range(tokenizer.vocab_size)]
    merges = [tuple(merge.split(" ")) for merge in _value(reader, "tokenizer.ggml.merges")]
    assert [(tokens.index(a), tokens.index(b), tokens.index(a + b)) for a, b in merges] == tokenizer.merges
    kinds = _value(reader, "tokenizer.ggml.token_type")
    assert {id for id, kind in enumerate(kinds) if kind != gguf.TokenType.NORMAL} == set(range(len(SPECIALS)))
    signs = {"eos": END, "bos": END, "padding": PAD, "unknown": UNKNOWN}
    assert {sign: _value(reader, f"tokenizer.ggml.{sign}_token_id") for sign in signs} == signs
    assert _value(reader, "tokenizer.ggml.pre") == "gpt-2"
    assert _value(reader, "tokenizer.chat_template") == chat_template("turns")
    assert not _value(reader, "tokenizer.ggml.add_bos_token")


def test_that_llamas_rotation_of_pairs_gives_the_scores_of_ours():
    """Rotating neighbours of the reordered rows is rotating the halves of the rows as they are."""
    config = replace(SMALL, qk_norm=False)
    model = _model(config, _tokenizer())
    theirs, ours = gguf_weights(model), exported_weights(model)
    x, width = torch.randn(5, config.embed_dim, generator=torch.Generator().manual_seed(0)), config.head_dim
    angle = torch.outer(torch.arange(5.0), config.rope_base ** (-torch.arange(0, width, 2) / width))

    def turned(weight, by_pairs):
        heads = (x @ weight.T).view(5, -1, width).transpose(0, 1)
        a, b = (heads[..., ::2], heads[..., 1::2]) if by_pairs else heads.chunk(2, -1)
        return torch.cat((a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()), -1)

    scores = []
    for by_pairs in (True, False):
        weights = [
            torch.from_numpy(theirs[f"blk.1.attn_{n}.weight"])
            if by_pairs
            else ours[f"model.layers.1.self_attn.{n}_proj.weight"]
            for n in ("q", "k")
        ]
        q, k = (turned(weight, by_pairs) for weight in weights)
        scores.append(q @ k.transpose(1, 2))
    torch.testing.assert_close(*scores)
    assert not np.array_equal(theirs["blk.1.attn_q.weight"], ours["model.layers.1.self_attn.q_proj.weight"].numpy())


@pytest.mark.parametrize(
    ("tokenizer", "why"),
    [
        ({"kind": "unigram"}, "kind unigram.*kind bpe"),
        ({"kind": "word"}, "kind word.*kind bpe"),
        ({"kind": "wordpiece"}, "kind wordpiece.*kind bpe"),
        ({"kind": "byte"}, "kind byte.*kind bpe"),
        ({"lower_case": True}, "lower case"),
        ({"min_frequency": 1000}, "merged nothing.*larger vocabulary"),
    ],
)
def test_that_a_tokenizer_that_llama_cpp_does_not_know_is_refused_with_the_way_out(tmp_path, tokenizer, why):
    made = _tokenizer(**tokenizer)
    with pytest.raises(StudioError, match=why):
        export_gguf(_model(SMALL, made), made, tmp_path / "m.gguf", name="m", facts={})
    assert list(tmp_path.iterdir()) == []


def test_that_letters_and_shapes_of_our_own_are_refused_and_no_file_is_overwritten(tmp_path):
    letters, pieces = Tokenizer(char_backend(list("abc"))), _tokenizer()
    with pytest.raises(StudioError, match="kind char"):
        export_gguf(_model(SMALL, letters), letters, tmp_path / "m.gguf", name="m", facts={})
    odd = replace(SMALL, activation="relu2", attention_window=8)
    with pytest.raises(StudioError, match=r"model.activation=swiglu, model.attention_window=0"):
        export_gguf(_model(odd, pieces), pieces, tmp_path / "m.gguf", name="m", facts={})
    recurrent = _model(LSTMConfig(num_layers=1, embed_dim=16, hidden_dim=16), pieces, "lstm")
    with pytest.raises(StudioError, match="train the family decoder"):
        export_gguf(recurrent, pieces, tmp_path / "m.gguf", name="m", facts={})
    (tmp_path / "m.gguf").write_text("precious")
    with pytest.raises(StudioError, match="exists already"):
        export_gguf(_model(SMALL, pieces), pieces, tmp_path / "m.gguf", name="m", facts={})
    assert (tmp_path / "m.gguf").read_text() == "precious"
    assert [path.name for path in tmp_path.iterdir()] == ["m.gguf"]


def test_that_a_disk_that_fills_up_leaves_no_half_file(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gguf.GGUFWriter, "write_tensors_to_file", full)
    made = _tokenizer()
    with pytest.raises(StudioError, match="is full"):
        export_gguf(_model(SMALL, made), made, tmp_path / "m.gguf", name="m", facts={})
    assert list(tmp_path.iterdir()) == []
