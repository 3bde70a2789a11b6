from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.pruning import prune_by_reading, prune_masks, prune_model
from llmstudio.core.sparsity.shares import MOST, balanced, counts_of, expected, parts_of, shares_of, spread
from llmstudio.core.work import Stop

SHAPE = DecoderConfig(num_layers=3, embed_dim=16, num_heads=2, context_length=16)
share_of_one = st.floats(0, MOST)


def tiny():
    return build_model("decoder", SHAPE, 40, 0)


def test_that_layers_and_parts_are_found_in_every_family():
    def keys(kind, config, by):
        return [*parts_of([*prunable(build_model(kind, config, 40, 0), keep_embeddings=False)], by=by)]

    small = {"embed_dim": 16, "num_layers": 2}
    assert keys("decoder", DecoderConfig(**small, num_heads=2), "layer") == ["embed", "1", "2"]
    assert keys("lstm", LSTMConfig(**small), "part") == ["embed", "1", "2", "project"]
    assert keys("vae", VAEConfig(embed_dim=16), "layer")[-3:] == ["first_state", "writes", "out"]
    halves = keys("encoder_decoder", EncoderDecoderConfig(**small, num_heads=2), "part")
    assert halves[:3] == ["embed", "encoder.1.attention", "encoder.1.feed_forward"]
    assert halves[-3:] == ["2.attention", "2.cross", "2.feed_forward"]


@settings(deadline=None, max_examples=40)
@given(data=st.data(), share=share_of_one)
def test_that_wherever_the_sliders_stand_the_whole_loses_what_is_asked(data, share):
    sizes = data.draw(st.lists(st.integers(1, 5000), min_size=1, max_size=8))
    shares = data.draw(st.lists(share_of_one, min_size=len(sizes), max_size=len(sizes)))
    held = data.draw(st.sets(st.integers(0, len(sizes) - 1)))
    found = balanced(shares, sizes, share, held)
    assert all(0 <= each <= MOST for each in found)
    total = sum(each * size for each, size in zip(found, sizes, strict=True))
    assert total == pytest.approx(share * sum(sizes), abs=1e-6)
    zeros = round(share * sum(sizes))
    counts = counts_of(found, sizes, zeros)
    assert sum(counts) == zeros
    assert all(0 <= count <= size for count, size in zip(counts, sizes, strict=True))
    assert balanced(found, sizes, share) == pytest.approx(found, abs=1e-9)


@settings(deadline=None, max_examples=12)
@given(
    data=st.data(),
    sparsity=share_of_one,
    scope=st.sampled_from(["usual", "global", "layer", "row"]),
    method=st.sampled_from(["magnitude", "random"]),
)
def test_that_the_number_of_zeros_is_exact_for_any_shares(data, sparsity, scope, method):
    model = tiny()
    count = data.draw(st.sampled_from([3, 6]))  # one for each layer, or for each part
    text = ",".join(str(data.draw(share_of_one)) for _ in range(count))
    masks = prune_masks(model, PruningConfig(method, sparsity, scope, layer_shares=text))
    assert sum(int((~mask).sum()) for mask in masks.values()) == round(sparsity * sum(m.numel() for m in masks.values()))
    assert all(bool(mask.any()) for mask in masks.values())


def test_that_a_slider_that_is_held_stays_and_the_others_move_alike_until_they_can_no_more():
    assert balanced([0.8, 0.5, 0.5], [100, 100, 100], 0.5, {0}) == pytest.approx([0.8, 0.35, 0.35])
    assert balanced([0.9, 0.1, 0.3], [100, 100, 100], 0.4, {0}) == pytest.approx([0.9, 0.05, 0.25])
    # Nothing is left for the others: the one that is held gives way.
    assert balanced([0.9, 0.5, 0.5], [300, 100, 100], 0.3, {0}) == pytest.approx([0.5, 0.0, 0.0])
    assert balanced([0.0, 0.5, 0.5], [300, 100, 100], 0.9, {0}) == pytest.approx([0.84, MOST, MOST], abs=1e-9)


def test_that_a_named_layer_loses_its_share_in_every_matrix_and_the_others_make_up():
    model = tiny()
    masks = prune_masks(model, PruningConfig(sparsity=0.55, layer_shares="2=0.3, 2.attention=0.2, 3 = 0.5"))
    gone = {name: 1 - mask.float().mean().item() for name, mask in masks.items()}
    assert gone["blocks.1.attention.qkv.weight"] == pytest.approx(0.2, abs=0.01)
    assert gone["blocks.1.feed_forward.up.weight"] == pytest.approx(0.3, abs=0.01)
    assert gone["blocks.2.feed_forward.down.weight"] == pytest.approx(0.5, abs=0.01)
    assert gone["blocks.0.attention.out.weight"] > 0.8
    everywhere = prune_masks(model, PruningConfig(sparsity=0.6, layer_shares="attention=0.2"))
    assert all((1 - m.float().mean().item() < 0.22) == ("attention" in name) for name, m in everywhere.items())


