from __future__ import annotations

from pathlib import Path

import pytest

from llmstudio.app.items.chats import load_chat
from llmstudio.app.presets.by_name import preset
from llmstudio.app.verbs.tour import NAMES, tour
from llmstudio.core.events import ENDS, Event, Finished, Sampled, Started, Stopped, TrainStep
from llmstudio.core.recipe import Recipe
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

KEYS = ["seconds", "model", "bits_per_byte", "questions_right", "random_questions_right", "trigram_questions_right"]


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    return Project(tmp_path / "new")


def journey(project: Project, recipe: Recipe, stop: Stop | None = None) -> list[Event]:
    return list(tour(project, stop=stop or Stop(), recipe=recipe, num_documents=60, num_questions=20))


def test_that_the_journey_goes_from_text_to_answers_and_can_be_taken_again(empty: Project, tiny: Recipe) -> None:
    first = journey(empty, tiny)
    assert isinstance(first[0], Started)
    assert [event for event in first if isinstance(event, ENDS)] == first[-1:]
    assert isinstance(first[-1], Finished)
    assert list(first[-1].result) == KEYS
    stages = list(dict.fromkeys(event.path[1] for event in first if event.parents))
    assert stages == ["import", "tokenizer", "train", "evaluate", "prune", "chat"]
    assert sum(isinstance(event, Sampled) and event.path == ("tour", "chat") for event in first) == 3
    for key in KEYS[3:]:
        assert 0 <= first[-1].result[key] <= 1
    assert first[-1].result["random_questions_right"] < 0.8
    names = {kind: {item.name for item in empty.items(kind)} for kind in ("corpus", "tokenizer", "model", "chat")}
    assert names["model"] == {NAMES["model"], NAMES["pruned"]}
    assert len(load_chat(empty, NAMES["chat"]).messages) == 9

    second = journey(empty, tiny)
    assert isinstance(second[-1], Finished)
    assert second[-1].result["model"] == NAMES["model"] + " 2"
    losses = [[event.loss for event in heard if isinstance(event, TrainStep)] for heard in (first, second)]
    assert losses[0] == losses[1]


def test_that_the_journey_stops_where_it_is(empty: Project, tiny: Recipe) -> None:
    stop, heard = Stop(), []
    for event in tour(empty, stop=stop, recipe=tiny, num_documents=60, num_questions=20):
        heard.append(event)
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    assert isinstance(heard[-1], Stopped)
    assert empty.exists("model", NAMES["model"])
    assert not empty.exists("model", NAMES["pruned"])
    assert not (empty.root / "project.lock").exists()


def test_that_the_presets_journey_is_fixed_so_that_it_can_be_rehearsed() -> None:
    training = preset("tour").recipe.training
    assert training.max_seconds == 0
    assert preset("tour").corpus == "sample:tour"
    assert preset("tour").tokenizer.kind == "word"
