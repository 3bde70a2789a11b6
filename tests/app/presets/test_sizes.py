from __future__ import annotations

from collections.abc import Callable

import pytest

from llmstudio.app.presets.by_name import PRESETS, presets_of
from llmstudio.app.presets.preset import Preset
from llmstudio.app.presets.sizes import SIZES
from llmstudio.core.models.families import MODELS


@pytest.mark.parametrize("kind", MODELS)
def test_that_every_family_has_the_stable_presets_in_order_and_alike_in_size(
    kind: str, size_of: Callable[[Preset], int]
) -> None:
    own = presets_of(kind)
    assert [entry.name for entry in own[: len(SIZES)]] == list(SIZES)
    assert list(SIZES)[:4] == ["nano", "micro", "mini", "small"]
    for entry, usual in zip(own, presets_of("decoder"), strict=False):
        if entry.name in SIZES:
            assert type(entry.recipe.model) is MODELS[kind].config
            assert size_of(entry) == pytest.approx(size_of(usual), rel=0.5), entry.key


@pytest.mark.parametrize("key", [key for key, entry in PRESETS.items() if entry.name in SIZES])
def test_that_a_size_for_any_text_names_no_figure_that_its_vocabulary_would_belie(key: str) -> None:
    assert str(PRESETS[key].label).lower() == PRESETS[key].name
