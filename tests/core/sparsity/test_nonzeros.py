"""Training of which only nonzeros are kept is the masked training of the same mask, in a ninth of its state."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished, TrainStep
from llmstudio.core.generation.backends.numpy_decoder import NumpyDecoder
from llmstudio.core.memory.estimate import estimate
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.weights.base import dense_tensors
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.sparsifiers.fitting import refuse_sparse
from llmstudio.core.sparsity.sparsifiers.table import NONZEROS
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training.run import Run, RunInputs, new_run
from llmstudio.core.training.saving import save_start
from llmstudio.core.training.start import SCRATCH, Start
from llmstudio.core.training_config import TrainingConfig
from tests.trained import in_one_and_in_parts, losses_of, same_weights, train_in

TRAINING = TrainingConfig(
    max_steps=10, batch_size=2, eval_steps=2, checkpoint_steps=1, eval_tokens=200, sample_tokens=2, learning_rate=1e-2,
    weight_decay=0.3, number_format="fp32", threads=1,
)  # fmt: skip
SMALL: dict[str, Any] = {"num_layers": 2, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 32}


def recipe_of(kind: str, method: str = "static", storage: str = "nonzeros", **sparse: Any) -> Recipe:
    made = MODELS[kind].config()
    known = {entry.name for entry in fields(made)}
    shape = replace(made, **{name: value for name, value in SMALL.items() if name in known})
    return Recipe(kind, shape, TRAINING, sparse=SparseConfig(method=method, storage=storage, **sparse))


@pytest.fixture
def begun(request: pytest.FixtureRequest, made_run: Callable[..., Run]) -> Callable[..., Run]:
    def make(kind: str, *given: str, **changes: Any) -> Run:
        data = request.getfixturevalue("pairs_data" if kind == "encoder_decoder" else "text_data")
        return made_run(recipe_of(kind, *given, **changes), data)

    return make


@pytest.mark.parametrize("method", NONZEROS)
@pytest.mark.parametrize("kind", MODELS)
def test_that_it_is_the_masked_training_of_the_same_mask(kind, method, begun) -> None:
    masked, ours = (begun(kind, method, storage, sparsity=0.7, keep_embeddings=False) for storage in ("masked", "nonzeros"))
    # Rounded otherwise, gradients that are nearly alike may change places: with RigL only the first masks are the same.
    for _ in range(2 if method == "rigl" else 10):
        theirs, step = masked.take_step(), ours.take_step()
        assert step.loss == pytest.approx(theirs.loss, rel=1e-4)
        assert step.grad_norm == pytest.approx(theirs.grad_norm, rel=1e-3)
        assert step.parts["sparsity"] == theirs.parts["sparsity"]
        numbers = dense_tensors(masked.model)
        for name, weight in ours.sparsifier.weights.items():
            assert torch.equal(weight.stays(), masked.sparsifier.masked[name].stays), name
            torch.testing.assert_close(weight.dense(), numbers[name], rtol=1e-2, atol=1e-3)


@pytest.mark.parametrize("kind", MODELS)
def test_that_the_state_is_nonzeros_alone_and_was_foretold_to_the_byte(kind, begun) -> None:
    run = begun(kind, sparsity=0.9)
    run.take_step()
    told = estimate(run.recipe, run.model.vocab_size, context=32).by_kind()
    seen = _slow(run).memory
    counters = sum(value.nbytes for key, value in run.optimizers.state().items() if key.endswith(":step"))
    assert told["weights"] == seen["weights"]
    assert told["gradients"] == seen["gradients"]
    assert told["optimizer"] == seen["optimizer"] - counters
    kept, learned = run.sparsifier.num_weights - run.sparsifier.num_zeros, seen["gradients"] // 4
    rows = sum(weight.rows + 1 for weight in run.sparsifier.weights.values())
    assert seen["weights"] == 4 * learned + 2 * kept + 8 * rows
    assert seen["optimizer"] - counters == 8 * learned


def _slow(run: Run) -> TrainStep:
    """A step that tells what is held: that is told five times a second."""
    time.sleep(0.21)
    return run.take_step()


@pytest.mark.parametrize("kind", ["decoder", "lstm", "vae"])
@pytest.mark.parametrize("method", NONZEROS)
def test_that_a_resumed_run_is_the_run_that_was_not_cut_off(method, kind, text_data, tmp_path: Path) -> None:
    for stop_at in (1, 5, 8):
        folder = tmp_path / str(stop_at)
        folder.mkdir()
        in_one_and_in_parts(folder, text_data, recipe_of(kind, method, sparsity=0.7, keep_embeddings=False), stop_at)
        assert same_weights(folder / "whole", folder / "parts"), stop_at


@pytest.mark.parametrize("method", NONZEROS)
def test_that_its_checkpoints_are_ordinary_models_with_a_record_of_pruning(method, text_data, tmp_path: Path) -> None:
    *_, end = train_in(tmp_path / "m", text_data, recipe_of("decoder", method, sparsity=0.9))
    assert isinstance(end, Finished)
    best = find_checkpoint(tmp_path / "m", "best")[0]
    may_go = prunable(load_model(best), keep_embeddings=True).values()
    zeros, weights = sum(int((p == 0).sum()) for p in may_go), sum(p.numel() for p in may_go)
    assert zeros >= round(0.9 * weights)
    assert best.card.run.pruning["sparsity"] == pytest.approx(0.9, abs=1e-3)
    assert "sparse" in best.card.codecs.values()


def test_that_it_writes_while_it_learns_as_the_model_that_its_file_holds(kernels, begun, tmp_path: Path) -> None:
    run = begun("decoder", sparsity=0.5)
    run.take_step()
    read = build_model("decoder", run.recipe.model, run.model.vocab_size)
    read.load_state_dict(dense_tensors(run.model))
    written = [NumpyDecoder(model.eval(), [5, 6, 7]).logits for model in (run.model, read)]
    torch.testing.assert_close(*written, rtol=1e-4, atol=1e-4)


def test_that_a_run_whose_first_checkpoint_is_dense_begins_from_it_as_sparse_as_ever(begun, tmp_path: Path) -> None:
    """As one is that has diverged before anything was kept."""
    run, begins = begun("decoder", sparsity=0.5), SCRATCH
    shape = run.recipe.kind, run.recipe.model, run.model.vocab_size
    save_start(run, begins.build(*shape, run.training.seed))
    run.restore(find_checkpoint(run.folder, "last")[0])
    assert run.sparsifier.sparsity == pytest.approx(0.5, abs=1e-3)
    assert all(weight.num_gone for weight in run.sparsifier.weights.values())
    run.take_step()


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_that_what_begins_with_a_model_dense_or_pruned_keeps_what_masked_training_would(share, text_data, tmp_path) -> None:
    list(train_in(tmp_path / "parent", text_data, recipe_of("decoder", "static", "masked", sparsity=share)))
    start = Start(find_checkpoint(tmp_path / "parent", "last")[0])
    dataset, tokenizer = text_data
    inputs = RunInputs(
        folder=tmp_path, dataset=dataset, tokenizer=tokenizer, setup=set_up(TRAINING), base_bytes=0, start=start
    )
    masked, ours = (new_run(inputs, recipe_of("decoder", "static", way, sparsity=0.8)) for way in ("masked", "nonzeros"))
    before = load_model(start.checkpoint).state_dict()
    for name, weight in ours.sparsifier.weights.items():
        assert torch.equal(weight.stays(), masked.sparsifier.masked[name].stays), name
        assert torch.equal(weight.dense(), before[name] * weight.stays()), name
    assert ours.sparsifier.num_zeros == masked.sparsifier.goal


def test_that_a_run_that_is_told_apart_by_storage_alone_ends_at_the_same_loss(text_data, tmp_path: Path) -> None:
    ends, told = {}, {}
    for storage in ("masked", "nonzeros"):
        *events, end = train_in(tmp_path / storage, text_data, recipe_of("decoder", "static", storage, sparsity=0.9))
        ends[storage], told[storage] = end.result, losses_of(events)
        assert any(isinstance(event, TrainStep) for event in events)
    assert told["nonzeros"] == pytest.approx(told["masked"], rel=1e-4)
    assert ends["nonzeros"]["val_loss"] == pytest.approx(ends["masked"]["val_loss"], rel=1e-4)
    assert ends["nonzeros"]["parameters"] == ends["masked"]["parameters"]


def test_that_what_cannot_be_kept_as_nonzeros_is_said_before_it_begins() -> None:
    with pytest.raises(StudioError) as refused:
        change(Recipe(), {"sparse.method": "gradual", "sparse.storage": "nonzeros"})
    assert refused.value.paths == ("sparse.storage", "sparse.method")
    muon = change(recipe_of("decoder"), {"training.optimizer": "muon"})
    with pytest.raises(StudioError) as refused:
        refuse_sparse(muon, has_start=False)
    assert refused.value.paths == ("sparse.storage", "training.optimizer")
    refuse_sparse(change(muon, {"sparse.storage": "masked"}), has_start=False)
