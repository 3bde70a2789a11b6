"""One matrix of a tiny model, really taken apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.app.pruning.descent import USUAL_OF_ONE
from llmstudio.app.pruning.sweep import SHARES
from llmstudio.gui.prune.matrix.page import MatrixPage
from llmstudio.gui.prune.tab import PruneTab
from llmstudio.gui.session.session import Session


@pytest.fixture
def tab(bench: Session, qtbot: QtBot) -> PruneTab:
    made = PruneTab(bench)
    qtbot.addWidget(made)
    made.resize(1100, 800)
    made.show()
    made.show_page("matrix")
    qtbot.waitUntil(lambda: made.page.is_ready, timeout=60_000)
    return made


def page_of(tab: PruneTab) -> MatrixPage:
    assert isinstance(tab.page, MatrixPage)
    return tab.page


def test_that_sweeps_and_methods_of_a_matrix_draw_themselves(tab: PruneTab, bench: Session, qtbot: QtBot) -> None:
    page = page_of(tab)
    assert len(page.matrices.names()) > 1
    assert page.matrices.current() == "Layer 1, attention queries, keys and values"
    assert not page.sweeps.canvas.isVisible(), "axes that count nothing yet"
    assert page.sweeps.blank.isVisible()
    page.form.config = replace(page.form.config, calibration_tokens=256)
    tab.verb.click()
    qtbot.waitUntil(lambda: not bench.is_running("measure"), timeout=60_000)
    (saw,) = page.sweeps.curves
    assert page.sweeps.canvas.isVisible()
    assert not page.sweeps.blank.isVisible()
    assert (saw.y[1::2] <= saw.y[::2] * (1 + 1e-5)).all()  # every sweep lowers what is lost
    assert len(page.methods.curves) == len(USUAL_OF_ONE) + 1
    assert len(page.methods.curves[0].x) == len(SHARES)
    page.matrices.pick(page.matrices.names()[1])
    page.matrices.picked.emit(page.matrices.current())
    assert not page.sweeps.curves  # they were of another matrix
    assert not page.methods.curves
