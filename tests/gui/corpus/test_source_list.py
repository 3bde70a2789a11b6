from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl

from llmstudio.gui.corpus.source_list import SourceList, dropped_paths
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.pickers.name_field import NameField


@pytest.fixture
def sources(qtbot):
    widget = SourceList({"tour": ("A tiny world", "People and things.")})
    qtbot.addWidget(widget)
    return widget


def test_that_a_source_is_listed_once_however_often_it_is_added(sources, qtbot):
    with qtbot.waitSignal(sources.changed):
        sources.add(["/a/tale.txt", "/a/tale.txt"])
    sources.add(["/b", "/a/tale.txt"])
    assert sources.sources() == ["/a/tale.txt", "/b"]
    assert sources.current() == "/b"


def test_that_a_sample_is_one_press_away_and_wears_its_title(sources):
    sources.add_sample.menu().actions()[0].trigger()
    assert sources.sources() == ["sample:tour"]
    assert sources.label("sample:tour") == "A tiny world"


def test_that_only_local_files_are_taken_from_a_drop():
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/tmp/唐诗.txt"), QUrl("https://example.org/x.txt")])
    assert dropped_paths(data) == ["/tmp/唐诗.txt"]


def test_that_the_delete_key_takes_a_source_off_the_list(sources, qtbot):
    sources.add(["/a", "/b"])
    qtbot.keyClick(sources, Qt.Key.Key_Delete)
    assert sources.sources() == ["/b"]


def test_that_a_written_name_is_not_replaced_by_a_proposal(qtbot):
    field = NameField()
    qtbot.addWidget(field)
    field.propose("Tales")
    field.propose("Tales 2")
    assert field.name() == "Tales 2"
    qtbot.keyClicks(field.line, "x")
    field.propose("Other")
    assert field.name() == "Tales 2x"


def test_that_a_free_name_is_one_press_away(qtbot):
    field = NameField()
    qtbot.addWidget(field)
    field.propose("Tales")
    field.set_problem("“Tales” exists already.", "Tales 2")
    field.instead.click()
    assert field.name() == "Tales 2"


def test_that_a_picked_name_stays_picked_when_others_come_and_go(qtbot):
    picker = ItemPicker("Corpus", none="none")
    qtbot.addWidget(picker)
    picker.set_names(["a", "b"])
    assert picker.pick("b")
    picker.set_names(["c", "b"])
    assert picker.current() == "b"
    picker.set_names(["c"])
    assert picker.current() == ""


def test_that_a_source_can_be_for_the_test_alone(sources, qtbot):
    sources.add(["/a.csv", "/b.csv"])
    sources.list.setCurrentRow(1)
    with qtbot.waitSignal(sources.changed):
        sources.for_test.click()
    assert (sources.learned(), sources.tests(), sources.sources()) == (["/a.csv"], ["/b.csv"], ["/a.csv", "/b.csv"])
    assert sources.list.item(1).text() == "b.csv (only for the test)"
    sources.list.setCurrentRow(0)
    assert not sources.for_test.isChecked()
    sources.list.setCurrentRow(1)
    assert sources.for_test.isChecked()
    sources.for_test.click()
    assert sources.tests() == []


def test_that_a_sample_is_never_for_the_test_alone(sources):
    sources.add(["sample:tour"])
    assert not sources.for_test.isEnabled()
    sources.clear()
    assert sources.for_test.isHidden()
