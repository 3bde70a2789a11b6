"""A run of so many seconds: planned by its pace, never shorter than what is done, and blind to phases that are past."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from llmstudio.core import awake
from llmstudio.core.events import Noted, Progress, TrainStep
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training import trainer
from llmstudio.core.training.history import read_history
from llmstudio.core.training.machine.timing import Pace, Stopwatch
from llmstudio.core.training.run import Run
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop

MODEL = DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
TRAINING = TrainingConfig(batch_size=4, eval_steps=1, eval_tokens=100, sample_tokens=4, number_format="fp32", threads=1)


def test_that_a_stopwatch_stands_while_others_have_their_turn():
    def job():
        yield Progress(job="train", what=words("Waiting"), done=0)
        return 7

    watch = Stopwatch()
    timed = watch.over(job())
    next(timed)
    time.sleep(0.2)
    with pytest.raises(StopIteration) as end:
        next(timed)
    assert end.value.value == 7
    assert 0 < watch.seconds < 0.2


def test_that_an_even_pace_gives_the_steps_of_the_budget():
    pace = Pace(0, 0.0)
    assert [pace.steps_in(10.0, step, 0.03125 * step) for step in (10, 50, 51, 300)] == [320] * 4


def test_that_a_slower_machine_takes_fewer_steps_and_a_faster_one_more():
    pace = Pace(0, 0.0)
    assert pace.steps_in(10.0, 64, 2.0) == 320
    assert pace.steps_in(10.0, 128, 6.0) == 192
    assert pace.steps_in(10.0, 192, 7.0) == 384


def test_that_a_spent_budget_ends_at_once():
    assert Pace(0, 0.0).steps_in(10.0, 100, 11.0) == 100


@pytest.mark.parametrize("guess", [12, 100_000])
def test_that_a_wrong_first_guess_is_corrected(guess, tmp_path, text_data, monkeypatch):
    def guessed(*_):
        yield from ()
        return guess

    monkeypatch.setattr(trainer, "first_guess", guessed)
    dataset, tokenizer = text_data
    facts = {"recipe": Recipe("decoder", MODEL, replace(TRAINING, max_seconds=1.0))}
    *events, end = trainer.train(tmp_path, **facts, dataset=dataset, tokenizer=tokenizer, stop=Stop())
    steps = [(event.step, event.total) for event in events if isinstance(event, TrainStep)]
    assert len({total for _, total in steps}) > 1
    assert steps[-1] == (end.result["steps"], end.result["steps"])
    assert 12 < end.result["steps"] < 100_000


def test_that_a_plan_leaves_the_phases_of_a_vae_where_they_were(made_run, text_data):
    training = replace(TRAINING, max_steps=100)
    run = made_run(Recipe("vae", VAEConfig(), training), text_data)
    run.standing.step = 5
    run.plan(200)
    assert run.training.max_steps == 100
    run.standing.step = 99
    run.plan(10_000)
    assert run.training.max_steps == 100
    run.plan(104)
    assert run.training.max_steps == 104


def test_that_a_run_leaves_out_the_time_it_slept_and_says_so_once(tmp_path, text_data, monkeypatch):
    slept = [0.0]
    clock = awake.AwakeClock(lambda: time.perf_counter() + slept[0])
    monkeypatch.setattr(awake, "awake_clock", lambda: clock)
    monkeypatch.setattr(trainer, "awake_clock", lambda: clock)
    clip = Run._clip

    def sleepy(run):
        if run.standing.step == 4:
            slept[0] += 500.0  # as when the lid is closed within a step
        return clip(run)

    monkeypatch.setattr(Run, "_clip", sleepy)
    dataset, tokenizer = text_data
    facts = {"recipe": Recipe("decoder", MODEL, replace(TRAINING, max_steps=8))}
    *events, end = trainer.train(tmp_path, **facts, dataset=dataset, tokenizer=tokenizer, stop=Stop())
    said = [event for event in events if isinstance(event, Noted) and "asleep" in str(event.message)]
    assert [str(event.message) for event in said] == ["The program was asleep or held for 500 s: this time is not counted."]
    seconds = [event.seconds for event in events if isinstance(event, TrainStep)]
    assert seconds == sorted(seconds)
    assert 0 < seconds[-1] <= end.result["seconds"] < 100
    assert read_history(tmp_path).steps["seconds"].tolist() == seconds
    assert max(event.remaining_s for event in events if isinstance(event, TrainStep)) < 100
