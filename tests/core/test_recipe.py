from __future__ import annotations

import itertools
import json
from dataclasses import replace

import pytest

from llmstudio.app.preset import Preset
from llmstudio.app.presets import PRESETS, choose, made_for, preset, preset_of, presets_of
from llmstudio.app.presets_sizes import SIZES
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families import MODELS, family
from llmstudio.core.recipe import Recipe, change, from_dict, to_dict
from llmstudio.core.settings import checked
from llmstudio.core.tokenizer.config import SPECIALS

# Tokens of a preset's text, where its tokenizer does not simply fill a vocabulary: characters of a play, words of a sample.
_VOCABULARY = {"sample:tour": 110, "sample:tales": 1600, "sample:pairs": 2000}
_LETTERS = 65 + len(SPECIALS)


def size_of(entry: Preset) -> int:
    kind, most = entry.tokenizer.kind, entry.tokenizer.vocab_size
    return entry.recipe.num_parameters(_VOCABULARY.get(entry.corpus, _LETTERS if kind == "char" else most))


@pytest.mark.parametrize("key", PRESETS)
def test_that_a_preset_survives_its_file_and_keeps_its_name(key: str) -> None:
    entry = PRESETS[key]
    assert from_dict(json.loads(json.dumps(to_dict(entry.recipe)))) == entry.recipe
    assert key == entry.key == f"{entry.recipe.kind}:{entry.recipe.preset}"
    assert checked(entry.recipe) == entry.recipe
    assert checked(entry.tokenizer) == entry.tokenizer


@pytest.mark.parametrize("kind", MODELS)
def test_that_every_family_has_the_stable_presets_in_order_and_alike_in_size(kind: str) -> None:
    own = presets_of(kind)
    assert [entry.name for entry in own[: len(SIZES)]] == list(SIZES)
    assert list(SIZES)[:4] == ["nano", "micro", "mini", "small"]
    for entry, usual in zip(own, presets_of("decoder"), strict=False):
        if entry.name in SIZES:
            assert type(entry.recipe.model) is MODELS[kind].config
            assert size_of(entry) == pytest.approx(size_of(usual), rel=0.5), entry.key


@pytest.mark.parametrize("kind", MODELS)
def test_that_shakespeare_by_characters_has_the_promised_size(kind: str) -> None:
    entry = choose(kind, "shakespeare_char")
    assert entry.tokenizer.kind == "char"
    assert 800_000 <= size_of(entry) <= 950_000


def test_that_no_preset_is_beyond_a_night_on_a_laptop() -> None:
    assert max(map(size_of, PRESETS.values())) < 55_000_000


@pytest.mark.parametrize("key", [key for key, entry in PRESETS.items() if entry.name not in SIZES])
def test_that_the_label_of_what_serves_one_purpose_tells_the_size(key: str) -> None:
    told = float(str(PRESETS[key].label).split("·")[1].split()[0]) * 1e6
    assert size_of(PRESETS[key]) == pytest.approx(told, rel=0.25)


@pytest.mark.parametrize("key", [key for key, entry in PRESETS.items() if entry.name in SIZES])
def test_that_a_size_for_any_text_names_no_figure_that_its_vocabulary_would_belie(key: str) -> None:
    assert str(PRESETS[key].label).lower() == PRESETS[key].name


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
