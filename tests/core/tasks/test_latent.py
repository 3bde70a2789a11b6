"""Laws of a text VAE's run: schedules follow from the step, resumed equals uninterrupted, a collapse says so."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from llmstudio.core.corpus import samples
from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.dataset.tokens import Dataset, Rows
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Finished, Noted, Sampled, TrainStep
from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.read import find_checkpoint
from llmstudio.core.models.families.vae import kl_by_unit
from llmstudio.core.models.families.vae_config import VAEConfig
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.tasks.latent.kl_schedule import kl_weight, settled_step, warm_start_steps
from llmstudio.core.tasks.latent.task import remedies
from llmstudio.core.tokenizer import kinds
from llmstudio.core.tokenizer.config import END, TokenizerConfig
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training.history import read_history
from llmstudio.core.training.remarks import NOTHING_HELD_OUT
from llmstudio.core.training_config import TrainingConfig
from tests.trained import changed, in_one_and_in_parts, same_weights, train_in

MODEL = VAEConfig(latent_dim=4, embed_dim=16, hidden_dim=24, context_length=24, dropout=0.1, word_dropout=0.2)
TRAINING = TrainingConfig(
    max_steps=20, batch_size=8, learning_rate=1e-2, eval_steps=5, eval_tokens=300, number_format="fp32", threads=1
)
RECIPE = Recipe("vae", MODEL, TRAINING)


@pytest.fixture(scope="session")
def tales() -> tuple[Dataset, Tokenizer]:
    texts = [str(record["text"]) for record in samples.records("tales", count=40)]
    config = TokenizerConfig(kind="word", vocab_size=2000, min_frequency=1)
    backend = kinds.blank(config)
    backend.train_from_iterator(texts, kinds.trainer_for(config))
    tokenizer = Tokenizer(kinds.finished(backend, config))
    return Dataset(
        Path("tales"), {}, {"train": _rows(tokenizer, texts[:32]), "val": _rows(tokenizer, texts[32:])}
    ), tokenizer


def _rows(tokenizer: Tokenizer, texts: list[str]) -> Rows:
    ids = [[*row, END] for row in tokenizer.encode_batch(texts)]
    sizes = np.array([len(text.encode()) for text in texts])
    return Rows(np.concatenate(ids), np.cumsum([0, *map(len, ids)]), None, sizes, np.zeros(len(texts), np.int64))


def _train(folder, data, training=TRAINING, recipe=RECIPE, stop=None):
    return train_in(folder, data, replace(recipe, training=training), stop)


def _steps(events):
    return {e.step: (e.loss, dict(e.parts)) for e in events if isinstance(e, TrainStep)}


def test_that_batches_have_few_lengths_and_end_within_a_few_tokens_of_their_longest_sentence(tales):
    batches = RECIPE.make_task(*tales).batches()
    lengths = set()
    for step in range(60):
        batch = batches.batch(step)
        longest = int((batch.targets != IGNORED).sum(1).max())
        assert longest <= batch.ids.shape[1] < longest + 2
        lengths.add(batch.ids.shape[1])
    assert 1 < len(lengths) <= MODEL.context_length // 2


# --- schedules ---


@pytest.mark.parametrize("schedule", ["linear", "cyclical", "constant"])
@pytest.mark.parametrize(("warm", "warmup"), [(0.0, 0.0), (0.2, 0.3), (0.0, 0.9), (0.5, 0.0)])
def test_that_the_weight_of_the_kl_is_nothing_in_the_warm_start_and_whole_once_settled(
    schedule: str, warm: float, warmup: float
) -> None:
    config = changed(RECIPE, kl_schedule=schedule, warm_start_share=warm, kl_warmup_share=warmup)
    weights = [kl_weight(step, 200, config.task) for step in range(200)]
    begin, settled = warm_start_steps(200, config.task), settled_step(200, config.task)
    assert begin == 200 * warm
    assert settled == begin + (0 if schedule == "constant" else 200 * warmup)
    assert set(weights[:begin]) <= {0.0}
    assert set(weights[settled:]) == {1.0}
    assert all(0 <= weight <= 1 for weight in weights)


def test_that_a_linear_price_only_rises_and_a_cyclical_one_falls_three_times() -> None:
    config = changed(RECIPE, warm_start_share=0.1, kl_warmup_share=0.8)
    linear = [kl_weight(step, 1000, config.task) for step in range(1000)]
    assert linear == sorted(linear)
    assert linear[100 + 399] == pytest.approx(0.5)
    cyclical = [kl_weight(step, 1000, replace(config.task, kl_schedule="cyclical")) for step in range(1000)]
    falls = [b < a for a, b in itertools.pairwise(cyclical)]
    assert sum(falls) == 3
    assert 0.3 < np.mean(np.array(cyclical[100:900]) == 1) < 0.6


# --- the loss ---


def _task(tales, recipe=RECIPE):
    return recipe.make_task(*tales)


def test_that_the_loss_is_reconstruction_and_weighted_kl_a_token(tales) -> None:
    config = changed(RECIPE, free_bits=0.0, dropout=0.0, word_dropout=0.0, warm_start_share=0.0, kl_warmup_share=0.5)
    task = _task(tales, config)
    model = build_model("vae", config.model, tales[1].vocab_size, 0).train()
    batch = task.batches().batch(0)
    task.begin_step(model, 4, 20)
    torch.manual_seed(3)
    loss = task.loss(model, batch, task.weight(batch)).item()
    parts = task.parts()
    rows, tokens = len(batch.ids), int((batch.targets >= 0).sum())
    assert parts["kl_weight"] == pytest.approx(0.5)
    assert loss == pytest.approx(rows * (parts["reconstruction"] + 0.5 * parts["kl"]) / tokens, rel=1e-5)
    mean, log_variance = model.eval().encode(batch.ids[:, 1:])
    assert parts["kl"] == pytest.approx(kl_by_unit(mean, log_variance).sum(1).mean().item(), rel=1e-5)


def test_that_free_nats_cost_the_same_whether_used_or_not_and_pull_at_nothing(tales) -> None:
    gradients = {}
    for free in (0.0, 1000.0):
        config = changed(RECIPE, free_bits=free, dropout=0.0, word_dropout=0.0, warm_start_share=0.0, kl_warmup_share=0.0)
        task = _task(tales, config)
        model = build_model("vae", config.model, tales[1].vocab_size, 0).train()
        batch = task.batches().batch(0)
        for weight, step in (("paid", 1), ("unpaid", 0)):
            task.begin_step(model, 1, 20)
            task._weight = float(step)
            torch.manual_seed(3)
            loss = task.loss(model, batch, 1.0)
            model.zero_grad()
            loss.backward()
            gradients[free, weight] = model.to_latent.weight.grad.clone(), loss.item()
    # Far below the floor the KL adds a constant, free nats times rows, and no gradient.
    assert torch.equal(gradients[1000.0, "paid"][0], gradients[1000.0, "unpaid"][0])
    assert gradients[1000.0, "paid"][1] - gradients[1000.0, "unpaid"][1] == pytest.approx(
        1000 * TRAINING.batch_size, rel=1e-3
    )
    assert not torch.equal(gradients[0.0, "paid"][0], gradients[0.0, "unpaid"][0])


# --- the run ---


@pytest.mark.parametrize("stop_at", [3, 6, 13])
@pytest.mark.parametrize("changes", [{}, {"grad_accumulation_steps": 2}])
def test_that_a_stopped_and_resumed_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path, tales, stop_at, changes) -> None:
    # The warm start ends after step 6: once it is resumed before, once at, once after the writer begins anew.
    training, recipe = replace(TRAINING, **changes), changed(RECIPE, warm_start_share=0.3, kl_warmup_share=0.3)
    whole, first, second = in_one_and_in_parts(tmp_path, tales, replace(recipe, training=training), stop_at)
    assert _steps(whole) == _steps(first) | _steps(second)
    assert same_weights(tmp_path / "whole", tmp_path / "parts")
    assert next(e for e in whole if isinstance(e, Finished)).result["val_loss"] == second[-1].result["val_loss"]


def test_that_the_writer_begins_anew_after_the_warm_start(tmp_path, tales) -> None:
    recipe = changed(RECIPE, warm_start_share=0.5, kl_warmup_share=0.2, dropout=0.0, word_dropout=0.0)
    losses = [loss for loss, _ in _steps(_train(tmp_path / "m", tales, replace(TRAINING, max_steps=60), recipe)).values()]
    assert np.mean(losses[25:30]) < losses[0] - 1
    assert losses[30] > np.mean(losses[25:30]) + 0.5


def test_that_the_history_keeps_reconstruction_and_kl_as_curves(tmp_path, tales) -> None:
    steps = _steps(_train(tmp_path / "m", tales))
    kept = read_history(tmp_path / "m").steps
    for name in ("reconstruction", "kl", "kl_weight"):
        assert kept[name].tolist() == pytest.approx([parts[name] for _, parts in steps.values()], rel=1e-6)
    assert kept["kl_weight"][-1] == 1


def test_that_a_plain_autoencoders_look_is_never_held_for_the_best(tmp_path, tales) -> None:
    recipe = changed(RECIPE, warm_start_share=0.5, kl_warmup_share=0.2)
    events = list(_train(tmp_path / "m", tales, recipe=recipe))
    looks = [e for e in events if isinstance(e, Evaluated)]
    assert {e.step for e in looks if e.is_best} <= set(range(14, 21))
    assert any(e.is_best for e in looks)
    assert find_checkpoint(tmp_path / "m", "best")[0].step >= 14


def test_that_figures_add_up_and_bound_the_bits_per_byte(tmp_path, tales) -> None:
    events = list(_train(tmp_path / "m", tales))
    last = [e for e in events if isinstance(e, Evaluated)][-1].figures
    assert last["elbo"] == pytest.approx(last["reconstruction"] + last["kl"], rel=1e-5)
    rows = RECIPE.make_task(*tales).val_rows
    assert rows is not None
    assert last["tokens"] == rows.num_tokens - rows.num_rows
    assert last["loss"] * last["tokens"] == pytest.approx(last["elbo"] * rows.num_rows, rel=1e-5)
    assert last["bits_per_byte"] == pytest.approx(
        last["elbo"] * rows.num_rows / math.log(2) / rows.row_bytes.sum(), rel=1e-5
    )
    assert last["iw_nll"] <= last["elbo"]
    assert 0 <= last["active_units"] <= 4
    assert all("iw_nll" not in e.figures for e in events if isinstance(e, Evaluated) and e.step < 20)


def test_that_a_sample_is_a_sentence_and_what_is_rebuilt_of_it(tmp_path, tales) -> None:
    asked = replace(TRAINING, sample_prompt="Cora lived in a small house.", max_steps=5)
    sampled = [e for e in _train(tmp_path / "m", tales, asked) if isinstance(e, Sampled)]
    assert {e.prompt for e in sampled} == {"Cora lived in a small house."}
    assert all(e.text.startswith(" → ") for e in sampled), "what is rebuilt does not look like a continuation"
    held_out = [e for e in _train(tmp_path / "n", tales, replace(TRAINING, max_steps=5)) if isinstance(e, Sampled)]
    assert held_out[0].prompt == samples.sentences(tales[1].decode(tales[0].split("val").row(0).tolist()))[0]


def test_that_a_kl_that_counts_at_once_is_not_taken_for_a_run_that_diverges(made_run, tales) -> None:
    recipe = changed(RECIPE, warm_start_share=0.5, kl_schedule="constant")
    run = made_run(recipe, tales)
    for step in range(12):
        if step == 10:
            with torch.no_grad():
                run.model.to_latent.weight.mul_(300)  # a plain autoencoder's sentences lie far apart
        run.take_step()
        assert not run.has_diverged()
        if step == 10:
            assert run.loss > 2 * 8 + 2
    run.loss = 1e6
    assert run.has_diverged()


# --- what is said ---


def test_that_a_collapsed_model_is_told_once_with_remedies_that_change_the_settings(tmp_path, tales) -> None:
    hopeless = changed(
        RECIPE, free_bits=0.0, warm_start_share=0.0, kl_warmup_share=0.0, kl_schedule="constant", word_dropout=0.0
    )
    told = [e for e in _train(tmp_path / "m", tales, replace(TRAINING, max_steps=40), hopeless) if isinstance(e, Noted)]
    (warning,) = [e for e in told if e.level == "warning"]
    assert "stopped using its latent space" in str(warning.message)
    mended = hopeless
    for remedy in warning.remedies:
        assert remedy.action == "set"
        mended = change(mended, {remedy.target: remedy.value})
    assert (mended.task.free_bits, mended.model.word_dropout, mended.task.warm_start_share) == (8.0, 0.5, 0.3)


def test_that_a_latent_space_in_use_is_not_warned_of_nor_one_that_is_still_being_warmed_up(tales) -> None:
    task, model = _task(tales), build_model("vae", MODEL, tales[1].vocab_size, 0)
    unused, used = {"kl": 0.1, "active_units": 1.0}, {"kl": 5.0, "active_units": 3.0}
    task.begin_step(model, settled_step(20, RECIPE.task) - 2, 20)
    assert task.notes(unused) == []
    task.begin_step(model, 19, 20)
    assert task.notes(used) == []
    assert [note.level for note in task.notes(unused)] == ["warning"]


def test_that_without_a_held_out_text_the_kl_of_training_tells_of_a_collapse_once(tmp_path, tales) -> None:
    alone = Dataset(Path("tales"), {}, {"train": tales[0].split("train")}), tales[1]
    hopeless = changed(
        RECIPE, free_bits=0.0, warm_start_share=0.0, kl_warmup_share=0.0, kl_schedule="constant", word_dropout=0.0
    )
    for recipe, count in ((hopeless, 1), (changed(RECIPE, free_bits=20.0), 0)):
        events = list(_train(tmp_path / str(count), alone, replace(TRAINING, max_steps=40), recipe))
        assert not [event for event in events if isinstance(event, Evaluated)]
        warned = [event for event in events if isinstance(event, Noted) and event.level == "warning"]
        assert warned.pop(0).message == NOTHING_HELD_OUT
        assert len(warned) == count, warned
    assert isinstance(events[-1], Finished)


def test_that_remedies_already_tried_are_not_proposed_again() -> None:
    tried = changed(RECIPE, free_bits=8.0, word_dropout=0.6, warm_start_share=0.4, kl_warmup_share=0.2)
    assert [r.target for r in remedies(tried.task, tried.model)] == ["task.free_bits"]
    late = changed(RECIPE, warm_start_share=0.0, kl_warmup_share=0.9)
    assert remedies(late.task, late.model)[-1].target == "model.word_dropout"


def test_that_long_sentences_and_settings_without_effect_are_told_at_the_beginning(tmp_path, tales) -> None:
    recipe = changed(RECIPE, context_length=8, kl_schedule="constant", kl_warmup_share=0.5)
    remarks = [
        str(e.message) for e in _train(tmp_path / "m", tales, replace(TRAINING, max_steps=2), recipe) if isinstance(e, Noted)
    ]
    assert any("sentences are longer than 8 tokens" in remark for remark in remarks)
    assert any(remark.startswith("KL warm-up has no effect here") for remark in remarks)


def test_that_a_text_without_a_sentence_is_refused(tmp_path, tales) -> None:
    empty = Rows(np.array([END, END, END]), np.array([0, 1, 2, 3]), None, np.zeros(3, int), np.zeros(3, int))
    with pytest.raises(StudioError, match="add more text"):
        list(_train(tmp_path / "m", (Dataset(Path("x"), {}, {"train": empty}), tales[1])))
