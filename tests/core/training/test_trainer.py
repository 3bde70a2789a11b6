"""Laws of a run: resumed equals uninterrupted, stopping keeps, bad settings end kindly, memory adds up."""

from __future__ import annotations

import itertools
import json
import math
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import (
    Evaluated,
    Finished,
    Noted,
    Progress,
    Sampled,
    Saved,
    Started,
    Stopped,
    TrainStep,
    from_json,
    to_json,
)
from llmstudio.core.models.checkpoint.folders import checkpoint_folders
from llmstudio.core.models.checkpoint.read import find_checkpoint
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.training import run as run_module
from llmstudio.core.training.history import read_history
from llmstudio.core.training.run import Run
from llmstudio.core.training.trainer import resume
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from tests.trained import losses_of, same_weights, train_in

MODEL = DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
TRAINING = TrainingConfig(
    max_steps=12, batch_size=4, eval_steps=4, eval_tokens=500, sample_tokens=4, number_format="fp32", threads=1
)


def _train(folder, data, training=TRAINING, model=MODEL, stop=None):
    return train_in(folder, data, Recipe("decoder", model, training), stop)


def _resume(folder, data, stop=None, model=MODEL):
    return resume(folder, recipe=Recipe("decoder", model), dataset=data[0], tokenizer=data[1], stop=stop or Stop())


@pytest.mark.parametrize("changes", [{}, {"optimizer": "muon"}, {"grad_accumulation_steps": 2}])
@pytest.mark.parametrize("stop_at", [3, 8])
def test_that_a_stopped_and_resumed_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path, text_data, changes, stop_at):
    training, model = replace(TRAINING, **changes), replace(MODEL, dropout=0.1)
    whole = list(_train(tmp_path / "whole", text_data, training, model))
    stop = Stop()
    first = []
    for event in _train(tmp_path / "parts", text_data, training, model, stop):
        first.append(event)
        if isinstance(event, TrainStep) and event.step == stop_at:
            stop.request()
    assert isinstance(first[-1], Stopped)
    second = list(_resume(tmp_path / "parts", text_data, model=model))
    assert losses_of(whole) == losses_of(first) | losses_of(second)
    assert same_weights(tmp_path / "whole", tmp_path / "parts")
    assert read_history(tmp_path / "parts").steps["step"].tolist() == list(range(1, 13))


def test_that_a_run_speaks_in_order_and_only_in_plain_values(tmp_path, text_data):
    events = list(_train(tmp_path / "m", text_data))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert sum(isinstance(e, Started | Finished | Stopped) for e in events) == 2
    assert [e.step for e in events if isinstance(e, TrainStep)] == list(range(1, 13))
    assert {type(e) for e in events} >= {Evaluated, Sampled, Saved}
    for event in events:
        assert from_json(json.loads(json.dumps(to_json(event)))) == event


def test_that_a_run_says_that_its_first_step_is_under_way_before_it_takes_it(tmp_path, text_data):
    events = list(_train(tmp_path / "run", text_data))
    first = next(place for place, event in enumerate(events) if isinstance(event, TrainStep))
    said = [event for event in events[:first] if isinstance(event, Progress)]
    assert "First step" in str(said[-1].what)
    assert (said[-1].done, said[-1].total) == (0, TRAINING.max_steps)
    assert not [event for event in events[first:] if isinstance(event, Progress) and "First step" in str(event.what)]


def test_that_the_result_has_the_promised_figures_and_they_agree(tmp_path, text_data):
    *_, last = _train(tmp_path / "m", text_data)
    result = last.result
    assert set(result) >= {
        "model", "steps", "train_loss", "val_loss", "bits_per_byte", "tokens_per_second", "seconds", "peak_bytes",
        "predicted_peak_bytes", "parameters",
    }  # fmt: skip
    assert result["steps"] == 12
    # One character of plain English is one byte, so bits per byte follow from the loss.
    assert result["bits_per_byte"] == pytest.approx(result["val_loss"] / math.log(2), rel=1e-3)


def test_that_learning_lowers_the_loss(tmp_path, text_data):
    events = list(_train(tmp_path / "m", text_data, replace(TRAINING, max_steps=60, learning_rate=1e-2)))
    losses = list(losses_of(events).values())
    assert np.mean(losses[-5:]) < 0.6 * losses[0]


