from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QFileInfo, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from llmstudio.gui.shared.pickers import file_dialog


@pytest.fixture
def parent(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def answer(act: Callable[[QFileDialog], None]) -> None:
    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, QFileDialog):
            act(dialog)
        else:
            QTimer.singleShot(20, look)

    QTimer.singleShot(20, look)


def test_that_files_and_a_place_come_back_as_they_were_chosen_and_nothing_if_given_up(parent, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    answer(lambda dialog: (dialog.selectFile("a.txt"), dialog.accept()))
    assert file_dialog.open_files(parent, "Choose", str(tmp_path)) == [str(tmp_path / "a.txt")]
    answer(lambda dialog: dialog.accept())
    assert file_dialog.save_file(parent, "Save", str(tmp_path / "loss.png"), "*.png") == str(tmp_path / "loss.png")
    answer(lambda dialog: dialog.accept())
    assert file_dialog.open_folder(parent, "Open", str(tmp_path)) == str(tmp_path)
    for ask, nothing in ((file_dialog.open_files, []), (file_dialog.open_folder, ""), (file_dialog.save_file, "")):
        answer(lambda dialog: dialog.reject())
        assert ask(parent, "Choose", str(tmp_path)) == nothing


def test_that_no_file_is_looked_into_for_its_picture(parent, tmp_path: Path) -> None:
    """Qt's own dialog asks for the kind of every file in a folder: in a large one that is a freeze."""
    icons = []
    answer(lambda dialog: (icons.append(dialog.iconProvider()), dialog.reject()))
    file_dialog.open_files(parent, "Choose", str(tmp_path))
    assert icons == [file_dialog.plain_icons()]
    for name in ("a.png", "b.txt"):
        (tmp_path / name).write_text(name)
    picture, text, folder = (icons[0].icon(QFileInfo(str(tmp_path / name))) for name in ("a.png", "b.txt", "."))
    assert picture.cacheKey() == text.cacheKey() != folder.cacheKey()
