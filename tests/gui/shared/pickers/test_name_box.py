from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from llmstudio.gui.look.theme import space, theme
from llmstudio.gui.prune.pages.side_by_side import Side, SideBySide
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.pickers.name_box import NameBox

NAMES = ("diary nano", "diary nano, 50 % pruned", "diary nano, 70 % pruned")


def picker(width: int, qtbot: QtBot) -> tuple[ItemPicker, NameBox]:
    made = ItemPicker("Model", has_menu=False)
    qtbot.addWidget(made)
    theme.dress(made)
    made.set_names(NAMES)
    made.resize(width, 40)
    made.show()
    return made, made.findChild(NameBox)


@pytest.mark.parametrize("width", [160, 200, 240, 400])
def test_that_names_that_differ_at_their_ends_are_told_apart_in_any_room(width: int, qtbot: QtBot) -> None:
    made, box = picker(width, qtbot)
    shown = []
    for name in NAMES:
        made.pick(name)
        shown.append(box.shown())
        assert (name in box.whole()) == (box.shown() != name)
    assert len(set(shown)) == len(NAMES)
    assert "50" in shown[1]
    assert "70" in shown[2]
    assert (shown[1] == NAMES[1]) == (width >= 240)


def test_that_a_cut_name_is_told_on_hover_beside_what_is_said_of_it(qtbot: QtBot) -> None:
    made, box = picker(160, qtbot)
    made.set_notes({name: "1.494 bits per byte" for name in NAMES})
    made.pick(NAMES[1])
    assert NAMES[1] in box.whole()
    assert "1.494 bits per byte" in box.whole()


def test_that_the_cards_before_and_after_keep_the_ends_of_their_names(qtbot: QtBot) -> None:
    sides = SideBySide()
    qtbot.addWidget(sides)
    sides.set_sides(Side(NAMES[1], ()), Side(NAMES[2], ()))
    sides.resize(2 * space(24), 100)
    holder: QWidget = sides
    holder.show()
    titles = [column._title.text() for column in sides._columns]
    assert "50 %" in titles[0]
    assert "70 %" in titles[1]
    assert NAMES[2] in sides.words[1]
