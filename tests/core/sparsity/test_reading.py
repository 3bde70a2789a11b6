"""Pruning by reading: every family, with every task that it can learn."""

from __future__ import annotations

import copy
from dataclasses import fields, replace
from typing import Any

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Noted, Progress
from llmstudio.core.models.build import build_model
from llmstudio.core.models.entering import seen_entering
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.calibration import Calibration, Entering
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.methods import METHODS
from llmstudio.core.sparsity.pruning import prune_by_reading
from llmstudio.core.tasks import TASKS
from llmstudio.core.tokenizer.config import PAD
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop, WasStopped

SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 16, "hidden_dim": 16, "num_heads": 2, "context_length": 32}
TRAINING = TrainingConfig(batch_size=4, number_format="fp32")
READING = [name for name, method in METHODS.items() if method.reads]


def made(kind: str, data: Any, task: str = "", training: TrainingConfig = TRAINING, **shape: Any) -> tuple[Any, Any]:
    """A model from random weights, and how to read with it."""
    config = MODELS[kind].config()
    known = {entry.name for entry in fields(config)}
    config = replace(config, **{name: value for name, value in (SMALL | shape).items() if name in known})
    recipe, (dataset, tokenizer) = Recipe(kind, config, training, task_name=task), data
    tasks = recipe.make_task(dataset, tokenizer), recipe.make_task(dataset, tokenizer)
    model = build_model(kind, config, tokenizer.vocab_size, seed=0, changes=tasks[0].changes(()))
    return model, Calibration(copy.deepcopy(model), tasks, 250)


def prune(model: Any, calibration: Calibration, stop: Stop | None = None, **config: Any) -> tuple[dict[str, Any], list[Any]]:
    steps, events = prune_by_reading(model, PruningConfig(**config), calibration, job="prune", stop=stop or Stop()), []
    while True:
        try:
            events.append(next(steps))
        except StopIteration as end:
            return end.value, events


@pytest.mark.parametrize("task", ["", "classify", "tag"])
@pytest.mark.parametrize("kind", MODELS)
def test_that_every_family_and_task_prunes_by_reading_and_what_enters_every_matrix_is_seen(kind, task, request):
    if task and MODELS[kind].reading not in TASKS[task].readings:
        pytest.skip("such a model cannot learn this")
    usual = "pairs_data" if kind == "encoder_decoder" else "text_data"
    data = request.getfixturevalue({"classify": "classes_data", "tag": "tags_data"}.get(task, usual))
    training = replace(TRAINING, rows="sentences") if kind == "vae" and not task else TRAINING
    model, calibration = made(kind, data, task, training)
    names = list(prunable(model, keep_embeddings=True))
    seen = calibration.order(names)
    if not task:  # a head for tokens that is not used while texts are sorted is not seen
        assert set(seen) == set(names)
    masks, events = prune(model, calibration, method="admm", sparsity=0.5)
    total = sum(mask.numel() for mask in masks.values())
    assert sum(int((~mask).sum()) for mask in masks.values()) == round(0.5 * total)
    for name, parameter in model.named_parameters():
        assert torch.isfinite(parameter).all()
        if name in masks:
            assert not bool(parameter.detach()[~masks[name]].any())
    steps = [event for event in events if isinstance(event, Progress)]
    assert [event.done for event in steps] == [at * steps[0].done for at in range(1, len(steps) + 1)]
    assert steps[-1].done == steps[-1].total
    assert any(isinstance(event, Noted) for event in events) == (len(seen) < len(names))


def test_that_padding_of_sources_and_of_targets_is_left_out_of_what_each_of_them_enters_though_both_are_as_wide(pairs_data):
    model, calibration = made("encoder_decoder", pairs_data)
    batches = [calibration._batches.batch(step) for step in range(calibration.num_batches)]
    sources = sum(int((batch.source != PAD).sum()) for batch in batches)
    targets = sum(int((batch.ids != PAD).sum()) for batch in batches)
    assert any(batch.source.shape == batch.ids.shape for batch in batches)
    assert sources != targets
    names = list(prunable(model, keep_embeddings=True))
    *_, found = calibration.entering(model, names)
    for name in names:
        by_source = name.startswith("encoder.") or ".cross.kv" in name
        assert found[name].count == (sources if by_source else targets), name


@pytest.mark.parametrize("config", [{"sparsity": 0.6}, {"scope": "global", "sparsity": 0.6}, {"pattern": "2:4"}], ids=str)
@pytest.mark.parametrize("method", READING)
def test_that_every_method_takes_exactly_what_is_asked_for(method, config, text_data):
    model, calibration = made("decoder", text_data)
    masks, _ = prune(model, calibration, method=method, **config)
    total = sum(mask.numel() for mask in masks.values())
    assert sum(int((~mask).sum()) for mask in masks.values()) == round(config.get("sparsity", 0.5) * total)
    for name, mask in masks.items():
        assert torch.equal(dict(model.named_parameters())[name] != 0, mask)
        if "pattern" in config:
            assert (mask.view(len(mask), -1, 4).sum(2) == 2).all()


