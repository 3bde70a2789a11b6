"""The questions for files and folders.

Where the system has a dialog of its own, it asks; elsewhere Qt's does. That one looks into every file of a folder for its
kind and its picture, which takes a third of a second in a folder of two thousand: here a file is a file.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QFileInfo
from PySide6.QtGui import QAbstractFileIconProvider, QIcon
from PySide6.QtWidgets import QFileDialog, QFileIconProvider, QWidget

_Kind = QAbstractFileIconProvider.IconType


def open_files(parent: QWidget, title: str, start: str = "") -> list[str]:
    """Let the person choose files; an empty list for none."""
    dialog = _dialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    return _ask(dialog)


def open_folder(parent: QWidget, title: str, start: str = "") -> str:
    """Let the person choose a folder; empty for none."""
    dialog = _dialog(parent, title, start)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return next(iter(_ask(dialog)), "")


def save_file(parent: QWidget, title: str, start: str, pattern: str = "", *, asks_before_overwriting: bool = True) -> str:
    """Let the person say where something goes (`start` may name the file); empty for nowhere."""
    about = QFileInfo(start)
    dialog = _dialog(parent, title, about.path() if about.isAbsolute() else "", pattern)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not asks_before_overwriting)
    if not about.isDir():
        dialog.selectFile(about.fileName())
    else:
        dialog.setDirectory(start)
    return next(iter(_ask(dialog)), "")


def _dialog(parent: QWidget, title: str, folder: str, pattern: str = "") -> QFileDialog:
    dialog = QFileDialog(parent, title, folder, pattern)
    dialog.setIconProvider(plain_icons())
    return dialog


def _ask(dialog: QFileDialog) -> list[str]:
    try:
        return dialog.selectedFiles() if dialog.exec() else []
    finally:
        dialog.deleteLater()


class PlainIcons(QAbstractFileIconProvider):
    """One picture for every folder and one for every file, whatever is in it."""

    def __init__(self) -> None:
        super().__init__()
        system = QFileIconProvider()
        self._pictures = {kind: system.icon(kind) for kind in _Kind}

    def icon(self, what: QFileInfo | _Kind) -> QIcon:  # type: ignore[override]
        """The picture of a place, or of a kind of place."""
        if isinstance(what, _Kind):
            return self._pictures[what]
        return self._pictures[_Kind.Folder if what.isDir() else _Kind.File]

    def type(self, info: QFileInfo) -> str:
        """What stands in the column of kinds."""
        if info.isDir():
            return QCoreApplication.translate("FileDialog", "Folder")
        return info.suffix()


_plain_icons: PlainIcons | None = None


def plain_icons() -> PlainIcons:
    """The pictures, made once: they must outlive every dialog that shows them."""
    global _plain_icons
    _plain_icons = _plain_icons or PlainIcons()
    return _plain_icons
