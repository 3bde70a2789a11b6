"""A run that is cut off anywhere and resumed is the run that was not: weights, best, figures and history."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import replace

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Finished, Noted, Sampled, Saved, Stopped, TrainStep
from llmstudio.core.models.checkpoint.folders import checkpoint_folders, has_begun, step_of
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.next_token import NextToken
from llmstudio.core.training.history import read_history
from llmstudio.core.training.start import Start
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.files import write_json, write_manifest
from tests.trained import train_in

MODEL = DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=16, dropout=0.1)
# Looks, samples and checkpoints each to their own beat, and a rate at which the last weights are not the best.
TRAINING = TrainingConfig(
    max_steps=12,
    batch_size=4,
    grad_accumulation_steps=2,
    eval_steps=4,
    sample_steps=3,
    checkpoint_steps=5,
    eval_tokens=300,
    sample_tokens=2,
    learning_rate=0.5,
    schedule="constant",
    warmup_share=0.0,
    grad_clip=0.0,
    weight_decay=0.0,
    number_format="fp32",
    threads=1,
)
EARLY = replace(TRAINING, max_steps=40, eval_steps=2, early_stopping=3, checkpoint_steps=7)
CLOCKS = ("seconds", "tokens_per_second", "peak_bytes", "predicted_peak_bytes", "model")


def _train(folder, data, training, stop=None):
    return train_in(folder, data, Recipe("decoder", MODEL, training), stop)


def _resume(folder, data, stop=None):
    return resume(folder, recipe=Recipe("decoder", MODEL), dataset=data[0], tokenizer=data[1], stop=stop or Stop())


def _told(folder):
    """What a run's history says, without clocks and without how often it was begun and kept."""
    history = read_history(folder)
    steps = [tuple(row[name].tobytes() for name in ("step", "loss", "grad_norm", "tokens")) for row in history.steps]
    said = []
    for event in history.events:
        if isinstance(event, Finished):
            said.append({key: value for key, value in event.result.items() if key not in CLOCKS})
        elif isinstance(event, Evaluated | Sampled | Noted):
            said.append(dataclasses.replace(event, time=0.0))
    return steps, said


def _notes(folder):
    return [event for event in read_history(folder).events if isinstance(event, Noted)]


def _weights(folder, which):
    found = find_checkpoint(folder, which)[0]
    return found.step, load_model(found).state_dict()


def _assert_same(folder, whole):
    assert _told(folder) == _told(whole)
    for which in ("last", "best"):
        (step, ours), (other_step, theirs) = _weights(folder, which), _weights(whole, which)
        assert step == other_step, which
        assert all(torch.equal(ours[name], theirs[name]) for name in theirs), which


@pytest.fixture(scope="module", params=[TRAINING, EARLY], ids=["all steps", "ended early"])
def undisturbed(request, tmp_path_factory, text_data):
    folder = tmp_path_factory.mktemp("undisturbed") / "m"
    events = list(_train(folder, text_data, request.param))
    assert events[-1].result["ended_early"] == (request.param is EARLY)
    assert find_checkpoint(folder, "best")[0].step < events[-1].step, "the last weights must not be the best here"
    return request.param, folder, events


@pytest.mark.parametrize("share", [0.3, 0.5, 0.7, 0.9, 1.0])
def test_that_a_run_cut_off_anywhere_and_resumed_is_the_run_that_was_not(tmp_path, text_data, undisturbed, share):
    training, whole, events = undisturbed
    saved = next(number for number, event in enumerate(events) if isinstance(event, Saved))
    closing = max(number for number, event in enumerate(events) if isinstance(event, TrainStep))
    at = saved + round(share * (len(events) - 2 - saved))
    assert at > closing or share < 1.0
    for number, _ in enumerate(running := _train(tmp_path / "m", text_data, training)):
        if number == at:
            running.close()
            break
    list(_resume(tmp_path / "m", text_data))
    _assert_same(tmp_path / "m", whole)


