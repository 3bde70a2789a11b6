"""Which units stay: scores say what a unit does, and what does nothing goes first, in every family."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.shrinking.shrink import places_of, shrink
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.structured.choice import asks_for_text, choose
from llmstudio.core.sparsity.structured.config import CompactConfig, chosen_parts, counts_kept, outlook
from llmstudio.core.sparsity.structured.scores import activation, influence, magnitude, taylor
from llmstudio.core.training_config import TrainingConfig

SMALL: dict[str, Any] = {"num_layers": 3, "embed_dim": 16, "hidden_dim": 24, "num_heads": 4, "context_length": 16}
TRAINING = TrainingConfig(batch_size=4)


def set_up(kind, data, **changes):
    """A model, its task, and a batch of its training."""
    known = MODELS[kind].config.__dataclass_fields__
    config = MODELS[kind].config(**{name: value for name, value in (SMALL | changes).items() if name in known})
    dataset, tokenizer = data
    recipe = Recipe(kind, config, training=TRAINING)
    task = recipe.make_task(dataset, tokenizer)
    model = build_model(kind, config, tokenizer.vocab_size, seed=1).eval()
    return model, task, [task.batches().batch(0)]


def chosen(model, task, **settings):
    steps = choose(model, CompactConfig(**settings, calibration_tokens=256, multiple=4), task)
    heard = []
    while True:
        try:
            heard.append(next(steps))
        except StopIteration as end:
            return end.value, heard


def data_of(kind, request):
    return request.getfixturevalue("pairs_data" if kind == "encoder_decoder" else "turns_data")


def with_dead(model, place, unit):
    """Set all numbers of a unit to zero."""
    (units,) = (units for units in places_of(model) if units.name == place)
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for cut in units.cuts:
            mask = cut.stays(parameters[cut.name].shape[cut.dim], [u for u in range(units.count) if u != unit], units.count)
            parameters[cut.name].index_fill_(cut.dim, (~mask).nonzero().flatten(), 0.0)


@pytest.mark.parametrize("score", ["taylor", "activation", "magnitude"])
@pytest.mark.parametrize("kind", MODELS)
def test_that_what_does_nothing_goes_first(kind, score, request):
    model, task, _ = set_up(kind, data_of(kind, request))
    share, dead = 0.25, {}
    for units in places_of(model):
        if units.part in ("heads", "neurons", "units"):
            dead[units.name] = units.count // 2
            with_dead(model, units.name, dead[units.name])
    kept, heard = chosen(model, task, share=share, score=score)
    assert kept.keys() == dead.keys()
    assert all(unit not in kept[name] for name, unit in dead.items())
    assert (heard[-1][0] == heard[-1][1]) if score != "magnitude" else not heard
    small = shrink(model, kind, kept)
    before, after = outlook(model.config, CompactConfig(share=share, multiple=4), model.vocab_size)
    assert [before, after] == [sum(p.numel() for p in one.parameters()) for one in (model, small)]


def test_that_a_units_score_is_the_slope_of_the_loss_at_its_gate(turns_data):
    model, task, (batch,) = set_up("decoder", turns_data)
    (units,) = (units for units in places_of(model) if units.name == "layers.1.neurons")
    *_, found = taylor(model, [units], task, [batch])
    down = model.blocks[1].feed_forward.down
    whole, step = down.weight.detach().clone(), 0.1
    for unit in (0, 7):
        losses = []
        for gate in (1 + step, 1 - step):
            with torch.no_grad():
                down.weight.copy_(whole)
                down.weight[:, unit] *= gate
                losses.append(task.loss(model, batch, task.weight(batch)).item())
        slope = (losses[0] - losses[1]) / (2 * step)
        assert found[units.name][unit].sqrt().item() == pytest.approx(abs(slope), rel=2e-2, abs=5e-6)


def test_that_what_a_unit_gives_is_its_loudness_times_the_weights_that_read_it(turns_data):
    model, task, batches = set_up("decoder", turns_data, activation="relu2")
    (units,) = (units for units in places_of(model) if units.name == "layers.0.heads")
    *_, found = activation(model, [units], task, batches)
    out, width = model.blocks[0].attention.out, model.config.head_dim
    seen = []

    def keep(x, bias=None):
        seen.append(x.flatten(0, 1))
        return torch.nn.functional.linear(x, out.weight)

    out.multiply = keep
    with torch.no_grad():
        task.loss(model, batches[0], 1.0)
    (x,) = seen
    for head in range(units.count):
        own = slice(head * width, (head + 1) * width)
        expected = sum((x[:, i].norm() * out.weight[:, i].norm()) ** 2 for i in range(own.start, own.stop)) ** 0.5
        torch.testing.assert_close(found[units.name][head], expected.detach())


def test_that_a_layer_that_writes_nothing_has_no_influence_and_goes(turns_data):
    model, task, batches = set_up("decoder", turns_data)
    with torch.no_grad():
        for part in (model.blocks[1].attention.out, model.blocks[1].feed_forward.down):
            part.weight.zero_()
    layers = [units for units in places_of(model) if units.part == "layers"]
    *_, found = influence(model, layers, batches)
    assert found["layers"][1].item() == pytest.approx(0, abs=1e-6)
    assert found["layers"][[0, 2]].min() > 1e-4
    kept, heard = chosen(model, task, share=0.3, parts=("layers", "neurons"))
    assert kept["layers"] == [0, 2]
    assert heard[-1][0] == heard[-1][1]


def test_that_both_halves_lose_layers_by_what_each_does(pairs_data):
    model, task, _ = set_up("encoder_decoder", pairs_data)
    with torch.no_grad():
        for writer in ("attention.out", "feed_forward.down"):
            model.encoder.blocks[2].get_submodule(writer).weight.zero_()
        for writer in ("attention.out", "cross.out", "feed_forward.down"):
            model.blocks[0].get_submodule(writer).weight.zero_()
    kept, _ = chosen(model, task, share=0.3, parts=("layers",))
    assert kept == {"source.layers": [0, 1], "layers": [1, 2]}


def test_that_the_model_that_is_looked_at_stays_as_it_is(turns_data):
    model, task, _ = set_up("lstm", turns_data)
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    chosen(model, task, share=0.5)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(p.grad is None for p in model.parameters())
    assert not model.training


def test_that_a_share_of_nothing_asks_for_no_text_and_keeps_all(turns_data):
    model, _, _ = set_up("decoder", turns_data)
    assert not asks_for_text(CompactConfig(share=0.0))
    kept, _ = chosen(model, None, share=0.0)
    assert all(list(kept[units.name]) == list(range(units.count)) for units in places_of(model) if units.name in kept)


def test_that_chance_follows_its_seed(turns_data):
    model, _, _ = set_up("decoder", turns_data)
    one, two, other = (chosen(model, None, score="random", seed=seed)[0] for seed in (1, 1, 2))
    assert one == two
    assert one != other


def test_that_weights_that_are_no_numbers_are_refused(turns_data):
    model, _, _ = set_up("decoder", turns_data)
    model.blocks[0].feed_forward.down.weight.data[0, 0] = float("nan")
    assert magnitude(model, places_of(model))
    with pytest.raises(StudioError, match="not numbers"):
        chosen(model, None, score="magnitude")


@pytest.mark.parametrize(
    ("kind", "parts", "said"),
    [("decoder", ("limbs",), "There are: heads"), ("lstm", ("heads",), "has none"), ("lstm", ("layers",), "residual")],
)
def test_that_what_a_family_cannot_lose_is_said_before_it_begins(kind, parts, said):
    with pytest.raises(StudioError, match=said):
        chosen_parts(MODELS[kind].config(), CompactConfig(parts=parts))


def test_that_a_shape_that_can_lose_nothing_usual_is_told_what_it_can():
    shape = MODELS["lstm"].config(layer_norm=True, residual=True)
    with pytest.raises(StudioError, match=r"Possible: layers\."):
        counts_kept(shape, CompactConfig())
