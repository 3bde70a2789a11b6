"""A model that learns on gets the words of the new text that it lacked; what it knew stays, and a stop changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import forget, load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.export import export
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Stopped, TrainStep
from llmstudio.core.models.vocabulary import token_rows
from llmstudio.core.recipe import change
from llmstudio.core.tokenizer.config import UNKNOWN
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

STRANGE = "The zebra sat in the barn. The zebra and the quagga ran. "


@pytest.fixture
def strange(project: Project, tmp_path: Path) -> Project:
    for number in range(30):
        (tmp_path / f"{number}.txt").write_text(STRANGE * 6 + f"The zebra is in the kitchen {number} .")
    list(import_corpus(project, [str(tmp_path / f"{n}.txt") for n in range(30)], name="Strange", stop=Stop()))
    return project


def teach(project: Project, name: str, *, stop_at: int = 0, corpus: str = "Strange", **changes: str) -> list[Event]:
    ways = {"teach.new_tokens": "3", "training.max_steps": "6", "training.weight_decay": "0.3"}
    recipe = recipe_from(project, "Tiny", ways | {path.replace("__", "."): value for path, value in changes.items()})
    events, stop = [], Stop()
    for event in train(project, recipe=recipe, corpus=corpus, start="Tiny", name=name, stop=stop):
        events.append(event)
        if isinstance(event, TrainStep) and event.step == stop_at:
            stop.request()
    return events


def said(events: list[Event]) -> str:
    return " ".join(str(event.message) for event in events if isinstance(event, Noted))


def weights(project: Project, name: str, which: str = "best") -> dict[str, torch.Tensor]:
    forget()
    return load(project, name, which).model.state_dict()


def test_that_the_most_frequent_unknown_words_become_tokens_of_a_tokenizer_of_its_own(strange: Project) -> None:
    before = load(strange, "Tiny")
    events = teach(strange, "On", training__keep_checkpoints="9")
    assert isinstance(events[-1], Finished)
    after = load(strange, "On")
    assert "Learns 3 new tokens, of the 33 words and signs" in said(events)
    assert recipe_of(after.about).teach.new_tokens == 3
    assert after.tokenizer.vocab_size == after.model.vocab_size == before.tokenizer.vocab_size + 3
    assert UNKNOWN in before.tokenizer.encode("the zebra")
    assert after.tokenizer.decode(after.tokenizer.encode("The zebra")) == "The zebra"
    assert before.tokenizer.hash == load(strange, "Tiny").tokenizer.hash
    begun, old = weights(strange, "On", "0"), before.model.state_dict()
    rows = token_rows(before.model)
    for name, weight in begun.items():
        assert torch.equal(weight[: before.model.vocab_size] if name in rows else weight, old[name])
    assert events[-1].result["parameters"] == before.model.config.num_parameters(after.model.vocab_size)


@pytest.mark.parametrize("way", [{}, {"teach__weights": "lora"}, {"teach__weights": "lora", "teach__lora_kept": "adapter"}])
def test_that_a_stop_changes_nothing(strange: Project, way: dict[str, str]) -> None:
    teach(strange, "Whole", **way)
    assert isinstance(teach(strange, "Halves", stop_at=3, **way)[-1], Stopped)
    assert isinstance([*resume(strange, "Halves", stop=Stop())][-1], Finished)
    whole, halves = weights(strange, "Whole"), weights(strange, "Halves")
    assert all(torch.equal(whole[name], halves[name]) for name in whole)
    assert len(strange.items("tokenizer")) == 2, "the same words of the same text are one tokenizer"


@pytest.mark.parametrize("how", ["lora", "last_layers", "all_but_embeddings"])
def test_that_only_new_rows_learn_where_the_tables_do_not(strange: Project, how: str) -> None:
    old = weights(strange, "Tiny")
    end = teach(strange, "On", teach__weights=how, **({"teach__lora_matrices": "all"} if how == "lora" else {}))[-1]
    assert isinstance(end, Finished)
    table, size = weights(strange, "On", "last")["embed.weight"], len(old["embed.weight"])
    assert torch.equal(table[:size], old["embed.weight"])
    assert not torch.equal(table[size], old["embed.weight"].mean(0))


def test_that_a_text_that_is_known_brings_no_tokens_and_random_weights_cannot_grow(strange: Project) -> None:
    events = teach(strange, "Same", corpus="World")
    assert isinstance(events[-1], Finished)
    assert "Nothing of World is unknown" in said(events)
    assert recipe_of(strange.about("model", "Same")).teach.new_tokens == 0
    recipe = recipe_of(strange.about("model", "Tiny"))
    with pytest.raises(StudioError, match="New tokens is for runs that begin"):
        list(
            train(
                strange,
                corpus="World",
                tokenizer="Words",
                name="New",
                recipe=change(recipe, {"teach.new_tokens": 2}),
                stop=Stop(),
            )
        )


def test_that_what_the_parent_knew_is_rehearsed_and_the_model_leaves_for_other_programs(strange: Project, tmp_path) -> None:
    [*_, end] = teach(strange, "On", teach__rehearsal_share="0.25", training__eval_steps="3")
    assert isinstance(end, Finished)
    assert end.result["parent_loss"] > 0
    [*_, out] = export(strange, "On", out=tmp_path / "out", stop=Stop())
    assert isinstance(out, Finished)