def test_that_accumulating_two_half_batches_gives_the_step_of_the_whole_batch(tmp_path, text_data):
    whole = losses_of(_train(tmp_path / "a", text_data, replace(TRAINING, batch_size=8, grad_clip=0.0)))
    halves = losses_of(
        _train(tmp_path / "b", text_data, replace(TRAINING, batch_size=4, grad_accumulation_steps=2, grad_clip=0.0))
    )
    assert list(halves.values()) == pytest.approx(list(whole.values()), abs=2e-5)


def test_that_weights_shrunk_to_nothing_end_a_run_in_words_and_a_text_known_by_heart_does_not(
    made_run, tmp_path, text_data, monkeypatch
):
    run = made_run(Recipe("decoder", MODEL, TRAINING), text_data)
    run.take_step()
    assert not run.has_died()
    run.loss, run.grad_norm = 1e-3, 0.0
    assert not run.has_died()
    for weights in run.model.parameters():
        weights.data.zero_()
    run.take_step()
    assert run.has_died()
    assert not run.has_diverged()
    monkeypatch.setattr(Run, "has_died", lambda run: run.standing.step == 2)
    with pytest.raises(StudioError, match=r"fell silent at step 2.*of step 0 are kept. Go on from them with"):
        list(_train(tmp_path / "m", text_data))


def test_that_a_text_shorter_than_the_context_is_refused_with_a_remedy(tmp_path, text_data):
    with pytest.raises(StudioError, match="too few for a context") as refused:
        list(_train(tmp_path / "m", text_data, model=replace(MODEL, context_length=20_000)))
    assert refused.value.remedies[0].target == "model.context_length"


def test_that_stopping_without_keeping_writes_no_checkpoint(tmp_path, text_data):
    stop = Stop()
    for event in _train(tmp_path / "m", text_data, stop=stop):
        if isinstance(event, TrainStep) and event.step == 2:
            stop.request(keep=False)
    assert isinstance(event, Stopped)
    assert checkpoint_folders(tmp_path / "m") == []


def test_that_the_newest_checkpoints_and_the_best_are_kept(tmp_path, text_data):
    events = list(_train(tmp_path / "m", text_data, replace(TRAINING, max_steps=24, eval_steps=4, keep_checkpoints=2)))
    steps = [int(p.name) for p in checkpoint_folders(tmp_path / "m")]
    best = [e.step for e in events if isinstance(e, Evaluated) and e.is_best][-1]
    assert steps[-2:] == [20, 24]
    assert best in steps
    assert len(steps) <= 3


def test_that_early_stopping_ends_a_run_after_so_many_looks_without_progress_where_it_is_set(tmp_path, text_data):
    training = replace(TRAINING, eval_steps=1, sample_steps=500)

    def looks(name, early_stopping):
        losses = itertools.chain([3.0, 2.5, 2.6, 2.7, 2.8, 2.4, 2.3], itertools.repeat(2.9))
        run = _train(tmp_path / name, text_data, replace(training, early_stopping=early_stopping))
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Score, "figures", lambda score: {"loss": next(losses), "tokens": 1})
            events = list(run)
        said = [str(event.message) for event in events if isinstance(event, Noted)]
        return events[-1].result, said

    result, said = looks("stops", 3)
    assert (result["steps"], result["ended_early"]) == (5, True)
    assert "No progress for 3 checks: ended early." in said
    result, said = looks("never", 0)
    assert (result["steps"], result["ended_early"]) == (12, False)
    assert not any("ended early" in sentence for sentence in said)


def test_that_a_sample_text_keeps_the_space_that_word_tokens_imply(tmp_path, turns_data):
    model = replace(MODEL, context_length=64)
    sampled = [event.text for event in _train(tmp_path / "m", turns_data, model=model) if isinstance(event, Sampled)]
    assert any(sampled)
    assert all(text.startswith(" ") for text in sampled if text)


def test_that_seconds_become_steps_once_and_are_stored(tmp_path, text_data):
    events = list(_train(tmp_path / "m", text_data, replace(TRAINING, max_seconds=1.0, max_steps=7)))
    checkpoint, _ = find_checkpoint(tmp_path / "m", "last")
    stored = checkpoint.card.run.training
    assert stored["max_seconds"] == 0
    assert stored["max_steps"] == events[-1].result["steps"] >= 10


