"""Projects that were open before: a press opens one again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from llmstudio.gui.look.label import caption, plain
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.short_button import ShortButton
from llmstudio.gui.shared.layout.tab_layout import heading

_MOST = 4  # beside the one that is open


class RecentProjects(QWidget):
    """The open project, and those before it that are still there."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._list = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(heading(self.tr("Projects")))
        column.addLayout(self._list)
        column.addStretch(1)

    @property
    def buttons(self) -> list[QPushButton]:
        """One for each project, the open one first."""
        return [self._list.itemAt(place).widget() for place in range(self._list.count())]

    def refresh(self) -> None:
        """Look which there are."""
        while (entry := self._list.takeAt(0)) is not None:
            entry.widget().hide()  # gone at once: until it is deleted it could still be pressed
            entry.widget().deleteLater()
        here = str(self._session.project.root)
        others = [path for path in self._session.preferences.recent if path != here and Path(path).is_dir()]
        for path in [here, *others][: _MOST + 1]:
            name = Path(path).name
            button = ShortButton(caption(self.tr("{name} (open)").format(name=name) if path == here else name))
            button.setProperty("role", "link")
            button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # a long name makes no page wider
            button.setToolTip(plain(path))
            button.setEnabled(path != here)
            button.setProperty("path", path)
            button.clicked.connect(self._open)
            self._list.addWidget(button)

    @Slot()
    def _open(self) -> None:
        self._session.open_project(self.sender().property("path"))
