from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QFileInfo
from PySide6.QtWidgets import QFileDialog, QWidget

from llmstudio.gui.forms import file_dialog


@pytest.fixture
def parent(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def answer(qtbot, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[QFileDialog], None]], None]:
    """Answers the next file dialog, again until it closes: one that has not listed its folder yet takes no name."""

    def prepare(act: Callable[[QFileDialog], None]) -> None:
        def ask(dialog: QFileDialog) -> int:
            dialog.show()

            def closes() -> bool:
                act(dialog)
                return not dialog.isVisible()

            qtbot.waitUntil(closes, timeout=20_000)
            return dialog.result()

        monkeypatch.setattr(QFileDialog, "exec", ask)

    return prepare


def test_that_files_and_a_place_come_back_as_they_were_chosen_and_nothing_if_given_up(
    parent, answer, tmp_path: Path
) -> None:
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


def test_that_no_file_is_looked_into_for_its_picture(parent, answer, tmp_path: Path) -> None:
    """Qt's own dialog asks for the kind of every file in a folder: in a large one that is a freeze."""
    icons = []
    answer(lambda dialog: (icons.append(dialog.iconProvider()), dialog.reject()))
    file_dialog.open_files(parent, "Choose", str(tmp_path))
    assert icons == [file_dialog.plain_icons()]
    for name in ("a.png", "b.txt"):
        (tmp_path / name).write_text(name)
    picture, text, folder = (icons[0].icon(QFileInfo(str(tmp_path / name))) for name in ("a.png", "b.txt", "."))
    assert picture.cacheKey() == text.cacheKey() != folder.cacheKey()
