"""One table for every family: it builds, has its predicted size, learns, makes what it promises, survives being saved,
loaded and resumed, and prunes.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import fields, replace
from typing import Any

import pytest
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.events import Finished, Noted, Sampled, Stopped, TrainStep
from llmstudio.core.models.build import build_model
from llmstudio.core.models.changes import CHANGES
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.config import Look
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.pruning import prune_model
from llmstudio.core.tasks import TASKS
from llmstudio.core.training.going_on import training_of
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(
    max_steps=30, batch_size=4, eval_steps=10, eval_tokens=300, sample_tokens=4, number_format="fp32", threads=1,
    learning_rate=1e-2,
)  # fmt: skip
SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 32}


@pytest.fixture(params=MODELS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["", "classify", "tag"])
def task(request: pytest.FixtureRequest) -> str:
    """What it learns; empty for its usual task."""
    return str(request.param)


@pytest.fixture
def task_data(task: str, data: Any, request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue({"classify": "classes_data", "tag": "tags_data"}[task]) if task else data


@pytest.fixture
def config(kind: str) -> Any:
    made = MODELS[kind].config()
    known = {entry.name for entry in fields(made)}
    return replace(made, **{name: value for name, value in SMALL.items() if name in known})


@pytest.fixture
def data(kind: str, request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue("pairs_data" if kind == "encoder_decoder" else "text_data")


def _loss(model: Any, recipe: Recipe, data: Any) -> float:
    *_, score = recipe.make_task(*data).evaluate(model, set_up(TRAINING), 300)
    return float(score.figures()["loss"])


def test_that_a_family_keeps_with_every_task_what_every_family_promises(kind, config, task, task_data, tmp_path) -> None:
    if task and MODELS[kind].reading not in TASKS[task].readings:
        pytest.skip("such a model cannot learn this")
    dataset, tokenizer = data = task_data
    recipe = Recipe(kind, config, TRAINING, task_name=task)
    parts = {"recipe": recipe, "dataset": dataset, "tokenizer": tokenizer}
    changes = recipe.make_task(dataset, tokenizer).changes(())
    fresh = build_model(kind, config, tokenizer.vocab_size, seed=0, changes=changes)
    size = config.num_parameters(tokenizer.vocab_size)
    for change in changes:
        size = CHANGES[change["change"]].num_parameters(size, change)
    assert sum(p.numel() for p in fresh.parameters()) == size

    whole, halves = tmp_path / "whole", tmp_path / "halves"
    for folder in (whole, halves):
        folder.mkdir()
    events = list(train(whole, **parts, stop=Stop()))
    losses = [event.loss for event in events if isinstance(event, TrainStep)]
    assert isinstance(events[-1], Finished)
    assert len(losses) == 30
    assert sum(losses[-5:]) / 5 < losses[0], "it learns"
    assert any([event.text.strip() for event in events if isinstance(event, Sampled)]), "it makes something of a prompt"

    stop = Stop()
    for event in train(halves, **parts, stop=stop):
        if isinstance(event, TrainStep) and event.step == 17:
            stop.request()
    assert isinstance(event, Stopped)
    assert isinstance([*resume(halves, **parts, stop=Stop())][-1], Finished)
    left, right = (load_model(find_checkpoint(folder, "last")[0]) for folder in (whole, halves))
    for name, weight in left.state_dict().items():
        assert torch.equal(weight, right.state_dict()[name]), f"{name} is another after resuming"

    measured = _loss(left, recipe, data)
    assert measured < _loss(fresh, recipe, data)
    pruned = copy.deepcopy(left)
    masks = prune_model(pruned, PruningConfig(method="magnitude", sparsity=0.5))
    assert masks
    zeros = sum(int((mask == 0).sum()) for mask in masks.values())
    assert zeros / sum(mask.numel() for mask in masks.values()) == pytest.approx(0.5, abs=0.02)
    save_checkpoint(tmp_path / "thin", 30, model=pruned, kind=kind, facts={}, sparse=True)
    back = load_model(find_checkpoint(tmp_path / "thin", "last")[0])
    for name, weight in pruned.state_dict().items():
        assert torch.equal(weight, back.state_dict()[name]), f"{name} is another after loading"
    assert _loss(back, recipe, data) == pytest.approx(_loss(pruned, recipe, data))
    assert _loss(back, recipe, data) != measured


def test_that_16_bit_numbers_on_a_processor_become_32_bit_ones_and_that_is_said_once(kind, config, data, tmp_path) -> None:
    def run(number_format: str) -> tuple[list[float], list[str], str]:
        folder = tmp_path / number_format
        folder.mkdir()
        training = replace(TRAINING, max_steps=3, device="cpu", number_format=number_format)
        dataset, tokenizer = data
        recipe = Recipe(kind, config, training)
        events = list(train(folder, recipe=recipe, dataset=dataset, tokenizer=tokenizer, stop=Stop()))
        assert isinstance(events[-1], Finished)
        losses = [event.loss for event in events if isinstance(event, TrainStep)]
        notes = [str(event.message) for event in events if isinstance(event, Noted)]
        kept = training_of(find_checkpoint(folder, "last")[0]).number_format
        return losses, [note for note in notes if "16-bit" in note], kept

    (asked, said, kept), (plain, silent, _) = run("fp16"), run("fp32")
    assert asked == plain
    assert kept == "fp32"
    assert len(said) == 1
    assert "32-bit" in said[0]
    assert silent == []


@pytest.mark.parametrize("corpus", ["text_data", "turns_data", "pairs_data"])
def test_that_a_task_weighs_answers_where_its_batches_do_and_its_recipe_foretells_it(kind, config, corpus, request) -> None:
    if kind == "encoder_decoder" and corpus == "text_data":
        pytest.skip("its sentences are too long")
    dataset, tokenizer = request.getfixturevalue(corpus)
    have_answers = dataset.split("train").answer_mask is not None
    for rows, weight in itertools.product(("running", "documents", "packed", "sentences", "auto"), (0.3, 1.0)):
        recipe = Recipe(kind, config, replace(TRAINING, rows=rows, context_weight=weight))
        made = recipe.make_task(dataset, tokenizer)
        found = made.batches().batch(0)
        is_weighed = found.weights is not None and bool(((found.weights < 1) & (found.targets != IGNORED)).any())
        assert made.weighs_answers == recipe.weighs_answers(have_answers=have_answers) == is_weighed, (rows, weight)


@pytest.mark.parametrize("look", [Look(rows=3, tokens=4096), Look(rows=256, tokens=160)], ids=["rows", "tokens"])
def test_that_a_look_reads_as_much_at_once_as_the_settings_of_its_task_say(
    kind, config, task, task_data, look, monkeypatch
) -> None:
    if task and MODELS[kind].reading not in TASKS[task].readings:
        pytest.skip("such a model cannot learn this")
    dataset, tokenizer = task_data
    recipe = Recipe(kind, config, replace(TRAINING, rows="documents"), task_name=task)
    is_of_rows_alone = recipe.task.look.tokens is None
    (owner,) = [each for each in type(recipe.task).__mro__ if "look" in vars(each)][:1]
    monkeypatch.setattr(owner, "look", look)
    made = recipe.make_task(dataset, tokenizer)
    model = build_model(kind, config, tokenizer.vocab_size, seed=0, changes=made.changes(()))
    seen: list[tuple[int, int]] = []

    def noted(batch: Batch, device: Any, to: Any = Batch.to) -> Batch:
        width = batch.ids.shape[1] + (0 if batch.source is None else batch.source.shape[1])
        seen.append((len(batch.ids), width))
        return to(batch, device)

    monkeypatch.setattr(Batch, "to", noted)
    assert [*made.evaluate(model, set_up(TRAINING))]
    assert max(rows for rows, _ in seen) > 1
    assert all(rows <= look.rows for rows, _ in seen)
    padding = 16  # of a source and of a target
    assert is_of_rows_alone or all(rows == 1 or rows * (width - padding) <= look.tokens for rows, width in seen)


@pytest.mark.parametrize("rows", ["running", "documents", "sentences"])
def test_that_the_longest_row_of_an_epoch_is_the_one_that_was_foretold(kind, config, data, rows) -> None:
    dataset, tokenizer = data
    batches = Recipe(kind, config, replace(TRAINING, rows=rows)).make_task(dataset, tokenizer).batches()
    shapes = []
    for step in range(dataset.split("train").num_rows):
        batch = batches.batch(step)
        read = batch.ids if batch.source is None else batch.source
        shapes.append((batch.ids.shape[1] + read.shape[1]) / 2)
    # Batches are padded to eights, those of the text VAE to twos.
    assert batches.longest - 8 < max(shapes) <= batches.longest <= config.context_length


@pytest.mark.parametrize("rows", ["running", "documents", "sentences"])
def test_that_half_a_batch_and_twice_the_accumulation_are_the_same_rows(kind, config, data, rows) -> None:
    dataset, tokenizer = data
    whole, halves = (
        Recipe(kind, config, replace(TRAINING, rows=rows, **changes)).make_task(dataset, tokenizer).batches()
        for changes in ({"batch_size": 8}, {"batch_size": 4, "grad_accumulation_steps": 2})
    )
    for step in range(12):
        expected, parts = whole.batch(step), halves.batch(step).split(2)
        assert max(len(part.ids) for part in parts) <= 4
        for name in ("ids", "targets", "weights", "source"):
            tensors = [getattr(part, name) for part in parts]
            if getattr(expected, name) is None:
                assert tensors == [None] * len(parts)
            else:
                assert torch.equal(torch.cat(tensors), getattr(expected, name)), name
