"""What is not to learn stays as it is to the last bit, whatever learns, however, and for how long; and costs nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from llmstudio.app.presets.by_name import choose
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted, Stopped, TrainStep
from llmstudio.core.memory.estimate import estimate
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes.lora import adaptable
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.depth import depths, parts_of
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.roles import Role, roles_of
from llmstudio.core.optimizers import OPTIMIZERS
from llmstudio.core.recipe import Recipe, from_dict, to_dict
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.run import Run, RunInputs, new_run
from llmstudio.core.training.start import Start
from llmstudio.core.training.teaching.weights import refuse_teaching
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(
    max_steps=12, batch_size=2, grad_accumulation_steps=2, eval_steps=6, eval_tokens=200, sample_tokens=2,
    learning_rate=1e-2, weight_decay=0.3, grad_clip=0.1, number_format="fp32", threads=1,
)  # fmt: skip
SMALL: dict[str, Any] = {"num_layers": 2, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 32}
WAYS = {
    "last": TeachingConfig(weights="last_layers"),
    "body": TeachingConfig(weights="all_but_embeddings", layer_decay=0.5),
    "head": TeachingConfig(weights="head_only"),
    "thawing": TeachingConfig(unfreeze_share=0.25, layer_decay=0.4),
    "lora": TeachingConfig(weights="lora", lora_rank=2, lora_dropout=0.1, unfreeze_share=0.25, layer_decay=0.7),
}


def shape_of(kind: str, **changes: Any) -> Any:
    made = MODELS[kind].config()
    known = {entry.name for entry in fields(made)}
    return replace(made, **{name: value for name, value in (SMALL | changes).items() if name in known})


@pytest.fixture
def begun(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., tuple[Run, dict[str, Any]]]:
    """Makes a run from a model of random weights, and what `train` and `resume` are called with to make the same."""

    def make(kind: str, way: TeachingConfig, task: str = "classify", **changes: Any) -> tuple[Run, dict[str, Any]]:
        rows = "classes_data" if task else "pairs_data" if kind == "encoder_decoder" else "text_data"
        dataset, tokenizer = request.getfixturevalue(rows)
        shape = shape_of(kind, tie_embeddings=False)
        parent = build_model(kind, shape, tokenizer.vocab_size, seed=5)
        save_checkpoint(tmp_path / "parent", 7, model=parent, kind=kind, facts={})
        start = Start(find_checkpoint(tmp_path / "parent")[0])
        recipe = Recipe(kind, shape, replace(TRAINING, **changes), task_name=task, teach=way)
        recipe = replace(recipe, task=recipe.task.without_phases())
        parts = {"recipe": recipe, "dataset": dataset, "tokenizer": tokenizer, "start": start}
        beside = {"folder": tmp_path, "setup": set_up(recipe.training), "base_bytes": 0}
        inputs = RunInputs(dataset=dataset, tokenizer=tokenizer, start=start, **beside)
        return new_run(inputs, recipe), parts

    return make


def weights(model: torch.nn.Module) -> dict[str, Tensor]:
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def changed(model: torch.nn.Module, before: dict[str, Tensor]) -> set[str]:
    return {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}


@pytest.mark.parametrize("tied", [True, False])
@pytest.mark.parametrize("kind", MODELS)
def test_that_every_parameter_belongs_to_the_part_that_counts_it(kind: str, tied: bool) -> None:
    for more in ({}, {"positions": "learned", "norm": "layer"}, {"value_embeddings": True}, {"layer_norm": True}):
        shape = shape_of(kind, tie_embeddings=tied, **more)
        model = build_model(kind, shape, 50)
        parts, counted = parts_of(model), dict.fromkeys(shape.parameters(50), 0)
        for name, parameter in model.named_parameters():
            counted[parts[name]] += parameter.numel()
        assert counted == {part: sum(count) for part, count in shape.parameters(50).items()}


def test_that_parts_lie_as_deep_as_layers_stand_above_them_in_their_half() -> None:
    parts = ["embed", "source.layers.0", "source.layers.1", "source.norm", "layers.0", "layers.1", "layers.2", "head", ""]
    assert list(depths(parts).values()) == [3, 1, 0, 0, 2, 1, 0, 0, 0]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", MODELS)
def test_that_what_does_not_learn_is_bit_equal_after_any_steps_and_keeps_no_state(kind, way, optimizer, begun) -> None:
    run, _ = begun(kind, WAYS[way], optimizer=optimizer)
    before, parts = weights(run.model), parts_of(run.model)
    deep, roles = depths(parts.values()), roles_of(run.model)
    learned = {name for name in before if WAYS[way].learns(parts[name], deep[parts[name]], head=run.recipe.head)}
    learned |= {name for name in before if roles[name] == Role.ADAPTER}
    for step in range(7):
        run.take_step()
        if WAYS[way].unfreeze_share:
            late = {name for name in before if deep[parts[name]] > step / 3}
            assert not changed(run.model, before) & late, f"step {step}"
    moved = changed(run.model, before)
    assert moved <= learned
    assert {name for name in learned if parts[name] == ""} <= moved
    assert {key.rpartition(":")[0] for key in run.optimizers.state()} == moved
    if way == "head":
        assert {parts[name] for name in moved} == {""}
    if way != "head":
        layers = {part for part in deep if "layers." in part and (way != "last" or deep[part] == 0)}
        assert layers & {parts[name] for name in moved}


@pytest.mark.parametrize("kind", MODELS)
def test_that_the_forecast_counts_gradients_and_moments_of_what_learns_alone(kind, begun) -> None:
    for way in WAYS.values():
        run, _ = begun(kind, way, task="")
        for _ in range(7):
            run.take_step()
        found = estimate(run.recipe, run.model.vocab_size, context=32).by_kind()
        learning = sum(4 * p.numel() for name, p in run.model.named_parameters() if name in run.taught.depth)
        assert found["gradients"] == learning
        counters = sum(value.nbytes for key, value in run.optimizers.state().items() if key.endswith(":step"))
        assert found["optimizer"] == run.optimizers.num_bytes() - counters
        everything = estimate(replace(run.recipe, teach=TeachingConfig()), run.model.vocab_size, context=32).by_kind()
        assert found["weights"] == sum(4 * p.numel() for p in run.model.parameters())
        beside = 1.1 if way.adapts else 1.001  # what LoRA computes beside; a look lies in holes of another size
        assert found["activations"] <= beside * everything["activations"]


@pytest.mark.parametrize("kind", MODELS)
def test_that_a_layer_learns_at_its_share_of_the_rate_of_the_one_above(kind, begun) -> None:
    run, _ = begun(kind, TeachingConfig(layer_decay=0.5))
    parts = parts_of(run.model)
    deep, names = depths(parts.values()), {id(p): name for name, p in run.model.named_parameters()}
    for factor in (1.0, 0.25):
        assert run.optimizers.set_factor(factor) == 1e-2 * factor
        for group in (group for part in run.optimizers.parts for group in part.param_groups):
            for parameter in group["params"]:
                assert group["lr"] == pytest.approx(1e-2 * factor * 0.5 ** deep[parts[names[id(parameter)]]])


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["decoder", "gru", "encoder_decoder", "vae"])
def test_that_a_taught_run_is_resumed_bit_exactly_and_leaves_its_parent_as_it_was(kind, way, begun, tmp_path) -> None:
    _, parts = begun(kind, WAYS[way])
    parent = {path: path.read_bytes() for path in (tmp_path / "parent").rglob("*") if path.is_file()}
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    for folder in (whole, halves):
        folder.mkdir()
    assert isinstance([*train(whole, **parts, stop=Stop())][-1], Finished)
    stop = Stop()
    for event in train(halves, **parts, stop=stop):
        if isinstance(event, TrainStep) and event.step == 5:
            stop.request()
    assert isinstance(event, Stopped)
    assert isinstance([*resume(halves, **parts, stop=Stop())][-1], Finished)
    left, right = (load_model(find_checkpoint(folder, "last")[0]) for folder in (whole, halves))
    for name, weight in left.state_dict().items():
        assert torch.equal(weight, right.state_dict()[name]), f"{name} is another after resuming"
    assert parent == {path: path.read_bytes() for path in (tmp_path / "parent").rglob("*") if path.is_file()}


def test_that_a_run_says_how_many_weights_learn_and_which_never_come_to_it(begun, tmp_path) -> None:
    def said(way: TeachingConfig) -> str:
        _, parts = begun("decoder", way)
        (tmp_path / "run").mkdir(exist_ok=True)
        return " ".join(str(e.message) for e in train(tmp_path / "run", **parts, stop=Stop()) if isinstance(e, Noted))

    assert "all others stay as they are" in said(WAYS["last"])
    assert "uppermost 2 layers" in said(TeachingConfig(unfreeze_share=0.5))
    assert "weights learn" not in said(TeachingConfig())
    assert "uppermost" not in said(TeachingConfig(unfreeze_share=0.3))
    assert "Last layers has no effect here" in said(TeachingConfig(last_layers=2))


def test_that_random_weights_are_not_frozen_and_a_table_that_writes_is_no_head_of_its_own() -> None:
    frozen = Recipe(model=shape_of("decoder"), teach=WAYS["last"])
    with pytest.raises(StudioError, match="What learns is for runs that begin with the weights of another model"):
        refuse_teaching(frozen, has_start=False)
    refuse_teaching(frozen, has_start=True)
    head = replace(frozen, teach=WAYS["head"], model=shape_of("decoder", tie_embeddings=True))
    with pytest.raises(StudioError, match="tied embeddings"):
        refuse_teaching(head, has_start=True)
    refuse_teaching(replace(head, task_name="classify", task=None), has_start=True)
    refuse_teaching(replace(head, model=shape_of("decoder", tie_embeddings=False)), has_start=True)


def test_that_a_recipe_that_is_not_taught_says_what_it_always_said_and_one_that_is_survives_its_file() -> None:
    assert "teach" not in to_dict(Recipe())
    assert from_dict(to_dict(Recipe())) == Recipe()
    taught = Recipe(teach=WAYS["thawing"])
    assert from_dict(to_dict(taught)) == taught != Recipe()


def test_that_a_run_that_left_all_bounds_gives_back_a_changed_model_with_each_change_once(begun, tmp_path) -> None:
    from llmstudio.core.training.divergence import too_fast

    run, _ = begun("decoder", TeachingConfig())
    first = run.model.changes
    save_checkpoint(tmp_path / "grand", 1, model=run.model, kind="decoder", facts={})
    run.start, run.folder = Start(find_checkpoint(tmp_path / "grand")[0]), tmp_path / "child"
    too_fast(run)
    assert load_model(find_checkpoint(tmp_path / "child")[0]).changes == first != ()


def test_that_a_run_learns_on_from_what_lora_has_taught_with_nothing_of_it_left_beside(begun, tmp_path) -> None:
    _, parts = begun("decoder", WAYS["lora"])
    (tmp_path / "taught").mkdir()
    assert isinstance([*train(tmp_path / "taught", **parts, stop=Stop())][-1], Finished)
    found, _ = find_checkpoint(tmp_path / "taught")
    assert found.card.base is None, "merged, and whole"
    taught = load_model(found)
    start = Start(found)
    again = start.build("decoder", parts["recipe"].model, taught.vocab_size, 0)
    assert again.changes == start.changes == taught.changes
    for name, weight in taught.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name])
    (tmp_path / "child").mkdir()
    for teaching in (WAYS["lora"], TeachingConfig()):
        recipe = replace(parts["recipe"], teach=teaching)
        [*_, end] = train(tmp_path / "child", **parts | {"recipe": recipe, "start": start}, stop=Stop())
        assert isinstance(end, Finished)
    changes = [change["change"] for change in find_checkpoint(tmp_path / "child", "last")[0].card.changes]
    assert changes == ["class_head"]


@pytest.mark.parametrize("kind", MODELS)
def test_that_zeros_of_a_pruned_model_stay_through_lora_as_without_a_stop_in_between(kind, begun, tmp_path) -> None:
    way = replace(WAYS["lora"], lora_matrices="everything", unfreeze_share=0.0)
    _, parts = begun(kind, way)
    pruned = load_model(parts["start"].checkpoint)
    draw = torch.Generator().manual_seed(2)
    for _, _, p in adaptable(pruned):
        p.data *= torch.rand(p.shape, generator=draw) < 0.4
    before = weights(pruned)
    save_checkpoint(tmp_path / "pruned", 7, model=pruned, kind=kind, facts={"pruning": {"sparsity": 0.6}}, sparse=True)
    parts |= {"start": Start(find_checkpoint(tmp_path / "pruned")[0])}
    found = {}
    for name in ("whole", "halves"):
        (tmp_path / name).mkdir()
        stop = Stop()
        for event in train(tmp_path / name, **parts, stop=stop):
            if name == "halves" and isinstance(event, TrainStep) and event.step == 5:
                stop.request()
        if name == "halves":
            assert isinstance([*resume(tmp_path / name, **parts, stop=Stop())][-1], Finished)
        found[name] = weights(load_model(find_checkpoint(tmp_path / name, "last")[0]))
    for name, old in before.items():
        new = found["whole"][name]
        assert torch.equal(new, found["halves"][name])
        assert torch.equal(new == 0, old == 0), f"{name}: no zero is filled, and none is new"
    assert any(not torch.equal(found["whole"][name], old) for name, old in before.items())


def test_that_a_family_without_attention_says_so(begun) -> None:
    _, parts = begun("gru", WAYS["lora"])
    without = replace(parts["recipe"], teach=replace(WAYS["lora"], lora_matrices="attention"))
    with pytest.raises(StudioError, match="choose all matrices"):
        refuse_teaching(without, has_start=True)


@pytest.mark.parametrize("name", ["nano", "mini"])
@pytest.mark.parametrize("kind", MODELS)
def test_that_lora_keeps_a_twentieth_of_the_moments(kind: str, name: str) -> None:
    whole = choose(kind, name).recipe
    lora = replace(whole, teach=TeachingConfig(weights="lora", lora_matrices="all"))
    everything, beside = (estimate(recipe, 8192, context=64).by_kind() for recipe in (whole, lora))
    share = beside["optimizer"] / everything["optimizer"]
    assert share <= 0.05, f"{share:.3f}"
    assert beside["gradients"] / everything["gradients"] <= 0.05
