from __future__ import annotations

import numpy as np
from pytestqt.qtbot import QtBot

from llmstudio.core.tasks.scores.classified import Classified
from llmstudio.gui.inspect.scores.table import ClassTable


def test_that_the_class_whose_curve_is_shown_is_in_sight_and_a_few_rows_are_whole(qtbot: QtBot) -> None:
    count = 30
    truth = np.eye(count, dtype=bool)
    told = truth.copy()
    told[count - 2] = truth[0]  # the worst stands far below
    made = ClassTable()
    qtbot.addWidget(made)
    made.resize(600, 1)
    made.show()
    made.show_classes(Classified(tuple(f"class {n}" for n in range(count)), truth, told, truth * 1.0, False))
    table = made.table
    row = table.selectionModel().selectedRows()[0].row()
    assert row == count - 2
    qtbot.waitUntil(lambda: table.viewport().rect().contains(table.visualItemRect(table.item(row, 0)).center()))
    assert table.viewport().height() >= sum(table.rowHeight(each) for each in range(4))
