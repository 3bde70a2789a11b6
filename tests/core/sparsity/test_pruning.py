from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.patterns import lowest, share_out
from llmstudio.core.sparsity.pruning import prune_masks, prune_model

SHAPE = DecoderConfig(num_layers=2, embed_dim=16, num_heads=2, context_length=16)


def tiny(seed: int = 0, **changes):
    return build_model("decoder", DecoderConfig(**{**SHAPE.__dict__, **changes}), 40, seed)


def weights(model) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


@settings(deadline=None, max_examples=40)
@given(
    sparsity=st.floats(0.0, 0.99),
    scope=st.sampled_from(["global", "layer"]),
    method=st.sampled_from(["magnitude", "random"]),
    keep=st.booleans(),
)
def test_that_the_number_of_zeros_is_the_rounded_share_of_the_prunable_weights(sparsity, scope, method, keep):
    model = tiny()
    total = sum(p.numel() for p in prunable(model, keep_embeddings=keep).values())
    masks = prune_masks(model, PruningConfig(method, sparsity, scope, keep))
    assert sum(int((~mask).sum()) for mask in masks.values()) == round(sparsity * total)


@settings(deadline=None, max_examples=60)
@given(share=st.floats(0, 1), sizes=st.lists(st.integers(0, 50), max_size=12))
def test_that_sharing_out_gives_the_rounded_total_and_never_more_than_a_part_holds(share, sizes):
    counts = share_out(share, sizes)
    assert sum(counts) == round(share * sum(sizes)), (counts, share, sizes)
    for size, taken in zip(sizes, counts, strict=True):
        assert 0 <= taken <= size
        assert abs(taken - share * size) <= 1 + 1e-9


def test_that_layers_lose_equal_shares_within_a_layer_scope_and_unequal_ones_across_the_model():
    model = tiny()
    model.blocks[0].feed_forward.down.weight.data *= 0.01
    by_layer = prune_masks(model, PruningConfig(sparsity=0.5, scope="layer"))
    shares = [1 - mask.float().mean().item() for mask in by_layer.values()]
    assert max(abs(share - 0.5) for share in shares) < 0.01
    across = prune_masks(model, PruningConfig(sparsity=0.5, scope="global"))
    assert across["blocks.0.feed_forward.down.weight"].float().mean() < 0.05


@settings(deadline=None, max_examples=60)
@given(values=st.lists(st.integers(-3, 3), min_size=1, max_size=40), data=st.data())
def test_that_the_lowest_are_those_a_stable_sort_puts_first(values, data):
    k = data.draw(st.integers(0, len(values)))
    chosen = lowest(torch.tensor(values, dtype=torch.float32), k)
    first = sorted(range(len(values)), key=lambda i: values[i])[:k]
    assert set(chosen.nonzero().flatten().tolist()) == set(first)


def test_that_magnitude_takes_no_weight_larger_than_one_it_leaves():
    model = tiny(3)
    before = weights(model)
    masks = prune_masks(model, PruningConfig(sparsity=0.5))
    taken = torch.cat([before[name][~mask].abs() for name, mask in masks.items()])
    left = torch.cat([before[name][mask].abs() for name, mask in masks.items()])
    assert taken.max() <= left.min()


def test_that_a_layer_that_would_lose_every_weight_keeps_its_largest_and_the_number_of_zeros_stays_exact():
    model = tiny()
    down = model.blocks[0].feed_forward.down.weight
    down.data *= 1e-4
    masks = prune_masks(model, PruningConfig(sparsity=0.6))
    mask = masks["blocks.0.feed_forward.down.weight"]
    assert int(mask.sum()) == math.ceil(0.005 * mask.numel())
    assert down.detach().abs()[mask].min() >= down.detach().abs()[~mask].max()
    assert sum(int((~m).sum()) for m in masks.values()) == round(0.6 * sum(m.numel() for m in masks.values()))


def test_that_sparsity_zero_leaves_every_weight_as_it_is():
    model = tiny()
    before = weights(model)
    prune_model(model, PruningConfig(sparsity=0.0))
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())


def test_that_weights_left_keep_their_bits_and_the_others_are_plain_zero():
    model = tiny()
    before = weights(model)
    masks = prune_model(model, PruningConfig(sparsity=0.6))
    for name, p in model.named_parameters():
        mask = masks.get(name, torch.ones_like(before[name], dtype=torch.bool))
        expected = torch.where(mask, before[name], torch.zeros(()))
        assert torch.equal(p.detach().view(torch.int32), expected.view(torch.int32)), name


def test_that_only_matrices_go_and_token_tables_only_if_asked():
    model = tiny(tie_embeddings=False, value_embeddings=True, convolution_width=3)
    tables = {"embed.weight", "unembed.weight", "value_embed.weight"}
    kept = set(prunable(model, keep_embeddings=True))
    assert not kept & tables
    assert set(prunable(model, keep_embeddings=False)) == kept | tables
    assert all(p.ndim == 2 for p in prunable(model, keep_embeddings=False).values())


@pytest.mark.parametrize("keep_embeddings", [True, False])
def test_that_the_taps_of_a_short_convolution_stay_since_a_whole_channel_hangs_on_each(keep_embeddings):
    model = tiny(convolution_width=3)
    taps = {name for name, p in model.named_parameters() if "convolution" in name and p.ndim == 2}
    assert len(taps) == 2 * SHAPE.num_layers
    assert not taps & set(prunable(model, keep_embeddings=keep_embeddings))


def test_that_the_same_seed_gives_the_same_random_masks_and_another_seed_others():
    one, two = (prune_masks(tiny(), PruningConfig("random", 0.5, seed=5)) for _ in range(2))
    other = prune_masks(tiny(), PruningConfig("random", 0.5, seed=6))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert any(not torch.equal(one[name], other[name]) for name in one)


def test_that_random_pruning_leaves_the_global_random_state_alone():
    model = tiny()
    torch.manual_seed(1)
    expected = torch.rand(4)
    torch.manual_seed(1)
    prune_masks(model, PruningConfig("random", 0.5))
    assert torch.equal(torch.rand(4), expected)


def test_that_pruning_further_keeps_every_zero_there_is():
    model = tiny()
    first = prune_model(model, PruningConfig(sparsity=0.4))
    second = prune_model(model, PruningConfig(sparsity=0.8))
    assert all(bool((first[name] | ~second[name]).all()) for name in first)


def test_that_a_diverged_model_is_refused_in_a_sentence():
    model = tiny()
    model.blocks[0].feed_forward.down.weight.data[0, 0] = math.nan
    with pytest.raises(StudioError, match="diverged"):
        prune_masks(model, PruningConfig())
