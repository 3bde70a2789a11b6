"""What large type must not cut: names of axes, tabs, the sayings of the picture; and Home never scrolls sideways."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.app.preferences import Preferences
from llmstudio.gui.home.growth_picture import GrowthPicture
from llmstudio.gui.look.theme import theme
from llmstudio.gui.prune.zeros.sparsity_plot import SparsityPlot
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.plots.curve_plot import Curve, CurvePlot
from llmstudio.gui.tokenizer.rank_plot import RankPlot
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.store.project import Project


@pytest.fixture(autouse=True)
def large() -> Iterator[None]:
    theme.zoom(1.6)
    yield
    theme.zoom(1.0)
    QApplication.processEvents()


def drawn(kind: str) -> tuple[QWidget, pg.PlotWidget]:
    """A plot of one of our kinds with something in it, and where its axes are."""
    if kind == "curve":
        curves = CurvePlot("Reach", x_title="tokens back", y_title="share of the reach that is left")
        curves.set_curves([Curve("a", np.arange(3.0), np.arange(3.0))])
        return curves, curves.canvas
    if kind == "rank":
        ranks = RankPlot()
        ranks.set_counts(["a", "b"], [5, 2])
        return ranks, ranks
    sparsity = SparsityPlot()
    sparsity.set_series({})
    return sparsity, sparsity


@pytest.mark.parametrize("kind", ["curve", "rank", "sparsity"])
def test_that_a_plot_in_no_room_keeps_its_curve_and_the_whole_name_of_its_axis(kind: str, qtbot: QtBot) -> None:
    plot, canvas = drawn(kind)
    holder = QWidget()
    qtbot.addWidget(holder)
    QVBoxLayout(holder).addWidget(plot)
    holder.resize(600, 60)
    holder.show()
    qtbot.wait(30)
    named = canvas.getAxis("left").label.boundingRect().width()
    assert canvas.plotItem.vb.height() >= named > 0
    assert canvas.plotItem.vb.height() >= 140


def test_that_the_sayings_of_the_picture_stand_apart_and_all_are_there(qtbot: QtBot) -> None:
    picture = GrowthPicture()
    qtbot.addWidget(picture)
    for width, height in ((544, 352), (560, 340), (640, 360), (768, 352)):
        boxes = [box for _, box, _ in picture.bubbles(QRectF(13, 26, width - 26, height - 64))]
        assert len(boxes) == 3, (width, height)
        assert not any(one.intersects(other) for one, other in combinations(boxes, 2)), (width, height)


def test_that_home_fits_across_in_any_width_whatever_the_projects_are_called(
    project: Project, tmp_path: Path, qtbot: QtBot
) -> None:
    long = tmp_path / "a project with a name that goes on and on, as those of shared notebooks do, copy 2"
    long.mkdir()
    window = MainWindow(Session(project, Preferences(recent=(str(long),))))
    window.show()
    page = window.tabs.tab("home")._scroll
    for width in (1010, 1024, *range(1200, 1500, 20)):
        window.resize(QSize(width, 800))
        qtbot.wait(10)
        assert window.width() == width
        assert page.horizontalScrollBar().maximum() == 0, width
        bar = window.tabs.tabBar()
        assert bar.tabRect(bar.count() - 1).right() <= width - 30  # a font a little wider fits too
    window.close_unasked()
    window.deleteLater()
