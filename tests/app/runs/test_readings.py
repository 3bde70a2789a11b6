"""What a model has read counts over its line of descent, a text each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmstudio.app import chatting
from llmstudio.app.items.showing import told_of
from llmstudio.app.runs.readings import ReadSoFar, read_so_far
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.show import show
from llmstudio.app.verbs.train import train
from llmstudio.core.events import Finished, Noted
from llmstudio.core.models.checkpoint.folders import checkpoint_folders
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.training.history import read_history
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def learn_on(project: Project, start: str, name: str, *, corpus: str = "", **changes: Any) -> list[str]:
    recipe = recipe_from(project, start, {f"training.{path}": str(value) for path, value in changes.items()})
    events = train(project, recipe=recipe, start=start, corpus=corpus, name=name, stop=Stop())
    return [str(event.message) for event in events if isinstance(event, Noted)]


def read(project: Project, name: str) -> ReadSoFar:
    return read_so_far(project, project.about("model", name))


def last_tokens(project: Project, name: str) -> int:
    return int(read_history(project.path("model", name)).steps["tokens"][-1])


@pytest.fixture
def other(project: Project, tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_text("clara has the kite . ben is in the garden .\n" * 80)
    list(import_corpus(project, [str(tmp_path / "a.txt")], name="Other", stop=Stop()))
    return "Other"


def test_that_the_same_text_counts_over_all_runs_and_goes_on_in_order(project: Project) -> None:
    said = learn_on(project, "Tiny", "On")
    assert "It goes on in the text where Tiny stopped reading." in said
    list(prune(project, "On", name="Half", config=PruningConfig(), stop=Stop()))
    learn_on(project, "Half", "Last", max_steps=2)
    tiny, on, last = (read(project, name).own for name in ("Tiny", "On", "Last"))
    assert tiny is not None
    assert on is not None
    assert last is not None
    tokens = [last_tokens(project, name) for name in ("Tiny", "On", "Last")]
    assert [text.tokens for text in (tiny, on, last)] == [tokens[0], sum(tokens[:2]), sum(tokens)]
    assert tiny.is_in_order
    assert on.is_in_order
    assert chatting.reader(project, "On").passes == on.passes == pytest.approx(tiny.passes * sum(tokens[:2]) / tokens[0])
    assert read(project, "Half").own == on
    *_, end = show(project, "On")
    assert isinstance(end, Finished)
    assert end.result["read"][0]["tokens"] == sum(tokens[:2])
    assert "times its training text" in told_of(end.result)["has read"]


def test_that_the_same_text_in_another_order_says_that_some_of_it_comes_again(project: Project) -> None:
    for name, changes in (("Seeded", {"seed": 3}), ("Wide", {"batch_size": 8})):
        said = learn_on(project, "Tiny", name, **changes)
        assert any("the same text comes in another order" in sentence for sentence in said)
        assert not any("stopped reading" in sentence for sentence in said)
        assert not chatting.reader(project, name).is_in_order


def test_that_a_child_of_before_which_was_dealt_the_same_batches_again_is_not_said_to_have_read_on(project: Project) -> None:
    learn_on(project, "Tiny", "On")
    for folder in checkpoint_folders(project.path("model", "On")):
        path = folder / "facts.json"
        kept = json.loads(path.read_text())
        del kept["facts"]["standing"]["first_deal"]
        path.write_text(json.dumps(kept))
    assert not chatting.reader(project, "On").is_in_order


def test_that_another_text_is_a_reading_of_its_own_and_the_share_is_that_of_the_new_one(
    project: Project, other: str
) -> None:
    said = learn_on(project, "Tiny", "On", corpus=other, max_steps=2)
    assert not any("reading" in sentence or "another order" in sentence for sentence in said)
    found = read(project, "On")
    assert found.own is not None
    assert (found.own.corpus, found.own.tokens) == ("Other", last_tokens(project, "On"))
    assert [(text.corpus, text.tokens) for text in found.before] == [("World", last_tokens(project, "Tiny"))]
    assert chatting.reader(project, "On").before == ("World",)
    *_, end = show(project, "On")
    assert isinstance(end, Finished)
    assert [text["corpus"] for text in end.result["read"]] == ["Other", "World"]


def test_that_what_a_model_that_is_gone_had_read_is_said_to_be_unknown(project: Project) -> None:
    learn_on(project, "Tiny", "On")
    project.delete("model", "Tiny")
    assert read(project, "On").gone == chatting.reader(project, "On").gone == "Tiny"
    *_, end = show(project, "On")
    assert isinstance(end, Finished)
    assert "Tiny" in told_of(end.result)["read before, unknown"]


def test_that_of_a_parent_only_counts_what_it_had_read_by_the_weights_that_were_taken(project: Project) -> None:
    learn_on(project, "Tiny", "On", max_steps=1)
    step = int(project.about("model", "On").parent("parent").step)
    list(resume(project, "Tiny", changes={"training.max_steps": "12"}, stop=Stop()))
    steps = read_history(project.path("model", "Tiny")).steps
    then = int(steps["tokens"][steps["step"] == step][0])
    own = read(project, "On").own
    assert own is not None
    assert own.tokens == then + last_tokens(project, "On")
