"""Laws of measuring: figures by the byte count the text's own bytes, whatever its tokens spell."""

from __future__ import annotations

import numpy as np
import pytest

from llmstudio.core.training.evaluation import bytes_by_token


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
