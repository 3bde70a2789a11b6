"""Ways out of a fault as buttons, wherever a fault is told: at a field of a form, or in a message bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtWidgets import QLayout, QPushButton

from llmstudio.core.errors import Remedy
from llmstudio.gui.look.label import caption
from llmstudio.gui.look.theme import say


def remedy_buttons(remedies: Iterable[Remedy], press: Callable[[], None]) -> list[QPushButton]:
    """A button for each remedy that a window can offer; words for a terminal are none.

    Args:
        remedies: Each is its button's property `remedy`.
        press: A slot of whoever shows them; the button pressed is its `sender()`.
    """
    buttons = []
    for remedy in remedies:
        if remedy.action == "command":
            continue
        button = QPushButton(caption(say(remedy.label)))
        button.setProperty("remedy", remedy)
        button.clicked.connect(press)
        buttons.append(button)
    return buttons


def remove_buttons(layout: QLayout) -> None:
    """Take every button out of a layout."""
    while (entry := layout.takeAt(0)) is not None:
        entry.widget().hide()  # gone at once: until it is deleted it could still be pressed
        entry.widget().deleteLater()
