from __future__ import annotations

from PySide6.QtGui import QPaintEvent

from llmstudio.gui.shared.pickers.marked_edit import MarkedEdit


class Field(MarkedEdit):
    num_painted = 0

    def paintEvent(self, event: QPaintEvent) -> None:
        self.num_painted += 1
        super().paintEvent(event)


def test_that_another_hint_in_an_empty_field_is_painted(qtbot):
    field = Field(name="Message", mark_help="")
    qtbot.addWidget(field)
    field.setPlaceholderText("Say something")
    with qtbot.waitExposed(field):
        field.show()
    qtbot.waitUntil(lambda: field.num_painted > 0)
    qtbot.wait(50)
    before = field.num_painted
    field.setPlaceholderText("Begin a text")
    qtbot.waitUntil(lambda: field.num_painted > before, timeout=1000)
