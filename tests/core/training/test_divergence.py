"""A run that leaves all bounds keeps weights that were seen to be good, and goes on from them at another rate."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from llmstudio.core.errors import Diverged
from llmstudio.core.events import Evaluated, Finished, Noted, TrainStep
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.folders import checkpoint_folders
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks import base as tasks
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.training.divergence import too_fast
from llmstudio.core.training.looks import look
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.run import Run, RunInputs, new_run
from llmstudio.core.training.start import Start
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.files import remove_folder

MODEL = DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
TRAINING = TrainingConfig(
    max_steps=12, batch_size=4, eval_steps=4, eval_tokens=500, sample_tokens=4, number_format="fp32", threads=1,
    checkpoint_steps=1,
)  # fmt: skip
TOO_FAST = replace(TRAINING, learning_rate=100.0, schedule="constant", grad_clip=0.0)
RECIPE = Recipe("decoder", MODEL, TRAINING)


def _train(folder, data, training, **more):
    folder.mkdir(exist_ok=True)
    recipe = replace(RECIPE, training=training)
    return train(folder, recipe=recipe, dataset=data[0], tokenizer=data[1], stop=Stop(), **more)


def _fails(events):
    said = []
    with pytest.raises(Diverged) as failed:
        said.extend(events)
    return said, failed.value


def _loss(model, data):
    task = RECIPE.make_task(*data)
    *_, score = task.evaluate(model, set_up(TRAINING))
    return score.figures()["loss"]


@pytest.mark.parametrize("eval_steps", [1, 2, 100])
@pytest.mark.parametrize("checkpoint_steps", [1, 3])
def test_that_what_is_kept_of_a_rate_far_too_high_is_no_worse_than_the_start(
    tmp_path, text_data, eval_steps, checkpoint_steps
):
    training = replace(TOO_FAST, eval_steps=eval_steps, checkpoint_steps=checkpoint_steps, max_steps=300)
    _, error = _fails(_train(tmp_path / "m", text_data, training))
    assert float(error.proposed_rate) < 1
    start = _loss(build_model("decoder", MODEL, text_data[1].vocab_size, 0), text_data)
    for folder in checkpoint_folders(tmp_path / "m"):
        kept = load_model(find_checkpoint(tmp_path / "m", str(int(folder.name)))[0])
        assert _loss(kept, text_data) < start + 0.5


def test_that_a_run_that_leaves_all_bounds_late_keeps_what_it_had_learned(tmp_path, text_data, monkeypatch):
    take = Run.take_step

    def shaken(run):
        event = take(run)
        if run.standing.step == 9:
            for parameter in run.parameters:
                parameter.data.mul_(40.0)  # as a step far too long does
        return event

    monkeypatch.setattr(Run, "take_step", shaken)
    training = replace(TRAINING, learning_rate=3e-3, schedule="constant", keep_checkpoints=3)
    said, error = _fails(_train(tmp_path / "m", text_data, training))
    assert [int(folder.name) for folder in checkpoint_folders(tmp_path / "m")][-1] == 8
    assert "The weights of step 8 are kept" in str(error)
    assert max(event.step for event in said if isinstance(event, TrainStep)) == 10


def test_that_a_look_beyond_all_bounds_is_never_the_best(tmp_path, text_data):
    said, _ = _fails(_train(tmp_path / "m", text_data, replace(TOO_FAST, eval_steps=1)))
    first = next(event.loss for event in said if isinstance(event, TrainStep))
    assert all(event.figures["loss"] < 2 * first + 2 for event in said if isinstance(event, Evaluated))


@pytest.mark.parametrize("broken", ["loss", "gradient"])
def test_that_what_is_no_number_stops_before_the_weights_are_touched(tmp_path, text_data, monkeypatch, broken):
    weights = {}
    clip = Run._clip

    def no_number(run):
        if run.standing.step == 4:
            weights.update({name: p.detach().clone() for name, p in run.model.named_parameters()})
            if broken == "gradient":
                run.parameters[0].grad[:] = math.nan
        return clip(run)

    task = type(RECIPE.make_task(*text_data))
    plain = task.loss
    calls = iter(range(1, 100))

    def loss(self, model, batch, total_weight):
        found = plain(self, model, batch, total_weight)
        return found * math.nan if broken == "loss" and next(calls) == 5 else found

    monkeypatch.setattr(Run, "_clip", no_number)
    monkeypatch.setattr(task, "loss", loss)
    held = []
    monkeypatch.setattr(
        "llmstudio.core.training.trainer.too_fast", lambda run: held.append(run) or Diverged("", proposed_rate="")
    )
    _fails(_train(tmp_path / "m", text_data, replace(TRAINING, eval_steps=100)))
    assert held[0].standing.step == 5
    assert all(torch.equal(p, weights[name]) for name, p in held[0].model.named_parameters())


def test_that_the_proposed_rate_works_from_the_weights_that_were_kept(tmp_path, text_data):
    _, error = _fails(_train(tmp_path / "m", text_data, TOO_FAST))
    slower = replace(TOO_FAST, learning_rate=float(error.proposed_rate))
    events = list(
        resume(tmp_path / "m", recipe=RECIPE, dataset=text_data[0], tokenizer=text_data[1], stop=Stop(), training=slower)
    )
    assert isinstance(events[-1], Finished)
    assert events[-1].result["steps"] == 12
    assert any("Learning rate 0.003 instead of 100" in str(event.message) for event in events if isinstance(event, Noted))


def test_that_weights_that_are_no_numbers_are_not_kept_for_the_best_where_nothing_is_held_out(
    tmp_path, text_data, monkeypatch
):
    take = Run.take_step

    def broken(run):
        event = take(run)
        if run.standing.step == 12:
            run.parameters[0].data[:] = math.nan
        return event

    monkeypatch.setattr(Run, "take_step", broken)
    rows = tasks.training_rows
    monkeypatch.setattr(tasks, "training_rows", lambda dataset: (rows(dataset)[0], None))
    _fails(_train(tmp_path / "m", text_data, TRAINING))
    weights = load_model(find_checkpoint(tmp_path / "m", "last")[0]).state_dict()
    assert all(bool(torch.isfinite(w).all()) for w in weights.values())


def test_that_a_run_from_a_model_that_goes_wrong_keeps_the_weights_of_that_model(tmp_path, text_data, monkeypatch):
    list(_train(tmp_path / "parent", text_data, replace(TRAINING, learning_rate=3e-3)))
    parent, _ = find_checkpoint(tmp_path / "parent", "best")
    take = Run.take_step

    def bereft(run):
        event = take(run)
        for folder in checkpoint_folders(run.folder):  # as if somebody had removed what it had kept
            remove_folder(folder)
        return event

    monkeypatch.setattr(Run, "take_step", bereft)
    _fails(_train(tmp_path / "child", text_data, replace(TOO_FAST, max_steps=300), start=Start(parent)))
    kept, _ = find_checkpoint(tmp_path / "child", "best")
    assert kept.step == 0
    begun, wished = load_model(kept).state_dict(), load_model(parent).state_dict()
    assert all(torch.equal(begun[name], wished[name]) for name in wished)


def test_that_a_run_whose_beginning_is_gone_keeps_the_oldest_it_has_and_no_random_weights(tmp_path, text_data):
    training = replace(TRAINING, learning_rate=3e-3, max_steps=4)
    list(_train(tmp_path / "m", text_data, training))
    run = _stood(tmp_path / "m", text_data, training)
    run.start = None
    too_fast(run)
    (kept,) = checkpoint_folders(tmp_path / "m")
    assert int(kept.name) == 3
    run.start = Start()
    too_fast(run)
    assert [int(folder.name) for folder in checkpoint_folders(tmp_path / "m")] == [0], "random weights can be drawn again"


def _stood(folder, data, training):
    inputs = RunInputs(folder=folder, dataset=data[0], tokenizer=data[1], setup=set_up(training), base_bytes=0)
    return new_run(inputs, replace(RECIPE, training=training))


@pytest.mark.parametrize("remedy", ["none", "focal"])
def test_that_a_look_has_the_same_bounds_whatever_loss_is_learned_by(tmp_path, classes_data, remedy):
    recipe = Recipe("decoder", MODEL, TRAINING, task_name="classify", task=ClassifySettings(imbalance=remedy))
    inputs = RunInputs(
        folder=tmp_path, dataset=classes_data[0], tokenizer=classes_data[1], setup=set_up(TRAINING), base_bytes=0
    )
    run = new_run(inputs, recipe)
    run.take_step()
    guessing = math.log(len(classes_data[0].mark_names))
    assert not run.is_out_of_bounds(2 * guessing + 1.9)
    assert run.is_out_of_bounds(2 * max(guessing, run.loss) + 2.1)


def test_that_a_classifier_that_is_sure_of_wrong_answers_at_a_look_has_not_diverged(tmp_path, classes_data):
    """As one is that knows few texts by heart; what it says of the texts that it learns from still ends it."""
    dataset, tokenizer = classes_data
    inputs = RunInputs(folder=tmp_path, dataset=dataset, tokenizer=tokenizer, setup=set_up(TRAINING), base_bytes=0)
    run = new_run(inputs, Recipe("decoder", MODEL, replace(TRAINING, max_steps=60), task_name="classify"))
    run.take_step()
    with torch.no_grad():
        run.model.class_head.out.bias.copy_(torch.tensor([1000.0, 0.0, 0.0]))
    run.standing.step = 12
    [seen, *_] = [event for event in look(run, Stop(), math.nan) if isinstance(event, Evaluated)]
    assert run.is_out_of_bounds(seen.figures["loss"])
    assert 0 < seen.figures["accuracy"] < 1
    run.take_step()
    assert run.has_diverged()
