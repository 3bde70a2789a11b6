from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from llmstudio.app.pruning.preview import Member, on_all_of_the_text
from llmstudio.app.runs.run_summary import Quality
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.gui.prune.zeros.view import Look, PruneView
from llmstudio.store.model_card import Result


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
    paces = {"tokens_per_second_before": 1234.4, "tokens_per_second": 2345.0}
    view.show_sides("Whole", quality, None, (told or {}) | paces)
    assert {"1,234 tokens/s", "2,345 tokens/s"} <= set(shown(view)), "speed moves with the rest"


def test_that_the_curve_of_an_encoder_counts_the_words_it_fills_in(qtbot: QtBot) -> None:
    def member(name: str, parent: str, config: PruningConfig | None, sparsity: float, right: float) -> Member:
        quality = Quality("masked_accuracy", right, 6, True)
        return Member(name, parent, config, sparsity, None, True, Result(), quality)

    half = PruningConfig(sparsity=0.5)
    lineage = [member("Fills", "", None, 0.0, 0.75), member("Half", "Fills", half, 0.5, 0.5)]
    look = {"masked_accuracy_before": 0.7, "masked_accuracy_after": 0.3}
    tried = on_all_of_the_text(lineage, "Fills", look)
    assert tried == pytest.approx(0.35)
    view = PruneView()
    qtbot.addWidget(view)
    view.show_lineage(lineage, [Look(PruningConfig(sparsity=0.8), tried, look, "Fills")])
    (points,) = view.plot.series.values()
    assert [point.value for point in points] == pytest.approx([0.75, 0.5, 0.35])
    said = view.plot.describe(points[1]).replace("\u00a0", " ")
    assert said == "Half: 50 % gone, 50 % of hidden words filled in right"
    view.plot.draw()
    assert view.plot.getAxis("left").labelText == "of hidden words filled in right"


def test_that_a_model_that_grew_sparse_begins_its_curves_at_its_own_share_bytes_and_pace(qtbot: QtBot) -> None:
    def member(name: str, parent: str, config: PruningConfig | None, sparsity: float, told: dict[str, object]) -> Member:
        return Member(name, parent, config, sparsity, 2.0 + sparsity, True, Result(told=told))

    def look(model: str, pace: float, config: PruningConfig) -> Look:
        told = {"bits_per_byte_before": 2.0, "bits_per_byte_after": 2.5, "file_bytes": 300, "tokens_per_second": pace + 1}
        return Look(config, 2.9, told | {"tokens_per_second_before": pace}, model)

    more, most = PruningConfig(sparsity=0.8), PruningConfig(sparsity=0.9)
    lineage = [
        member("Sparse", "", None, 0.5, {"sparsity": 0.5}),
        member("More", "Sparse", more, 0.8, {"file_bytes_before": 700, "file_bytes_after": 400}),
        member("Most", "More", most, 0.9, {"file_bytes_before": 4_000, "file_bytes_after": 200}),
    ]
    view = PruneView()
    qtbot.addWidget(view)
    view.show_lineage(lineage, [look("Sparse", 10.0, most), look("More", 90.0, most), look("More", 95.0, more)])
    (points,) = view.plot.series.values()
    assert (points[0].name, points[0].sparsity, points[0].num_bytes, points[0].pace) == ("Sparse", 0.5, 700, 10)
