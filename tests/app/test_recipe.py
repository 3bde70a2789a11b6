from __future__ import annotations

import json

import pytest

from llmstudio.app.presets import PRESETS, choose, preset
from llmstudio.app.recipe import Recipe, change, from_dict, to_dict
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.settings import checked
from llmstudio.core.tokenizer.config import SPECIALS


@pytest.mark.parametrize("name", PRESETS)
def test_that_a_preset_survives_its_file_and_keeps_its_name(name: str) -> None:
    recipe = preset(name).recipe
    assert from_dict(json.loads(json.dumps(to_dict(recipe)))) == recipe
    assert (recipe.preset, preset(name).name) == (name, name)
    assert checked(recipe) == recipe
    assert checked(preset(name).tokenizer) == preset(name).tokenizer


def test_that_the_stable_presets_grow_in_order() -> None:
    names = ["nano", "micro", "mini", "small"]
    assert list(PRESETS)[:4] == names
    sizes = [preset(name).recipe.num_parameters(preset(name).tokenizer.vocab_size) for name in names]
    assert sizes == sorted(sizes)
    assert sizes[0] < 300_000


def test_that_no_preset_is_beyond_a_night_on_a_laptop() -> None:
    assert max(p.recipe.num_parameters(p.tokenizer.vocab_size) for p in PRESETS.values()) < 55_000_000


def test_that_shakespeare_by_characters_has_the_promised_size() -> None:
    letters = 65 + len(SPECIALS)
    assert 800_000 <= preset("shakespeare_char").recipe.num_parameters(letters) <= 950_000


def test_that_the_label_tells_the_size() -> None:
    for entry in PRESETS.values():
        of_sample = {"tour": 110, "vae": 1600, "encoder": 1600, "encoder_decoder": 2000}
        words = of_sample.get(entry.name, 72 if entry.tokenizer.kind == "char" else entry.tokenizer.vocab_size)
        told = float(str(entry.label).split("·")[1].split()[0]) * 1e6
        assert entry.recipe.num_parameters(words) == pytest.approx(told, rel=0.35), entry.name


def test_that_every_family_has_a_preset_and_a_name_of_another_family_is_refused() -> None:
    for kind, entry in MODELS.items():
        first = choose(kind, None)
        assert first.recipe.kind == kind
        assert type(first.recipe.model) is entry.config
    assert choose(None, None).name == choose("decoder", None).name == "micro"
    with pytest.raises(StudioError, match="textbook_lstm"):
        choose("lstm", "nano")


def test_that_unknown_names_are_refused_with_those_there_are() -> None:
    with pytest.raises(StudioError, match="nano"):
        preset("giant")
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
