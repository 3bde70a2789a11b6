"""Texts that two translators bring back: beside the others, with their labels, once; and what was held out stays."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Stopped
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.settings import ClassifySettings
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from tests.grown import SHORT, SORTER

TWO = ClassifySettings(translate_there="Turn", translate_back="Turn")


@pytest.fixture
def project(translating: Project) -> Project:
    config = CorpusConfig(sample_count=80, cleaning=CleaningConfig(lower_case=True))
    list(import_corpus(translating, ["sample:reviews"], name="Reviews", config=config, stop=Stop()))
    words = TokenizerConfig(kind="word", min_frequency=1)
    list(build_tokenizer(translating, "Reviews", name="Cut", config=words, stop=Stop()))
    return translating


def taught(project: Project, name: str, task: ClassifySettings = TWO, stop: Stop | None = None) -> list[Event]:
    recipe = Recipe("gru", SORTER, replace(SHORT, max_steps=2), task_name="classify", task=task)
    names = {"corpus": "Reviews", "tokenizer": "Cut", "name": name}
    return list(train(project, recipe=recipe, stop=stop or Stop(), **names))


def test_that_texts_come_back_beside_the_others_and_held_out_ones_stay_as_they_are(project: Project) -> None:
    events = taught(project, "One")
    assert isinstance(events[-1], Finished)
    about = project.by_id("corpus", project.about("model", "One").parent("corpus").id)
    assert about is not None
    plain, made = Corpus(project.path("corpus", "Reviews")), Corpus(about.path)
    for part in ("val", "test"):
        assert [r["text"] for r in made.records(part)] == [r["text"] for r in plain.records(part)]
    before, after = ([(r["text"], r["label"]) for r in corpus.records("train")] for corpus in (plain, made))
    assert after[: len(before)] == before
    assert 0 < len(after) - len(before) <= len(before)
    labels, held_out = Counter(label for _, label in before), {r["text"] for r in plain.records("val")}
    assert all(count <= labels[label] for label, count in Counter(label for _, label in after[len(before) :]).items())
    assert not {text for text, _ in after[len(before) :]} & held_out
    assert about.facts["config"]["cleaning"]["lower_case"] is True
    assert {role: parent.name for role, parent in about.parents.items()} == {
        "corpus": "Reviews", "there": "Turn", "back": "Turn",
    }  # fmt: skip
    [said] = [str(event.message) for event in events if isinstance(event, Noted) and "came back" in str(event.message)]
    assert said.startswith(f"{len(after) - len(before)} of {len(before)} texts")


def test_that_they_are_prepared_once(project: Project) -> None:
    taught(project, "One")
    corpora = {item.id for item in project.items("corpus")}
    events = taught(project, "Two")
    assert {item.id for item in project.items("corpus")} == corpora
    assert any("are there already" in str(event.message) for event in events if isinstance(event, Noted))
    assert project.about("model", "Two").parent("corpus").id == project.about("model", "One").parent("corpus").id


def test_that_a_stop_while_translating_leaves_neither_corpus_nor_model(project: Project) -> None:
    stop, names = Stop(), {item.name for item in project.items("corpus")}
    recipe = Recipe("gru", SORTER, SHORT, task_name="classify", task=TWO)
    events = []
    for event in train(project, corpus="Reviews", tokenizer="Cut", name="New", recipe=recipe, stop=stop):
        events.append(event)
        if isinstance(event, Progress) and "Translating with" in str(event.what):
            stop.request()
    assert isinstance(events[-1], Stopped)
    assert {item.name for item in project.items("corpus")} == names
    assert not project.exists("model", "New")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"translate_back": ""}, "needs two models"),
        ({"label_share": 0.5}, "learn from all labels"),
        ({"translate_back": "Gone"}, "Gone"),
    ],
)
def test_that_what_cannot_be_back_translated_is_said(project: Project, changes: dict[str, object], said: str) -> None:
    with pytest.raises(StudioError, match=said):
        taught(project, "New", replace(TWO, **changes))


def test_that_a_model_that_cannot_translate_is_refused(project: Project) -> None:
    taught(project, "One", ClassifySettings())
    with pytest.raises(StudioError, match="cannot turn one text into another"):
        taught(project, "New", replace(TWO, translate_back="One"))
