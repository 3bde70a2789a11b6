from __future__ import annotations

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from llmstudio.gui.train.fields.size_slider import Size, SizeSlider

SIZES = [
    Size("nano", "Nano", "Seconds."),
    Size("micro", "Micro", "Minutes."),
    Size("small", "Small", "Hours."),
    Size("tour", "The tour", "For a lecture.", is_special=True),
]


@pytest.fixture
def slider(qtbot: QtBot) -> SizeSlider:
    made = SizeSlider()
    qtbot.addWidget(made)
    made.set_sizes(SIZES)
    made.show_current("micro")
    return made


def test_that_sliding_chooses_and_showing_does_not(slider: SizeSlider, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(slider.chosen):
        slider.show_current("small")
    with qtbot.waitSignal(slider.chosen) as told:
        slider._slider.setValue(0)
    assert told.args == ["nano"]
    assert slider.current == "nano"


def test_that_a_size_for_a_purpose_is_a_button_and_no_step_of_the_slider(slider: SizeSlider, qtbot: QtBot) -> None:
    assert slider._slider.maximum() == 2
    chip = slider.findChild(QPushButton)
    with qtbot.waitSignal(slider.chosen) as told:
        chip.click()
    assert told.args == ["tour"]
    with qtbot.waitSignal(slider.chosen) as told:
        slider._slider.sliderReleased.emit()  # at the place where it stood before
    assert told.args == ["micro"]
    assert not chip.isChecked()


def test_that_fewer_sizes_say_why(slider: SizeSlider) -> None:
    assert slider._limit.isHidden()
    slider.set_sizes(SIZES[:2], limit="Larger ones would take too long.")
    assert slider.names == ["nano", "micro"]
    assert slider.current == "micro"
    assert not slider._limit.isHidden()


def test_that_settings_of_ones_own_have_no_name(slider: SizeSlider) -> None:
    slider.show_current("")
    assert slider._label.text() == "Settings of your own"
    assert slider._help.isHidden()


def test_that_a_chip_that_is_no_longer_offered_cannot_be_pressed(qtbot):
    """Before it is deleted, a chip of another family stood there and asked for a size that the new one does not have."""
    slider = SizeSlider()
    qtbot.addWidget(slider)
    slider.set_sizes([Size("small", "Small", ""), Size("special", "Special", "", is_special=True)])
    slider.show()
    old = next(chip for chip in slider.findChildren(QPushButton) if chip.text() == "Special")
    assert old.isVisible()
    slider.set_sizes([Size("small", "Small", "")])
    assert not old.isVisible()
