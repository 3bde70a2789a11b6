"""A recurrent model goes every way that a decoder goes: grown, measured, gone on with, pruned, spoken with, forecast."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from llmstudio.app import chatting
from llmstudio.app.computer.estimate import estimate
from llmstudio.app.items.loaded import load
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.export import export
from llmstudio.app.verbs.generate import generate
from llmstudio.app.verbs.generate import reply as reply_job
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, Stopped, TrainStep
from llmstudio.core.generation.chat import Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RecurrentConfig, RNNConfig
from llmstudio.core.recipe import Recipe, from_dict, to_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

KINDS = {"rnn": RNNConfig, "lstm": LSTMConfig, "gru": GRUConfig}


def _recipe(kind: str, tiny: Recipe, rows: str = "running") -> Recipe:
    config: RecurrentConfig = KINDS[kind](num_layers=2, embed_dim=12, hidden_dim=16, context_length=32)
    return Recipe(kind=kind, model=config, training=replace(tiny.training, rows=rows))


def _grow(project: Project, recipe: Recipe, stop: Stop | None = None) -> list[object]:
    return list(train(project, corpus="World", tokenizer="Words", name="Net", recipe=recipe, stop=stop or Stop()))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", ["running", "documents"])
def test_that_it_is_grown_measured_pruned_and_spoken_with(project: Project, tiny: Recipe, kind: str, rows: str) -> None:
    recipe = _recipe(kind, tiny, rows)
    *_, end = _grow(project, recipe)
    assert isinstance(end, Finished)
    *_, measured = evaluate(project, "Net", stop=Stop())
    assert measured.result["bits_per_byte"] == pytest.approx(end.result["bits_per_byte"], rel=1e-4)
    *_, pruned = prune(project, "Net", name="Half", config=PruningConfig(sparsity=0.5), stop=Stop())
    assert pruned.result["sparsity"] == pytest.approx(0.5, abs=1e-3)
    half = load(project, "Half").model
    assert sum(int(torch.count_nonzero(p)) for p in half.parameters()) == pruned.result["nonzeros"]
    assert float((half.get_parameter("cells.0.weight_hh_l0") == 0).float().mean()) > 0.2
    *_, said = generate(project, "Half", prompt="anna", config=GenerationConfig(max_new_tokens=50), stop=Stop())
    assert isinstance(said, Finished)
    *_, reply = reply_job(project, "Net", chat=Chat().ask("where is anna ?"), stop=Stop())
    assert isinstance(reply, Finished)


@pytest.mark.parametrize("kind", KINDS)
def test_that_a_stopped_one_goes_on(project: Project, tiny: Recipe, kind: str) -> None:
    stop = Stop()
    for event in train(project, corpus="World", tokenizer="Words", name="Net", recipe=_recipe(kind, tiny), stop=stop):
        if isinstance(event, TrainStep) and event.step == 3:
            stop.request()
    assert isinstance(event, Stopped)
    *_, end = resume(project, "Net", stop=Stop())
    assert isinstance(end, Finished)
    assert end.result["steps"] == 6


def test_that_a_long_talk_is_read_whole(project: Project, tiny: Recipe) -> None:
    _grow(project, _recipe("lstm", tiny))
    reader = chatting.reader(project, "Net")
    outlook = chatting.outlook(project, reader, Chat().ask("anna " * 500), [""], room=8)
    assert (reader.context_length, outlook.num_dropped) == (None, 0)
    assert outlook.prompt_tokens > 500
    *_, end = reply_job(project, "Net", chat=Chat().ask("anna " * 500), stop=Stop())
    assert end.result["prompt_tokens"] == outlook.prompt_tokens


@pytest.mark.parametrize("kind", KINDS)
def test_that_its_recipe_survives_the_file_and_its_size_is_foretold(tiny: Recipe, kind: str) -> None:
    recipe = _recipe(kind, tiny)
    assert from_dict(to_dict(recipe)) == recipe
    found = estimate(recipe, vocab_size=100, dataset_tokens=10_000, probe=None)
    assert found.parameters == recipe.model.num_parameters(100)
    assert found.peak_bytes == sum(found.breakdown.values())


def test_that_it_is_not_exported_and_says_so(project: Project, tiny: Recipe, tmp_path: Path) -> None:
    _grow(project, _recipe("gru", tiny))
    with pytest.raises(StudioError, match="To export a model, train the family decoder"):
        list(export(project, "Net", format="hugging_face", out=tmp_path / "out", stop=Stop()))
