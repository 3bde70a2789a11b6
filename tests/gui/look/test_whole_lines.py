from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Sampled
from llmstudio.gui.look.theme import theme
from llmstudio.gui.train.run.picture.sample_view import SampleView


@pytest.fixture(params=[1.0, 1.3, 1.6])
def scale(request: pytest.FixtureRequest) -> Iterator[float]:
    theme.zoom(request.param)
    yield request.param
    theme.zoom(1.0)


def cut_lines(edit: QTextEdit) -> int:
    """Lines that the foot of a field shows only a part of."""
    seen, cursor = edit.viewport().height(), QTextCursor(edit.document())
    cut = 0
    while True:
        place = edit.cursorRect(cursor)
        cut += place.top() < seen - 1 and place.bottom() > seen
        if not cursor.movePosition(QTextCursor.MoveOperation.Down):
            return cut


@pytest.mark.parametrize("height", range(80, 200, 17))
def test_that_a_sample_text_ends_in_a_whole_line_at_any_height(height: int, scale: float, qtbot: QtBot) -> None:
    view = SampleView()
    qtbot.addWidget(view)
    view.set_samples([Sampled(job="train", step=1, time=1.0, prompt="The bear", text=" went over the hill" * 60)])
    view.resize(400, round(height * scale))
    holder: QWidget = view
    holder.show()
    qtbot.wait(10)
    edit = view.findChild(QTextEdit)
    assert edit.verticalScrollBar().maximum() > 0
    assert cut_lines(edit) == 0
