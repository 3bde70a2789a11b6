"""Made-up texts are kept with a model: a run that is broken off and goes on ends with the same weights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import load
from llmstudio.app.runs.made_up import MADE_UP_TEXTS, TextsFile
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.run_summary import summary_of
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted, Progress, Stopped, TrainStep
from llmstudio.core.models.checkpoint.verification import weights_hash
from llmstudio.core.recipe import change
from llmstudio.core.tasks.classes.made_up import sizes
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.work import Stop
from llmstudio.store.files import write_json
from llmstudio.store.reading import read_json


@pytest.fixture
def recipe(sorting, monkeypatch):
    monkeypatch.setattr(sizes, "STEPS", 10)
    monkeypatch.setattr(sizes, "RARE_STEPS", 2)
    own = replace(recipe_of(sorting.about("model", "Sort")), teach=TeachingConfig())
    return change(own, {"task.imbalance": "language_model", "training.max_steps": 6, "training.threads": 1})


def begun(project, name, recipe, stop):
    start = project.about("model", "Sort")
    names = {"corpus": "Reviews", "tokenizer": start.parent("tokenizer").name}
    return train(project, name=name, recipe=recipe, stop=stop, **names)


def test_that_a_run_that_goes_on_reads_the_same_made_up_texts_and_ends_the_same(sorting, recipe) -> None:
    *events, end = begun(sorting, "Whole", recipe, Stop())
    assert isinstance(end, Finished)
    said = [str(event.message) for event in events if isinstance(event, Noted)]
    assert any("learned along" in message for message in said)
    stop, first = Stop(), []
    for event in begun(sorting, "Broken", recipe, stop):
        first.append(event)
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    assert isinstance(first[-1], Stopped)
    *again, end = resume(sorting, "Broken", stop=Stop())
    assert isinstance(end, Finished)
    assert not any("rare classes" in str(event.what) for event in again if isinstance(event, Progress))
    whole, broken = (read_json(sorting.about("model", name).path / MADE_UP_TEXTS, TextsFile) for name in ("Whole", "Broken"))
    assert (whole["texts"], whole["marks"]) == (broken["texts"], broken["marks"])
    assert weights_hash(load(sorting, "Whole").path) == weights_hash(load(sorting, "Broken").path)


def test_that_a_stop_while_texts_are_made_up_leaves_no_model_and_a_damaged_file_is_one_sentence(sorting, recipe) -> None:
    stop, seen = Stop(), []
    for event in begun(sorting, "Early", recipe, stop):
        seen.append(event)
        if isinstance(event, Progress) and "rare classes" in str(event.what):
            stop.request()
    assert isinstance(seen[-1], Stopped)
    assert not sorting.exists("model", "Early")
    stop = Stop()
    for event in begun(sorting, "Half", recipe, stop):
        if isinstance(event, TrainStep):
            stop.request()
    (sorting.about("model", "Half").path / MADE_UP_TEXTS).write_text('{"texts": ["a"], "marks": [99]}')
    with pytest.raises(StudioError, match="damaged"):
        list(resume(sorting, "Half", stop=Stop()))


def test_that_the_time_of_a_run_holds_that_of_making_up_texts_whether_it_goes_on_or_not(sorting, recipe) -> None:
    stop = Stop()
    for event in begun(sorting, "Timed", recipe, stop):
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    path = sorting.about("model", "Timed").path / MADE_UP_TEXTS
    kept = read_json(path, TextsFile)
    assert kept["seconds"] > 0
    write_json(path, kept | {"seconds": 1000.0})
    *events, end = resume(sorting, "Timed", stop=Stop())
    steps = [event for event in events if isinstance(event, TrainStep)]
    assert isinstance(end, Finished)
    assert end.result["seconds"] - 1000 >= steps[-1].seconds > 0
    assert end.result["seconds"] - 1000 < 500
    assert end.result["tokens_per_second"] > steps[-1].tokens / 500
    assert summary_of(sorting, sorting.about("model", "Timed")).seconds == end.result["seconds"]
    write_json(path, {name: kept[name] for name in ("texts", "marks")})  # as earlier versions kept it
    *_, end = resume(sorting, "Timed", changes={"training.max_steps": 8}, stop=Stop())
    assert end.result["seconds"] < 500
