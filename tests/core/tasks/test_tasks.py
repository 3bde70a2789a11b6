from __future__ import annotations

import dataclasses

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import change as changed
from llmstudio.core.recipe import from_dict
from llmstudio.core.settings import change, settings_of
from llmstudio.core.tasks import TASKS, task_of
from llmstudio.core.tasks.base import Task, task_class
from llmstudio.core.tasks.guessing import Guessing
from llmstudio.core.tasks.latent.settings import LatentSettings
from llmstudio.core.tasks.settings import MaskedSettings

PROMISES = ("batches", "loss", "weight", "evaluate", "sample", "answer")


@pytest.mark.parametrize("name", TASKS)
def test_that_a_task_does_all_that_the_trainer_and_the_chat_ask_of_one(name: str) -> None:
    made = task_class(TASKS[name])
    assert issubclass(made, Task)
    kept = {name for base in made.__mro__ if base is not Task for name in vars(base)}
    assert [promise for promise in PROMISES if promise not in kept] == []
    assert not issubclass(made, Guessing) or "guesses" in vars(made)


@pytest.mark.parametrize("name", TASKS)
def test_that_what_a_task_hides_is_a_setting_of_speaking_and_what_it_can_do_is_told(name: str) -> None:
    known = {entry.name for entry in dataclasses.fields(GenerationConfig)}
    assert TASKS[name].idle <= known
    assert TASKS[name].pages
    assert str(TASKS[name].doing)
    assert all(str(about.fact.label) and str(about.fact.help) for about in settings_of(TASKS[name].settings))


def test_that_only_what_a_task_uses_is_offered_when_it_speaks() -> None:
    assert TASKS["next_token"].idle == {"beam_width", "length_penalty"}
    assert "temperature" in TASKS["pairs"].idle
    assert "no_repeat_ngram_size" not in TASKS["pairs"].idle
    assert "seed" in TASKS["masked"].idle


@pytest.mark.parametrize("kind", MODELS)
def test_that_every_family_has_a_usual_task(kind: str) -> None:
    assert task_of(kind) is TASKS[MODELS[kind].task]


def test_that_an_unknown_task_is_refused_with_those_there_are() -> None:
    with pytest.raises(StudioError, match=r"There is no task telepathy\. There are: next_token, masked"):
        task_of("decoder", "telepathy")


@pytest.mark.parametrize("kind", MODELS)
def test_that_no_family_is_trained_for_what_it_cannot_learn(kind: str) -> None:
    suiting = [name for name in TASKS if MODELS[kind].reading in TASKS[name].readings]
    assert MODELS[kind].task in suiting
    for name in TASKS:
        told = {"kind": kind, "task_name": name}
        if name in suiting:
            assert from_dict(told).task_facts is TASKS[name]
        else:
            with pytest.raises(StudioError, match=f"cannot be trained for {name}. It can for {', '.join(suiting)}"):
                from_dict(told)


def test_that_one_setting_under_its_old_and_its_new_name_is_refused() -> None:
    recipe = from_dict({"kind": "encoder"})
    assert change(recipe, "task.mask_rate", 0.5) == changed(recipe, {"model.mask_rate": 0.5})
    with pytest.raises(StudioError, match=r"model\.mask_rate is task\.mask_rate by now"):
        changed(recipe, {"model.mask_rate": 0.3, "task.mask_rate": 0.5})


def test_that_a_run_must_leave_steps_for_the_full_kl() -> None:
    with pytest.raises(StudioError, match="shorten one of them") as refused:
        LatentSettings(warm_start_share=0.5, kl_warmup_share=0.6)
    (remedy,) = refused.value.remedies
    part, _, name = remedy.target.partition(".")
    assert part == "task"
    assert change(LatentSettings(warm_start_share=0.5), name, remedy.value).kl_warmup_share == 0.4


def test_that_the_share_of_guessed_tokens_is_that_of_the_hidden_ones() -> None:
    assert MaskedSettings(mask_rate=0.3).guessed_share == 0.3
    assert {TASKS[name].settings().guessed_share for name in ("next_token", "pairs", "latent")} == {1.0}
