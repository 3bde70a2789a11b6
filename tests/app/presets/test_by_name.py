from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from llmstudio.app.presets.by_name import PRESETS, choose, made_for, preset, preset_of
from llmstudio.app.presets.preset import Preset
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe, from_dict, to_dict
from llmstudio.core.settings import checked


@pytest.mark.parametrize("key", PRESETS)
def test_that_a_preset_survives_its_file_and_keeps_its_name(key: str) -> None:
    entry = PRESETS[key]
    assert from_dict(json.loads(json.dumps(to_dict(entry.recipe)))) == entry.recipe
    assert key == entry.key == f"{entry.recipe.kind}:{entry.recipe.preset}"
    assert checked(entry.recipe) == entry.recipe
    assert checked(entry.tokenizer) == entry.tokenizer


def test_that_no_preset_is_beyond_a_night_on_a_laptop(size_of: Callable[[Preset], int]) -> None:
    assert max(map(size_of, PRESETS.values())) < 55_000_000


def test_that_a_preset_is_found_by_family_and_name() -> None:
    assert choose(None, None) is choose("decoder", None) is preset("micro") is preset("decoder:micro")
    assert choose("lstm", None) is choose("lstm", "micro") is preset("lstm:micro")
    assert choose(None, "textbook_lstm").recipe.kind == "lstm"
    assert preset_of(choose("gru", "nano").recipe) is choose("gru", "nano")
    assert preset_of(Recipe()) is None
    with pytest.raises(StudioError, match=r"vae has no preset tour.*nano"):
        choose("vae", "tour")
    with pytest.raises(StudioError, match="decoder"):
        choose("oracle", "nano")


def test_that_a_new_family_can_be_grown_before_anyone_has_tuned_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "eighth", MODELS["lstm"])
    (untried,) = made_for("eighth")
    assert (untried.key, untried.recipe.model) == ("eighth:micro", MODELS["lstm"].config())


def test_that_an_unknown_name_is_refused_with_those_there_are() -> None:
    with pytest.raises(StudioError, match="nano"):
        preset("giant")
