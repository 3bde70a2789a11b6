"""Rows are what the setting says: running text, whole documents, or single sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from llmstudio.core.dataset.batches import IGNORED
from llmstudio.core.dataset.sentences import cut_sentences
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families import kind_of
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.models.families.recurrent_config import LSTMConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.base import rows_as_set
from llmstudio.core.tokenizer.config import END
from llmstudio.core.training.machine.setup import Setup
from llmstudio.core.training_config import TrainingConfig

TRAINING = TrainingConfig(batch_size=4, number_format="fp32", threads=1)
LSTM = LSTMConfig(num_layers=1, embed_dim=8, hidden_dim=8, context_length=64)


@pytest.mark.parametrize(
    ("rows", "alone"),
    [("auto", True), ("documents", True), ("packed", True), ("running", False), ("sentences", True)],
)
def test_that_rows_stand_alone_where_the_setting_or_answers_say_so(turns_data, rows, alone):
    assert rows_as_set(*turns_data, replace(TRAINING, rows=rows), 64)[2] is alone


def test_that_only_a_family_that_keeps_documents_apart_packs_them_and_another_says_that_it_does_not(turns_data):
    training = replace(TRAINING, rows="packed")
    decoder = DecoderConfig(num_layers=1, embed_dim=8, num_heads=1, context_length=256)
    packs, does_not = (Recipe(kind_of(c), c, training).make_task(*turns_data) for c in (decoder, LSTM))
    batch = packs.batches().batch(0)
    assert batch.documents is not None
    assert int(batch.documents.max()) > 0
    assert batch.ids.shape[1] == 256
    assert does_not.batches().batch(0).documents is None
    assert "training.rows" not in packs.idle()
    assert "training.rows" in does_not.idle()


def test_that_single_sentences_are_those_that_a_text_vae_learns_and_all_of_them_are_scored(text_data):
    task = Recipe("lstm", LSTM, replace(TRAINING, rows="sentences")).make_task(*text_data)
    assert task.whole_documents
    assert not task.carries_state
    cut = cut_sentences(text_data[0].split("train"), text_data[1], 64).rows
    assert np.array_equal(task.train_rows.ids, cut.ids)
    batch = task.batches().batch(0)
    assert (batch.ids[:, 0] == END).all()
    assert all(row[row != IGNORED][-1] == END for row in batch.targets)
    *_, score = task.evaluate(build_model("lstm", LSTM, text_data[1].vocab_size), Setup("cpu", "fp32", 1))
    assert score.tokens == task.val_rows.num_tokens - task.val_rows.num_rows
    assert score.num_bytes == task.val_rows.row_bytes.sum()


def test_that_an_encoder_may_fill_gaps_in_single_sentences(text_data):
    model = EncoderConfig(num_layers=1, embed_dim=8, num_heads=1, context_length=64)
    task = Recipe("encoder", model, replace(TRAINING, rows="sentences")).make_task(*text_data)
    assert (task.batches().batch(0).ids[:, 0] == END).all()


@pytest.mark.parametrize("data", ["pairs_data", "turns_data"])
@pytest.mark.parametrize("family", [DecoderConfig, LSTMConfig])
def test_that_records_longer_than_the_context_are_counted_and_a_context_that_holds_them_is_offered(request, data, family):
    dataset, tokenizer = request.getfixturevalue(data)
    lengths = np.diff(dataset.split("train").offsets) - 1
    small = int(np.median(lengths))
    note = _notes(dataset, tokenizer, family, small)[0]
    longer = f"{(lengths > small).sum():,} of {len(lengths):,} records are longer than the context of {small:,}"
    assert longer in str(note.message)
    assert f"{lengths.max():,} tokens" in str(note.message)
    remedy = note.remedies[0]
    assert remedy.target == "model.context_length"
    assert (lengths <= int(remedy.value)).mean() >= 0.99
    assert not _notes(dataset, tokenizer, family, int(lengths.max()))
    assert len(_notes(dataset, tokenizer, family, int(lengths.max()) - 1)) == 1


def test_that_running_text_has_no_records_to_be_cut(text_data, turns_data):
    assert not _notes(*text_data, DecoderConfig, 8)
    assert not _notes(*turns_data, DecoderConfig, 8, rows="running")


def _notes(dataset, tokenizer, family, context, rows="auto"):
    config = family(context_length=context)
    recipe = Recipe(kind_of(config), config, replace(TRAINING, rows=rows))
    task = recipe.make_task(dataset, tokenizer)
    assert not task.notes({"loss": 1.0})  # a look says nothing of it
    return task.notes()
