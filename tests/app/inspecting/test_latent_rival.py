"""A VAE's rival is a language model of its size that learned the same sentences one by one, and is charged for the same."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from llmstudio.app.inspecting import latent_rival
from llmstudio.app.items import loaded
from llmstudio.app.items.ancestry import dataset_at_once, recipe_of
from llmstudio.app.race.board import Runner
from llmstudio.app.race.racing import Budget, check, fair
from llmstudio.app.verbs.train import train
from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from llmstudio.store.item_files import update_facts
from llmstudio.store.project import Project

TRAINING = TrainingConfig(max_steps=3, batch_size=4, eval_steps=3, number_format="fp32", threads=1, sample_tokens=1)
SENTENCES = replace(TRAINING, rows="sentences")
VAE = VAEConfig(embed_dim=32, hidden_dim=48, latent_dim=4, context_length=32)
LSTM = LSTMConfig(num_layers=1, embed_dim=32, hidden_dim=72, context_length=32)


@pytest.fixture(scope="module")
def project(grown: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    found = Project(Path(shutil.copytree(grown, tmp_path_factory.mktemp("rivals") / "project")))
    recipes = {
        "Space": Recipe("vae", VAE, TRAINING),
        "Running": Recipe("lstm", LSTM, TRAINING),
        "Far larger": Recipe("lstm", replace(LSTM, hidden_dim=400), SENTENCES),
        "Alike": Recipe("lstm", LSTM, SENTENCES),
    }
    for name, recipe in recipes.items():
        list(train(found, corpus="World", tokenizer="Words", name=name, recipe=recipe, stop=Stop()))
    loaded.forget()
    return found


def test_that_the_rival_is_of_the_same_size_and_of_single_sentences(project: Project) -> None:
    found = latent_rival.rival(project, "Space", stop=Stop())
    assert found is not None
    assert (found.name, found.kind) == ("Alike", "lstm")
    size = project.about("model", "Space").facts["result"]["parameters"]
    assert found.parameters == pytest.approx(size, rel=0.25)
    # Every held-out sentence once, its end counted, as its own run was measured.
    about = project.about("model", "Alike")
    held_out = dataset_at_once(project, about, job="inspect", stop=Stop()).split("val")
    assert held_out is not None
    rows = cut_sentences(held_out, loaded.load(project, "Alike").tokenizer, VAE.context_length).rows
    targets = rows.num_tokens - rows.num_rows
    assert found.nats == pytest.approx(about.facts["result"]["val_loss"] * targets / rows.num_rows, rel=1e-4)
    assert found.nats < math.log(loaded.load(project, "Alike").tokenizer.vocab_size) * targets / rows.num_rows * 1.1


def test_that_without_one_alike_there_is_none(project: Project, tmp_path: Path) -> None:
    alone = Project(Path(shutil.copytree(project.path("model", "Space").parents[1], tmp_path / "alone")))
    (alone.path("model", "Far larger") / "recipe.json").write_text('{"telepathy": true}')  # unknown, and no reason to fail
    alone.delete("model", "Alike")
    assert latent_rival.rival(alone, "Space", stop=Stop()) is None


def test_that_a_race_is_proposed_with_parents_as_they_are_called_now_and_refused_without_them(
    project: Project, tmp_path: Path
) -> None:
    moved = Project(Path(shutil.copytree(project.path("model", "Space").parents[1], tmp_path / "moved")))
    update_facts(moved.path("model", "Space"), result=None)  # as of a run that broke off: its size is known all the same
    moved.rename("tokenizer", "Words", "Other words")
    match = latent_rival.match(moved, "Space")
    assert match.tokenizer == "Other words"
    assert match.parameters == project.about("model", "Space").facts["result"]["parameters"]
    moved.delete("tokenizer", "Other words")
    with pytest.raises(StudioError, match="tokenizer of Space is gone"):
        latent_rival.match(moved, "Space")


def test_that_the_race_proposed_is_fair_and_makes_a_rival(project: Project) -> None:
    match = latent_rival.match(project, "Space")
    own, plain = match.recipes
    assert own == recipe_of(project.about("model", "Space"))
    assert (match.corpus, match.tokenizer, match.seconds) == ("World", "Words", 30.0)
    assert plain.training.rows == "sentences"
    assert plain.model.context_length == own.model.context_length
    runners = [Runner(name, recipe, match.tokenizer) for name, recipe in zip("ab", match.recipes, strict=True)]
    budget = Budget(seconds=match.seconds, parameters=match.parameters)
    check(runners, budget)
    size = int(project.about("tokenizer", "Words").facts["vocab_size"])
    for recipe in match.recipes:
        found = fair(recipe, budget, size).num_parameters(size)
        assert found == pytest.approx(match.parameters, rel=0.25)