def test_that_a_damaged_last_checkpoint_costs_only_the_steps_since_the_one_before(tmp_path, text_data):
    stop = Stop()
    for event in _train(tmp_path / "m", text_data, stop=stop):
        if isinstance(event, TrainStep) and event.step == 10:
            stop.request()
    path = checkpoint_folders(tmp_path / "m")[-1] / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    events = list(_resume(tmp_path / "m", text_data))
    assert any(isinstance(e, Noted) and "damaged" in str(e.message) for e in events)
    assert next(e.step for e in events if isinstance(e, TrainStep)) == 9


def test_that_rows_with_answers_weigh_them_and_keep_story_and_question_together(tmp_path, turns_data):
    dataset, _tokenizer = turns_data
    events = list(_train(tmp_path / "m", turns_data, model=replace(MODEL, context_length=128)))
    assert isinstance(events[-1], Finished)
    assert dataset.split("train").answer_mask is not None


def test_that_no_event_holds_a_tensor_and_torch_modes_never_cross_a_yield(tmp_path, text_data):
    for event in _train(tmp_path / "m", text_data, replace(TRAINING, number_format="bf16")):
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
        assert not torch.is_autocast_enabled("cpu")
        assert not isinstance(event, torch.Tensor)


def test_that_the_global_random_state_of_others_does_not_change_a_run(tmp_path, text_data):
    quiet = losses_of(_train(tmp_path / "a", text_data, model=replace(MODEL, dropout=0.2)))
    noisy = {}
    for event in _train(tmp_path / "b", text_data, model=replace(MODEL, dropout=0.2)):
        torch.rand(3)
        if isinstance(event, TrainStep):
            noisy[event.step] = event.loss
    assert noisy == quiet


def test_that_a_changed_setting_without_effect_says_so(tmp_path, text_data):
    training = replace(
        TRAINING, max_steps=1, muon_learning_rate=0.5, context_weight=0.7, schedule="cosine", cooldown_share=0.1
    )
    remarks = " ".join(str(e.message) for e in _train(tmp_path / "m", text_data, training) if isinstance(e, Noted))
    for label in ("Muon's learning rate", "Weight of the rest", "Cool-down"):
        assert f"{label} has no effect here" in remarks
    plain = [e for e in _train(tmp_path / "n", text_data, replace(TRAINING, max_steps=1)) if isinstance(e, Noted)]
    assert plain == []


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc gives memory back when asked")
def test_that_what_an_earlier_run_took_is_no_base_of_the_next(tmp_path, text_data):
    large = DecoderConfig(num_layers=4, embed_dim=128, num_heads=4, context_length=64)
    heavy = replace(TRAINING, max_steps=3, batch_size=64, eval_steps=0)

    def memory(name):
        events = list(_train(tmp_path / name, text_data, heavy, large))
        return [event.memory for event in events if isinstance(event, TrainStep) and event.memory][-1]

    first, second = memory("first"), memory("second")
    assert first["activations"] > 30_000_000
    assert second["base"] - first["base"] < first["activations"] / 2
    assert second["activations"] > first["activations"] / 2


def test_that_a_step_in_which_the_clock_stood_still_ends_nothing(tmp_path, text_data, monkeypatch):
    """A program that is held or put to sleep in the middle of a step wakes with all of that step's time left out."""
    monkeypatch.setattr(run_module, "awake_s", lambda: 0.0)
    events = list(_train(tmp_path, text_data))
    assert isinstance(events[-1], Finished)
    steps = [event for event in events if isinstance(event, TrainStep)]
    assert len(steps) == TRAINING.max_steps
    assert [event for event in steps if not math.isfinite(event.tokens_per_second)] == []


@pytest.mark.parametrize(
    ("losses", "told"),
    [([3.0], None), ([3.0, 2.5], True), ([3.0, 2.5, 2.6], False), ([3.0, 2.5, 2.6, 2.4], True)],
)
def test_that_a_stopped_run_tells_whether_its_loss_on_held_out_text_was_still_falling(tmp_path, text_data, losses, told):
    stop, given = Stop(), iter(losses)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Score, "figures", lambda score: {"loss": next(given), "tokens": 1})
        training = replace(TRAINING, eval_steps=1, sample_steps=500)
        for event in _train(tmp_path / "m", text_data, training, stop=stop):
            if isinstance(event, Evaluated) and event.step == len(losses):
                stop.request()
    assert isinstance(event, Stopped)
    assert event.result.get("was_falling") is told
