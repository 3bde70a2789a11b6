"""Every family is quantised, recurrent weights too: numbers on grids, zeros zero, and what is kept whole stays."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from typing import Any

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Progress
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.grids import recognised
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.roles import TABLES, roles_of
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.calibration import Calibration
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.pruning import prune_model
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.sparsity.quantizing.model import bits_already, quantize_model, width_of
from llmstudio.core.sparsity.rounding import FEW, HALF, Rounding, Width, rounded
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop, WasStopped

SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 16, "hidden_dim": 16, "num_heads": 2, "context_length": 32}
TRAINING = TrainingConfig(batch_size=4, number_format="fp32")


def made(kind: str, request: Any) -> tuple[Any, Calibration]:
    """A model from random weights, and how to read with it."""
    known = {entry.name for entry in fields(MODELS[kind].config())}
    config = replace(MODELS[kind].config(), **{name: value for name, value in SMALL.items() if name in known})
    training = replace(TRAINING, rows="sentences") if kind == "vae" else TRAINING
    dataset, tokenizer = request.getfixturevalue("pairs_data" if kind == "encoder_decoder" else "text_data")
    recipe = Recipe(kind, config, training)
    model = build_model(kind, config, tokenizer.vocab_size, seed=0)
    tasks = recipe.make_task(dataset, tokenizer), recipe.make_task(dataset, tokenizer)
    return model, Calibration(copy.deepcopy(model), tasks, 250)


def quantize(
    model: Any, calibration: Calibration | None, stop: Stop | None = None, **config: Any
) -> tuple[Rounding, list[Any]]:
    steps, events = quantize_model(model, QuantizingConfig(**config), calibration, job="q", stop=stop or Stop()), []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return end.value, events


@pytest.mark.parametrize("method", ["nearest", "coordinate_descent"])
@pytest.mark.parametrize("kind", MODELS)
def test_that_every_family_is_quantised_and_what_is_zero_stays_so(kind: str, method: str, request: Any) -> None:
    model, calibration = made(kind, request)
    prune_model(model, PruningConfig(sparsity=0.4))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    keeps = method == "nearest"
    assert bits_already(model, QuantizingConfig(keep_embeddings=keeps)) is None
    found, events = quantize(model, None if keeps else calibration, bits=4, method=method, keep_embeddings=keeps)
    may, roles = prunable(model, keep_embeddings=keeps), roles_of(model)
    for name, parameter in model.named_parameters():
        if name in may:
            grid = recognised(parameter.detach())
            assert grid is not None, name
            assert grid.bits == 4
            assert grid.group == 0 or roles[name] not in TABLES
            assert not parameter[before[name] == 0].any()
        else:
            assert torch.equal(parameter, rounded(before[name], HALF))
    off = sum(float((p.detach() - before[name]).square().sum()) for name, p in model.named_parameters())
    assert found.share == pytest.approx((off / sum(float(old.square().sum()) for old in before.values())) ** 0.5, rel=1e-3)
    steps = [event for event in events if isinstance(event, Progress)]
    assert bool(steps) == (not keeps)
    assert not steps or steps[-1].done == steps[-1].total
    assert bits_already(model, QuantizingConfig(keep_embeddings=keeps)) == 4


def test_that_the_usual_scales_are_a_rows_in_8_bits_and_of_few_numbers_in_4() -> None:
    assert width_of(QuantizingConfig()) == Width(8)
    assert width_of(QuantizingConfig(bits=4)) == Width(4, FEW)
    assert width_of(QuantizingConfig(bits=4, group="row")) == Width(4)
    assert width_of(QuantizingConfig(bits=8, group="64")) == Width(8, 64)


def test_that_reading_changes_what_comes_out_less_than_the_nearest(request: Any) -> None:
    whole, calibration = made("decoder", request)
    off = []
    for method in ("nearest", "coordinate_descent"):
        model = copy.deepcopy(whole)
        quantize(model, calibration if method != "nearest" else None, bits=4, method=method, group="row")
        (last,) = (
            found["blocks.0.feed_forward.down.weight"]
            for found in list(calibration.entering(model, ["blocks.0.feed_forward.down.weight"]))[-1:]
        )
        weight = model.blocks[0].feed_forward.down.weight.detach()
        theirs = last.target(whole.blocks[0].feed_forward.down.weight.detach())
        off.append(float((((weight - theirs) @ last.gram) * (weight - theirs)).sum()))
    assert off[1] < 0.7 * off[0], off


def test_that_stopping_stops_and_what_is_no_number_is_told(request: Any) -> None:
    model, calibration = made("decoder", request)
    stop = Stop()
    stop.request()
    with pytest.raises(WasStopped):
        quantize(model, calibration, stop)
    model, calibration = made("decoder", request)
    with torch.no_grad():
        model.blocks[0].attention.out.weight[0, 0] = float("inf")
    with pytest.raises(StudioError, match="not a number"):
        quantize(model, calibration)
