from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file

from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.codecs import CODECS, encode
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import count
from llmstudio.core.sparsity.pruning import prune_masks, prune_model
from llmstudio.core.sparsity.report import report
from llmstudio.core.sparsity.rounding import WIDTHS, round_model
from llmstudio.core.sparsity.storage import file_bytes, stored

SHAPE = DecoderConfig(num_layers=2, embed_dim=32, num_heads=2, context_length=16)
shapes = st.lists(st.integers(1, 9), min_size=1, max_size=3).map(tuple)


@settings(deadline=None, max_examples=80)
@given(shape=shapes, sparsity=st.floats(0, 1), seed=st.integers(0, 999))
def test_that_a_tensor_comes_back_bit_for_bit(shape, sparsity, seed):
    generator = torch.Generator().manual_seed(seed)
    tensor = torch.randn(shape, generator=generator)
    tensor[torch.rand(shape, generator=generator) < sparsity] = 0.0
    codec, parts = encode("w", tensor, sparse=True)
    back = CODECS[codec].decode("w", parts)
    assert back.shape == tensor.shape
    assert torch.equal(back.view(torch.int32), tensor.view(torch.int32))


@settings(deadline=None, max_examples=40)
@given(sizes=st.dictionaries(st.text("abc.é_", min_size=1, max_size=9), shapes, max_size=6), share=st.floats(0, 1))
def test_that_foretold_bytes_are_the_bytes_of_the_file(sizes, share, tmp_path_factory):
    generator = torch.Generator().manual_seed(0)
    tensors = {name: torch.randn(shape, generator=generator) for name, shape in sizes.items()}
    masks = {name: torch.rand(t.shape, generator=generator) >= share for name, t in tensors.items()}
    written = {}
    for name, tensor in tensors.items():
        written |= encode(name, tensor * masks[name], sparse=True)[1]
    path = tmp_path_factory.mktemp("bytes") / "model.safetensors"
    save_file(written, path)
    foretold = [entry for name, tensor in tensors.items() for entry in stored(name, tensor, masks[name]).entries]
    assert file_bytes(foretold) == path.stat().st_size
    assert set(load_file(path)) == set(written)


@pytest.mark.parametrize("values", WIDTHS)
@pytest.mark.parametrize("keeps", [True, False])
@pytest.mark.parametrize("sparsity", [0.0, 0.02, 0.5, 0.97])
def test_that_the_report_of_a_plan_is_the_checkpoint_that_carrying_it_out_writes(tmp_path, sparsity, keeps, values):
    model = build_model("decoder", SHAPE, 50)
    config = PruningConfig(sparsity=sparsity, keep_embeddings=keeps)
    plan = report(model, prune_masks(model, config), keep_embeddings=config.keep_embeddings, values=values)
    dense = save_checkpoint(tmp_path, 1, model=model, kind="decoder", facts={})
    prune_model(model, config)
    rounding = round_model(model, WIDTHS[values], keep_embeddings=keeps)
    pruned = save_checkpoint(tmp_path, 2, model=model, kind="decoder", facts={}, sparse=True)
    assert plan.file_bytes_before == (dense / "model.safetensors").stat().st_size
    assert plan.file_bytes == (pruned / "model.safetensors").stat().st_size
    assert plan.file_bytes_bound <= plan.file_bytes
    assert plan.nonzeros == count(model).nonzeros
    assert (
        plan.zeros
        == round(sparsity * plan.prunable) + rounding.zeros
        == sum(layer.zeros for layer in plan.layers if layer.is_prunable)
    )
    checkpoint, notes = find_checkpoint(tmp_path, "2")
    assert not notes
    back = load_model(checkpoint)
    assert all(torch.equal(a, b) for a, b in zip(back.parameters(), model.parameters(), strict=True))


def test_that_a_report_leaves_the_model_as_it_was():
    model = build_model("decoder", SHAPE, 50)
    before = [p.detach().clone() for p in model.parameters()]
    report(model, prune_masks(model, PruningConfig(sparsity=0.9)), keep_embeddings=True)
    assert all(torch.equal(a, b) for a, b in zip(before, model.parameters(), strict=True))
