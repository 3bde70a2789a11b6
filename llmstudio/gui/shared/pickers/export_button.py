"""A word with a menu under it; and the one that offers what a plot can be written as."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from llmstudio.gui.forms import file_dialog

FORMATS = ("png", "svg", "csv")


class MenuButton(QToolButton):
    """Opens its menu under itself."""

    def __init__(self, text: str, choices: QMenu) -> None:
        super().__init__(text=f"{text} ▾", accessibleName=text)
        self.choices = choices
        self.clicked.connect(self._open)

    @Slot()
    def _open(self) -> None:
        self.choices.popup(self.mapToGlobal(self.rect().bottomLeft()))


class ExportButton(MenuButton):
    """Offers a picture, a drawing, and the numbers.

    Signals:
        asked(str): One of `FORMATS`.
    """

    asked = Signal(str)

    def __init__(self) -> None:
        tr = QCoreApplication.translate
        super().__init__(tr("ExportButton", "Export"), QMenu())
        labels = {
            "png": tr("ExportButton", "Picture (PNG)"),
            "svg": tr("ExportButton", "Drawing (SVG)"),
            "csv": tr("ExportButton", "Numbers (CSV)"),
        }
        for name in FORMATS:
            action = self.choices.addAction(labels[name])
            action.setData(name)
            action.triggered.connect(self._on_chosen)

    @Slot()
    def _on_chosen(self) -> None:
        self.asked.emit(str(self.sender().data()))


def ask_place(parent: QWidget, name: str, kind: str) -> Path | None:
    """Let the person say where a file of this kind goes; None if nowhere."""
    title = QCoreApplication.translate("ExportButton", "Export")
    path = file_dialog.save_file(parent, title, f"{name}.{kind}", f"*.{kind}")
    return Path(path) if path else None
