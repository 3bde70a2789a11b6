from __future__ import annotations

from pytestqt.qtbot import QtBot

from llmstudio.gui.inspect.scores.remedies_page import RemediesPage
from llmstudio.gui.session.session import Session


def test_that_only_what_is_better_than_another_is_bold(session: Session, qtbot: QtBot) -> None:
    page = RemediesPage(session)
    qtbot.addWidget(page)
    figures = [{"rare_recall": 0.0, "accuracy": share, "macro_f1": 0.5} for share in (0.8, 0.9)]
    page.show_points([{"way": way, "figures": each} for way, each in zip(("none", "inverse"), figures, strict=True)])
    assert [[page.table.item(row, column).font().bold() for column in range(4)] for row in range(2)] == [
        [False, False, False, False],
        [False, False, True, False],
    ]
