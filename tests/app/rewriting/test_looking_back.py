"""Laws of the map between two texts: a row for each token written, a column for each read, shares that add up."""

from __future__ import annotations

import numpy as np
import pytest

from llmstudio.app.items.loaded import load
from llmstudio.app.rewriting.looking_back import looked_back
from llmstudio.core.errors import StudioError
from tests.rewritten import rewrite


def test_that_the_map_has_a_row_for_each_token_written_and_a_column_for_each_read(translating) -> None:
    text = "Tom gave Mia a kite."
    (best, *_) = rewrite(translating, "Turn", text, beam_width=3, length_penalty=0.6, max_new_tokens=40).versions
    found = looked_back(translating, "Turn", text, best.ids)
    tokenizer = load(translating, "Turn").tokenizer
    assert found.shares.shape == (1, len(best.ids), len(tokenizer.encode(text)))
    assert found.read == tuple(tokenizer.token(id) for id in tokenizer.encode(text))
    assert found.written == tuple(tokenizer.token(id) for id in best.ids)
    for layer in (None, 0):
        assert found.of(layer).sum(-1) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(found.of(None), found.of(0))


def test_that_nothing_read_and_nothing_written_are_said(translating) -> None:
    with pytest.raises(StudioError, match="nothing to rewrite"):
        looked_back(translating, "Turn", "  ", [9])
    with pytest.raises(StudioError, match="wrote nothing"):
        looked_back(translating, "Turn", "Tom gave", [])
