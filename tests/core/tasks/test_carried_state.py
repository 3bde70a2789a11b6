"""Laws of a state carried from batch to batch: resumed equals uninterrupted, groups add up, scores equal one long pass."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.batches import Documents, RunningText
from llmstudio.core.dataset.streams import Streams
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Finished
from llmstudio.core.models.build import build_model
from llmstudio.core.models.config import Look
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.evaluation import score_rows
from llmstudio.core.tasks.next_token import NextToken
from llmstudio.core.tasks.settings import TaskSettings
from llmstudio.core.training.machine.setup import Setup
from llmstudio.core.training_config import TrainingConfig
from tests.trained import in_one_and_in_parts, losses_of, same_weights, train_in

SMALL = {"num_layers": 2, "embed_dim": 12, "hidden_dim": 16, "context_length": 16, "dropout": 0.1}
KINDS = {"rnn": RNNConfig(**SMALL), "lstm": LSTMConfig(**SMALL), "gru": GRUConfig(**SMALL)}
TRAINING = TrainingConfig(
    max_steps=12, batch_size=4, eval_steps=4, eval_tokens=500, sample_tokens=4, number_format="fp32", threads=1
)
CPU = Setup("cpu", "fp32", 1)


def _train(folder, data, kind="lstm", training=TRAINING, model=None, stop=None):
    return train_in(folder, data, Recipe(kind, model or KINDS[kind], training), stop)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("changes", [{"grad_accumulation_steps": 2}, {"number_format": "bf16"}])
@pytest.mark.parametrize("stop_at", [3, 8])
def test_that_a_stopped_and_resumed_run_equals_an_uninterrupted_one_bit_for_bit(tmp_path, text_data, kind, changes, stop_at):
    training = replace(TRAINING, **changes)
    whole, first, second = in_one_and_in_parts(tmp_path, text_data, Recipe(kind, KINDS[kind], training), stop_at)
    assert isinstance(second[-1], Finished)
    assert losses_of(whole) == losses_of(first) | losses_of(second)
    assert same_weights(tmp_path / "whole", tmp_path / "parts")


def test_that_the_state_of_one_step_is_where_the_next_begins(text_data):
    dataset, tokenizer = text_data
    config = replace(KINDS["gru"], dropout=0.0)
    task = NextToken(dataset, tokenizer, TRAINING, config, TaskSettings())
    model = build_model("gru", config, tokenizer.vocab_size)
    streams = task.batches()
    batches = [streams.batch(step) for step in range(3)]
    with torch.no_grad():
        carried = [task.loss(model, batch, task.weight(batch)).item() for batch in batches]
        ids, targets = (torch.cat([getattr(b, name) for b in batches], dim=1) for name in ("ids", "targets"))
        logits = model.head(model(Batch(ids)).hidden)
        whole = F.cross_entropy(logits.transpose(1, 2), targets, reduction="none").view(4, 3, -1).mean((0, 2))
    assert carried == pytest.approx(whole.tolist(), abs=1e-5)
    assert not any(tensor.requires_grad for tensor in task.state().values())


def test_that_a_carried_state_of_another_model_is_refused_in_words(text_data):
    dataset, tokenizer = text_data
    wider = replace(KINDS["gru"], hidden_dim=24)
    ours, theirs = (NextToken(dataset, tokenizer, TRAINING, config, TaskSettings()) for config in (KINDS["gru"], wider))
    first, second = (theirs.batches().batch(step) for step in (0, 1))
    theirs.loss(build_model("gru", wider, tokenizer.vocab_size), first, 1.0)
    ours.load_state(theirs.state())
    with pytest.raises(StudioError, match="not of this model, which has 2 layers with states of 16 numbers: begin anew"):
        ours.loss(build_model("gru", KINDS["gru"], tokenizer.vocab_size), second, 1.0)


def test_that_accumulating_two_half_batches_gives_the_step_of_the_whole_batch(tmp_path, text_data):
    model = replace(KINDS["lstm"], dropout=0.0)
    whole = losses_of(
        _train(tmp_path / "a", text_data, training=replace(TRAINING, batch_size=8, grad_clip=0.0), model=model)
    )
    halves = losses_of(
        _train(tmp_path / "b", text_data, training=replace(TRAINING, grad_accumulation_steps=2, grad_clip=0.0), model=model)
    )
    assert list(halves.values()) == pytest.approx(list(whole.values()), abs=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_that_the_score_of_running_text_is_that_of_one_long_pass(text_data, kind):
    dataset, tokenizer = text_data
    rows = dataset.split("val")
    model = build_model(kind, replace(KINDS[kind], context_length=2048), tokenizer.vocab_size, seed=2)
    *_, score = score_rows(model, rows, tokenizer, CPU, whole_documents=False, look=Look(tokens=50))
    ids = torch.from_numpy(np.asarray(rows.ids).astype(np.int64))[None]
    with torch.inference_mode():
        logits = model.eval().head(model(Batch(ids[:, :-1])).hidden)
        nats = F.cross_entropy(logits[0], ids[0, 1:], reduction="sum").item()
    assert score.tokens == rows.num_tokens - 1
    assert score.nats == pytest.approx(nats, rel=1e-5)


def test_that_many_lanes_score_what_one_lane_scores(text_data):
    dataset, tokenizer = text_data
    rows, found = dataset.split("train"), []
    for context in (8, 100_000):  # the second is one lane
        model = build_model("lstm", replace(KINDS["lstm"], context_length=min(context, 65536)), tokenizer.vocab_size, seed=2)
        *_, score = score_rows(model, rows, tokenizer, CPU, whole_documents=False)
        found.append(score)
    assert found[0].tokens == found[1].tokens == rows.num_tokens - 1
    assert found[0].num_bytes == found[1].num_bytes
    assert found[0].nats == pytest.approx(found[1].nats, rel=1e-4)


def test_that_a_look_spreads_over_the_text_and_ends_where_it_may(text_data):
    dataset, tokenizer = text_data
    model = build_model("gru", KINDS["gru"], tokenizer.vocab_size)
    *_, score = score_rows(model, dataset.split("train"), tokenizer, CPU, whole_documents=False, max_tokens=2000)
    assert 2000 <= score.tokens <= 2064


def test_that_rows_are_streams_only_where_running_text_is_read_with_a_carried_state(text_data, turns_data):
    def batches(data, config, **changes):
        task = NextToken(*data, replace(TRAINING, **changes), config, TaskSettings())
        return task.carries_state, type(task.batches())

    lstm = KINDS["lstm"]
    assert batches(text_data, lstm) == (True, Streams)
    assert batches(text_data, replace(lstm, carry_state=False)) == (False, RunningText)
    assert batches(text_data, lstm, rows="documents") == (False, Documents)
    assert batches(turns_data, lstm) == (False, Documents)
    assert batches(turns_data, lstm, rows="running") == (True, Streams)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("changes", [{"rows": "documents"}, {}])
def test_that_learning_lowers_the_loss(tmp_path, text_data, kind, changes):
    training = replace(TRAINING, max_steps=120, learning_rate=2e-2, eval_steps=120, sample_steps=120, **changes)
    losses = list(losses_of(_train(tmp_path / "m", text_data, kind, training)).values())
    assert np.mean(losses[-5:]) < 0.7 * losses[0]


def test_that_a_text_too_short_for_the_streams_is_refused_with_a_remedy(tmp_path, text_data):
    with pytest.raises(StudioError, match="side by side") as refused:
        list(_train(tmp_path / "m", text_data, training=replace(TRAINING, batch_size=5000)))
    assert refused.value.remedies[0].target == "training.batch_size"
