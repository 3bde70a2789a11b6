"""Laws of the shelf: bytes bound it, what was used last stays, and a model counts all that it holds."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from llmstudio.app.computer import hardware
from llmstudio.app.items import loaded, shelf
from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.shelf import Shelf
from llmstudio.core.recipe import change, to_dict
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project


@dataclass(frozen=True)
class Thing:
    num_bytes: int


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "_memory", lambda: 800)


def test_that_as_many_are_kept_as_an_eighth_of_the_memory_holds() -> None:
    kept: Shelf[Thing] = Shelf()
    for key in range(30):
        kept.put(key, Thing(10))
    assert shelf.most_bytes() == 100
    assert [key for key in range(30) if kept.get(key)] == list(range(20, 30))


def test_that_what_was_used_last_stays() -> None:
    kept: Shelf[Thing] = Shelf()
    for key in "abc":
        kept.put(key, Thing(30))
    kept.get("a")
    kept.put("d", Thing(30))
    assert [key for key in "abcd" if kept.get(key)] == ["a", "c", "d"]


def test_that_the_newest_is_kept_alone_where_it_is_too_large() -> None:
    kept: Shelf[Thing] = Shelf()
    kept.put("small", Thing(1))
    kept.put("large", Thing(1000))
    assert kept.get("small") is None
    assert kept.get("large") == Thing(1000)


def test_that_a_model_stays_loaded_while_there_is_room_and_counts_its_weights(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = loaded.load(project, "Tiny", "6")
    weights = sum(4 * parameter.numel() for parameter in first.model.parameters())
    assert weights <= first.num_bytes < 2 * weights + 1_000_000
    assert loaded.load(project, "Tiny", "6") is first
    earlier = loaded.load(project, "Tiny", "4")
    assert loaded.load(project, "Tiny", "6") is not first, "there is room for one"
    monkeypatch.setattr(hardware, "_memory", lambda: 2**34)
    first, earlier = loaded.load(project, "Tiny", "6"), loaded.load(project, "Tiny", "4")
    assert loaded.load(project, "Tiny", "6") is first
    assert loaded.load(project, "Tiny", "4") is earlier


def test_that_a_model_that_stays_loaded_knows_what_its_recipe_has_become(project: Project) -> None:
    first = loaded.load(project, "Tiny")
    recipe = recipe_of(first.about)
    other = change(recipe, {"training.max_steps": recipe.training.max_steps + 3})
    update_facts(first.about.path, recipe=to_dict(other))
    again = loaded.load(project, "Tiny")
    assert again.model is first.model
    assert recipe_of(again.about) == other != recipe