@pytest.mark.parametrize("scope", ["global", "layer", "row"])
@pytest.mark.parametrize("method", METHODS)
def test_that_a_model_which_lost_weights_unevenly_loses_exactly_what_is_asked_for(method, scope, text_data):
    model, calibration = made("decoder", text_data)
    parameters = prunable(model, keep_embeddings=True)
    with torch.no_grad():  # one matrix has lost most, and some rows of it all
        first = next(iter(parameters.values()))
        first[:, : first.shape[1] // 2], first[:3] = 0, 0
    reads = calibration if METHODS[method].reads else None
    masks, _ = prune(model, reads, method=method, sparsity=0.4, scope=scope)
    total = sum(mask.numel() for mask in masks.values())
    assert sum(int((p == 0).sum()) for p in parameters.values()) == round(0.4 * total)


def test_that_a_text_on_which_a_model_does_far_worse_than_on_its_own_is_strange(text_data):
    _, calibration = made("decoder", text_data)  # from random weights, it does as badly as one can
    assert calibration.is_strange(0.1)
    assert not calibration.is_strange(10.0)
    assert not calibration.is_strange(None)


@pytest.mark.parametrize("method", READING)
def test_that_taking_nothing_changes_no_bit(method, text_data):
    model, calibration = made("decoder", text_data, num_layers=2)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    prune(model, calibration, method=method, sparsity=0.0)
    assert all(torch.equal(before[name], p) for name, p in model.named_parameters())


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm", "decoder"])
def test_that_what_enters_gives_what_leaves_and_a_look_changes_no_more_than_rounding(kind, text_data):
    model, calibration = made(kind, text_data)
    batch = calibration._batches.batch(0)
    seen: dict[str, torch.Tensor] = {}
    model.eval()
    with torch.no_grad():
        before = model(batch).hidden
        with seen_entering(model, lambda name, x: seen.update({name: x})):
            during = model(batch).hidden
        assert torch.equal(model(batch).hidden, before)
    assert torch.allclose(during, before, atol=1e-5)
    assert all(x.shape[-1] == dict(model.named_parameters())[name].shape[1] for name, x in seen.items())
    if kind == "rnn":  # the state after a token is the bend of what enters both matrices at it
        p = dict(model.named_parameters())
        (last,) = {name.rpartition(".")[0] for name in seen if "weight_hh" in name and name.endswith("l0")} - {""}
        x, h = seen[f"{last}.weight_ih_l0"], seen[f"{last}.weight_hh_l0"]
        w, u, b, c = (p[f"{last}.{end}_l0"] for end in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"))
        after = torch.tanh(x @ w.T + h @ u.T + b + c)
        assert torch.allclose(after[:, :-1], h[:, 1:], atol=1e-5)


def test_that_padding_is_not_counted(turns_data):
    model, calibration = made("encoder", turns_data, training=replace(TRAINING, rows="documents"), context_length=64)
    batch = calibration._batches.batch(0)
    assert bool((batch.ids == 0).any())
    name = next(iter(prunable(model, keep_embeddings=True)))
    *_, found = calibration.entering(model, [name])
    counted = sum(int((calibration._batches.batch(step).ids != 0).sum()) for step in range(calibration.num_batches))
    assert found[name].count == counted


def test_that_sums_of_what_enters_are_those_of_all_at_once_and_the_target_makes_up_for_what_has_changed():
    generator = torch.Generator().manual_seed(0)
    whole = torch.randn(90, 6, generator=generator)
    now = whole @ (torch.eye(6) + 0.2 * torch.randn(6, 6, generator=generator))
    found = Entering(torch.zeros(6, 6), torch.zeros(6, 6))
    for at in range(0, 90, 40):
        found.add(now[at : at + 40], whole[at : at + 40])
    assert torch.allclose(found.gram, now.T @ now / 90, atol=1e-5)
    weight = torch.randn(3, 6, generator=generator)
    off = (now @ found.target(weight).T - whole @ weight.T).square().mean()
    assert off < 0.05 * (now @ weight.T - whole @ weight.T).square().mean()
    same = Entering(torch.zeros(6, 6), torch.zeros(6, 6))
    same.add(whole, whole)
    assert torch.equal(same.target(weight), weight)


def test_that_making_up_for_weights_hurts_a_model_less_than_taking_the_smallest(text_data):
    model, calibration = made("decoder", text_data)
    costs = {}
    for method in ("magnitude", "admm"):
        spare = copy.deepcopy(model)
        if method == "magnitude":
            from llmstudio.core.sparsity.pruning import prune_model

            prune_model(spare, PruningConfig(method, 0.6, "layer"))
        else:
            prune(spare, calibration, method=method, sparsity=0.6)
        batch = calibration._batches.batch(50)
        with torch.no_grad():
            costs[method] = float((spare(batch).hidden - model(batch).hidden).square().mean())
    assert costs["admm"] < 0.7 * costs["magnitude"]


def test_that_it_stops_between_batches_when_asked(text_data):
    model, calibration = made("decoder", text_data)
    stop = Stop()
    stop.request()
    with pytest.raises(WasStopped):
        prune(model, calibration, stop, method="wanda")


def test_that_what_is_no_number_is_told_in_a_sentence(text_data):
    model, calibration = made("decoder", text_data)
    with torch.no_grad():
        model.blocks[0].attention_norm.weight[0] = torch.nan
    with pytest.raises(StudioError, match="not a number"):
        prune(model, calibration, method="wanda")
