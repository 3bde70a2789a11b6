"""Edits that fit are taken, whatever stands beside them; those that do not wait, each with its own reason."""

from __future__ import annotations

from itertools import permutations

import pytest

from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.gui.forms.edits import concerns, settle

CONFIG = DecoderConfig(num_layers=2, embed_dim=64, num_heads=4, context_length=32)


@pytest.mark.parametrize(
    "edits", list(permutations([("num_layers", 3), ("embed_dim", -1), ("context_length", 16)])), ids=str
)
def test_that_an_impossible_edit_holds_back_nothing_but_itself(edits: tuple[tuple[str, int], ...]) -> None:
    found = settle(CONFIG, dict(edits))
    assert (found.config.num_layers, found.config.context_length, found.config.embed_dim) == (3, 16, 64)
    assert set(found.wrong) == {"embed_dim"}


@pytest.mark.parametrize("edits", list(permutations([("embed_dim", 60), ("num_heads", 6)])), ids=str)
def test_that_two_edits_that_only_fit_together_are_taken_together(edits: tuple[tuple[str, int], ...]) -> None:
    alone = settle(CONFIG, {"embed_dim": 60, "num_heads": 7})
    assert alone.wrong
    found = settle(CONFIG, dict(edits))
    assert (found.config.embed_dim, found.config.num_heads) == (60, 6)
    assert found.wrong == {}


def test_that_of_edits_that_contradict_each_other_the_newest_is_taken() -> None:
    fits = settle(CONFIG, {"embed_dim": 96, "num_heads": 16})
    assert fits.wrong == {}
    first = settle(CONFIG, {"num_heads": 16, "embed_dim": 72})  # 72 = 4 * 18, but not 16 times anything even
    assert first.config.embed_dim == 72
    assert first.config.num_heads == 4
    assert set(first.wrong) == {"num_heads"}


def test_that_the_configuration_itself_stays_as_it_was() -> None:
    settle(CONFIG, {"num_layers": 5})
    assert CONFIG.num_layers == 2


@pytest.mark.parametrize(
    ("path", "named", "meant"),
    [
        ("model.embed_dim", "embed_dim", True),
        ("embed_dim", "model.embed_dim", True),
        ("embed_dim", "embed_dim", True),
        ("model.embed_dim", "dim", False),
        ("model.embed_dim", "model.num_heads", False),
    ],
)
def test_that_an_error_concerns_the_setting_that_it_names_whole_or_by_its_last_part(
    path: str, named: str, meant: bool
) -> None:
    assert concerns(path, named) is meant
