"""Sparsity that is fitted in training: exactly as much as was asked, zeros that stay zero, and a resumed run that is one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Noted, TrainStep
from llmstudio.core.memory.sparse import masked_bytes
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_model
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families import MODELS
from llmstudio.core.optimizers import OPTIMIZERS
from llmstudio.core.recipe import Recipe, change, from_dict, to_dict
from llmstudio.core.settings import to_dict as to_plain
from llmstudio.core.sparse_config import SparseConfig
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.pruning import prune_model
from llmstudio.core.sparsity.sparsifiers.fitting import refuse_sparse
from llmstudio.core.sparsity.sparsifiers.growth import exchanged
from llmstudio.core.sparsity.sparsifiers.proximal import soft_threshold
from llmstudio.core.sparsity.sparsifiers.schedules import cosine, cubic, is_change, rounds_of, span
from llmstudio.core.sparsity.sparsifiers.shares import zeros_by_matrix
from llmstudio.core.sparsity.sparsifiers.table import SPARSIFIERS
from llmstudio.core.teaching_config import TeachingConfig
from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.training.run import Run
from llmstudio.core.training.start import SCRATCH, Start
from llmstudio.core.training.trainer import resume, train
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.work import Stop
from tests.trained import Data, same_weights, train_in

TRAINING = TrainingConfig(
    max_steps=10, batch_size=2, eval_steps=2, checkpoint_steps=1, eval_tokens=200, sample_tokens=2, learning_rate=1e-2,
    weight_decay=0.3, number_format="fp32", threads=1,
)  # fmt: skip
SMALL: dict[str, Any] = {"num_layers": 1, "embed_dim": 16, "hidden_dim": 24, "num_heads": 2, "context_length": 32}
METHODS = [name for name in SPARSIFIERS if name != "none"]
EXACT = [name for name in METHODS if name != "proximal"]
"""Methods that have a budget."""


def recipe_of(kind: str, method: str, training: TrainingConfig = TRAINING, **sparse: Any) -> Recipe:
    made = MODELS[kind].config()
    known = {entry.name for entry in fields(made)}
    shape = replace(made, **{name: value for name, value in SMALL.items() if name in known})
    recipe = Recipe(kind, shape, training, sparse=SparseConfig(method=method, **sparse))
    return replace(recipe, task=recipe.task.without_phases())


def trained(folder: Path, data: Data, recipe: Recipe, stop: Stop | None = None) -> Iterator[Event]:
    """Train in a folder; movement pruning begins with a model of other random weights."""
    folder.mkdir(exist_ok=True)
    start = SCRATCH
    if recipe.sparse.method == "movement":
        parent = build_model(recipe.kind, recipe.model, data[1].vocab_size, seed=5)
        save_checkpoint(folder.parent / "parent", 7, model=parent, kind=recipe.kind, facts={})
        start = Start(find_checkpoint(folder.parent / "parent")[0])
    return train(folder, recipe=recipe, dataset=data[0], tokenizer=data[1], stop=stop or Stop(), start=start)


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
    run = begun(kind, method, sparsity=0.83, distribution="uniform" if kind == "decoder" else "erk")
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
    recipe = recipe_of(kind, method, sparsity=0.7, keep_embeddings=False, l1=3.0)
    whole = list(trained(tmp_path / "whole", text_data, recipe))
    for stop_at in (1, 5, 8):
        stop = Stop()
        for event in trained(tmp_path / f"{stop_at}", text_data, recipe, stop):
            if isinstance(event, TrainStep) and event.step == stop_at:
                stop.request()
        going = resume(tmp_path / f"{stop_at}", recipe=recipe, dataset=text_data[0], tokenizer=text_data[1], stop=Stop())
        shares = {event.step: event.parts["sparsity"] for event in going if isinstance(event, TrainStep)}
        assert shares == {e.step: e.parts["sparsity"] for e in whole if isinstance(e, TrainStep) and e.step > stop_at}
        assert shares[10] > 0
        assert same_weights(tmp_path / "whole", tmp_path / f"{stop_at}"), stop_at


@pytest.mark.parametrize("method", EXACT)
def test_that_the_best_weights_are_sparse_and_their_file_and_record_say_so(method, text_data, tmp_path: Path) -> None:
    recipe = recipe_of("decoder", method, sparsity=0.9)
    *told, end = trained(tmp_path / "m", text_data, recipe)
    assert isinstance(end, Finished)
    best = find_checkpoint(tmp_path / "m", "best")[0]
    model = load_model(best)
    may_go = prunable(model, keep_embeddings=True).values()
    zeros, weights = sum(int((p == 0).sum()) for p in may_go), sum(p.numel() for p in may_go)
    assert zeros == round(0.9 * weights)
    assert best.card.run.pruning["sparsity"] == pytest.approx(zeros / weights)
    assert end.result["zeros"] == zeros
    assert end.result["nonzeros"] == sum(int(p.count_nonzero()) for p in model.parameters() if p.ndim > 1) + sum(
        p.numel() for p in model.parameters() if p.ndim == 1
    )
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
    for hundredths in range(100):
        zeros = zeros_by_matrix(shapes, hundredths / 100, distribution)
        assert sum(zeros) == round(hundredths / 100 * sum(sizes)), hundredths
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


# --- what goes, and what comes ---


def test_that_the_smallest_give_way_to_those_of_most_worth() -> None:
    weights = torch.tensor([[5.0, -1.0, 0.5, 0.0], [0.0, 0.0, -3.0, 2.0]])
    worth = torch.tensor([[9.0, 0.1, 0.2, 7.0], [0.3, 8.0, 9.0, 9.0]])
    left = exchanged(weights, weights != 0, worth, 2)
    assert left.tolist() == [[True, False, False, True], [False, True, True, True]]
    worth[0, 2] = 9.0
    assert exchanged(weights, weights != 0, worth, 2).tolist() == [[True, False, True, False], [False, True, True, True]]


@pytest.mark.parametrize("method", ["set", "rigl"])
def test_that_as_many_come_back_as_go_and_that_with_rigl_they_begin_at_zero_and_have_the_largest_gradients(
    method, begun
) -> None:
    run = begun("lstm", method, sparsity=0.6, changes=10, end_share=0.7)
    exchanges, seen, clip = 0, {}, run._clip

    def look() -> float:
        seen.update({name: p.detach().clone() for name, p in run.sparsifier.parameters.items()})
        return clip()

    run._clip = look  # type: ignore[method-assign]
    for step in range(10):
        before = {name: masked.stays for name, masked in run.sparsifier.masked.items()}
        dense = dense_gradients(run) if method == "rigl" and step else {}
        run.take_step()
        for name, masked in run.sparsifier.masked.items():
            came, went = masked.stays & ~before[name], before[name] & ~masked.stays
            assert int(came.sum()) == int(went.sum())
            assert step < 7 or not bool(came.any())
            assert method == "set" or not seen[name][came].count_nonzero()
            exchanges += int(came.sum())
            if dense and bool(came.any()):
                size = dense[name].abs()
                assert size[came].min() >= size[~masked.stays].max()
    assert exchanges


def dense_gradients(run: Run) -> dict[str, torch.Tensor]:
    """The gradients of the next step, before anything is taken off them."""
    state = {key: value.clone() for key, value in run.task.state().items()}
    torch.manual_seed(run.training.seed * 1_000_003 + run.standing.deal)
    batch = run.batches.batch(run.standing.deal)
    run.model.train()
    run.task.loss(run.model, batch, run.task.weight(batch)).backward()
    found = {name: p.grad.clone() for name, p in run.model.named_parameters() if p.grad is not None}
    run.model.zero_grad()
    run.task.load_state(state)
    return found


@pytest.mark.parametrize("early", [0.0, 0.5])
def test_that_a_lottery_goes_back_to_the_very_weights_of_the_early_step(early: float, begun) -> None:
    run = begun("gru", "lottery", sparsity=0.75, rounds=2, rewind_share=early)
    rounds, shares, rates = rounds_of(run.recipe.sparse, 10), [], []
    kept: dict[str, torch.Tensor] = {}
    for step in range(10):
        if step == rounds.early:
            kept = {name: p.detach().clone() for name, p in run.model.named_parameters()}
        if rounds.begins(step):
            run.sparsifier.begin_step(step, 10)
            for name, p in run.model.named_parameters():
                masked = run.sparsifier.masked.get(name)
                assert torch.equal(p, kept[name] * masked.stays if masked is not None else kept[name]), name
            assert run.optimizers.num_bytes() == 0
            shares.append(run.sparsifier.sparsity)
        rates.append(run.take_step().learning_rate)
    assert shares == pytest.approx([0.5, 0.75], abs=2e-3), "each round leaves the same share"
    assert rates[rounds.first :] == 2 * rates[rounds.early : rounds.first]


def test_that_rounds_fill_all_steps() -> None:
    for steps in (4, 10, 97, 1000):
        for number, early in ((1, 0.0), (4, 0.05), (30, 0.9)):
            rounds = rounds_of(SparseConfig(method="lottery", rounds=number, rewind_share=early), steps)
            assert rounds.first + rounds.number * rounds.each == steps
            assert 0 <= rounds.early < rounds.first
            assert [n for n in map(rounds.begins, range(steps)) if n] == [*range(1, rounds.number + 1)]


def test_that_the_soft_threshold_is_the_proximal_operator_of_the_absolute_value() -> None:
    given = torch.linspace(-2, 2, 41)
    found = given.clone()
    soft_threshold(found, 0.7)
    grid = torch.linspace(-3, 3, 6001)
    cost = 0.5 * (grid[None] - given[:, None]) ** 2 + 0.7 * grid[None].abs()
    assert torch.allclose(found, grid[cost.argmin(dim=1)], atol=2e-3)
    assert int((found == 0).sum()) == 15 or int((found == 0).sum()) == 13


def test_that_l1_makes_zeros_that_stay_and_says_how_many_and_that_more_makes_more(text_data, tmp_path: Path) -> None:
    came = []
    for l1 in (1.0, 6.0):
        recipe = recipe_of("decoder", "proximal", l1=l1, end_share=0.5)
        told = list(train_in(tmp_path / f"{l1}", text_data, recipe))
        shares = [event.parts["sparsity"] for event in told if isinstance(event, TrainStep)]
        assert shares[5:] == [shares[5]] * 5
        said = [str(event.message) for event in told if isinstance(event, Noted) and event.step == 6]
        assert f"{percent(shares[5])} of the weights that may go are zero and stay so; the others learn on." in said
        assert all(event.step >= 6 for event in told if isinstance(event, Evaluated) and event.is_best)
        came.append(shares[-1])
    assert 0 < came[0] < came[1] < 1


def test_that_a_penalty_leaves_something_of_every_matrix(begun) -> None:
    run = begun("decoder", "proximal", l1=100.0, end_share=0.9)
    for _ in range(10):
        run.take_step()
    assert all(zeros < size for zeros, size in zeros_of(run).values())


def test_that_movement_keeps_what_grows_and_brings_back_what_it_was(begun) -> None:
    run = begun("decoder", "movement", sparsity=0.5, begin_share=0.2, end_share=0.9, changes=100)
    name, weights = next(iter(run.sparsifier.parameters.items()))
    moved, whole, returned = torch.zeros_like(weights), weights.detach().clone(), 0
    for step in range(10):
        before = run.sparsifier.masked[name].stays
        whole[before] = weights.detach()[before]
        run.sparsifier.begin_step(step, 10)
        now = run.sparsifier.masked[name].stays
        returned += int((now & ~before).sum())
        assert torch.equal(weights.detach(), whole * now)
        if 2 < step < 9:
            assert moved[~now].max() <= moved[now].min() + 1e-7, step
        moved -= dense_gradients(run)[name] * whole
        run.take_step()
    assert returned
    assert run.sparsifier.sparsity == pytest.approx(0.5, abs=1e-3)
    assert not any(key.startswith(("score:", "resting:")) for key in run.sparsifier.state())


# --- beginning with a model that has lost weights ---


def pruned_start(folder: Path, data: Data, share: float) -> Start:
    recipe = recipe_of("decoder", "none")
    parent = build_model("decoder", recipe.model, data[1].vocab_size, seed=5)
    config = PruningConfig(sparsity=share)
    prune_model(parent, config)
    facts = {"pruning": to_plain(config)}
    save_checkpoint(folder / "parent", 7, model=parent, kind="decoder", facts=facts, sparse=True)
    return Start(find_checkpoint(folder / "parent")[0])


@pytest.mark.parametrize("method", [name for name in EXACT if name not in ("set", "rigl")])
def test_that_what_was_pruned_before_stays_gone_and_counts(method, text_data, tmp_path: Path) -> None:
    start = pruned_start(tmp_path, text_data, 0.4)
    assert start.checkpoint is not None
    was = dict(load_model(start.checkpoint).named_parameters())
    training = replace(TRAINING, keep_checkpoints=100)
    recipe = recipe_of("decoder", method, training, sparsity=0.7)
    folder = tmp_path / "m"
    folder.mkdir()
    list(train(folder, recipe=recipe, dataset=text_data[0], tokenizer=text_data[1], stop=Stop(), start=start))
    zeros = weights = 0
    for name, p in prunable(load_model(find_checkpoint(folder, "last")[0]), keep_embeddings=True).items():
        assert not p[was[name] == 0].count_nonzero()
        zeros, weights = zeros + int((p == 0).sum()), weights + p.numel()
    assert zeros == round(0.7 * weights)
    assert find_checkpoint(folder, "0")[0].card.run.pruning["sparsity"] == 0.4


def test_that_less_than_is_gone_already_cannot_be_asked_for(text_data, tmp_path: Path) -> None:
    start = pruned_start(tmp_path, text_data, 0.8)
    recipe = recipe_of("decoder", "gradual", sparsity=0.7)
    with pytest.raises(StudioError) as refused:
        list(train(tmp_path, recipe=recipe, dataset=text_data[0], tokenizer=text_data[1], stop=Stop(), start=start))
    assert refused.value.paths == ("sparse.sparsity",)


# --- what cannot be, said before it begins ---


def test_that_what_learns_in_part_cannot_be_made_sparse() -> None:
    for weights in ("lora", "last_layers", "head_only"):
        recipe = replace(Recipe(), teach=TeachingConfig(weights=weights), sparse=SparseConfig(method="static"))
        with pytest.raises(StudioError) as refused:
            refuse_sparse(recipe, has_start=True)
        assert refused.value.paths == ("sparse.method", "teach.weights")
    refuse_sparse(replace(recipe, sparse=SparseConfig()), has_start=True)


def test_that_what_a_way_of_becoming_sparse_needs_is_said_before_the_first_step() -> None:
    for recipe, path in (
        (Recipe(sparse=SparseConfig(method="movement")), "sparse.method"),
        (Recipe("vae", MODELS["vae"].config(), sparse=SparseConfig(method="lottery")), "sparse.method"),
        (recipe_of("decoder", "lottery", rounds=5), "sparse.rounds"),
    ):
        with pytest.raises(StudioError) as refused:
            refuse_sparse(recipe, has_start=False)
        assert path in refused.value.paths
    refuse_sparse(Recipe(sparse=SparseConfig(method="movement")), has_start=True)
    refuse_sparse(recipe_of("vae", "lottery"), has_start=False)


@pytest.mark.parametrize("method", METHODS)
def test_that_a_finished_run_can_go_on_and_stays_as_sparse(method, text_data, tmp_path: Path) -> None:
    recipe = recipe_of("decoder", method, sparsity=0.6, l1=3.0)
    shares = [e.parts["sparsity"] for e in trained(tmp_path / "m", text_data, recipe) if isinstance(e, TrainStep)]
    longer = replace(TRAINING, max_steps=14)
    going = resume(tmp_path / "m", recipe=recipe, dataset=text_data[0], tokenizer=text_data[1], stop=Stop(), training=longer)
    assert [e.parts["sparsity"] for e in going if isinstance(e, TrainStep)] == shares[-1:] * 4


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


@pytest.mark.parametrize("keep_embeddings", [True, False])
@pytest.mark.parametrize("kind", ["decoder", "lstm", "encoder_decoder", "vae"])
@pytest.mark.parametrize("method", ["gradual", "movement", "lottery"])
def test_that_the_forecast_counts_masks_and_what_a_method_remembers(method, kind, keep_embeddings, begun) -> None:
    run = begun(kind, method, keep_embeddings=keep_embeddings, rewind_share=0.0)
    run.sparsifier.begin_step(0, 10)
    masks = sum(4 * masked.stays.numel() for masked in run.sparsifier.masked.values())
    others = sum(t.nbytes for key, t in run.sparsifier.state().items() if not key.startswith("mask:"))
    assert masked_bytes(run.recipe, run.recipe.model.parameters(run.model.vocab_size)) == masks + others
