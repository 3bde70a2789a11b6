"""Laws of measuring: figures by the byte count the text's own bytes, whatever its tokens spell."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.evaluation import bytes_by_token, in_evaluation, score_rows
from llmstudio.core.training.machine.setup import set_up
from llmstudio.core.training_config import TrainingConfig


@pytest.mark.parametrize("data", ["text_data", "turns_data", "pairs_data"])
@pytest.mark.parametrize("split", ["train", "val"])
def test_that_the_bytes_of_all_tokens_are_those_of_the_text(data, split, request):
    dataset, tokenizer = request.getfixturevalue(data)
    rows = dataset.split(split)
    told = bytes_by_token(rows, tokenizer)[np.asarray(rows.ids)].sum() + np.sum(rows.hidden_bytes)
    assert told == pytest.approx(np.sum(rows.row_bytes))


def test_that_words_spell_more_than_their_text_and_characters_do_not(text_data, turns_data):
    for (dataset, tokenizer), spells_more in ((text_data, False), (turns_data, True)):
        rows = dataset.split("train")
        spelled = tokenizer.num_bytes(rows.ids).sum()
        assert (spelled > np.sum(rows.row_bytes) - np.sum(rows.hidden_bytes)) == spells_more


@pytest.mark.parametrize("context", [48, 61])
def test_that_documents_of_many_lengths_are_scored_in_few_shapes_and_every_token_once(turns_data, context):
    dataset, tokenizer = turns_data
    rows = dataset.split("train")
    config = DecoderConfig(num_layers=1, embed_dim=8, num_heads=1, context_length=context, positions="learned")
    model, shapes = build_model("decoder", config, tokenizer.vocab_size, 0), []
    model.register_forward_pre_hook(lambda _, given: shapes.append(tuple(given[0].ids.shape)))
    *_, score = score_rows(model, rows, tokenizer, set_up(TrainingConfig(number_format="fp32")), whole_documents=True)
    assert score.tokens == rows.num_tokens - len(rows.offsets) + 1
    assert all(width % 8 == 0 or width == context for _, width in shapes)
    assert max(width for _, width in shapes) <= context
    assert len(set(shapes)) <= len({width for _, width in shapes}) + 1  # the last batch may have fewer rows


@pytest.mark.parametrize("data", ["turns_data", "pairs_data"])
def test_that_where_answers_alone_are_learned_they_alone_are_measured_by_the_loss_that_is_learned_from(data, request):
    dataset, tokenizer = request.getfixturevalue(data)
    config = DecoderConfig(num_layers=1, embed_dim=8, num_heads=1, context_length=256)
    training = TrainingConfig(context_weight=0.0, batch_size=1000, number_format="fp32")
    task = Recipe("decoder", config, training).make_task(dataset.held_out("val"), tokenizer)
    model = build_model("decoder", config, tokenizer.vocab_size, 0)
    assert task.measures_answers
    assert not task.weighs_answers
    *_, score = task.evaluate(model, set_up(training))
    rows, batch = dataset.split("val"), task.batches().batch(0)
    assert rows.longest <= 257
    assert score.tokens == rows.answer_mask.sum() == task.weight(batch)
    assert score.figures()["loss"] == pytest.approx(float(task.loss(model, batch, task.weight(batch)).detach()), rel=1e-4)
    answers = np.asarray(rows.ids)[np.asarray(rows.answer_mask, bool)]
    assert score.num_bytes == pytest.approx(bytes_by_token(rows, tokenizer)[answers].sum())


@pytest.mark.parametrize("training", [True, False])
def test_that_a_model_is_in_its_own_mode_again_after_a_look_that_broke_off(training):
    model = build_model("decoder", DecoderConfig(num_layers=1, embed_dim=8, num_heads=1), 20, 0).train(training)

    def break_off() -> None:
        with in_evaluation(model):
            assert not model.training
            assert torch.is_inference_mode_enabled()
            raise RuntimeError("broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        break_off()
    assert model.training == training
    assert not torch.is_inference_mode_enabled()
