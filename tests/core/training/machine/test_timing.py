"""A run of so many seconds: planned by its pace, never shorter than what is done, and blind to phases that are past."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

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


@dataclass
class Machine:
    """A run that is only timed: how long steps and looks take, whatever they do."""

    step_s: Callable[[int], float]
    look_s: float
    look_every: int
    step: int = 0
    seconds: float = 0.0
    looked: int = -1
    plans: int = 0

    def goes(self, budget: float, planned: int) -> None:
        """Run to the end of the plan, which is made anew whenever that is due."""
        pace = Pace(0, 0.0)
        while True:
            if pace.is_due(budget, self.step, self.seconds, planned=planned):
                self.plans += 1
                is_due = self.step % self.look_every == 0 and self.looked != self.step
                to_look = 0 if is_due else self.look_every - self.step % self.look_every
                wanted = pace.steps_in(budget, self.step, self.seconds, look_every=self.look_every, to_look=to_look)
                planned = wanted if wanted == planned else max(self.step + 1, wanted)
            if self.step >= planned:
                return
            if self.step % self.look_every == 0:
                self.seconds += self.look_s
                self.looked = self.step
                pace.looked(self.look_s)
            self.seconds += self.step_s(self.step)
            self.step += 1


PACES = {
    "even": lambda step: 0.01,
    "slower and slower": lambda step: 0.005 + step / 100_000,
    "faster and faster": lambda step: 0.002 + 0.02 / (1 + step / 100),
    "with hiccups": lambda step: 0.1 if step % 50 == 7 else 0.008,
    "twice as slow from the middle on": lambda step: 0.006 if step < 700 else 0.012,
}


@pytest.mark.parametrize("pace", PACES)
@pytest.mark.parametrize("guess", [12, 600, 100_000])
@pytest.mark.parametrize(("look_s", "look_every"), [(0.0, 10_000), (0.05, 50), (0.3, 60)])
def test_that_the_time_is_used_whatever_was_guessed_and_however_often_it_looks(pace, guess, look_s, look_every):
    machine = Machine(PACES[pace], look_s, look_every)
    machine.goes(12.0, guess)
    assert machine.seconds == pytest.approx(12.0, rel=0.03)
    assert machine.plans < 100


def test_that_large_steps_use_the_time_to_half_a_step():
    machine = Machine(lambda step: 0.7, 0.0, 1000)
    machine.goes(12.0, 10)
    assert abs(machine.seconds - 12.0) <= 0.35


def test_that_a_spent_budget_ends_at_once():
    assert Pace(0, 0.0).steps_in(10.0, 100, 11.0, look_every=10, to_look=3) == 100


@pytest.mark.parametrize("eval_steps", [1, 0, 1_000_000])
@pytest.mark.parametrize("guess", [12, 100_000])
def test_that_a_wrong_first_guess_is_corrected_with_and_without_looks(guess, eval_steps, tmp_path, text_data, monkeypatch):
    def guessed(*_):
        yield from ()
        return guess

    monkeypatch.setattr(trainer, "first_guess", guessed)
    dataset, tokenizer = text_data
    facts = {"recipe": Recipe("decoder", MODEL, replace(TRAINING, max_seconds=0.5, eval_steps=eval_steps))}
    *events, end = trainer.train(tmp_path, **facts, dataset=dataset, tokenizer=tokenizer, stop=Stop())
    steps = [(event.step, event.total) for event in events if isinstance(event, TrainStep)]
    assert len({total for _, total in steps}) > 1
    assert steps[-1] == (end.result["steps"], end.result["steps"])
    assert 12 < end.result["steps"] < 100_000
    assert 0.45 < end.result["seconds"] < 1.0  # a test's machine may be busy; how near it comes, the law above says


def test_that_timing_steps_beforehand_takes_nothing_of_the_time(tmp_path, text_data, monkeypatch):
    timed = trainer.first_guess

    def slowly(*given):
        steps = yield from timed(*given)
        time.sleep(0.6)  # as a large model would
        return steps

    monkeypatch.setattr(trainer, "first_guess", slowly)
    dataset, tokenizer = text_data
    facts = {"recipe": Recipe("decoder", MODEL, replace(TRAINING, max_seconds=1.0))}
    *_, end = trainer.train(tmp_path, **facts, dataset=dataset, tokenizer=tokenizer, stop=Stop())
    assert end.result["seconds"] > 0.9


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
