from __future__ import annotations

from collections.abc import Callable

import pytest

from llmstudio.app.presets.by_name import PRESETS, choose
from llmstudio.app.presets.preset import Preset
from llmstudio.app.presets.sizes import SIZES
from llmstudio.core.models.families import MODELS


@pytest.mark.parametrize("kind", MODELS)
def test_that_shakespeare_by_characters_has_the_promised_size(kind: str, size_of: Callable[[Preset], int]) -> None:
    entry = choose(kind, "shakespeare_char")
    assert entry.tokenizer.kind == "char"
    assert 800_000 <= size_of(entry) <= 950_000


@pytest.mark.parametrize("key", [key for key, entry in PRESETS.items() if entry.name not in SIZES])
def test_that_the_label_of_what_serves_one_purpose_tells_the_size(key: str, size_of: Callable[[Preset], int]) -> None:
    told = float(str(PRESETS[key].label).split("·")[1].split()[0]) * 1e6
    assert size_of(PRESETS[key]) == pytest.approx(told, rel=0.25)
