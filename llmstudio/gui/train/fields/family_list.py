"""Which family of models is grown."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from llmstudio.core.models.families import MODELS
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.steady import SteadyList
from llmstudio.gui.look.theme import say


class FamilyList(SteadyList):
    """Families by their labels; all, until some are offered.

    Attributes:
        help: What the one in sight is, to stand below the list.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, accessibleName=self.tr("Family of models"))
        self.help = Label(wordWrap=True)
        self.help.setProperty("role", "muted")
        self.offer(MODELS)

    def offer(self, kinds: Iterable[str]) -> None:
        """Offer these families alone."""
        self.clear()
        for name in kinds:
            self.addItem(say(MODELS[name].label), name)
            self.setItemData(self.count() - 1, plain(say(MODELS[name].help)), Qt.ItemDataRole.ToolTipRole)

    def show_kind(self, kind: str) -> None:
        """Bring a family into sight."""
        self.setCurrentIndex(self.findData(kind))
        self.help.setText(say(MODELS[kind].help))
