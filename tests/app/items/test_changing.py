"""Items get other names and go for good: under the lock, in one step, and never from under a run."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from llmstudio.app.items.locks import writing
from llmstudio.app.verbs.delete import delete
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.rename import rename
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Noted, TrainStep
from llmstudio.core.recipe import Recipe
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def test_that_a_renamed_item_is_still_known_by_what_was_made_from_it(project: Project) -> None:
    *_, end = rename(project, "World", "Earth")
    assert isinstance(end, Finished)
    assert end.result == {"kind": "corpus", "name": "Earth", "old_name": "World"}
    assert not project.exists("corpus", "World")
    found = list(evaluate(project, "Tiny", stop=Stop()))
    assert isinstance(found[-1], Finished)


def test_that_deleting_says_what_was_made_from_it_and_leaves_that(project: Project) -> None:
    noted, end = delete(project, "corpus/World")
    assert isinstance(noted, Noted)
    assert isinstance(end, Finished)
    assert {"tokenizer/Words", "model/Tiny"} <= set(end.result["children"])
    assert all(child in str(noted.message) for child in end.result["children"])
    assert not project.exists("corpus", "World")
    assert project.exists("model", "Tiny")


def test_that_a_damaged_item_can_be_deleted(project: Project) -> None:
    (project.path("model", "Tiny") / "about.json").write_text("{")
    list(delete(project, "Tiny"))
    assert not project.exists("model", "Tiny")


def test_that_names_that_are_taken_unusable_or_unknown_are_refused(project: Project) -> None:
    list(rename(project, "tokenizer/Words", "World"))
    with pytest.raises(StudioError, match="Several items"):
        list(rename(project, "World", "Another"))
    for item, new, said in (("model/Tiny", "a/b", "cannot be a name"), ("Nobody", "x", "nothing named Nobody")):
        with pytest.raises(StudioError, match=said):
            list(rename(project, item, new))
    with pytest.raises(StudioError, match="nothing named Nobody"):
        list(delete(project, "Nobody"))


def test_that_what_lay_in_the_way_of_a_new_name_is_kept_and_told(project: Project) -> None:
    mine = project.path("model", "Small")
    mine.mkdir()
    (mine / "notes.txt").write_text("dear diary")
    noted, _ = rename(project, "Tiny", "Small")
    assert isinstance(noted, Noted)
    assert "Small (no item)" in str(noted.message)
    assert (mine.with_name("Small (no item)") / "notes.txt").exists()
    assert project.exists("model", "Small")


def test_that_a_model_in_training_is_neither_renamed_nor_deleted(project: Project, tiny: Recipe) -> None:
    names = {"corpus": "World", "tokenizer": "Words", "name": "Busy"}
    running = train(project, recipe=tiny, stop=Stop(), **names)
    next(event for event in running if isinstance(event, TrainStep))
    for change in (rename(project, "Busy", "Lazy"), delete(project, "Busy")):
        with pytest.raises(StudioError, match="is being trained"):
            list(change)
    list(delete(project, "Tiny"))  # others may go meanwhile
    assert isinstance(running, Generator)
    running.close()


def test_that_another_program_that_writes_holds_names_still(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with writing(project):
        lock = (project.root / "project.lock").read_text()
    Path(project.root / "project.lock").write_text(lock.replace('"host": "', '"host": "elsewhere-'))
    for change in (rename(project, "Tiny", "Small"), delete(project, "Tiny")):
        with pytest.raises(StudioError, match="is working in this project"):
            list(change)
    assert project.exists("model", "Tiny")
