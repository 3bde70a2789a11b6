"""A model's recipe lies in one file, which is there before anything needs it, also in projects of the first versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.store import item_files
from llmstudio.store.item_files import ABOUT, RECIPE, update_facts
from llmstudio.store.project import Project

OLD, NEW = {"kind": "lstm", "training": {"max_steps": 5}}, {"kind": "lstm", "training": {"max_steps": 9}}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    with made.create("model", "Tales") as (_, facts):
        facts |= {"state": "training", "recipe": OLD}
    return made


def on_disk(project: Project, name: str) -> Any:
    return json.loads((project.path("model", "Tales") / name).read_text())


def as_first_version(project: Project, copy: Any) -> None:
    """Let `about.json` hold a copy of the recipe, too."""
    about = on_disk(project, ABOUT)
    about["facts"]["recipe"] = copy
    (project.path("model", "Tales") / ABOUT).write_text(json.dumps(about))


def test_that_a_recipe_is_one_of_a_models_facts_and_lies_in_one_file(project: Project) -> None:
    assert project.about("model", "Tales").facts == {"recipe": OLD, "state": "training"}
    assert on_disk(project, RECIPE) == OLD
    assert on_disk(project, ABOUT)["facts"] == {"state": "training"}
    update_facts(project.path("model", "Tales"), recipe=NEW, changes=[{"step": 5}])
    assert project.about("model", "Tales").facts == {"recipe": NEW, "state": "training", "changes": [{"step": 5}]}
    assert on_disk(project, RECIPE) == NEW
    assert on_disk(project, ABOUT)["facts"] == {"state": "training", "changes": [{"step": 5}]}


def test_that_the_copy_of_early_versions_counts_for_nothing_and_goes_when_the_model_is_written(project: Project) -> None:
    as_first_version(project, NEW)
    assert project.about("model", "Tales").model_card.recipe.whole == OLD
    update_facts(project.path("model", "Tales"), state="finished")
    assert project.about("model", "Tales").facts == {"recipe": OLD, "state": "finished"}
    assert on_disk(project, ABOUT)["facts"] == {"state": "finished"}
    assert on_disk(project, RECIPE) == OLD


@pytest.mark.parametrize(("dies_at", "left"), [(RECIPE, OLD), (ABOUT, NEW)])
def test_that_a_program_killed_between_both_files_leaves_a_model_with_a_recipe(
    project: Project, monkeypatch: pytest.MonkeyPatch, dies_at: str, left: Any
) -> None:
    write = item_files.write_json

    def dies(path: Path, value: Any) -> None:
        if path.name == dies_at:
            raise KeyboardInterrupt
        write(path, value)

    monkeypatch.setattr(item_files, "write_json", dies)
    with pytest.raises(KeyboardInterrupt):
        update_facts(project.path("model", "Tales"), recipe=NEW, state="finished")
    assert project.about("model", "Tales").facts == {"recipe": left, "state": "training"}


@pytest.mark.parametrize(("content", "said"), [(None, "is missing"), ("{", "damaged"), ("[]", "damaged")])
def test_that_a_model_whose_recipe_is_gone_or_damaged_is_called_so_and_not_taken_for_another(
    project: Project, content: str | None, said: str
) -> None:
    place = project.path("model", "Tales") / RECIPE
    place.unlink()
    if content is not None:
        place.write_text(content)
    with pytest.raises(StudioError, match=said):
        project.about("model", "Tales")
    assert project.items("model") == []
    (reason,) = project.unreadable()
    assert "Tales" in str(reason)
    project.delete("model", "Tales")
    assert not project.exists("model", "Tales")


def test_that_a_fact_of_this_name_stays_where_it_is_in_any_other_item(tmp_path: Path) -> None:
    project = Project(tmp_path)
    with project.create("corpus", "Kitchen") as (_, facts):
        facts["recipe"] = "soup"
    update_facts(project.path("corpus", "Kitchen"), seed=1)
    assert project.about("corpus", "Kitchen").facts == {"recipe": "soup", "seed": 1}
