"""Recipes race by turns on one text, each on its own clock; what came out is read back from the models themselves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmstudio.app.racing import Budget, Runner, differences, fair, leaderboard, race, races
from llmstudio.app.recipe import Recipe
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Stopped, TrainStep
from llmstudio.core.models.config import DecoderConfig
from llmstudio.core.models.recurrent_config import GRUConfig, LSTMConfig
from llmstudio.core.training.config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

TRAINING = TrainingConfig(max_steps=12, batch_size=4, eval_steps=6, number_format="fp32", threads=1, sample_tokens=4)
DECODER = Recipe(
    model=DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32),
    training=replace(TRAINING, rows="running"),
)
LSTM = Recipe("lstm", LSTMConfig(num_layers=1, embed_dim=16, hidden_dim=24, context_length=32), DECODER.training)
RUNNERS = (Runner("Looks", DECODER, "Words"), Runner("Remembers", LSTM, "Words"))


def run(project: Project, budget: Budget, **more: object) -> list[object]:
    wishes = {"name": "Derby", "corpus": "World", "runners": RUNNERS, "stop": Stop()} | more
    return list(race(project, budget=budget, **wishes))  # type: ignore[arg-type]


def test_that_runners_take_turns_and_end_as_models_on_a_leaderboard(project: Project) -> None:
    events = run(project, Budget(tokens=12 * 4 * 32))
    end = events[-1]
    assert isinstance(end, Finished)
    steps = [event.job for event in events if isinstance(event, TrainStep)]
    assert {job.split("/")[1] for job in steps} == {"0", "1"}
    assert len(steps) == 24
    places = leaderboard(project, "Derby")
    assert [place.model for place in places] == [place["model"] for place in end.result["places"]]
    assert {place.kind for place in places} == {"decoder", "lstm"}
    bits = [place.bits_per_byte for place in places]
    assert bits == sorted(bits)  # type: ignore[type-var]
    assert end.result["yardstick"] > 0
    assert races(project) == ["Derby"]


def test_that_a_run_in_a_race_is_the_run_it_would_be_alone(project: Project) -> None:
    from llmstudio.app.growing import train

    raced = run(project, Budget(tokens=12 * 4 * 32))
    recipe = fair(LSTM, Budget(tokens=12 * 4 * 32), 100)
    alone = list(train(project, corpus="World", tokenizer="Words", name="Alone", recipe=recipe, stop=Stop()))
    together = [e.loss for e in raced if isinstance(e, TrainStep) and e.job.startswith("race/1/")]
    assert together == [e.loss for e in alone if isinstance(e, TrainStep)]


def test_that_a_size_is_reached_by_width_and_tokens_by_steps() -> None:
    for recipe in (DECODER, LSTM, Recipe("gru", GRUConfig(num_layers=2, embed_dim=32, hidden_dim=48), TRAINING)):
        found = fair(recipe, Budget(parameters=200_000, tokens=64_000), 500)
        assert found.num_parameters(500) == pytest.approx(200_000, rel=0.1)
        read = found.training.max_steps * found.training.batch_size * found.model.context_length
        assert read == pytest.approx(64_000, rel=0.05)


def test_that_what_differs_is_told_by_path() -> None:
    table = differences([DECODER, replace(DECODER, training=replace(DECODER.training, learning_rate=1.0)), LSTM])
    assert table["training.learning_rate"] == [3e-3, 1.0, 3e-3]
    assert table["kind"] == ["decoder", "decoder", "lstm"]
    assert table["model.num_heads"] == [2, 2, None]
    assert "training.batch_size" not in table


def test_that_a_stopped_race_keeps_what_was_learned(project: Project) -> None:
    stop = Stop()
    ended, begun = None, set()
    for event in race(project, name="Cut", corpus="World", runners=RUNNERS, budget=Budget(tokens=10**7), stop=stop):
        if isinstance(event, TrainStep):
            begun.add(event.job)
            if len(begun) == 2:
                stop.request(keep=True)
        ended = event
    assert isinstance(ended, Stopped)
    assert {item.name for item in project.items("model")} >= {"Looks", "Remembers"}
    assert races(project) == ["Cut"]
    assert {place.model for place in leaderboard(project, "Cut")} == {"Looks", "Remembers"}


def test_that_too_few_runners_equal_names_and_no_budget_are_refused(project: Project) -> None:
    for runners, budget in (
        (RUNNERS[:1], Budget(seconds=1)),
        (RUNNERS * 4, Budget(seconds=1)),
        ((RUNNERS[0], RUNNERS[0]), Budget(seconds=1)),
        (RUNNERS, Budget()),
    ):
        with pytest.raises(StudioError):
            run(project, budget, runners=runners)
    with pytest.raises(StudioError, match="parameters"):
        fair(DECODER, Budget(parameters=10), 500)
