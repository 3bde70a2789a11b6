"""Laws of shrinking: a smaller model computes what its parent does with these units at zero, in every family that can."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import change_of
from llmstudio.core.models.changes.head import new_head
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.models.shrinking.shapes import PARTS, count, num_kept, smaller, usual_parts, why_not
from llmstudio.core.models.shrinking.shrink import places_of, refuse, shrink
from llmstudio.core.settings import from_dict, to_dict

VOCAB = 20
IDS = torch.randint(4, VOCAB, (3, 12), generator=torch.Generator().manual_seed(1))
SIZE = {"num_layers": 3, "embed_dim": 24, "num_heads": 4, "context_length": 16, "hidden_dim": 20}
DECODER = DecoderConfig(**SIZE)
LSTM = LSTMConfig(num_layers=2, embed_dim=8, hidden_dim=12)
SHAPES: dict[str, tuple[str, Any]] = {
    "decoder": ("decoder", DECODER),
    "grouped": ("decoder", replace(DECODER, num_kv_heads=2, tie_embeddings=False, activation="relu2", head_width=10)),
    "value": ("decoder", replace(DECODER, value_embeddings=True, convolution_width=3, num_kv_heads=2)),
    "places": ("decoder", replace(DECODER, positions="learned", activation="gelu", qk_norm=False, convolution_width=2)),
    "layer norm": ("decoder", replace(DECODER, norm="layer", positions="sinusoidal", attention_window=4)),
    "behind": ("decoder", replace(DECODER, norm_place="after")),
    "encoder": ("encoder", EncoderConfig(**SIZE, convolution_width=3)),
    "untied encoder": ("encoder", EncoderConfig(**SIZE, tie_embeddings=False, positions="learned")),
    "encoder_decoder": ("encoder_decoder", EncoderDecoderConfig(**SIZE)),
    "untied pairs": ("encoder_decoder", EncoderDecoderConfig(**SIZE, tie_embeddings=False, positions="learned")),
    "rnn": ("rnn", RNNConfig(num_layers=2, embed_dim=8, hidden_dim=12)),
    "gru": ("gru", GRUConfig(num_layers=2, embed_dim=8, hidden_dim=12, tie_embeddings=False, dropout=0.1)),
    "lstm": ("lstm", LSTM),
    "even lstm": ("lstm", replace(LSTM, embed_dim=12)),
    "residual": ("lstm", replace(LSTM, num_layers=4, residual=True)),
    "even residual": ("gru", GRUConfig(num_layers=3, embed_dim=12, hidden_dim=12, residual=True, layer_norm=True)),
    "vae": ("vae", VAEConfig(embed_dim=24, hidden_dim=24, latent_dim=6)),
    "untied vae": ("vae", VAEConfig(embed_dim=24, hidden_dim=24, latent_dim=6, tie_embeddings=False)),
}
POSSIBLE = [(name, part) for name, (_, c) in SHAPES.items() for part in PARTS if count(c, part) and why_not(c, part) is None]


def built(name, changes=()):
    kind, config = SHAPES[name]
    model = build_model(kind, config, VOCAB, seed=1, changes=changes).eval()
    with torch.no_grad():  # gains and offsets of their own, so that none is mistaken for another
        generator = torch.Generator().manual_seed(2)
        for parameter in model.parameters():
            if parameter.dim() == 1:
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
    return model


def chosen(model, share, parts):
    """Units that stay, another choice in each place."""
    config, found = model.config, {}
    generator = torch.Generator().manual_seed(3)
    for units in places_of(model):
        if units.part in parts:
            left = num_kept(config, units.part, share, 4) // units.shared
            order = torch.randperm(units.count, generator=generator).tolist()
            order = [*units.stays, *(unit for unit in order if unit not in units.stays)]
            found[units.name] = sorted(order[:left])
    return found


def silenced(model, kept):
    """The same model with all numbers of the units that do not stay at zero."""
    model = copy.deepcopy(model)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for units in places_of(model):
            left = kept.get(units.name, range(units.count))
            for cut in units.cuts:
                mask = cut.stays(parameters[cut.name].shape[cut.dim], left, units.count)
                parameters[cut.name].index_fill_(cut.dim, (~mask).nonzero().flatten(), 0.0)
            for name, parameter in parameters.items():
                if (layer := units.layer_of(name)) is not None and layer not in left:
                    parameter.zero_()
    return model


def outcome(model):
    source = IDS.flip(0) if model.reads_source or isinstance(model.config, VAEConfig) else None
    with torch.no_grad():
        return model.head(model(Batch(IDS, source=source)).hidden)


@pytest.mark.parametrize(("name", "part"), POSSIBLE)
def test_that_a_smaller_model_is_its_parent_with_those_units_at_zero(name, part):
    model = built(name)
    kept = chosen(model, 0.5, {part})
    small = shrink(model, SHAPES[name][0], kept)
    assert sum(p.numel() for p in small.parameters()) == small.config.num_parameters(VOCAB)
    assert count(small.config, part) == num_kept(model.config, part, 0.5, 4) < count(model.config, part)
    expected = outcome(silenced(model, kept))
    assert (outcome(model) - expected).abs().max() > 1e-3, "these units did nothing"
    torch.testing.assert_close(outcome(small), expected, atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize("name", SHAPES)
def test_that_all_that_can_go_can_go_at_once_and_again(name):
    model = built(name)
    parts = {part for shape, part in POSSIBLE if shape == name}
    kept = chosen(model, 0.4, parts)
    small = shrink(model, SHAPES[name][0], kept)
    torch.testing.assert_close(outcome(small), outcome(silenced(model, kept)), atol=2e-5, rtol=2e-5)
    again = chosen(small, 0.4, parts)
    twice = shrink(small, SHAPES[name][0], again)
    torch.testing.assert_close(outcome(twice), outcome(silenced(small, again)), atol=2e-5, rtol=2e-5)
    assert from_dict(type(model.config), to_dict(twice.config)) == twice.config


@pytest.mark.parametrize("name", SHAPES)
def test_that_taking_nothing_changes_no_bit(name):
    model = built(name)
    same = shrink(model, SHAPES[name][0], {units.name: range(units.count) for units in places_of(model)})
    assert same.config == model.config
    assert same.state_dict().keys() == model.state_dict().keys()
    assert all(torch.equal(a, b) for a, b in zip(same.state_dict().values(), model.state_dict().values(), strict=True))


@pytest.mark.parametrize("pooling", ["mean", "attention"])
@pytest.mark.parametrize("name", ["decoder", "untied encoder", "encoder_decoder", "gru", "lstm", "even residual", "vae"])
def test_that_a_head_for_classes_tells_what_it_told(name, pooling):
    first = new_head((), width=SHAPES[name][1].features_dim, names=["a"], pooling="mean", seed=0)
    second = new_head(first, width=SHAPES[name][1].features_dim, names=["a", "b"], pooling=pooling, seed=0)
    model = built(name, (*first, *second))
    parts = {part for shape, part in POSSIBLE if shape == name}
    kept = chosen(model, 0.4, parts)
    small = shrink(model, SHAPES[name][0], kept)
    total = small.config.num_parameters(VOCAB)
    for one in small.changes:
        total = change_of(one).num_parameters(total, one)
    assert sum(p.numel() for p in small.parameters()) == total
    mute = silenced(model, kept)
    counted = torch.ones(3, 12, dtype=torch.bool)
    with torch.no_grad():
        told, expected = (m.class_head(m.features(Batch(IDS)), counted) for m in (small, mute))
    torch.testing.assert_close(told, expected, atol=2e-5, rtol=2e-5)


@pytest.mark.parametrize(
    ("name", "part"), [("behind", "layers"), ("layer norm", "width"), ("lstm", "layers"), ("even residual", "units")]
)
def test_that_what_would_not_be_the_same_is_refused_with_the_reason(name, part):
    model = built(name)
    with pytest.raises(StudioError, match=r"cannot be taken away here\. \w+"):
        refuse(model, part)


def test_that_a_head_that_reads_phrases_of_these_numbers_refuses_them():
    model = built("decoder", new_head((), width=24, names=["a", "b"], pooling="phrases", seed=0))
    with pytest.raises(StudioError, match="phrases"):
        shrink(model, "decoder", chosen(model, 0.5, {"width"}))
    assert count(shrink(model, "decoder", chosen(model, 0.5, {"heads"})).config, "heads") == 2


def test_that_numbers_of_units_that_stay_suit_processors_and_leave_a_shape_its_meaning():
    assert num_kept(DecoderConfig(embed_dim=128, num_heads=4), "neurons", 0.5, 16) == 176
    assert num_kept(DECODER, "heads", 0.99, 16) == 1
    assert num_kept(DECODER, "neurons", 0.0, 16) == 20
    assert usual_parts(replace(DECODER, num_kv_heads=1)) == ("neurons",), "the one group of heads has to stay"
    assert num_kept(LSTMConfig(embed_dim=128, hidden_dim=256), "units", 0.5, 16) == 112, "128 would need no projection"
    assert num_kept(VAEConfig(hidden_dim=30), "units", 0.5, 1) % 2 == 0
    assert num_kept(VAEConfig(hidden_dim=10), "units", 0.5, 1) == 8, "the setting takes no less"


@pytest.mark.parametrize("name", SHAPES)
def test_that_every_family_has_something_to_take_away_where_nobody_says_what(name):
    _, config = SHAPES[name]
    if name == "even residual":  # norms over its state, which nothing can make up for
        assert usual_parts(config) == ()
        return
    parts = usual_parts(config)
    assert parts
    assert smaller(config, dict.fromkeys(parts, 2)) != config
