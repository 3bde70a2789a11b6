"""What the tests of the presets share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from llmstudio.app.presets.preset import Preset
from llmstudio.core.tokenizer.config import SPECIALS

# Tokens of a preset's text, where its tokenizer does not simply fill a vocabulary: characters of a play, words of a sample.
_VOCABULARY = {"sample:tour": 110, "sample:tales": 1600, "sample:pairs": 2000}
_LETTERS = 65 + len(SPECIALS)


@pytest.fixture
def size_of() -> Callable[[Preset], int]:
    """How many weights a preset's model has, with the vocabulary that its text gives."""

    def size_of(entry: Preset) -> int:
        kind, most = entry.tokenizer.kind, entry.tokenizer.vocab_size
        return entry.recipe.num_parameters(_VOCABULARY.get(entry.corpus, _LETTERS if kind == "char" else most))

    return size_of