def test_that_what_is_gone_already_stays_gone_and_the_others_make_up():
    model = tiny()
    prune_model(model, PruningConfig(sparsity=0.5, layer_shares="1=0.9"))
    before = {name: p == 0 for name, p in prunable(model, keep_embeddings=True).items()}
    masks = prune_masks(model, PruningConfig(sparsity=0.6, layer_shares="1=0.1"))
    assert all(bool((~masks[name])[zeros].all()) for name, zeros in before.items())
    assert sum(int((~mask).sum()) for mask in masks.values()) == round(0.6 * sum(m.numel() for m in masks.values()))
    again = prune_masks(model, PruningConfig(sparsity=0.2, layer_shares="1=0.1"))
    assert all(torch.equal(~again[name], zeros) for name, zeros in before.items())


def test_that_equal_shares_are_what_comparing_layer_by_layer_gives_but_for_rounding():
    model = tiny()
    alike = prune_masks(model, PruningConfig(sparsity=0.7, layer_shares="0.2,0.2,0.2"))
    usual = prune_masks(model, PruningConfig(sparsity=0.7, scope="layer"))
    assert all(int((alike[name] ^ usual[name]).sum()) <= 1 for name in usual)


def test_that_what_layers_lose_is_said_and_one_that_would_lose_all_is_kept_alive():
    model, config = tiny(), PruningConfig(sparsity=0.5, layer_shares="2=1.0")
    said = [str(e.message) for e in prune_by_reading(model, config, None, job="", stop=Stop()) if isinstance(e, Noted)]
    assert "2.attention 99 %" in said[0]
    assert "keep only 1 % (2.attention)" in said[1]
    assert "not across the model" in said[2]
    for name, p in prunable(model, keep_embeddings=True).items():
        assert torch.count_nonzero(p) > 0, name


def test_that_where_a_pattern_says_how_many_stay_shares_by_layer_are_idle():
    config = PruningConfig(pattern="2:4", layer_shares="1=0.9")
    assert "layer_shares" in config.told_idle()
    masks = prune_masks(tiny(), config)
    assert all(mask.float().mean() == 0.5 for mask in masks.values())


@pytest.mark.parametrize(
    ("text", "said"),
    [("0.5,0.5", "3 layers in 6 parts"), ("9=0.5", "no layer 9"), ("1=-0.1", "-0.1 is no share"), ("1=half", "half is no")],
)
def test_that_what_is_no_share_or_no_layer_is_told(text, said):
    with pytest.raises(StudioError, match=said):
        prune_masks(tiny(), PruningConfig(layer_shares=text))


def test_that_names_are_held_and_a_list_is_not():
    names = ["blocks.0.attention.out.weight", "blocks.1.attention.out.weight"]
    assert shares_of("2=0.7", names, 0.4) == ([0.4, 0.7], {1})
    assert shares_of("0.1, 0.2", names, 0.4) == ([0.1, 0.2], set())


@settings(deadline=None, max_examples=25)
@given(data=st.data(), share=st.floats(0.05, 0.95))
def test_that_spreading_keeps_the_total_and_never_expects_more_than_equal_shares(data, share):
    number = data.draw(st.integers(1, 6))
    costs = {str(at): data.draw(st.floats(0.001, 1.0)) for at in range(number)}
    sizes = {str(at): data.draw(st.integers(10, 5000)) for at in range(number)}
    found = spread(costs, sizes, share)
    assert sum(found[k] * sizes[k] for k in found) == pytest.approx(share * sum(sizes.values()))
    alike = expected(costs, share, dict.fromkeys(costs, share))
    assert alike == pytest.approx(sum(costs.values()), rel=1e-6)
    if max(found.values()) < MOST:
        assert expected(costs, share, found) <= alike * (1 + 1e-6)
    per_weight = sorted(found, key=lambda key: costs[key] / sizes[key])
    assert [found[key] for key in per_weight] == pytest.approx(sorted(found.values(), reverse=True))


def test_that_layers_that_cost_alike_lose_alike_and_a_dearer_one_less():
    sizes = {"1": 100, "2": 100, "3": 200}
    assert [*spread({"1": 0.1, "2": 0.1, "3": 0.2}, sizes, 0.7).values()] == pytest.approx([0.7] * 3)
    dear = spread({"1": 0.4, "2": 0.1, "3": 0.2}, sizes, 0.7)
    assert dear["1"] < 0.7 < dear["2"] == pytest.approx(dear["3"])
    assert spread({"1": -0.1, "2": 0.0, "3": 0.0}, sizes, 0.7) == dict.fromkeys(sizes, 0.7)
