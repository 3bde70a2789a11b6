"""Files may be let go anywhere in the window, also on a text field."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractScrollArea, QLineEdit, QPlainTextEdit, QTextEdit, QWidget


def leave_drops_to_the_window(part: QWidget) -> None:
    """A text field would take a file that is let go on it for its path, written out."""
    for kind in (QLineEdit, QTextEdit, QPlainTextEdit):
        for field in part.findChildren(kind):
            field.setAcceptDrops(False)
            if isinstance(field, QAbstractScrollArea):
                field.viewport().setAcceptDrops(False)
