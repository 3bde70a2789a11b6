from __future__ import annotations

import csv
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Finished, Stopped
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.inspect.pages.classes import ClassesPage
from llmstudio.gui.inspect.tab import InspectTab
from llmstudio.gui.session.session import Session

LINES = "It was good.\n\nIt was sad.\n"


@pytest.fixture
def page(desk: Session, qtbot: QtBot) -> ClassesPage:
    tab = InspectTab(desk)
    qtbot.addWidget(tab)
    tab.resize(1000, 700)
    tab.show()
    tab.models.pick("Sort")
    tab.models.picked.emit("Sort")
    made = tab.pages["classes"]
    assert isinstance(made, ClassesPage)
    qtbot.waitUntil(lambda: tab.page is made and made.told is not None, timeout=60_000)
    made.tab = tab
    return made


def asked(monkeypatch: pytest.MonkeyPatch, file: Path, out: str) -> list[str]:
    proposed: list[str] = []
    monkeypatch.setattr(file_dialog, "open_files", lambda *_: [str(file)])

    def place(_parent: object, _title: str, start: str, *_: object, **__: object) -> str:
        proposed.append(start)
        return out or start

    monkeypatch.setattr(file_dialog, "save_file", place)
    return proposed


def test_that_a_whole_file_becomes_a_new_one_and_what_came_of_it_is_said(
    page: ClassesPage, desk: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file := tmp_path / "in.txt").write_text(LINES, encoding="utf-8")
    (tmp_path / "in classes.tsv").write_text("mine", encoding="utf-8")
    proposed = asked(monkeypatch, file, "")
    with qtbot.waitSignal(desk.job_ended, timeout=60_000) as ended:
        page.file.button.click()
        assert not page.file.button.isEnabled()
    assert isinstance(ended.args[1], Finished)
    assert proposed == [str(tmp_path / "in classes 2.tsv")]  # nothing is overwritten
    with open(proposed[0], encoding="utf-8", newline="") as made:
        rows = list(csv.DictReader(made, delimiter="\t"))
    assert [row["text"] for row in rows] == ["It was good.", "", "It was sad."]
    assert rows[0]["class"] == page.told.names[0] or rows[0]["class"] in dict(page.told.chances)
    said = page.tab.messages.text
    assert "3 texts written" in said
    assert "1 place holds no text" in said
    assert "Open its folder" in [button.text() for button in page.tab.messages.findChildren(QPushButton)]
    assert page.file.button.isEnabled()
    assert page.file.far.isHidden()


def test_that_labels_of_the_file_are_compared_with(page: ClassesPage, desk: Session, qtbot: QtBot, tmp_path: Path) -> None:
    (file := tmp_path / "in.txt").write_text("It was good.\tgood\nIt was sad.\tbad\n", encoding="utf-8")
    with qtbot.waitSignal(desk.job_ended, timeout=60_000):
        page.file.begin(file, tmp_path / "out.csv")
    assert "agree with the labels of the file" in page.tab.messages.text


def test_that_what_is_wrong_with_the_file_is_said_and_nothing_written(
    page: ClassesPage, desk: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    (file := tmp_path / "in.txt").write_text("", encoding="utf-8")
    with qtbot.waitSignal(desk.job_ended, timeout=60_000):
        page.file.begin(file, tmp_path / "out.csv")
    assert "empty" in page.tab.messages.text
    assert not (tmp_path / "out.csv").exists()


def test_that_a_stop_leaves_no_file_and_says_so(page: ClassesPage, desk: Session, qtbot: QtBot, tmp_path: Path) -> None:
    (file := tmp_path / "in.txt").write_text("It was good and it was sad.\n" * 60_000, encoding="utf-8")
    with qtbot.waitSignal(desk.job_ended, timeout=60_000) as ended:
        page.file.begin(file, tmp_path / "out.csv")
        qtbot.waitUntil(lambda: " / 60,000" in page.file.far.text(), timeout=30_000)
        desk.stop("work")
    assert isinstance(ended.args[1], Stopped)
    assert "Nothing was written" in page.tab.messages.text
    assert not (tmp_path / "out.csv").exists()
