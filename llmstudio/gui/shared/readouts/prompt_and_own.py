"""How a text that a model wrote stands beside what it was given: the prompt is quiet, the model's own words are strong."""

from __future__ import annotations

import html

from PySide6.QtGui import QFont, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from llmstudio.gui.look.theme import color


def write(edit: QTextEdit, prompt: str, own: str) -> None:
    """Write both into a field, from its top."""
    quiet, strong = QTextCharFormat(), QTextCharFormat()
    quiet.setForeground(color("muted"))
    quiet.setFontWeight(QFont.Weight.Normal)
    strong.setForeground(color("text"))
    strong.setFontWeight(QFont.Weight.DemiBold)
    edit.clear()
    cursor = QTextCursor(edit.document())
    cursor.insertText(prompt, quiet)
    cursor.insertText(own, strong)
    edit.verticalScrollBar().setValue(0)


def markup(prompt: str, own: str, *, keeps_lines: bool = False) -> str:
    """Both as HTML for a label; `keeps_lines`: with the line breaks of the model's own words."""
    quiet = f"<span style='color:{color('muted').name()}'>{html.escape(prompt)}</span> " if prompt else ""
    strong = html.escape(own)
    if keeps_lines:
        strong = strong.replace("\n", "<br>")
    return f"{quiet}<b>{strong}</b>"
