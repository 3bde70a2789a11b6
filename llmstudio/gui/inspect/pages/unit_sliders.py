"""Numbers to turn: a slider for each unit of a space, from the lowest to the highest value it takes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSlider, QVBoxLayout, QWidget

from llmstudio.app.inspecting.latent_space import Unit
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.steady import SteadySlider
from llmstudio.gui.look.theme import space, theme

_STEPS = 40
_IN_SIGHT = 8  # rows; of more, the rest scrolls into view


class UnitSliders(QWidget):
    """Sliders, the unit that varies most on top.

    Signals:
        moved(int, float): (unit, value) the person turned one.
    """

    moved = Signal(int, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._units: tuple[Unit, ...] = ()
        self.sliders: list[QSlider] = []
        self._numbers: list[Label] = []
        self._title = Label(self.tr("Turn a unit"))
        self._hint = Label(self.tr("Every unit in use; the first differs most from sentence to sentence."), wordWrap=True)
        self._hint.setProperty("role", "muted")
        body = QWidget()
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._rows = QScrollArea(widgetResizable=True)
        self._rows.setFrameShape(QFrame.Shape.NoFrame)
        self._rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._rows.setWidget(body)
        body.setAutoFillBackground(False)
        self._rows.viewport().setAutoFillBackground(False)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._title)
        self._column.addWidget(self._hint)
        self._column.addWidget(self._rows)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def set_units(self, units: Sequence[Unit]) -> None:
        """A slider for each of these."""
        while (entry := self._grid.takeAt(0)) is not None:
            entry.widget().hide()  # gone at once: until it is deleted it could still be pressed
            entry.widget().deleteLater()
        self._units, self.sliders, self._numbers = tuple(units), [], []
        for row, unit in enumerate(self._units):
            slider = SteadySlider(Qt.Orientation.Horizontal, accessibleName=self.tr("Unit {n}").format(n=unit.index))
            slider.setRange(0, _STEPS)
            slider.setValue(_STEPS // 2)
            slider.valueChanged.connect(self._on_moved)
            number = Label(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(Label(self.tr("Unit {n}").format(n=unit.index)), row, 0)
            self._grid.addWidget(slider, row, 1)
            self._grid.addWidget(number, row, 2)
            self.sliders.append(slider)
            self._numbers.append(number)
        self._tell()
        self._restyle()
        self.setVisible(bool(self._units))

    def set_place(self, z: NDArray[np.float32]) -> None:
        """Show the values of a place, asking nothing."""
        for unit, slider in zip(self._units, self.sliders, strict=True):
            slider.blockSignals(True)
            share = (float(z[unit.index]) - unit.low) / ((unit.high - unit.low) or 1.0)
            slider.setValue(round(_STEPS * min(max(share, 0.0), 1.0)))
            slider.blockSignals(False)
        self._tell()

    def value(self, place: int) -> float:
        """What the slider at this place stands at."""
        unit = self._units[place]
        return unit.low + (unit.high - unit.low) * self.sliders[place].value() / _STEPS

    def _tell(self) -> None:
        for place, number in enumerate(self._numbers):
            number.setText(f"{self.value(place):.2f}".replace("-", "−"))

    @Slot()
    def _on_moved(self) -> None:
        self._tell()
        place = self.sliders.index(self.sender())
        self.moved.emit(self._units[place].index, self.value(place))

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space(0.5))
        self._grid.setHorizontalSpacing(space())
        for number in self._numbers:
            number.setMinimumWidth(number.fontMetrics().horizontalAdvance("−0.00"))
        self._fit()

    def _fit(self) -> None:
        """As high as its rows, up to a number of them; the half row below tells that there are more."""
        many = len(self._units) > _IN_SIGHT
        row = max((slider.sizeHint().height() for slider in self.sliders), default=0)
        row = max([row, *(number.sizeHint().height() for number in self._numbers)]) + self._grid.verticalSpacing()
        self._rows.setFixedHeight(round(row * (_IN_SIGHT + 0.5 if many else len(self._units))))
