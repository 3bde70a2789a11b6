from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from llmstudio.core.errors import StudioError
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.recipe import Recipe, change, from_dict


def test_that_an_unknown_family_is_refused_with_those_there_are() -> None:
    with pytest.raises(StudioError, match="decoder"):
        family("oracle")
    with pytest.raises(StudioError, match="decoder"):
        from_dict({"kind": "oracle"})


@pytest.mark.parametrize(
    "data", [[], "x", {"model": []}, {"training": {"max_steps": 0}}, {"model": {"embed_dim": 9}}, {"x": 1}]
)
def test_that_a_damaged_recipe_is_refused_in_words(data: object) -> None:
    with pytest.raises(StudioError):
        from_dict(data)  # type: ignore[arg-type]


def test_that_an_empty_recipe_is_the_default() -> None:
    assert from_dict({}) == Recipe()


def test_that_changes_are_made_together() -> None:
    changed = change(Recipe(), {"training.max_steps": "7", "model.embed_dim": "90", "model.num_heads": "3"})
    assert (changed.training.max_steps, changed.model.embed_dim) == (7, 90)


@pytest.mark.parametrize(("kind", "other"), list(itertools.permutations(MODELS, 2)))
def test_that_another_family_takes_the_task_settings_with_it_or_refuses_them_in_words(kind: str, other: str) -> None:
    began = Recipe(kind, family(kind).config())
    config = family(other).config()
    assert replace(began, kind=other, model=config, task=None) == Recipe(other, config)
    if began.task_facts.settings is Recipe(other, config).task_facts.settings:
        assert replace(began, kind=other, model=config) == Recipe(other, config)
    else:
        with pytest.raises(StudioError, match="settings of another task"):
            replace(began, kind=other, model=config)
