"""Laws of guessing hidden tokens: seed and step decide what is hidden, whole words stay together, resuming is exact."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.events import Evaluated, Finished, Sampled
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.loss import token_losses
from llmstudio.core.tasks.masked import Masking
from llmstudio.core.tasks.settings import MaskedSettings
from llmstudio.core.tokenizer.config import MASK, SPECIALS
from llmstudio.core.tokenizer.word_starts import WordStarts
from llmstudio.core.training.machine.setup import Setup
from llmstudio.core.training_config import TrainingConfig
from tests.trained import changed, in_one_and_in_parts, losses_of, same_weights, task_of, train_in

MODEL = EncoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=32)
TRAINING = TrainingConfig(
    max_steps=12, batch_size=4, eval_steps=4, eval_tokens=500, sample_tokens=4, number_format="fp32", threads=1
)
RECIPE = Recipe("encoder", MODEL, TRAINING, task=MaskedSettings(mask_rate=0.3, rare_words=0.0))
SETUP = Setup("cpu", "fp32", 1)


def _train(folder, data, training=TRAINING, recipe=RECIPE, stop=None):
    return train_in(folder, data, replace(recipe, training=training), stop)


@pytest.mark.parametrize("rows", ["running", "documents"])
def test_that_what_is_hidden_follows_from_seed_and_step_alone(turns_data, rows):
    batches = task_of(turns_data, RECIPE, rows=rows).batches()
    later = [batches.batch(step) for step in (5, 3)]
    again = task_of(turns_data, RECIPE, rows=rows).batches()
    for step, batch in ((3, later[1]), (5, later[0])):
        same = again.batch(step)
        assert torch.equal(batch.ids, same.ids)
        assert torch.equal(batch.targets, same.targets)
    other = task_of(turns_data, RECIPE, rows=rows, seed=1).batches().batch(3)
    assert other.ids.shape != later[1].ids.shape or not torch.equal(other.ids, later[1].ids)


def test_that_targets_are_what_stood_there_and_nothing_else_is_changed(turns_data):
    task = task_of(turns_data, RECIPE, rows="documents")
    hidden = task.batches()
    for step in range(6):
        batch, plain = hidden.batch(step), hidden.rows.batch(step)
        counted = batch.targets != IGNORED
        assert torch.equal(batch.ids[~counted], plain.ids[~counted])
        assert torch.equal(batch.targets[counted], plain.ids[counted])
        assert bool((batch.targets[counted] >= len(SPECIALS)).all())
        assert bool(counted.any(1).all())


def test_that_of_the_chosen_tokens_eight_in_ten_are_hidden_one_replaced_one_left(turns_data):
    hidden = task_of(turns_data, RECIPE, batch_size=32).batches()
    fates = np.zeros(3)
    share = []
    for step in range(30):
        batch = hidden.batch(step)
        counted = batch.targets != IGNORED
        ids, targets = batch.ids[counted], batch.targets[counted]
        fates += [int((ids == MASK).sum()), int(((ids != MASK) & (ids != targets)).sum()), int((ids == targets).sum())]
        plain = hidden.rows.batch(step).ids
        share.append(float(counted.sum() / (plain >= len(SPECIALS)).sum()))
    assert fates / fates.sum() == pytest.approx([0.8, 0.1, 0.1], abs=0.02)
    assert np.mean(share) == pytest.approx(0.3, abs=0.02)


def test_that_whole_words_are_hidden_together_and_single_tokens_when_asked(text_data):
    tokenizer = text_data[1]
    ids = np.array([tokenizer.encode("the fox saw a red kite and the dog saw it")])
    starts = WordStarts(tokenizer)(ids)[0]
    word = np.cumsum(starts)
    torn = 0
    for seed in range(20):
        for whole in (True, False):
            masking = Masking(tokenizer, share=0.4, whole_words=whole)
            chosen = masking.choose(ids, np.random.default_rng(seed))[0]
            halves = [n for n in np.unique(word) if len(set(chosen[word == n].tolist())) == 2]
            if whole:
                assert halves == []
            else:
                torn += len(halves)
    assert torn > 20


def test_that_frequent_words_are_hidden_less_often_and_the_share_stays(text_data):
    tokenizer = text_data[1]
    random = np.random.default_rng(0)
    counts = np.zeros(tokenizer.vocab_size, np.int64)
    counts[[8, 9, 10]] = 9000, 900, 90
    ids = random.choice([8, 9, 10], p=counts[[8, 9, 10]] / counts.sum(), size=(200, 100))
    shares = {}
    for power in (0.0, 0.5, 1.0):
        masking = Masking(tokenizer, share=0.1, whole_words=False, counts=counts, rare_words=power)
        chosen = masking.choose(ids, random)
        assert chosen.mean() == pytest.approx(0.1, abs=0.01)
        shares[power] = [chosen[ids == token].mean() for token in (8, 9, 10)]
    assert shares[0.0] == pytest.approx([0.1] * 3, abs=0.03)
    assert shares[0.5][1] / shares[0.5][0] == pytest.approx(10**0.5, rel=0.15)
    assert shares[1.0][0] < shares[0.5][0] < shares[0.0][0]
    assert max(shares[1.0]) == pytest.approx(0.5, abs=0.1)


def test_that_batches_hide_the_words_that_are_frequent_in_the_text_they_learn_from_less_often(turns_data):
    ids = np.asarray(turns_data[0].split("train").ids)
    counts = np.bincount(ids[ids >= len(SPECIALS)])
    frequent, rare = counts.argmax(), np.flatnonzero((counts > 0) & (counts < counts.max() / 10))

    def shares(rare_words):
        recipe = changed(RECIPE, rare_words=rare_words, mask_rate=0.15, whole_words=False)
        batches = task_of(turns_data, recipe, batch_size=32).batches()
        seen, hidden = np.zeros(2), np.zeros(2)
        for step in range(20):
            plain, chosen = batches.rows.batch(step).ids, batches.batch(step).targets != IGNORED
            for kind, wanted in enumerate(([frequent], rare)):
                is_kind = torch.isin(plain, torch.as_tensor(wanted))
                seen[kind] += int(is_kind.sum())
                hidden[kind] += int((is_kind & chosen).sum())
        return hidden / seen

    alike, falling = shares(0.0), shares(1.0)
    assert alike[1] / alike[0] == pytest.approx(1.0, abs=0.15)
    assert falling[1] > 5 * falling[0]


def test_that_a_row_of_one_token_has_it_hidden(text_data):
    masking = Masking(text_data[1], share=0.01, whole_words=True)
    assert masking.choose(np.array([[9], [10]]), np.random.default_rng(0)).all()
    assert not masking.choose(np.array([[MASK], [0]]), np.random.default_rng(0)).any()


@pytest.mark.parametrize("recipe", [RECIPE, changed(RECIPE, whole_words=False, tie_embeddings=False)])
def test_that_the_loss_counts_the_chosen_places_alone(text_data, recipe):
    task = task_of(text_data, recipe)
    batch = task.batches().batch(0)
    encoder = build_model("encoder", recipe.model, text_data[1].vocab_size).eval()
    found = task.loss(encoder, batch, task.weight(batch))
    every = token_losses(encoder, encoder(batch).hidden.flatten(0, 1), batch.targets.flatten())
    assert float(found.detach()) == pytest.approx(
        float(every.detach().sum()) / int((batch.targets != IGNORED).sum()), rel=1e-5
    )


@pytest.mark.parametrize("rows", ["running", "documents"])
def test_that_a_look_hides_the_same_words_each_time_and_a_part_of_them_in_a_shorter_one(turns_data, rows):
    task = task_of(turns_data, RECIPE, rows=rows)
    encoder = build_model("encoder", MODEL, turns_data[1].vocab_size)
    *_, first = task.evaluate(encoder, SETUP)
    *_, again = task.evaluate(encoder, SETUP)
    *_, short = task.evaluate(encoder, SETUP, 500)
    assert first.figures() == again.figures()
    assert 0 < short.tokens < first.tokens
    words = int((np.asarray(turns_data[0].split("val").ids) >= len(SPECIALS)).sum())
    assert first.tokens == pytest.approx(0.15 * words, rel=0.25)


def test_that_figures_bear_honest_names(tmp_path, text_data):
    events = list(_train(tmp_path / "m", text_data))
    assert isinstance(events[-1], Finished)
    assert events[-1].result["bits_per_byte"] is None
    looks = [event.figures for event in events if isinstance(event, Evaluated)]
    assert all(set(figures) == {"loss", "masked_accuracy", "tokens"} for figures in looks)
    assert all(0 <= figures["masked_accuracy"] <= 1 for figures in looks)


def test_that_learning_fills_the_gaps_of_a_text_that_repeats(tmp_path, text_data):
    training = replace(TRAINING, max_steps=250, batch_size=16, learning_rate=1e-2, eval_steps=250, rows="running")
    events = list(_train(tmp_path / "m", text_data, training, changed(RECIPE, embed_dim=64, mask_rate=0.15)))
    *_, last = (event.figures for event in events if isinstance(event, Evaluated))
    assert last["masked_accuracy"] > 0.6
    *_, sample = (event for event in events if isinstance(event, Sampled))
    assert "___" in sample.prompt
    assert "___" not in sample.text


@pytest.mark.parametrize("stop_at", [3, 8])
def test_that_a_stopped_and_resumed_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path, text_data, stop_at):
    recipe = changed(RECIPE, dropout=0.1)
    whole, first, second = in_one_and_in_parts(tmp_path, text_data, recipe, stop_at)
    assert losses_of(whole) == losses_of(first) | losses_of(second)
    assert same_weights(tmp_path / "whole", tmp_path / "parts")


def test_that_the_users_own_blanks_are_the_sample(text_data):
    encoder = build_model("encoder", MODEL, text_data[1].vocab_size).eval()
    prompt, text = task_of(text_data, RECIPE, sample_prompt="the [mask]ox").sample(encoder)
    assert prompt == "the [mask]ox"
    assert (text[:4], text[5:]) == ("the ", "ox")
