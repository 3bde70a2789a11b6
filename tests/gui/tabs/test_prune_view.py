from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from llmstudio.app.run_summary import Quality
from llmstudio.gui.tabs.prune_view import PruneView


def shown(view: PruneView) -> list[str]:
    return [widget.accessibleName() for widget in view.sides.findChildren(QWidget) if widget.accessibleName()]


@pytest.mark.parametrize(
    ("quality", "told", "expected"),
    [
        (Quality("masked_accuracy", 0.5, 6, True), None, "50 % of hidden words filled in right"),
        (Quality("bits_per_byte", 1.5, 6, True), None, "1.500 bits per byte"),
        (None, {"masked_accuracy_before": 0.5, "masked_accuracy_after": 0.25}, "25 % of hidden words filled in right"),
        (None, {"bits_per_byte_before": 1.5, "bits_per_byte_after": 1.75}, "1.750 bits per byte"),
    ],
)
def test_that_both_sides_show_the_figure_of_the_models_family(
    qtbot: QtBot, quality: Quality | None, told: dict[str, object] | None, expected: str
) -> None:
    view = PruneView()
    qtbot.addWidget(view)
    view.show_sides("Whole", quality, None, told)
    assert expected in shown(view)
