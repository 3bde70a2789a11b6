"""Pairs learned by models that read and write in one row: only targets count, and answers follow from sources."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.events import TrainStep
from llmstudio.core.explain.cross_attention import cross_attention
from llmstudio.core.generation.beam import answer_sources, beam_search, beam_searches, most_read, room_after
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.generation.generate import decode
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.recurrent_config import GRUConfig, LSTMConfig, RNNConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.pairs.rows import split_pairs
from llmstudio.core.tasks.settings import PairsSettings
from llmstudio.core.tokenizer.config import ASSISTANT, END, PAD
from llmstudio.core.training.machine.setup import Setup
from llmstudio.core.training_config import TrainingConfig
from tests.core.tasks.test_pairs import _rows
from tests.trained import task_of, train_in

CONTEXT = 96
SHAPES = {
    "decoder": DecoderConfig(num_layers=1, embed_dim=32, num_heads=2, context_length=CONTEXT, convolution_width=4),
    "rnn": RNNConfig(num_layers=1, embed_dim=16, hidden_dim=32, context_length=CONTEXT),
    "lstm": LSTMConfig(num_layers=1, embed_dim=16, hidden_dim=32, context_length=CONTEXT),
    "gru": GRUConfig(num_layers=2, embed_dim=16, hidden_dim=32, context_length=CONTEXT),
}
TRAINING = TrainingConfig(max_steps=8, batch_size=4, eval_steps=4, eval_tokens=500, number_format="fp32", threads=1)


def _recipe(kind: str) -> Recipe:
    return Recipe(kind, SHAPES[kind], TRAINING, task=PairsSettings(label_smoothing=0.0), task_name="pairs")


def test_that_a_row_is_read_as_it_is_and_only_its_target_is_predicted():
    rows = _rows([8, 9, ASSISTANT, 20, 21, END], [8, ASSISTANT, 22, END], [8] * 7 + [ASSISTANT, 20, END])
    pairs = split_pairs(rows, 8, is_apart=False)
    assert pairs.num_left_out == 1  # seven, the target's two: one more than fits
    batch = pairs.batch(np.array([1, 0]))
    assert batch.source is None
    assert batch.ids.tolist() == [[8, ASSISTANT, 22, *[PAD] * 5], [8, 9, ASSISTANT, 20, 21, *[PAD] * 3]]
    off = IGNORED
    assert batch.targets.tolist() == [[off, 22, END, *[off] * 5], [off, off, 20, 21, END, *[off] * 3]]


@pytest.mark.parametrize("kind", SHAPES)
def test_that_the_loss_is_that_of_the_targets_alone(kind, pairs_data):
    task = task_of(pairs_data, _recipe(kind))
    model = build_model(kind, SHAPES[kind], pairs_data[1].vocab_size).eval()
    batch = task.pairs.batch(np.arange(3))
    ours = task.loss(model, batch, task.weight(batch)).detach()
    theirs = []
    for row in range(3):
        source, target = task.pairs.source(row).tolist(), task.pairs.target(row).tolist()
        whole = torch.tensor([[*source, ASSISTANT, *target]])
        shares = model.head(model(replace(batch, ids=whole[:, :-1], targets=None)).hidden).log_softmax(-1)[0]
        theirs += [-float(shares[len(source) + at, token].detach()) for at, token in enumerate(target)]
    assert float(ours) == pytest.approx(np.mean(theirs), rel=1e-4)


@pytest.mark.parametrize("kind", SHAPES)
def test_that_it_learns_and_its_answers_are_scored(kind, pairs_data, tmp_path):
    events = train_in(
        tmp_path, pairs_data, replace(_recipe(kind), training=replace(TRAINING, max_steps=12, learning_rate=5e-3))
    )
    losses = [event.loss for event in events if isinstance(event, TrainStep)]
    assert losses[-1] < losses[0]
    task = task_of(pairs_data, _recipe(kind))
    model = build_model(kind, SHAPES[kind], pairs_data[1].vocab_size)
    *_, score = task.evaluate(model, Setup("cpu", "fp32", 1))
    assert score.tokens == sum(len(pairs.target(i)) for pairs in [task._split(task.val_rows)] for i in range(len(pairs)))
    assert {"bits_per_byte", "exact_match", "bleu", "chrf", "rouge_l"} <= score.figures().keys()


@pytest.mark.parametrize("kind", SHAPES)
def test_that_many_sources_are_answered_as_each_alone_and_a_beam_of_one_is_greedy(kind):
    model = build_model(kind, SHAPES[kind], 24, seed=2).eval()
    with torch.no_grad():
        model.embed.weight.mul_(20 if kind == "decoder" else 3)
    sources = [[8, 9], [10, 11, 8, 9, 10], [9], [7, 7, 8], [11, 10]]
    together = dict(answer_sources(model, sources, max_new_tokens=9))
    greedy = GenerationConfig(temperature=0.0, max_new_tokens=9)
    for place, source in enumerate(sources):
        alone = list(decode(model, [*source, ASSISTANT], greedy))
        alone = alone[: alone.index(END)] if END in alone else alone
        assert together[place] == alone == list(beam_search(model, source=source, beam_width=1, max_new_tokens=9)[0].ids)
    wide = beam_searches(model, sources, beam_width=3, max_new_tokens=9)
    each = [beam_search(model, source=source, beam_width=3, max_new_tokens=9) for source in sources]
    assert [[one.ids for one in found] for found in wide] == [[one.ids for one in found] for found in each]


def test_that_what_is_read_leaves_room_to_write():
    model = build_model("decoder", SHAPES["decoder"], 24).eval()
    source = [8] * most_read(model)
    assert CONTEXT // 4 <= room_after(model, len(source)) < CONTEXT
    (found,) = beam_search(model, source=source, beam_width=1, max_new_tokens=10 * CONTEXT, stop_ids=())
    assert len(found.ids) == room_after(model, len(source))


def test_that_a_decoder_looks_back_at_the_source_in_its_row_and_a_recurrent_model_has_nothing_to_look_with():
    decoder = build_model("decoder", SHAPES["decoder"], 24, seed=1).eval()
    shares = cross_attention(decoder, [8, 9, 10], [12, 13])
    assert shares.shape == (1, 2, 2, 3)
    assert (shares > 0).all()
    assert (shares.sum(-1) < 1).all()  # the rest goes to the sign and to what was written
    assert cross_attention(build_model("gru", SHAPES["gru"], 24).eval(), [8, 9, 10], [12, 13]).shape == (0, 0, 2, 3)
