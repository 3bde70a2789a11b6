"""A run goes on with another rate or for more steps; what decides which text a step reads stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, TrainStep
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.settings import from_dict
from llmstudio.core.training import trainer
from llmstudio.core.training.history import read_history
from llmstudio.core.training.start import Start
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

MODEL = DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
TRAINING = TrainingConfig(
    max_steps=12, batch_size=4, eval_steps=4, eval_tokens=500, sample_tokens=4, number_format="fp32", threads=1
)


def _train(folder, data, training=TRAINING, stop_at=0, kind="decoder", config=MODEL):
    folder.mkdir(exist_ok=True)
    stop = Stop()
    for event in train(folder, recipe=Recipe(kind, config, training), dataset=data[0], tokenizer=data[1], stop=stop):
        if isinstance(event, TrainStep) and event.step == stop_at:
            stop.request()
    return event


def _stored(folder):
    return from_dict(TrainingConfig, find_checkpoint(folder, "last")[0].card.run.training)


def _resume(folder, data, recipe=None, **changes):
    training = replace(_stored(folder), **changes) if changes else None
    return list(
        resume(
            folder,
            recipe=recipe or Recipe("decoder", MODEL),
            dataset=data[0],
            tokenizer=data[1],
            stop=Stop(),
            training=training,
        )
    )


def test_that_more_steps_from_the_first_on_and_later_give_the_same_weights_where_the_rate_is_level(tmp_path, text_data):
    level = replace(TRAINING, schedule="constant", warmup_share=0.0)
    _train(tmp_path / "long", text_data, replace(level, max_steps=20))
    _train(tmp_path / "short", text_data, level)
    events = _resume(tmp_path / "short", text_data, max_steps=20)
    assert isinstance(events[-1], Finished)
    assert [event.step for event in events if isinstance(event, TrainStep)] == list(range(13, 21))
    assert read_history(tmp_path / "short").steps["step"].tolist() == list(range(1, 21))
    long, short = (load_model(find_checkpoint(tmp_path / name, "last")[0]).state_dict() for name in ("long", "short"))
    assert all(torch.equal(long[name], short[name]) for name in long)


def test_that_more_steps_stretch_the_schedule_and_the_run_says_so(tmp_path, text_data):
    _train(tmp_path / "m", text_data)
    events = _resume(tmp_path / "m", text_data, max_steps=24)
    said = [str(event.message) for event in events if isinstance(event, Noted)]
    assert any("now takes 24 steps instead of 12" in sentence and "rate is 0.003" in sentence for sentence in said)
    rates = [event.learning_rate for event in events if isinstance(event, TrainStep)]
    assert rates[0] == pytest.approx(3e-3)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 3e-4


def test_that_another_rate_counts_from_where_the_run_stands_and_after_a_crash_too(tmp_path, text_data):
    _train(tmp_path / "m", text_data, stop_at=6)
    work = resume(
        tmp_path / "m", recipe=Recipe("decoder", MODEL), dataset=text_data[0], tokenizer=text_data[1], stop=Stop(),
        training=replace(_stored(tmp_path / "m"), learning_rate=1e-4),
    )  # fmt: skip
    next(event for event in work if isinstance(event, TrainStep))
    work.close()  # as when the program dies before it saves again
    rates = [event.learning_rate for event in _resume(tmp_path / "m", text_data) if isinstance(event, TrainStep)]
    assert len(rates) == 6
    assert max(rates) <= 1e-4


def test_that_so_many_seconds_more_are_planned_by_the_pace_so_far(tmp_path, text_data):
    _train(tmp_path / "m", text_data)
    before = read_history(tmp_path / "m").steps["seconds"][-1]
    events = _resume(tmp_path / "m", text_data, max_seconds=0.5)
    assert isinstance(events[-1], Finished)
    assert events[-1].result["steps"] > 12
    assert 0.1 < events[-1].result["seconds"] - before < 5
    assert _stored(tmp_path / "m").max_seconds == 0


@pytest.fixture
def busy(monkeypatch):
    """The computer was busy for a moment, so that far too many steps are planned."""

    def far_too_many(*_: object) -> Iterator[Event]:
        yield Progress(job="train", what="Timing a few steps", done=1)
        return 3000

    monkeypatch.setattr(trainer, "first_guess", far_too_many)


@pytest.mark.usefixtures("busy")
@pytest.mark.parametrize("changes", [{}, {"learning_rate": 1e-4}], ids=["as it was", "another rate"])
def test_that_a_run_by_the_clock_ends_by_it_in_a_later_sitting_too(tmp_path, text_data, changes):
    stopped = _train(tmp_path / "m", text_data, replace(TRAINING, max_seconds=0.3), stop_at=3)
    assert stopped.step == 3  # before the first look, which would have planned anew
    end = _resume(tmp_path / "m", text_data, **changes)[-1]
    assert isinstance(end, Finished)
    assert 3 < end.step < 3000
    assert end.result["seconds"] < 2


@pytest.mark.usefixtures("busy")
def test_that_a_run_by_the_clock_that_goes_on_from_the_weights_it_began_with_ends_by_it(tmp_path, text_data):
    _train(tmp_path / "origin", text_data)
    (tmp_path / "m").mkdir()
    start, _ = find_checkpoint(tmp_path / "origin", "best")
    given = {"recipe": Recipe("decoder", MODEL, replace(TRAINING, max_seconds=0.3)), "start": Start(start)}
    work = train(tmp_path / "m", **given, dataset=text_data[0], tokenizer=text_data[1], stop=Stop())
    next(event for event in work if isinstance(event, TrainStep))
    work.close()  # as when the program dies before it saves
    assert find_checkpoint(tmp_path / "m", "last")[0].step == 0
    assert _resume(tmp_path / "m", text_data)[-1].step < 3000


def test_that_a_number_of_steps_takes_the_place_of_the_clock(tmp_path, text_data):
    _train(tmp_path / "m", text_data, replace(TRAINING, max_seconds=0.2), stop_at=3)
    taken = _resume(tmp_path / "m", text_data, max_steps=40)[-1]
    assert taken.step == 40


@pytest.mark.parametrize("changes", [{"batch_size": 8}, {"seed": 1}, {"optimizer": "muon"}, {"rows": "documents"}])
def test_that_another_order_of_reading_is_refused_with_the_way_to_have_it(tmp_path, text_data, changes):
    _train(tmp_path / "m", text_data, stop_at=6)
    with pytest.raises(StudioError, match="stays as it is") as refused:
        _resume(tmp_path / "m", text_data, **changes)
    setting = f"training.{next(iter(changes))}"
    assert [remedy.value for remedy in refused.value.remedies] == [f"train --from m --set {setting}=VALUE --name NAME"]


def test_that_a_finished_run_that_is_given_no_more_steps_names_the_ways_on(tmp_path, text_data):
    _train(tmp_path / "m", text_data)
    for changes in ({"max_steps": 5}, {"learning_rate": 1e-4}):
        with pytest.raises(StudioError, match=r"all of its 12 steps") as refused:
            _resume(tmp_path / "m", text_data, **changes)
        typed = [remedy.value for remedy in refused.value.remedies]
        assert typed == ["resume m --set training.max_steps=24", "train --from m --name NAME"]


def test_that_a_run_of_phases_is_lengthened_only_where_none_would_begin_again(tmp_path, text_data):
    config = VAEConfig(embed_dim=16, hidden_dim=16, context_length=32)
    training = replace(TRAINING, max_steps=20, eval_steps=20)
    _train(tmp_path / "v", text_data, training, kind="vae", config=config)
    with pytest.raises(StudioError, match="phases"):
        _resume(tmp_path / "v", text_data, Recipe("vae", config), max_steps=2000)
    events = _resume(tmp_path / "v", text_data, Recipe("vae", config), max_steps=22)
    assert events[-1].result["steps"] == 22
