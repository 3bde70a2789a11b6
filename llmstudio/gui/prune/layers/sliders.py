"""A slider for each layer: how much of it goes. Moving one moves the others, so that of all the same share goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QRectF, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QSizePolicy, QWidget

from llmstudio.app.pruning.layers import LayerShare
from llmstudio.core.sparsity.shares import MOST, balanced
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.steady import SteadySlider
from llmstudio.gui.look.theme import BODY, color, font, series_color, space
from llmstudio.gui.prune.zeros.layer_bars import part_label

_STEPS = 1000  # of a slider, from nothing to all
_ALIGN = Qt.AlignmentFlag.AlignHCenter


class LayerSliders(QScrollArea):
    """A column for each: what its loss alone costs as a bar, a slider, and its share.

    Signals:
        moved: The person has moved one; the shares are in `shares`.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._columns: list[_Column] = []
        self._parts: list[LayerShare] = []
        self._total = 0.0
        self._from: list[float] = []  # where all stood when one was taken hold of
        self._body = QWidget()
        self._show_columns([])
        scaled(self, self._size)

    @property
    def shares(self) -> dict[str, float]:
        """What each loses as the sliders stand."""
        return {part.key: part.share for part in self._parts}

    @property
    def sliders(self) -> dict[str, SteadySlider]:
        """Each by the name of its layer."""
        return {part.key: column.slider for part, column in zip(self._parts, self._columns, strict=True)}

    def set_parts(self, parts: Sequence[LayerShare], total: float) -> None:
        """Show these, of all of which together `total` goes. A slider that is held stays in hand."""
        self._total = total
        if [part.key for part in parts] != [part.key for part in self._parts]:
            self._parts = list(parts)
            self._show_columns(self._parts)
        elif not any(column.slider.isSliderDown() for column in self._columns):
            self._parts = list(parts)
        self._write()

    def set_costs(self, costs: Mapping[str, float], told: Mapping[str, str]) -> None:
        """Show what each layer's loss alone costs, as far as it is known, and how it is said."""
        most = max([0.0, *costs.values()])
        for part, column in zip(self._parts, self._columns, strict=True):
            cost = costs.get(part.key)
            column.bar.set_height(None if cost is None else max(0.0, cost) / most if most else 0.0)
            column.cost.setText(told.get(part.key, ""))

    def _show_columns(self, parts: Sequence[LayerShare]) -> None:
        body = QWidget()
        grid = QGridLayout(body)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(0)
        self._columns = []
        group, first = "", 0
        for at, part in enumerate(parts):
            layer, kind = part_label(part.key)
            column = _Column(", ".join(filter(None, (layer, kind))), kind)
            column.slider.sliderPressed.connect(self._on_pressed)
            column.slider.valueChanged.connect(self._on_moved)
            for row, widget in enumerate(column.widgets):
                grid.addWidget(widget, row, at, _ALIGN if row != _Column.BAR_ROW else Qt.AlignmentFlag(0))
            grid.setColumnStretch(at, 1)
            self._columns.append(column)
            first, group = (first, group) if layer == group else (at, layer)
            if at + 1 == len(parts) or part_label(parts[at + 1].key)[0] != layer:
                name = Label(layer)
                name.setToolTip(plain(layer))
                grid.addWidget(name, len(column.widgets), first, 1, at + 1 - first, _ALIGN)
        self._body, self._grid = body, grid
        self.setWidget(body)  # which deletes the one before
        body.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        self._size()

    def _size(self) -> None:
        for at in range(len(self._columns)):
            self._grid.setColumnMinimumWidth(at, space(5))
        for column in self._columns:
            column.restyle()
        self._grid.setVerticalSpacing(space(0.25))
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is too little room for all, one moves along them."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        bar = self.horizontalScrollBar().sizeHint().height() if self._body.minimumSizeHint().width() > self.width() else 0
        self.setFixedHeight(self._body.sizeHint().height() + bar)

    @Slot()
    def _on_pressed(self) -> None:
        self._from = [part.share for part in self._parts]

    @Slot()
    def _on_moved(self) -> None:
        at = next(at for at, column in enumerate(self._columns) if column.slider is self.sender())
        slider = self._columns[at].slider
        # While one is held all start from where they stood, so that going back brings all back.
        shares = list(self._from) if slider.isSliderDown() and self._from else [part.share for part in self._parts]
        shares[at] = min(MOST, slider.value() / _STEPS)
        found = balanced(
            shares, [part.weights for part in self._parts], self._total, {at}, [part.least for part in self._parts]
        )
        self._parts = [replace(part, share=share) for part, share in zip(self._parts, found, strict=True)]
        self._write()
        self.moved.emit()

    def _write(self) -> None:
        for part, column in zip(self._parts, self._columns, strict=True):
            with QSignalBlocker(column.slider):
                column.slider.setValue(round(_STEPS * part.share))
            column.share.setText(f"{100 * part.share:.0f}\u00a0%" if part.share < 0.995 else "99\u00a0%")


class _Column:
    """What stands under each other for one layer."""

    BAR_ROW = 1

    def __init__(self, name: str, kind: str) -> None:
        self.cost, self.bar, self.share, self.kind = Label(), _CostBar(), Label(), Label(kind)
        self.slider = SteadySlider(Qt.Orientation.Vertical, accessibleName=name)
        self.slider.setRange(0, _STEPS)
        self.slider.setPageStep(50)
        self.slider.setSingleStep(10)
        self.cost.setProperty("role", "muted")
        self.kind.setProperty("role", "muted")
        self.widgets: tuple[QWidget, ...] = (self.cost, self.bar, self.slider, self.share, self.kind)
        for widget in self.widgets:
            widget.setToolTip(plain(name))

    def restyle(self) -> None:
        """Take over the theme."""
        self.bar.setFixedHeight(space(6))
        self.slider.setFixedHeight(space(12))
        self.share.setFont(font(BODY, bold=True, tabular=True))
        for label in (self.cost, self.kind):
            label.setFont(font(BODY - 1, tabular=True))


class _CostBar(QWidget):
    """A standing bar; a line where nothing is known."""

    def __init__(self) -> None:
        super().__init__()
        self._height: float | None = None

    def set_height(self, height: float | None) -> None:
        """From 0 to 1; None where nothing is known."""
        self._height = height
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        wide = min(self.width() - 8.0, 40.0)
        place = QRectF((self.width() - wide) / 2, self.height() - 1.0, wide, 1.0)
        painter.fillRect(place, color("line"))
        if self._height is not None:
            tall = max(1.0, self._height * self.height())
            painter.fillRect(QRectF(place.left(), self.height() - tall, wide, tall), series_color(1))
