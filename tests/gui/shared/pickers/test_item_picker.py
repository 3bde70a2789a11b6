from __future__ import annotations

import pytest
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.qtbot import QtBot

from llmstudio.gui.shared.pickers.item_picker import ItemPicker


def said(picker: ItemPicker) -> str:
    return "".join(label.text() for label in picker.findChildren(QLabel) if label.property("role") == "error")


@pytest.fixture
def holding(qtbot: QtBot) -> ItemPicker:
    picker = ItemPicker("Model", has_menu=False, holds=True)
    qtbot.addWidget(picker)
    picker.set_names(["A", "B"], {"A": "1", "B": "2"})
    picker.pick("B")
    return picker


def test_that_an_item_is_followed_by_its_id_though_another_takes_its_name(holding: ItemPicker) -> None:
    holding.set_names(["B", "A", "C"], {"A": "1", "B": "3", "C": "2"})
    assert holding.current() == "C"
    assert not said(holding)


def test_that_a_copy_with_the_same_id_is_not_taken_for_the_one_that_was_picked(holding: ItemPicker) -> None:
    holding.set_names(["Copy", "B", "A"], {"Copy": "2", "B": "2", "A": "1"})
    assert holding.current() == "B"


def test_that_one_that_is_gone_is_told_and_nothing_takes_its_place(holding: ItemPicker) -> None:
    told: list[bool] = []
    holding.missed.connect(told.append)
    holding.set_names(["B", "A"], {"A": "1", "B": "3"})
    assert (holding.current(), holding.current_id, holding.gone) == ("", "", "B")
    assert "B" in said(holding)
    assert told == [True]
    box = holding.findChild(QComboBox)
    assert isinstance(box, QComboBox)
    assert box.property("bad")
    holding.set_names(["A"], {"A": "1"})
    assert (holding.current(), holding.gone) == ("", "B"), "also when it is read again"
    box.setCurrentIndex(0)
    box.activated.emit(0)
    assert (holding.current(), holding.gone, said(holding)) == ("A", "", "")
    assert told == [True, False]


def test_that_one_that_comes_back_is_picked_again(holding: ItemPicker) -> None:
    holding.set_names(["A"], {"A": "1"})
    holding.set_names(["A", "Again"], {"A": "1", "Again": "2"})
    assert (holding.current(), holding.gone, said(holding)) == ("Again", "", "")


def test_that_another_project_begins_with_its_own_first(holding: ItemPicker) -> None:
    holding.forget()
    holding.set_names(["X", "Y"], {"X": "8", "Y": "9"})
    assert (holding.current(), holding.gone, said(holding)) == ("X", "", "")


def test_that_a_view_turns_to_what_there_is(qtbot: QtBot) -> None:
    picker = ItemPicker("Run")
    qtbot.addWidget(picker)
    picker.set_names(["A", "B"], {"A": "1", "B": "2"})
    picker.pick("B")
    picker.set_names(["A"], {"A": "1"})
    assert (picker.current(), picker.gone) == ("A", "")


def test_that_a_list_under_its_label_has_the_whole_width_whatever_its_names(qtbot: QtBot) -> None:
    for names in (["A"], ["A name that is much longer than the other"]):
        picker = ItemPicker("Model", has_menu=False, above=True)
        qtbot.addWidget(picker)
        picker.set_names(names)
        picker.resize(300, 80)
        picker.show()
        assert picker.findChild(QComboBox).width() == 300
