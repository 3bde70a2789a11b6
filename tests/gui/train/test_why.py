"""Under a run stands the figure of its own task."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.core.models.families.encoder_config import EncoderConfig
from llmstudio.core.recipe import Recipe
from llmstudio.gui.look.label import Label
from llmstudio.gui.shared.layout.why import Why
from llmstudio.gui.train.why import explain_training


@pytest.mark.parametrize(
    ("recipe", "figure"),
    [
        (Recipe(), "Bits per byte compare across tokenizers"),
        (Recipe(task_name="classify"), "the share of texts classified correctly"),
        (Recipe("encoder", EncoderConfig(), task_name="tag"), "the share of words tagged correctly"),
        (Recipe("encoder", EncoderConfig()), "the share of hidden words filled in right"),
    ],
)
def test_that_what_is_seen_names_the_figure_of_the_task(recipe: Recipe, figure: str, qtbot: QtBot) -> None:
    why = Why()
    qtbot.addWidget(why)
    explain_training(why, None, recipe)
    said = " ".join(label.text() for label in why.findChildren(Label))
    assert figure in said
    assert ("Bits per byte" in said) == (not recipe.task_name and recipe.kind == "decoder")
