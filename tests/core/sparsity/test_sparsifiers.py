"""Sparsity that is fitted in training: exactly as much as was asked, zeros that stay zero, and a resumed run that is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Finished, Noted, TrainStep
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.families import MODELS
from llmstudio.core.optimizers import OPTIMIZERS
from llmstudio.core.recipe import Recipe, change, from_dict, to_dict
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.sparsifiers.fitting import refuse_sparse
from llmstudio.core.sparsity.sparsifiers.schedules import cosine, cubic, is_change, span
from llmstudio.core.sparsity.sparsifiers.shares import zeros_by_matrix
from llmstudio.core.sparsity.sparsifiers.table import SPARSIFIERS
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.training.run import Run
from llmstudio.core.training_config import TrainingConfig
from tests.trained import in_one_and_in_parts, same_weights, train_in

TRAINING = TrainingConfig(
    max_steps=10, batch_size=2, eval_steps=2, checkpoint_steps=1, eval_tokens=200, sample_tokens=2, learning_rate=1e-2,
    weight_decay=0.3, number_format="fp32", threads=1,
)  # fmt: skip
SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 32}
METHODS = [name for name in SPARSIFIERS if name != "none"]
EXACT = METHODS
"""Methods that have a budget."""


def recipe_of(kind: str, method: str, training: TrainingConfig = TRAINING, **sparse: Any) -> Recipe:
    made = MODELS[kind].config()
    known = {entry.name for entry in fields(made)}
    shape = replace(made, **{name: value for name, value in SMALL.items() if name in known})
    recipe = Recipe(kind, shape, training, sparse=SparseConfig(method=method, **sparse))
    return replace(recipe, task=recipe.task.without_phases())


def zeros_of(run: Run) -> dict[str, tuple[int, int]]:
    """The zeros and the weights of each matrix that may lose some."""
    may_go = prunable(run.model, keep_embeddings=run.recipe.sparse.keep_embeddings)
    return {name: (int((p == 0).sum()), p.numel()) for name, p in may_go.items()}


@pytest.fixture
def begun(request: pytest.FixtureRequest, made_run: Callable[..., Run]) -> Callable[..., Run]:
    def make(kind: str, method: str, **changes: Any) -> Run:
        data = request.getfixturevalue("pairs_data" if kind == "encoder_decoder" else "text_data")
        training = replace(TRAINING, optimizer=changes.pop("optimizer", "adamw"))
        return made_run(recipe_of(kind, method, training, **changes), data)

    return make


@pytest.mark.parametrize("method", EXACT)
@pytest.mark.parametrize("kind", MODELS)
def test_that_a_run_ends_with_exactly_the_share_of_zeros_asked_for_and_empties_no_matrix(kind, method, begun) -> None:
    run = begun(kind, method, sparsity=0.83)
    for _ in range(run.training.max_steps):
        run.take_step()
    found = zeros_of(run)
    weights = sum(size for _, size in found.values())
    assert sum(zeros for zeros, _ in found.values()) == round(0.83 * weights)
    assert all(zeros < size for zeros, size in found.values())
    assert run.is_settled
    assert run.facts()["pruning"]["sparsity"] == pytest.approx(round(0.83 * weights) / weights)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("method", METHODS)
def test_that_what_is_gone_is_zero_after_every_step_and_is_not_remembered(method, optimizer, begun) -> None:
    run = begun("decoder", method, optimizer=optimizer, keep_embeddings=False)
    for _ in range(run.training.max_steps):
        run.take_step()
        for key, moment in run.optimizers.state().items():
            name = key.rpartition(":")[0]
            if name in run.sparsifier.masked and moment.shape == run.sparsifier.masked[name].stays.shape:
                gone = ~run.sparsifier.masked[name].stays
                assert not moment[gone].count_nonzero(), key
                assert not run.sparsifier.parameters[name][gone].count_nonzero(), name


@pytest.mark.parametrize("kind", ["decoder", "lstm"])
@pytest.mark.parametrize("method", METHODS)
def test_that_a_resumed_run_is_the_run_that_was_not_cut_off(method, kind, text_data, tmp_path: Path) -> None:
    for stop_at in (1, 5, 8):
        folder = tmp_path / str(stop_at)
        folder.mkdir()
        recipe = recipe_of(kind, method, sparsity=0.7, keep_embeddings=False)
        in_one_and_in_parts(folder, text_data, recipe, stop_at)
        assert same_weights(folder / "whole", folder / "parts"), stop_at


@pytest.mark.parametrize("method", EXACT)
def test_that_the_best_weights_are_sparse_and_their_file_and_record_say_so(method, text_data, tmp_path: Path) -> None:
    recipe = recipe_of("decoder", method, sparsity=0.9)
    *told, end = train_in(tmp_path / "m", text_data, recipe)
    assert isinstance(end, Finished)
    best = find_checkpoint(tmp_path / "m", "best")[0]
    model = load_model(best)
    may_go = prunable(model, keep_embeddings=True).values()
    zeros, weights = sum(int((p == 0).sum()) for p in may_go), sum(p.numel() for p in may_go)
    assert zeros == round(0.9 * weights)
    assert best.card.run.pruning["sparsity"] == pytest.approx(zeros / weights)
    assert any("sparse" in codec or "mask" in codec for codec in best.card.codecs.values()), best.card.codecs
    shown = [event.parts["sparsity"] for event in told if isinstance(event, TrainStep)]
    assert shown[-1] == pytest.approx(zeros / weights)
    first = next(at for at, share in enumerate(shown, 1) if share == shown[-1])
    assert all(event.step >= first for event in told if isinstance(event, Evaluated) and event.is_best)


def test_that_a_dense_run_is_the_same_to_the_last_bit_with_settings_of_sparsity_or_masks_without_a_zero(
    text_data, tmp_path: Path
) -> None:
    plain = recipe_of("decoder", "none")
    for name, recipe in {
        "plain": plain,
        "set": replace(plain, sparse=SparseConfig(sparsity=0.5)),
        "static": recipe_of("decoder", "static", sparsity=0.0),
        "gradual": recipe_of("decoder", "gradual", sparsity=0.0),
    }.items():
        list(train_in(tmp_path / name, text_data, recipe))
        assert same_weights(tmp_path / "plain", tmp_path / name), name
    assert not find_checkpoint(tmp_path / "plain")[0].card.run.pruning


def test_that_a_recipe_says_nothing_of_sparsity_where_there_is_none_and_is_read_as_it_was_written() -> None:
    assert "sparse" not in to_dict(recipe_of("decoder", "none"))
    assert "sparse" not in to_dict(Recipe())
    sparse = change(Recipe(), {"sparse.method": "gradual", "sparse.sparsity": "0.9"})
    assert from_dict(to_dict(sparse)) == sparse
    assert sparse.sparse.sparsity == 0.9


# --- which weights, and how many ---


@pytest.mark.parametrize("distribution", ["uniform", "erk"])
def test_that_zeros_are_shared_out_exactly_and_leave_something_everywhere(distribution: str) -> None:
    shapes = [(7, 3), (64, 16), (1, 5), (16, 64), (33, 1)]
    sizes = [rows * width for rows, width in shapes]
    for percent in range(100):
        zeros = zeros_by_matrix(shapes, percent / 100, distribution)
        assert sum(zeros) == round(percent / 100 * sum(sizes)), percent
        assert all(0 <= n < size for n, size in zip(zeros, sizes, strict=True))


def test_that_erk_keeps_weights_by_the_sum_of_sides() -> None:
    zeros = zeros_by_matrix([(100, 100), (100, 400), (200, 50)], 0.9, "erk")
    kept = [rows * width - n for (rows, width), n in zip([(100, 100), (100, 400), (200, 50)], zeros, strict=True)]
    assert [round(n / 6000 * 950, -1) for n in kept] == [200, 500, 250]
    assert zeros_by_matrix([(4, 4), (1000, 1000)], 0.99, "erk")[0] == 0


def test_that_what_was_pruned_before_counts_and_stays_gone() -> None:
    assert zeros_by_matrix([(10, 10), (10, 10)], 0.5, "uniform", [80, 0]) == [80, 20]


def test_that_gradual_pruning_follows_the_cubic(begun) -> None:
    run = begun("decoder", "gradual", sparsity=0.8, begin_share=0.2, end_share=0.8, changes=100)
    for step in range(10):
        share = run.take_step().parts["sparsity"]
        wanted = 0.0 if step < 2 else 0.8 * (1 - (1 - min(1, (step - 2) / 6)) ** 3)
        assert share == pytest.approx(wanted, abs=2e-3), step
    assert cubic(0, 0, 10) == 0
    assert cubic(10, 0, 10) == 1
    assert cubic(5, 5, 5) == 1


def test_that_the_smallest_weights_go_and_never_come_back(begun) -> None:
    run = begun("gru", "gradual", sparsity=0.6, end_share=0.9)
    gone: dict[str, torch.Tensor] = {}
    for _ in range(10):
        before = {name: p.detach().clone() for name, p in run.sparsifier.parameters.items()}
        run.take_step()
        for name, masked in run.sparsifier.masked.items():
            now, size = ~masked.stays, before[name].abs()
            assert not bool((gone.get(name, now) & ~now).any())
            if bool(now.any()):
                assert size[now].max() <= size[~now].min()
            gone[name] = now


@pytest.mark.parametrize("changes", [1, 3, 50, 1000])
def test_that_changes_are_as_many_as_asked_and_never_two_in_a_step(changes: int) -> None:
    config = SparseConfig(method="gradual", begin_share=0.1, end_share=0.6, changes=changes)
    begin, end = span(config, 1000)
    assert (begin, end) == (100, 600)
    assert sum(is_change(step, begin, end, changes) for step in range(1000)) == min(changes, 500)
    assert span(config, 1) == (0, 0)


def test_that_a_cosine_falls_from_one_to_nothing() -> None:
    assert [cosine(step, 10) for step in (0, 5, 10, 20)] == pytest.approx([1, 0.5, 0, 0])


@pytest.mark.parametrize("sparsity", [0.5, 0.9])
def test_that_compared_over_the_whole_model_the_sum_is_exact_and_a_little_of_each_is_left(sparsity: float, begun) -> None:
    run = begun("decoder", "gradual", sparsity=sparsity, distribution="global")
    for _ in range(10):
        run.take_step()
    found = zeros_of(run).values()
    assert sum(zeros for zeros, _ in found) == round(sparsity * sum(size for _, size in found))
    assert all(zeros < size for zeros, size in found)


# --- what cannot be, said before it begins ---


def test_that_what_learns_in_part_cannot_be_made_sparse() -> None:
    for weights in ("lora", "last_layers", "head_only"):
        recipe = replace(Recipe(), teach=TeachingConfig(weights=weights), sparse=SparseConfig(method="static"))
        with pytest.raises(StudioError) as refused:
            refuse_sparse(recipe, has_start=True)
        assert refused.value.paths == ("sparse.method", "teach.weights")
    refuse_sparse(replace(recipe, sparse=SparseConfig()), has_start=True)


@pytest.mark.parametrize(
    "given",
    [
        {"method": "gradual", "sparsity": "1"},
        {"method": "gradual", "sparsity": "-0.1"},
        {"method": "gradual", "begin_share": "0.9", "end_share": "0.5"},
        {"method": "static", "distribution": "global"},
        {"method": "growing"},
    ],
)
def test_that_settings_that_make_no_sense_are_refused_at_their_place(given: dict[str, str]) -> None:
    with pytest.raises(StudioError) as refused:
        change(Recipe(), {f"sparse.{name}": value for name, value in given.items()})
    assert any(path.startswith("sparse.") for path in refused.value.paths)


def test_that_idle_settings_of_sparsity_say_so(text_data, tmp_path: Path) -> None:
    recipe = recipe_of("decoder", "none", replace(TRAINING, max_steps=1), sparsity=0.5)
    said = [str(event.message) for event in train_in(tmp_path / "m", text_data, recipe) if isinstance(event, Noted)]
    assert any("Sparsity reached has no effect here" in sentence for sentence in said)
