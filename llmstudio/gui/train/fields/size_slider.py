"""How large a model: a slider from the smallest to the largest size, and buttons for sizes made for one purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QSlider, QVBoxLayout, QWidget

from llmstudio.app.presets.preset import Preset
from llmstudio.app.presets.sizes import SIZES
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.scaled import gap, scaled
from llmstudio.gui.look.steady import SteadySlider
from llmstudio.gui.look.theme import BODY, font, say, space, theme


@dataclass(frozen=True)
class Size:
    """One that can be chosen: its name, what it is called, what to expect of it, and whether it serves one purpose."""

    name: str
    label: str
    help: str
    is_special: bool = False


class SizeSlider(QWidget):
    """Chooses one of several sizes.

    Signals:
        chosen(str): The name of the size that was picked.
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes: list[Size] = []
        self._current = ""
        self._label, self._forecast = Label(), Label(wordWrap=True)
        self._help, self._limit = Label(wordWrap=True), Label(wordWrap=True)
        for label in (self._help, self._limit):
            label.setProperty("role", "muted")
        self._slider = SteadySlider(Qt.Orientation.Horizontal, pageStep=1)
        self._slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self._slider.setAccessibleName(self.tr("Size of the model"))
        self._slider.valueChanged.connect(self._on_slid)
        self._slider.sliderReleased.connect(self._on_released)
        self._chips = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: layout.setSpacing(space(0.5)))
        for widget in (self._label, self._slider, self._forecast, self._help, self._limit):
            layout.addWidget(widget)
        gap(layout, 0.5)
        layout.addLayout(self._chips)
        self._limit.hide()
        self._forecast.hide()
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def current(self) -> str:
        """Name of the chosen size; empty if the settings are nobody's any more."""
        return self._current

    @property
    def names(self) -> list[str]:
        """The sizes that can be chosen, those on the slider first."""
        return [size.name for size in (*self._on_slider(), *self._special())]

    def set_sizes(self, sizes: Sequence[Size], *, limit: str = "") -> None:
        """Offer these, smallest first; `limit` says why there are no larger ones."""
        if list(sizes) == self._sizes and limit == self._limit.text():
            return
        self._sizes = list(sizes)
        self._limit.setText(limit)
        self._limit.setVisible(bool(limit))
        self._slider.blockSignals(True)
        self._slider.setRange(0, max(0, len(self._on_slider()) - 1))
        self._slider.blockSignals(False)
        while (entry := self._chips.takeAt(0)) is not None:
            if entry.widget():
                entry.widget().hide()  # gone at once: until it is deleted it could still be pressed
                entry.widget().deleteLater()
        for size in self._special():
            chip = QPushButton(size.label, checkable=True, toolTip=plain(size.help))
            chip.setProperty("role", "chip")
            chip.setProperty("choice", size.name)
            chip.clicked.connect(self._on_chip)
            self._chips.addWidget(chip, 0, Qt.AlignmentFlag.AlignLeft)
        self.show_current(self._current)

    def show_current(self, name: str) -> None:
        """Show a size as chosen without saying so; empty for settings of one's own."""
        self._current = name
        size = next((size for size in self._sizes if size.name == name), None)
        self._label.setText(size.label if size else self.tr("Settings of your own"))
        self._help.setText(size.help if size else "")
        self._help.setVisible(bool(self._help.text()))
        order = [size.name for size in self._on_slider()]
        if name in order:
            self._slider.blockSignals(True)
            self._slider.setValue(order.index(name))
            self._slider.blockSignals(False)
        for i in range(self._chips.count()):
            if isinstance(chip := self._chips.itemAt(i).widget(), QPushButton):
                chip.setChecked(chip.property("choice") == name)

    def set_forecast(self, text: str) -> None:
        """What this size takes: `0.8 M · 84 MB · about 2 min`."""
        self._forecast.setText(text)
        self._forecast.setVisible(bool(text))

    @property
    def forecast(self) -> str:
        """What is said that it takes."""
        return self._forecast.text()

    def _on_slider(self) -> list[Size]:
        return [size for size in self._sizes if not size.is_special]

    def _special(self) -> list[Size]:
        return [size for size in self._sizes if size.is_special]

    @Slot(int)
    def _on_slid(self, place: int) -> None:
        name = self._on_slider()[place].name
        self.show_current(name)
        self.chosen.emit(name)

    @Slot()
    def _on_released(self) -> None:
        # Back from a size for a purpose to the very place where the handle stands: nothing slid, but it was chosen.
        if self._on_slider()[self._slider.value()].name != self._current:
            self._on_slid(self._slider.value())

    @Slot()
    def _on_chip(self) -> None:
        name = str(self.sender().property("choice"))
        self.show_current(name)
        self.chosen.emit(name)

    @Slot()
    def _dress(self) -> None:
        self._label.setFont(font(BODY, bold=True))
        self._forecast.setFont(font(BODY, bold=True, tabular=True))


def sizes_of(presets: Sequence[Preset]) -> list[Size]:
    """Presets as sizes to choose from."""
    return [
        Size(entry.name, say(entry.label), say(entry.help), is_special=entry.name not in SIZES)  # for a purpose
        for entry in presets
    ]