@pytest.mark.parametrize("step", [4, 8, 12])
def test_that_a_look_that_a_stop_prevented_is_made_up_for(tmp_path, text_data, undisturbed, step):
    training, whole, _ = undisturbed
    stop = Stop()
    for event in _train(tmp_path / "m", text_data, training, stop):
        if isinstance(event, TrainStep) and event.step == step:
            stop.request()
    assert isinstance(event, Stopped)
    list(_resume(tmp_path / "m", text_data))
    _assert_same(tmp_path / "m", whole)


def test_that_a_checkpoint_has_a_loss_only_if_it_was_measured_at_its_step_and_every_best_look_is_saved(tmp_path, text_data):
    training = replace(TRAINING, eval_steps=4, checkpoint_steps=3, keep_checkpoints=100, learning_rate=1e-2, max_steps=20)
    events = list(_train(tmp_path / "m", text_data, training))
    looks = {event.step: event.figures["loss"] for event in events if isinstance(event, Evaluated)}
    best = {event.step for event in events if isinstance(event, Evaluated) and event.is_best}
    cards = {
        step_of(path): find_checkpoint(tmp_path / "m", path.name)[0].card for path in checkpoint_folders(tmp_path / "m")
    }
    assert set(cards) == {3, 6, 9, 12, 15, 18, 20} | best
    assert {8, 16} & best, "a look off the beat of saving must be a best one here"
    for step in set(cards) - {20}:
        assert cards[step].run.val_loss == looks.get(step), step


def test_that_nothing_is_written_anew_that_is_there_already(tmp_path, text_data):
    stop = Stop()
    for event in _train(tmp_path / "m", text_data, TRAINING, stop):
        if isinstance(event, Saved):
            stop.request()
    weights = checkpoint_folders(tmp_path / "m")[-1] / "model.safetensors"
    before = weights.stat()
    stop = Stop()
    stop.request()
    events = list(_resume(tmp_path / "m", text_data, stop))
    assert isinstance(events[-1], Stopped)
    assert not any(isinstance(event, Saved) for event in events)
    after = weights.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_that_damaged_later_checkpoints_do_not_cost_the_ones_that_are_made_anew(tmp_path, text_data):
    training = replace(TRAINING, eval_steps=100, checkpoint_steps=2)
    running = _train(tmp_path / "m", text_data, replace(training, keep_checkpoints=3))
    next(event for event in running if isinstance(event, TrainStep) and event.step == 9)
    running.close()
    for folder in checkpoint_folders(tmp_path / "m")[-2:]:
        (folder / "model.safetensors").write_bytes(b"")
    running = _resume(tmp_path / "m", text_data)
    next(event for event in running if isinstance(event, Saved))
    running.close()
    found, damaged = find_checkpoint(tmp_path / "m", "last")
    assert (found.step, damaged) == (6, [])


def test_that_checkpoints_of_earlier_versions_still_open_and_go_on(tmp_path, text_data):
    running = _train(tmp_path / "m", text_data, TRAINING)
    next(event for event in running if isinstance(event, TrainStep) and event.step == 9)
    running.close()
    for folder in checkpoint_folders(tmp_path / "m"):
        _make_old(folder)
    events = list(_resume(tmp_path / "m", text_data))
    assert isinstance(events[-1], Finished)
    assert events[-1].result["train_loss"] > 0


@pytest.mark.parametrize("name", ["training", "standing"])
def test_that_a_run_whose_checkpoint_does_not_say_how_it_stood_is_not_taken_up_with_a_guess(tmp_path, text_data, name):
    list(_train(tmp_path / "m", text_data, TRAINING))
    for folder in checkpoint_folders(tmp_path / "m"):
        _rewrite(folder, lambda run: run.pop(name))
    with pytest.raises(StudioError, match="damaged"):
        list(_resume(tmp_path / "m", text_data))


def _make_old(folder):
    for name in ("last_loss", "looked_step", "sampled_step"):
        _rewrite(folder, lambda run, name=name: run["standing"].pop(name))


def _rewrite(folder, change):
    """Change what a checkpoint keeps of its run, as another version might have written it."""
    facts = json.loads((folder / "facts.json").read_text())
    change(facts["facts"])
    write_json(folder / "facts.json", facts)
    write_manifest(folder)


