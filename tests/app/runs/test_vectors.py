"""A run that begins with word vectors: where they lie in the model, that they may stay, and that the file may be gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from llmstudio.app.items.ancestry import recipe_of, tokenizer_of
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Stopped, TrainStep
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.recipe import Recipe
from llmstudio.core.training.start import Start
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.word_vectors.whole_words import whole_words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@pytest.fixture
def file(project: Project, tmp_path: Path) -> Path:
    """Vectors for half of the vocabulary of the tokenizer Words, 16 wide."""
    vocabulary = whole_words(tokenizer_of(project, project.about("model", "Tiny")))
    draws = np.random.default_rng(0).normal(size=(len(vocabulary), 16)) * 7
    lines = [f"{word} {' '.join(map(str, row))}" for word, row in zip(list(vocabulary)[::2], draws, strict=False)]
    (tmp_path / "some.vec").write_text(f"{len(lines)} 16\n" + "\n".join(lines), "utf-8")
    return tmp_path / "some.vec"


def with_vectors(recipe: Recipe, file: Path, *, stay: bool = False) -> Recipe:
    return replace(recipe, teach=replace(recipe.teach, word_vectors=str(file), freeze_vectors=stay))


def grow(project: Project, recipe: Recipe, name: str = "New", stop: Stop | None = None) -> list[Event]:
    return list(train(project, corpus="World", tokenizer="Words", name=name, recipe=recipe, stop=stop or Stop()))


def table(project: Project, name: str, which: str = "last") -> torch.Tensor:
    return load_model(find_checkpoint(project.path("model", name), which)[0]).state_dict()["embed.weight"]


def test_that_the_table_begins_with_the_vectors_directions_and_as_large_as_a_random_one(
    project: Project, tiny: Recipe, file: Path
) -> None:
    grow(project, with_vectors(tiny, file))
    vectors = WordVectors.load(project.path("model", "New"))
    assert vectors is not None
    vocab = tokenizer_of(project, project.about("model", "Tiny")).vocab_size
    random = Start().build("decoder", tiny.model, vocab, 0).state_dict()["embed.weight"]
    begun = Start(vectors=vectors).build("decoder", tiny.model, vocab, 0).state_dict()["embed.weight"]
    given, laid = torch.from_numpy(vectors.numbers), begun[vectors.ids]
    assert torch.allclose(torch.nn.functional.cosine_similarity(given, laid), torch.ones(len(given)), atol=1e-5)
    assert laid.square().mean() == pytest.approx(float(random.square().mean()), rel=1e-4)
    others = np.setdiff1d(np.arange(vocab), vectors.ids)
    assert torch.equal(begun[others], random[others])


@pytest.mark.parametrize("stays", [True, False])
def test_that_the_vectors_stay_to_the_last_bit_if_they_should_and_learn_if_not(
    project: Project, tiny: Recipe, file: Path, stays: bool
) -> None:
    events = grow(project, with_vectors(tiny, file, stay=stays))
    assert isinstance(events[-1], Finished)
    vectors = WordVectors.load(project.path("model", "New"))
    learned = table(project, "New")
    begun = (
        Start(vectors=vectors).build("decoder", tiny.model, len(learned), tiny.training.seed).state_dict()["embed.weight"]
    )
    assert torch.equal(learned, begun) == stays
    assert any("begin with a vector of some.vec" in str(event.message) for event in events if isinstance(event, Noted))


def test_that_a_run_goes_on_to_the_same_bits_when_the_file_is_gone(project: Project, tiny: Recipe, file: Path) -> None:
    grow(project, with_vectors(tiny, file, stay=True), "Whole")
    stop, events = Stop(), []
    recipe = with_vectors(tiny, file, stay=True)
    for event in train(project, corpus="World", tokenizer="Words", name="Cut", recipe=recipe, stop=stop):
        events.append(event)
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    assert isinstance(events[-1], Stopped)
    file.unlink()
    assert isinstance(list(resume(project, "Cut", stop=Stop()))[-1], Finished)
    whole, cut = (load_model(find_checkpoint(project.path("model", name), "last")[0]) for name in ("Whole", "Cut"))
    assert all(torch.equal(mine, cut.state_dict()[name]) for name, mine in whole.state_dict().items())


def test_that_only_the_files_name_is_kept_and_a_later_run_from_the_model_asks_for_no_file(
    project: Project, tiny: Recipe, file: Path
) -> None:
    grow(project, with_vectors(tiny, file))
    assert recipe_of(project.about("model", "New")).teach.word_vectors == "some.vec"
    assert recipe_from(project, "New", {}).teach.word_vectors == ""


def test_that_a_stop_while_reading_leaves_no_model(project: Project, tiny: Recipe, file: Path) -> None:
    file.write_text(file.read_text("utf-8") + "\n" + "\n".join(f"w{n} " + "1 " * 16 for n in range(150_000)), "utf-8")
    stop, events = Stop(), []
    for event in train(
        project, corpus="World", tokenizer="Words", name="New", recipe=with_vectors(tiny, file), stop=stop
    ):  # fmt: skip
        events.append(event)
        if isinstance(event, Progress) and str(event.what) == "Reading word vectors":
            stop.request()
    assert isinstance(events[-1], Stopped)
    assert not project.exists("model", "New")


def test_that_a_run_from_another_models_weights_takes_no_vectors(project: Project, file: Path) -> None:
    recipe = recipe_from(project, "Tiny", {"teach.word_vectors": str(file)})
    with pytest.raises(StudioError, match="Word vectors are for new models"):
        list(train(project, name="On", recipe=recipe, start="Tiny", stop=Stop()))


def test_that_vectors_can_be_counted_from_a_corpus_of_the_project(project: Project, tiny: Recipe) -> None:
    counted = replace(tiny, teach=replace(tiny.teach, word_vectors="corpus:World", freeze_vectors=True))
    events = grow(project, counted)
    assert isinstance(events[-1], Finished)
    assert any(isinstance(event, Noted) and "neighbours in World" in str(event.message) for event in events)
    vectors = WordVectors.load(project.path("model", "New"))
    assert vectors is not None
    kept = table(project, "New")[vectors.ids]
    assert torch.allclose(kept / kept.norm(), torch.from_numpy(vectors.numbers / np.linalg.norm(vectors.numbers)), atol=1e-5)


def test_that_a_corpus_which_is_not_there_is_named(project: Project, tiny: Recipe) -> None:
    wanted = replace(tiny, teach=replace(tiny.teach, word_vectors="corpus:Nowhere"))
    with pytest.raises(StudioError, match="Nowhere"):
        grow(project, wanted)
