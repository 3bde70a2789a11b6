from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from llmstudio.core.batch import Batch
from llmstudio.core.dataset.tokens import Dataset, Rows
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.build import build_model
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.tasks.written_answers import MOST, write_answers
from llmstudio.core.tokenizer.config import END, UNKNOWN
from llmstudio.core.tokenizer.tokenizer import Tokenizer

Data = tuple[Dataset, Tokenizer]


def untrained(tokenizer: Tokenizer, context: int = 128) -> LanguageModel:
    config = DecoderConfig(num_layers=1, embed_dim=16, num_heads=2, context_length=context)
    return build_model("decoder", config, tokenizer.vocab_size, seed=1).eval()


def held_out(data: Data) -> Rows:
    rows = data[0].split("val")
    assert rows is not None
    return rows


def by_heart(model: LanguageModel, rows: Rows) -> LanguageModel:
    """The model after it has learned these rows by heart."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    texts = [torch.tensor(rows.row(row).tolist()) for row in range(rows.num_rows)]
    for _ in range(60):
        for ids in texts:
            logits = model.head(model(Batch(ids[None, :-1])).hidden[0])
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(logits, ids[1:]).backward()
            optimizer.step()
    return model


def first_rows(rows: Rows, count: int) -> Rows:
    end = int(rows.offsets[count])
    assert rows.answer_mask is not None
    return replace(rows, ids=rows.ids[:end].copy(), offsets=rows.offsets[: count + 1], answer_mask=rows.answer_mask[:end])


def test_that_answers_known_by_heart_are_right_and_others_are_not(turns_data: Data) -> None:
    tokenizer = turns_data[1]
    rows = first_rows(held_out(turns_data), 2)
    model = by_heart(untrained(tokenizer), rows)
    *_, score = write_answers(model, [rows], tokenizer)
    assert score.figures() == {"exact_match": 1.0, "token_f1": 1.0}
    assert rows.answer_mask is not None
    wrong = rows.ids.copy()
    wrong[(rows.answer_mask == 1) & (wrong != END)] = tokenizer.encode("whistle")[0]
    *_, score = write_answers(model, [replace(rows, ids=wrong)], tokenizer)
    assert score.answers == 2
    assert score.figures() == {"exact_match": 0.0, "token_f1": 0.0}


def test_that_an_answer_without_the_word_that_the_model_does_not_know_is_not_right(turns_data: Data) -> None:
    rows = first_rows(held_out(turns_data), 1)
    model = by_heart(untrained(turns_data[1]), rows)
    assert rows.answer_mask is not None
    end = int(np.flatnonzero((rows.answer_mask == 1) & (rows.ids == END))[0])  # the first answer is asked for
    ids, mask = np.insert(rows.ids, end, UNKNOWN), np.insert(rows.answer_mask, end, 1)
    longer = replace(rows, ids=ids, answer_mask=mask, offsets=rows.offsets + np.array([0, 1]))
    *_, score = write_answers(model, [longer], turns_data[1])
    assert score.figures()["exact_match"] == 0.0
    assert 0 < score.figures()["token_f1"] < 1


def test_that_the_number_of_answers_is_bounded_and_told_beforehand(turns_data: Data) -> None:
    scores = [
        replace(score) for score in write_answers(untrained(turns_data[1]), [held_out(turns_data)], turns_data[1], most=5)
    ]
    assert [score.answers for score in scores] == [1, 2, 3, 4, 5]
    assert {score.total for score in scores} == {5}


def test_that_answers_beyond_the_context_are_not_asked_for_but_counted(turns_data: Data) -> None:
    rows, tokenizer = held_out(turns_data), turns_data[1]
    (nothing,) = write_answers(untrained(tokenizer, 8), [rows], tokenizer)
    assert nothing.figures() == {}
    assert nothing.num_left_out == nothing.num_chosen == min(MOST, rows.num_rows)
    few = first_rows(rows, 4)
    longest = int(np.diff(few.offsets).max())
    *_, all_fit = write_answers(untrained(tokenizer, longest), [few], tokenizer)
    assert (all_fit.answers, all_fit.num_left_out) == (4, 0)
    found = [list(write_answers(untrained(tokenizer, size), [few], tokenizer))[-1] for size in range(8, longest, 4)]
    assert all(score.answers + score.num_left_out == 4 for score in found)
    left_out = [score.num_left_out for score in found]
    assert left_out == sorted(left_out, reverse=True)


def test_that_rows_without_answers_have_none(text_data: Data) -> None:
    assert list(write_answers(untrained(text_data[1]), [held_out(text_data)], text_data[1])) == []
