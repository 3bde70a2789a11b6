"""A run from a model's weights reads on where that model stopped: both together are dealt what one long run is dealt."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from llmstudio.core.models.checkpoint.read import find_checkpoint
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.training.run import Run
from llmstudio.core.training.start import Start
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop

TRAINING = TrainingConfig(
    max_steps=6, batch_size=4, eval_steps=100, sample_steps=100, eval_tokens=100, sample_tokens=1, threads=1,
    number_format="fp32",
)  # fmt: skip
DECODER = DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32)
RUNS = {
    "running text": ("decoder", DECODER, "running"),
    "documents": ("decoder", DECODER, "documents"),
    "streams": ("lstm", LSTMConfig(num_layers=1, embed_dim=16, hidden_dim=16, context_length=32), "running"),
    "hidden words": ("encoder", EncoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32), "documents"),
    "pairs": ("encoder_decoder", EncoderDecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=32), "auto"),
    "sentences": ("vae", VAEConfig(embed_dim=16, hidden_dim=16, context_length=32), "auto"),
}


@pytest.fixture
def dealt(monkeypatch):
    """The ids of every batch that is learned from, in order."""
    seen, plain = [], Run._to_device

    def noting(run, batch):
        seen.append(batch.ids.clone())
        return plain(run, batch)

    monkeypatch.setattr(Run, "_to_device", noting)
    return seen


def _train(folder, recipe, data, start=None, stop_at=None):
    folder.mkdir()
    stop = Stop()
    parts = {"recipe": recipe, "dataset": data[0], "tokenizer": data[1]}
    for event in train(folder, **parts, stop=stop, **({"start": start} if start else {})):
        if event.step == stop_at:
            stop.request()
    return folder


def _start(folder):
    return Start(find_checkpoint(folder, "last")[0])


def _same(some, others):
    return len(some) == len(others) and all(torch.equal(one, other) for one, other in zip(some, others, strict=True))


@pytest.mark.parametrize("name", RUNS)
def test_that_two_runs_one_from_the_other_are_dealt_what_one_long_run_is_dealt(name, tmp_path, turns_data, dealt):
    kind, model, rows = RUNS[name]
    recipe = Recipe(kind, model, replace(TRAINING, rows=rows))
    longer = replace(recipe, training=replace(recipe.training, max_steps=15))
    _train(tmp_path / "long", longer, turns_data)
    whole = list(dealt)
    dealt.clear()
    first = _train(tmp_path / "a", recipe, turns_data)
    second = _train(tmp_path / "b", recipe, turns_data, _start(first))
    third = replace(recipe, training=replace(recipe.training, max_steps=3))
    _train(tmp_path / "c", third, turns_data, _start(second))
    assert not _same(dealt[:6], dealt[6:12])
    assert _same(dealt, whole)


def test_that_another_batch_of_running_text_begins_with_the_row_behind_the_last(tmp_path, text_data, dealt):
    recipe = Recipe("decoder", DECODER, replace(TRAINING, rows="running"))
    first = _train(tmp_path / "a", recipe, text_data)
    double = replace(recipe, training=replace(recipe.training, batch_size=8, grad_accumulation_steps=1, max_steps=3))
    _train(tmp_path / "b", double, text_data, _start(first))
    on = torch.cat(dealt[6:])
    dealt.clear()
    _train(tmp_path / "long", replace(recipe, training=replace(recipe.training, max_steps=12)), text_data)
    assert torch.equal(torch.cat(dealt[6:]), on)


@pytest.mark.parametrize("stopped_at", [0, 2])
def test_that_a_run_from_a_model_is_resumed_with_the_batches_that_it_was_begun_with(stopped_at, tmp_path, text_data, dealt):
    recipe = Recipe("decoder", replace(DECODER, dropout=0.2), TRAINING)
    start = _start(_train(tmp_path / "a", recipe, text_data))
    dealt.clear()
    whole = _train(tmp_path / "b", recipe, text_data, start)
    undisturbed = list(dealt)
    dealt.clear()
    parts = _train(tmp_path / "c", recipe, text_data, start, stop_at=stopped_at)
    list(resume(parts, recipe=recipe, dataset=text_data[0], tokenizer=text_data[1], stop=Stop()))
    assert _same(dealt, undisturbed)
    ours, theirs = (find_checkpoint(folder, "last")[0] for folder in (parts, whole))
    assert (ours.path / "model.safetensors").read_bytes() == (theirs.path / "model.safetensors").read_bytes()