def _files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("stood", "changes"),
    [(3, {}), (11, {}), (3, {"learning_rate": 1e-3}), (11, {"max_steps": 40}), (12, {"max_steps": 40})],
    ids=["stopped", "stopped past its best", "with another rate", "with more steps", "finished, with more steps"],
)
def test_that_a_sitting_thrown_away_leaves_the_run_as_it_was_to_the_last_byte(tmp_path, text_data, stood, changes):
    stop = Stop()
    for event in _train(tmp_path / "m", text_data, TRAINING, stop):
        if isinstance(event, TrainStep) and event.step == stood:
            stop.request()
    before, stop = _files(tmp_path / "m"), Stop()
    training = replace(TRAINING, **changes) if changes else None
    parts = {"dataset": text_data[0], "tokenizer": text_data[1], "training": training, "stop": stop}
    for event in resume(tmp_path / "m", recipe=Recipe("decoder", MODEL), **parts):
        if isinstance(event, TrainStep) and event.step == (12 if stood < 12 and "max_steps" not in changes else 30):
            assert {step_of(folder) for folder in checkpoint_folders(tmp_path / "m")} - {0, stood}
            stop.request(keep=False)
    assert isinstance(event, Stopped)
    assert (event.step, event.result["steps"], event.result["kept"]) == (stood, stood, True)
    assert _files(tmp_path / "m") == before


def test_that_a_sitting_that_is_kept_leaves_no_more_checkpoints_than_an_undisturbed_run(tmp_path, text_data):
    list(_train(tmp_path / "whole", text_data, replace(TRAINING, max_steps=30)))
    stop = Stop()
    for event in _train(tmp_path / "cut", text_data, replace(TRAINING, max_steps=30), stop):
        if isinstance(event, TrainStep) and event.step == 7:
            stop.request()
    list(_resume(tmp_path / "cut", text_data))
    whole, cut = ([step_of(path) for path in checkpoint_folders(tmp_path / name)] for name in ("whole", "cut"))
    assert whole == cut


def test_that_what_a_task_has_said_of_a_look_is_not_said_again_in_a_later_sitting(tmp_path, text_data, monkeypatch):
    def notes(self, figures=None):
        return [] if figures is None else [Noted(job="train", message=words("It sleeps: {nats} nats.", nats=len(figures)))]

    def told(folder):
        return [note.step for note in _notes(folder) if note.message.template.startswith("It sleeps")]

    monkeypatch.setattr(NextToken, "notes", notes)
    list(_train(tmp_path / "whole", text_data, TRAINING))
    stop = Stop()
    for event in _train(tmp_path / "cut", text_data, TRAINING, stop):
        if isinstance(event, TrainStep) and event.step == 9:
            stop.request()
    list(_resume(tmp_path / "cut", text_data))
    assert told(tmp_path / "cut") == told(tmp_path / "whole") == [4]


def test_that_a_run_ended_as_soon_as_its_first_weights_were_kept_says_what_it_had_to_say(tmp_path, text_data, monkeypatch):
    list(_train(tmp_path / "parent", text_data, TRAINING))
    data, tokenizer = text_data
    # Answers are no part of running text, so that their weight does nothing, which is said at the beginning.
    recipe = Recipe("decoder", MODEL, replace(TRAINING, context_weight=0.5))
    start = Start(find_checkpoint(tmp_path / "parent", "last")[0])
    parts = {"recipe": recipe, "dataset": data, "tokenizer": tokenizer, "stop": Stop(), "start": start}

    def opening(folder):
        return [str(note.message) for note in _notes(folder) if not note.step]

    for name in ("whole", "cut"):
        (tmp_path / name).mkdir()
    list(train(tmp_path / "whole", **parts))
    with monkeypatch.context() as killed:
        killed.setattr("llmstudio.core.training.trainer._kept", lambda *_, **__: iter(()))
        list(train(tmp_path / "cut", **parts))
    assert has_begun(tmp_path / "cut")
    list(resume(tmp_path / "cut", **parts))
    assert opening(tmp_path / "cut") == opening(tmp_path / "whole") != []
