"""Laws of learning from pairs: how rows are split, what counts, what is refused, and that resuming is exact."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import sacrebleu
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.dataset.tokens import Dataset, Rows
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Noted, Sampled, TrainStep
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.encoder_decoder_config import EncoderDecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.evaluation import bytes_by_token
from llmstudio.core.tasks.pairs import task as pairs_task
from llmstudio.core.tasks.pairs.rows import follow, split_pairs
from llmstudio.core.tasks.settings import PairsSettings
from llmstudio.core.tokenizer import kinds
from llmstudio.core.tokenizer.config import ASSISTANT, END, PAD, UNKNOWN
from llmstudio.core.tokenizer.streaming import reference_text
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.training.machine.setup import Setup
from llmstudio.core.training_config import TrainingConfig
from tests.trained import changed, in_one_and_in_parts, losses_of, same_weights, task_of, train_in

MODEL = EncoderDecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=40)
TRAINING = TrainingConfig(
    max_steps=12, batch_size=4, eval_steps=4, eval_tokens=500, sample_tokens=8, number_format="fp32", threads=1
)
RECIPE = Recipe("encoder_decoder", MODEL, TRAINING, task=PairsSettings(label_smoothing=0.0))


def _train(folder, data, training=TRAINING, recipe=RECIPE, stop=None):
    return train_in(folder, data, replace(recipe, training=training), stop)


def _rows(*rows):
    offsets = np.cumsum([0, *map(len, rows)])
    counts = np.zeros(len(rows), np.int64)
    return Rows(np.concatenate(rows).astype(np.uint16), offsets, None, counts, counts)


def test_that_a_row_is_split_at_its_first_answer():
    rows = _rows(
        [8, 9, ASSISTANT, 20, 21, END],
        [8, ASSISTANT, 20, END, 9, ASSISTANT, 21, END],  # only the first answer counts
        [8, 9, 10, END],  # no answer
        [ASSISTANT, 20, END],  # no source
        [8, ASSISTANT, END],  # nothing to write
        [8] * 9 + [ASSISTANT, 20, END],  # too long a source
        [8, ASSISTANT, *[20] * 8, END],  # too long a target
        [8] * 8 + [ASSISTANT, *[20] * 7, END],  # just short enough
    )
    pairs = split_pairs(rows, 8)
    assert [pairs.source(i).tolist() for i in range(len(pairs))] == [[8, 9], [8], [8] * 8]
    assert [pairs.target(i).tolist() for i in range(len(pairs))] == [[20, 21, END], [20, END], [20] * 7 + [END]]
    assert pairs.num_left_out == 5


def test_that_a_batch_reads_the_target_one_place_behind_what_it_predicts():
    batch = split_pairs(_rows([8, 9, ASSISTANT, 20, 21, END], [8, ASSISTANT, 22, END]), 16).batch(np.array([1, 0]))
    assert batch.source[:, :2].tolist() == [[8, PAD], [8, 9]]
    assert batch.ids[:, :3].tolist() == [[ASSISTANT, 22, PAD], [ASSISTANT, 20, 21]]
    assert batch.targets[:, :3].tolist() == [[22, END, IGNORED], [20, 21, END]]
    assert batch.source.shape == batch.ids.shape == batch.targets.shape == (2, 8)


def test_that_batches_are_the_same_each_time_and_every_pair_comes_once_an_epoch(pairs_data):
    task = task_of(pairs_data, RECIPE, batch_size=16)
    batches, again = task.batches(), task.batches()
    count = -(-len(task.pairs) // 16)
    seen = []
    for step in range(count):
        batch = batches.batch(step)
        assert torch.equal(batch.source, again.batch(step).source)
        both = zip(batch.source.tolist(), batch.targets.tolist(), strict=True)
        seen += [(*(i for i in s if i != PAD), ASSISTANT, *(i for i in t if i != IGNORED)) for s, t in both]
    rows = pairs_data[0].split("train")
    assert sorted(seen) == sorted(tuple(rows.row(i).tolist()) for i in range(rows.num_rows))


def test_that_padding_beside_a_longer_pair_changes_no_loss(pairs_data):
    task = task_of(pairs_data, RECIPE)
    model = build_model("encoder_decoder", MODEL, pairs_data[1].vocab_size).eval()
    order = np.argsort(task.pairs.lengths)
    chosen = np.array([order[0], order[-1]])
    together = task.loss(model, task.pairs.batch(chosen), 1.0)
    alone = sum(task.loss(model, task.pairs.batch(chosen[i : i + 1]), 1.0) for i in range(2))
    assert float(together.detach()) == pytest.approx(float(alone.detach()), rel=1e-5)


def test_that_label_smoothing_gives_its_share_of_every_target_to_all_tokens(pairs_data):
    smooth = changed(RECIPE, label_smoothing=0.2)
    model = build_model("encoder_decoder", smooth.model, pairs_data[1].vocab_size).eval()
    task = task_of(pairs_data, smooth)
    batch = task.pairs.batch(np.arange(3))
    shares = model.head(model(batch).hidden).log_softmax(-1)
    counted = batch.targets != IGNORED
    own = shares[counted].gather(1, batch.targets[counted][:, None]).sum()
    expected = -0.8 * own - 0.2 * shares[counted].mean(-1).sum()
    assert float(task.loss(model, batch, 1.0).detach()) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_that_a_look_tells_the_loss_of_every_target_token_and_the_share_of_exact_answers(pairs_data):
    dataset, tokenizer = pairs_data
    model = build_model("encoder_decoder", MODEL, tokenizer.vocab_size)
    *_, score = task_of(pairs_data, RECIPE).evaluate(model, Setup("cpu", "fp32", 1))
    pairs = split_pairs(dataset.split("val"), MODEL.context_length)
    rows = dataset.split("val")
    hidden_by_one = rows.hidden_bytes.sum() / max(1, int((rows.ids == UNKNOWN).sum()))
    bytes_of = bytes_by_token(rows, tokenizer)
    nats = num_bytes = tokens = hidden = 0
    for i in range(len(pairs)):
        target = pairs.target(i).astype(np.int64)
        batch = Batch(
            torch.tensor([[ASSISTANT, *target[:-1]]]), source=torch.from_numpy(pairs.source(i)[None].astype(np.int64))
        )
        with torch.inference_mode():
            shares = model.eval().head(model(batch).hidden).log_softmax(-1)[0]
        nats -= float(shares[torch.arange(len(target)), torch.from_numpy(target)].sum())
        num_bytes += bytes_of[target].sum()
        tokens += len(target)
        hidden += hidden_by_one * int((target == UNKNOWN).sum())
    figures = score.figures()
    assert figures["tokens"] == tokens
    assert figures["loss"] == pytest.approx(nats / tokens, rel=1e-4)
    assert figures["bits_per_byte"] == pytest.approx((nats / math.log(2) + 8 * hidden) / (num_bytes + hidden), rel=1e-4)
    assert figures["exact_match"] == 0
    assert figures["zip_bits_per_byte"] > 0


def test_that_answers_to_all_of_the_held_out_pairs_are_scored_as_sacrebleu_scores_them(pairs_data):
    dataset, tokenizer = pairs_data
    model = build_model("encoder_decoder", MODEL, tokenizer.vocab_size)
    task = task_of(pairs_data, RECIPE)
    *_, score = task.evaluate(model, Setup("cpu", "fp32", 1))
    pairs = split_pairs(dataset.split("val"), MODEL.context_length)
    assert score.answers == score.pairs == len(pairs) == len(score.texts)
    real = {reference_text(tokenizer, pairs.target(i)[:-1].tolist()) for i in range(len(pairs))}
    assert set(score.references) == real
    assert not any(text.endswith("<end>") for text in score.texts)
    half = len(real) // 2
    score.texts[:half] = score.references[:half]  # an untrained model writes nothing that is right
    figures = score.figures()
    zh = sacrebleu.corpus_bleu(score.texts, [score.references], tokenize="zh").score
    assert figures["bleu"] == pytest.approx(zh, abs=1e-6)
    assert figures["chrf"] == pytest.approx(sacrebleu.corpus_chrf(score.texts, [score.references]).score, abs=1e-6)
    assert half / len(score.texts) <= figures["rouge_l"] < 1
    assert figures["rouge_2"] <= figures["rouge_1"]


def test_that_only_some_of_many_pairs_are_answered_and_that_is_said(pairs_data, monkeypatch):
    monkeypatch.setattr(pairs_task, "_ANSWERS_OF_ALL", 5)
    model = build_model("encoder_decoder", MODEL, pairs_data[1].vocab_size)
    *_, score = task_of(pairs_data, RECIPE).evaluate(model, Setup("cpu", "fp32", 1))
    assert 3 <= score.answers <= 5 < score.pairs
    (said,) = score.remarks()
    assert f"{score.answers} answers" in str(said)
    assert f"{score.pairs} pairs" in str(said)


def test_that_a_look_in_between_scores_no_texts_and_nor_does_text_without_pairs(pairs_data, text_data):
    for data, recipe, limit in ((pairs_data, RECIPE, 10**6), (text_data, changed(RECIPE, context_length=64), None)):
        model = build_model("encoder_decoder", recipe.model, data[1].vocab_size)
        *_, score = task_of(data, recipe).evaluate(model, Setup("cpu", "fp32", 1), limit)
        assert score.answers
        assert "bleu" not in score.figures()
        assert score.remarks() == []


def test_that_learning_lowers_the_loss_and_a_run_ends_with_all_figures(tmp_path, pairs_data):
    training = replace(TRAINING, max_steps=60, batch_size=16, learning_rate=1e-2, eval_steps=60)
    events = list(_train(tmp_path / "m", pairs_data, training, changed(RECIPE, embed_dim=64, num_heads=4)))
    losses = list(losses_of(events).values())
    assert np.mean(losses[-5:]) < 0.6 * losses[0]
    *_, last = (event.figures for event in events if isinstance(event, Evaluated))
    assert {"loss", "bits_per_byte", "exact_match", "zip_bits_per_byte", "bleu", "chrf", "rouge_l"} <= set(last)
    assert any("that the model wrote" in str(event.message) for event in events if isinstance(event, Noted))
    *_, sample = (event for event in events if isinstance(event, Sampled))
    assert sample.prompt
    assert events[-1].result["bits_per_byte"] == pytest.approx(last["bits_per_byte"])


@pytest.mark.parametrize("stop_at", [3, 8])
def test_that_a_stopped_and_resumed_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path, pairs_data, stop_at):
    recipe = changed(RECIPE, dropout=0.1, label_smoothing=0.1)
    whole, first, second = in_one_and_in_parts(tmp_path, pairs_data, recipe, stop_at)
    assert losses_of(whole) == losses_of(first) | losses_of(second)
    assert same_weights(tmp_path / "whole", tmp_path / "parts")


def test_that_in_running_text_each_sentence_is_the_source_of_the_next_of_its_document():
    tales = ["The fox ran. It saw a long dog! The dog sat.", "Only one.", "A bird sang. All glad."]
    tokenizer = Tokenizer(kinds.char_backend(sorted(set("".join(tales)))))
    ids = [[*row, END] for row in tokenizer.encode_batch(tales)]
    counts = np.zeros(len(ids), np.int64)
    rows = Rows(np.concatenate(ids), np.cumsum([0, *map(len, ids)]), None, counts, counts)
    pairs = split_pairs(follow(rows, tokenizer, 13), 13)
    assert [(tokenizer.decode(pairs.source(i)), tokenizer.decode(pairs.target(i))) for i in range(len(pairs))] == [
        ("It saw a long", "The dog sat."),
        ("A bird sang.", "All glad."),
    ]
    assert pairs.num_left_out == 1  # the long one as a target: its end is not there to learn


def test_that_an_encoder_decoder_learns_running_text_and_says_what_it_learns(tmp_path, text_data):
    recipe = changed(RECIPE, context_length=64)
    events = list(_train(tmp_path / "m", text_data, recipe=recipe))
    (note,) = (event for event in events if isinstance(event, Noted))
    assert "the one that follows is learned" in str(note.message)
    assert all(event.prompt.endswith(".") for event in events if isinstance(event, Sampled))
    losses = [event.loss for event in events if isinstance(event, TrainStep)]
    assert losses[-1] < losses[0]


def test_that_text_of_a_single_sentence_is_refused_and_pairs_are_pointed_to(text_data):
    dataset, tokenizer = text_data
    rows = dataset.split("train")
    one = Rows(rows.ids[:43], np.array([0, 43]), None, rows.row_bytes, rows.hidden_bytes)
    with pytest.raises(StudioError, match="neither") as refused:
        task_of((Dataset(dataset.folder, {}, {"train": one}), tokenizer), changed(RECIPE, context_length=64))
    assert refused.value.remedies[0].action == "open_tab"


def test_that_pairs_too_long_for_the_context_are_left_out_and_that_is_said(pairs_data):
    task = task_of(pairs_data, changed(RECIPE, context_length=9))
    (note,) = task.notes()
    assert isinstance(note, Noted)
    assert f"{task.pairs.num_left_out} of " in str(note.message)
    assert task.batches().batch(0).ids.shape[1] <= 9
    assert task_of(pairs_data, RECIPE).notes() == []


def test_that_a_context_too_short_for_every_pair_is_refused_with_a_remedy(turns_data):
    with pytest.raises(StudioError, match="use a larger context") as refused:
        task_of(turns_data, changed(RECIPE, context_length=8))
    assert (refused.value.remedies[0].target, refused.value.remedies[0].value) == ("model.context_length", "16")


def test_that_questions_on_passages_are_pairs_too(turns_data):
    task = task_of(turns_data, changed(RECIPE, context_length=128))
    assert len(task.pairs)
    assert all(task.pairs.target(i)[-1] == END for i in range(len(task.pairs)))
