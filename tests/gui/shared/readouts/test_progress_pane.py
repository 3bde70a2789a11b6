from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Progress
from llmstudio.core.words import words
from llmstudio.gui.shared.readouts.progress_pane import ProgressPane
from llmstudio.terminal.printer import _progress


@pytest.mark.parametrize(
    ("done", "total", "unit", "shown", "typed"),
    [
        (1, None, "documents", "1 document", "Reading 1 document"),
        (2000, None, "documents", "2,000 documents", "Reading 2,000 documents"),
        (1, 10, "questions", "1 of 10 questions", "Reading 10 %"),
        (3_250_000, None, "bytes", "3.25 MB", "Reading 3.25 MB"),
        (0, None, "documents", "", "Reading"),
        (3, None, "", "3", "Reading 3"),
    ],
)
def test_that_both_faces_say_one_document_and_two_documents(
    qtbot: QtBot, done: int, total: int | None, unit: str, shown: str, typed: str
) -> None:
    pane = ProgressPane(QWidget())
    qtbot.addWidget(pane)
    event = Progress(job="import", what=words("Reading"), done=done, total=total, unit=unit)
    pane.show_progress(event)
    assert pane.done.text() == shown
    assert _progress(event) == typed
