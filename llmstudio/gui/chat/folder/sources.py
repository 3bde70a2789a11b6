"""Where an answer comes from: its passages as links below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.gui.look.label import Label


class SourcesLine(Label):
    """Links with file and place; those that the model could not read are said to be unread.

    Signals:
        pressed: The source, as a message keeps it.
    """

    pressed = Signal(object)

    def __init__(self, sources: Sequence[Mapping[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent, wordWrap=True)
        self._sources = sources
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.linkActivated.connect(self._on_link)
        links = [self._link(number, source) for number, source in enumerate(sources)]
        self.set_markup(self.tr("From {links}").format(links=" &nbsp;·&nbsp; ".join(links)))

    def _link(self, number: int, source: Mapping[str, str]) -> str:
        told = self.tr("{file}, {place}").format(file=source["file"], place=source["place"])
        unread = "" if source["read"] else escape(self.tr(" (did not fit, not read)"))
        return f'<a href="{number}">{escape(told)}</a>{unread}'

    @Slot(str)
    def _on_link(self, number: str) -> None:
        self.pressed.emit(self._sources[int(number)])
