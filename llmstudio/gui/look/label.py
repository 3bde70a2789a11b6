"""Words on the window that are shown as they are written: a name, a text or an error is never read as markup.

Left to itself, a `QLabel` guesses whether its text is HTML, and so do tooltips and message boxes; a name such as
`<img src='file:///...'>` would be loaded and drawn. Here a text is plain unless it is given to `set_markup`.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QLabel

from llmstudio.gui.look.theme import theme

_UNIT = re.compile(r"(?<=\d) (?=(?:s|ms|min|h|days?|bits?|bytes?|[kMGT]?B|M|%)(?!\w))")


class Label(QLabel):
    """A `QLabel` that shows plain text; `set_markup` opts in to HTML for a text that the program wrote itself.

    Where it wraps, a number and its unit stay in one line; `text()` is what was set.
    """

    def __init__(self, *arguments: Any, **properties: Any) -> None:
        super().__init__(*arguments, **properties)
        self._follows = False
        self._said = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        if given := super().text():
            self.setText(given)

    def setText(self, text: str) -> None:
        """Show a text as it is, whatever stands in it."""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._said = text
        super().setText(_UNIT.sub("\N{NO-BREAK SPACE}", text) if self.wordWrap() else text)

    def clear(self) -> None:
        """Show nothing."""
        self.setText("")

    def text(self) -> str:
        """What was set, plain or as markup."""
        return self._said

    def set_markup(self, markup: str) -> None:
        """Show HTML of our own; whatever came from elsewhere must have gone through `html.escape`."""
        if not self._follows:
            theme.changed.connect(self._color_again)
            self._follows = True
        self.setTextFormat(Qt.TextFormat.RichText)
        self._said = markup
        super().setText(markup)

    @Slot()
    def _color_again(self) -> None:
        """Qt gives links their colour when it reads the markup: after a change of the scheme it has to read it again."""
        if self.textFormat() == Qt.TextFormat.RichText:
            markup = self.text()
            super().setText("")
            super().setText(markup)


def plain(text: str) -> str:
    """A text for a place where Qt guesses (a tooltip, a message box, a dialog's question), so that it is shown as it is."""
    return paragraph(text) if "<" in text or "&" in text else text


def paragraph(*parts: str) -> str:
    """A tooltip of one or several lines that wraps where it is too wide; what stands in the parts is shown as it is."""
    lines = "<br>".join(escape(part).replace("\n", "<br>") for part in parts if part)
    return f"<p>{lines}</p>" if lines else ""


def caption(text: str) -> str:
    """A text for a button or a menu, where Qt takes `&` for the mark of a key."""
    return text.replace("&", "&&")
