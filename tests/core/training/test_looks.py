"""What looks at held-out text tell: learning by heart, nothing to look at, and whose weights the figures of the end are."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from llmstudio.core.events import Evaluated, Finished, Noted, TrainStep
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks import base as tasks
from llmstudio.core.tasks.evaluation import Score
from llmstudio.core.training.remarks import NOTHING_HELD_OUT
from llmstudio.core.training_config import TrainingConfig
from tests.trained import train_in

MODEL = DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
TRAINING = TrainingConfig(
    max_steps=24, batch_size=4, eval_steps=2, eval_tokens=500, sample_steps=100, sample_tokens=4, number_format="fp32",
    threads=1, learning_rate=1e-2,
)  # fmt: skip
RISING = [4.0, 3.5, 3.0, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6]


def _train(folder, data, training=TRAINING):
    return list(train_in(folder, data, Recipe("decoder", MODEL, training)))


def _with_looks(folder, data, losses, monkeypatch, training=TRAINING):
    told = itertools.chain(losses, itertools.repeat(losses[-1]))
    monkeypatch.setattr(Score, "figures", lambda score: {"loss": next(told), "tokens": 1})
    return _train(folder, data, training)


def _heart(events):
    return [event for event in events if isinstance(event, Noted) and "by heart" in str(event.message)]


def test_that_learning_by_heart_is_said_once_with_the_step_of_the_best_weights(tmp_path, text_data, monkeypatch):
    [said] = _heart(_with_looks(tmp_path / "m", text_data, RISING, monkeypatch))
    assert said.level == "warning"
    assert said.step == 14, "four looks above the best, not one or two"
    assert "since step 6" in str(said.message)
    assert "from 3.000 to 3.400" in str(said.message)


@pytest.mark.parametrize(
    ("losses", "learning_rate"),
    [
        ([4.0, 3.5, 3.0, 3.01, 3.02, 3.01, 3.03, 3.02], 1e-2),  # noise around a best
        ([4.0, 3.5, 3.0, 3.1, 3.2, 2.9, 3.0, 3.1, 2.8, 2.9, 2.7], 1e-2),  # it comes back
        (RISING, 1e-7),  # the training text is not learned either
    ],
)
def test_that_what_is_no_learning_by_heart_is_not_called_so(tmp_path, text_data, monkeypatch, losses, learning_rate):
    training = replace(TRAINING, learning_rate=learning_rate)
    assert not _heart(_with_looks(tmp_path / "m", text_data, losses, monkeypatch, training))


def test_that_both_losses_of_a_result_are_those_of_the_weights_that_are_kept(tmp_path, text_data, monkeypatch):
    *events, end = _with_looks(tmp_path / "m", text_data, RISING, monkeypatch)
    assert isinstance(end, Finished)
    losses = {event.step: event.loss for event in events if isinstance(event, TrainStep)}
    assert end.result["best_step"] == 6
    assert end.result["train_loss"] == losses[6]
    assert end.result["last_train_loss"] == losses[24]
    *_, at_last, whole = [event for event in events if isinstance(event, Evaluated)]
    assert whole.of_step == 6
    assert at_last.step == 24, "what the last weights came to is told too, or the curve would end before the run"
    assert at_last.of_step is None


def test_that_the_last_weights_are_spoken_of_alone_where_they_are_the_best(tmp_path, text_data):
    *events, end = _train(tmp_path / "m", text_data)
    losses = {event.step: event.loss for event in events if isinstance(event, TrainStep)}
    assert end.result["best_step"] == 24
    assert end.result["train_loss"] == losses[24]
    assert "last_train_loss" not in end.result


def test_that_a_run_with_nothing_held_out_says_so_and_names_no_best(tmp_path, text_data, monkeypatch):
    rows = tasks.training_rows
    monkeypatch.setattr(tasks, "training_rows", lambda dataset: (rows(dataset)[0], None))
    *events, end = _train(tmp_path / "m", text_data)
    assert [
        event.level for event in events if isinstance(event, Noted) and event.message.template == NOTHING_HELD_OUT.template
    ] == ["warning"]
    assert end.result["val_loss"] is None
    assert end.result["best_step"] is None


def test_that_two_measures_are_not_held_against_each_other(tmp_path, turns_data, monkeypatch):
    events = _with_looks(tmp_path / "m", turns_data, RISING, monkeypatch)
    assert events[-1].result["answers_weighted"] is True
    [at_first, later] = _heart(events)
    assert at_first.step == 0
    assert "no sign of learning by heart" in str(at_first.message)
    assert "by 0.1" in str(at_first.message)
    assert str(later.message).startswith("Since step 6 the loss on text it has not seen has risen from 3.000 to 3.400.")
    assert "Either it learns by heart, or it gets better at answers" in str(later.message)


@pytest.mark.parametrize(
    "changes", [{"context_weight": 1.0}, {"rows": "running"}, {"rows": "sentences"}], ids=lambda changes: str(changes)
)
def test_that_nothing_is_said_of_two_measures_where_there_is_one(tmp_path, turns_data, changes):
    training = replace(TRAINING, max_steps=1, eval_tokens=100, **changes)
    events = _train(tmp_path / "m", turns_data, training)
    assert not _heart(events)
    assert "answers_weighted" not in events[-1].result
