"""Beside what a model is taught it reads on in its parent's text: both losses count by their shares, and are measured."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Finished, Stopped, TrainStep
from llmstudio.core.memory.estimate import estimate
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.base import Task
from llmstudio.core.tasks.beside.around import Around
from llmstudio.core.tasks.beside.distilling import Distilling
from llmstudio.core.tasks.beside.rehearsal import Rehearsal, TwoBatches
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.training.history import read_history, write_csv
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.run import Run, RunInputs, new_run
from llmstudio.core.training.start import ParentText, Start
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(
    max_steps=8, batch_size=4, grad_accumulation_steps=2, eval_steps=4, eval_tokens=200, sample_tokens=2, threads=1,
    number_format="fp32",
)  # fmt: skip
SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 32}
Begun = Callable[..., tuple[Run, dict[str, Any]]]


@pytest.fixture
def begun(tmp_path: Path, classes_data: Any) -> Begun:
    """Makes a run that is taught classes and goes on in running text, and what `train` and `resume` are called with."""

    def make(kind: str, teach: TeachingConfig, task: str = "classify", learned: str = "") -> tuple[Run, dict[str, Any]]:
        dataset, tokenizer = classes_data
        made = MODELS[kind].config()
        known = {entry.name for entry in fields(made)}
        shape = replace(made, **{name: value for name, value in SMALL.items() if name in known})
        model = build_model(kind, shape, tokenizer.vocab_size, seed=5)
        save_checkpoint(tmp_path / "parent", 7, model=model, kind=kind, facts={})
        start = Start(find_checkpoint(tmp_path / "parent")[0])
        recipe = Recipe(kind, shape, TRAINING, task_name=task, teach=teach)
        rows = replace(TRAINING, rows="running")
        parent = ParentText(Recipe(kind, shape, rows, task_name=learned), dataset) if teach.reads_parent else None
        parts = {"recipe": recipe, "dataset": dataset, "tokenizer": tokenizer, "start": start, "parent": parent}
        inputs = RunInputs(**{k: v for k, v in parts.items() if k != "recipe"}, folder=tmp_path, setup=set_up(TRAINING),
                           base_bytes=0)  # fmt: skip
        return new_run(inputs, recipe), parts

    return make


@pytest.mark.parametrize("kind", ["decoder", "lstm", "encoder"])
def test_that_a_step_learns_from_both_texts_each_by_its_share(kind: str, begun: Begun) -> None:
    run, _ = begun(kind, TeachingConfig(rehearsal_share=0.25))
    assert isinstance(run.task, Rehearsal)
    dealt = run.batches.batch(0)
    assert isinstance(dealt, TwoBatches)
    assert dealt.beside is not None
    assert (len(dealt.own.ids), len(dealt.beside.ids)) == (8, 2)
    assert dealt.num_tokens == dealt.own.num_tokens + dealt.beside.num_tokens
    cut = dealt.split(2)
    assert torch.equal(torch.cat([part.own.ids for part in cut]), dealt.own.ids)
    assert torch.equal(torch.cat([part.beside.ids for part in cut if part.beside is not None]), dealt.beside.ids)
    step = run.take_step()
    assert step.loss == pytest.approx(0.75 * step.parts["own"] + 0.25 * step.parts["parent"])
    assert step.parts["own"] != pytest.approx(step.parts["parent"])


def test_that_a_step_of_the_same_text_and_task_learns_what_a_step_alone_learns(begun: Begun) -> None:
    """With the same task and the same rows on both sides the loss is the mean of two alike."""
    run, _ = begun("decoder", TeachingConfig(rehearsal_share=0.5), task="next_token")
    own = run.task.own  # type: ignore[attr-defined]
    batch = run.task.parent.batches().batch(3)  # type: ignore[attr-defined]
    weight = own.weight(batch)
    both = TwoBatches(ids=batch.ids, own=batch, beside=batch, beside_weight=weight)
    assert run.task.loss(run.model, both, weight).item() == pytest.approx(own.loss(run.model, batch, weight).item())


@pytest.mark.parametrize("kind", ["decoder", "gru"])
def test_that_a_run_that_rehearses_is_resumed_bit_exactly_and_measures_what_is_forgotten(kind, begun, tmp_path) -> None:
    _, parts = begun(kind, TeachingConfig(rehearsal_share=0.4))
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    for folder in (whole, halves):
        folder.mkdir()
    events = list(train(whole, **parts, stop=Stop()))
    assert isinstance(events[-1], Finished)
    looks = [event.figures["parent_loss"] for event in events if isinstance(event, Evaluated)]
    assert len(looks) >= 2
    assert looks[-1] < looks[0], "it reads on in it"
    assert events[-1].result["parent_loss"] == looks[-1]
    stop = Stop()
    for event in train(halves, **parts, stop=stop):
        if isinstance(event, TrainStep) and event.step == 5:
            stop.request()
    assert isinstance(event, Stopped)
    assert isinstance([*resume(halves, **parts, stop=Stop())][-1], Finished)
    left, right = (load_model(find_checkpoint(folder, "last")[0]) for folder in (whole, halves))
    assert all(torch.equal(a, b) for a, b in zip(left.parameters(), right.parameters(), strict=True))
    table = io.StringIO()
    history = read_history(whole)
    write_csv(table, history.steps, history.evaluations)
    assert table.getvalue().splitlines()[0].endswith("val_loss,bits_per_byte,parent_loss")


def test_that_watching_measures_the_parents_loss_and_changes_nothing(begun: Begun, tmp_path: Path) -> None:
    models = []
    for teach in (TeachingConfig(), TeachingConfig(parent_loss=True)):
        _, parts = begun("decoder", teach)
        folder = tmp_path / f"watched {teach.parent_loss}"
        folder.mkdir()
        looks = [event for event in train(folder, **parts, stop=Stop()) if isinstance(event, Evaluated)]
        assert all(("parent_loss" in look.figures) == teach.parent_loss for look in looks)
        if teach.parent_loss:
            assert (looks[0].step, set(looks[0].figures)) == (0, {"parent_loss"}), "what is forgotten counts from the start"
        models.append(load_model(find_checkpoint(folder, "last")[0]))
    assert all(torch.equal(a, b) for a, b in zip(*(model.parameters() for model in models), strict=True))


def test_that_a_model_of_which_only_the_head_learns_forgets_nothing(begun: Begun, tmp_path: Path) -> None:
    """Not even at the last look, which reads all of the run's own text."""
    _, parts = begun("decoder", TeachingConfig(weights="head_only", parent_loss=True))
    brief = replace(parts["recipe"], training=replace(TRAINING, eval_tokens=100))
    folder = tmp_path / "own"
    folder.mkdir()
    events = list(train(folder, **parts | {"recipe": brief}, stop=Stop()))
    looks = [event.figures["parent_loss"] for event in events if isinstance(event, Evaluated)]
    assert len(looks) > 2
    assert set(looks) == {looks[0]}


def test_that_what_needs_a_head_of_its_own_is_not_rehearsed(begun: Begun) -> None:
    with pytest.raises(StudioError, match="neither rehearsed nor watched"):
        begun("decoder", TeachingConfig(rehearsal_share=0.1), task="next_token", learned="classify")


def test_that_whatever_a_task_says_of_itself_it_says_beside_its_parents_too() -> None:
    said = {name for name in vars(Task) if not name.startswith("_")}
    of_the_class = {name for name, value in vars(Task).items() if isinstance(value, classmethod)}
    assert said - of_the_class - vars(Rehearsal).keys() - vars(Around).keys() == {"make_rows"}
    assert said - of_the_class - vars(Distilling).keys() - vars(Around).keys() == {"make_rows"}


def test_that_the_forecast_counts_the_rows_beside() -> None:
    recipe = Recipe(training=TRAINING)
    both = replace(recipe, teach=TeachingConfig(rehearsal_share=0.5))
    alone, beside = (estimate(one, 100, context=64).by_kind() for one in (recipe, both))
    twice = replace(recipe, training=replace(TRAINING, batch_size=8))
    assert beside == estimate(twice, 100, context=64).by_kind() != alone
