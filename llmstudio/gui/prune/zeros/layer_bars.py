"""Where the zeros are: one standing bar for each matrix of a model, grouped by layer, filled as far as it is empty."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.look.theme import BODY, color, font, series_color, space, theme

if TYPE_CHECKING:
    from llmstudio.core.sparsity.report import LayerZeros

_WIDEST = 56.0  # pixels; a model of few matrices does not need slabs


@dataclass(frozen=True)
class Bar:
    """A matrix: the layer it belongs to, what it is called, its weights, how many are zero, whether pruning may touch it."""

    group: str
    name: str
    weights: int
    zeros: int
    is_prunable: bool = True

    @property
    def title(self) -> str:
        """Its layer and its name; a matrix outside of all layers has its name alone."""
        return self.name if self.group == self.name else f"{self.group}, {self.name}"

    @property
    def share(self) -> float:
        """How much of it is zero."""
        return self.zeros / self.weights if self.weights else 0.0


class LayerBars(QWidget):
    """Bars side by side; what one is, is told on hover.

    Signals:
        pressed: (place) of the bar that was pressed.
    """

    pressed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: list[Bar] = []
        self._chosen: int | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("Zeros by layer"))
        self.setMouseTracking(True)
        theme.changed.connect(self._restyle)

    def set_bars(self, bars: Sequence[Bar]) -> None:
        """Show these, in their order."""
        self._bars = list(bars)
        self.setAccessibleDescription("; ".join(map(self.describe, self._bars)))
        self.update()

    def choose(self, place: int | None) -> None:
        """Put a frame around one of them; None: around none."""
        self._chosen = place
        self.update()

    @property
    def bars(self) -> list[Bar]:
        """What is shown."""
        return list(self._bars)

    def describe(self, bar: Bar) -> str:
        """What is said of a bar on hover."""
        text = (
            self.tr("{title}: {share} of {n} weights are zero")
            if bar.is_prunable
            else self.tr("{title}: kept whole ({n} weights, {share} zero)")
        )
        return text.format(title=bar.title, share=f"{bar.share:.1%}", n=f"{bar.weights:,}")

    def sizeHint(self) -> QSize:
        """Room for the bars of a small model."""
        return QSize(space(40), space(15))

    def minimumSizeHint(self) -> QSize:
        """What is needed to tell bars apart."""
        return QSize(space(20), space(11))

    def places(self) -> list[QRectF]:
        """Where each bar stands."""
        if not self._bars:
            return []
        groups = [(name, len(list(part))) for name, part in itertools.groupby(self._bars, key=lambda bar: bar.group)]
        below = self.fontMetrics().height() * 1.4
        gap = min(float(space(1.5)), self.width() / (3 * len(groups)))
        room = self.width() - gap * (len(groups) - 1)
        width = min(_WIDEST, room / len(self._bars))
        labels = {name: float(self.fontMetrics().horizontalAdvance(name)) for name, _ in groups}
        # A lone bar stands over its whole name, if there is room for names at all; the others make way.
        lone = [name for name, count in groups if count == 1 and labels[name] > width]
        if lone and (rest := len(self._bars) - len(lone)):
            shared = (room - sum(labels[name] for name in lone)) / rest
            width, lone = (min(width, shared), lone) if shared >= 4 else (width, [])
        found, x = [], 0.0
        for name, count in groups:
            each = labels[name] if name in lone else width
            for _ in range(count):
                found.append(QRectF(x, 0, each - (2 if each > 6 else 0), self.height() - below))
                x += each
            x += gap
        return found

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw them."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setFont(font(BODY - 1))
        places = self.places()
        for bar, place in zip(self._bars, places, strict=True):
            painter.setBrush(color("line"))
            painter.drawRoundedRect(place, 2, 2)
            filled = QRectF(place)
            filled.setTop(place.bottom() - place.height() * bar.share)
            painter.setBrush(series_color(0) if bar.is_prunable else color("muted"))
            painter.drawRoundedRect(filled, 2, 2)
        if self._chosen is not None and self._chosen < len(places):
            painter.setPen(QPen(color("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(places[self._chosen].adjusted(0, 1, 0, -1), 2, 2)
        painter.setPen(color("muted"))
        reach = float(space(1.5))  # a label may use the gap beside its group
        for group, part in itertools.groupby(zip(self._bars, places, strict=True), key=lambda pair: pair[0].group):
            areas = [place for _, place in part]
            end = min(areas[-1].right() + reach, float(self.width()))
            span = QRectF(areas[0].bottomLeft(), QPointF(end, self.height()))
            text = name_that_fits(group, painter.fontMetrics(), int(span.width()))
            painter.drawText(span, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which bar was pressed."""
        for at, place in enumerate(self.places()):
            if place.left() <= event.position().x() <= place.right():
                self.pressed.emit(at)
                return
        super().mousePressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Tell what is under the mouse."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            for bar, place in zip(self._bars, self.places(), strict=True):
                if place.left() <= event.pos().x() <= place.right():
                    QToolTip.showText(event.globalPos(), plain(self.describe(bar)), self)
                    return True
        return super().event(event)

    @Slot()
    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()


def name_that_fits(group: str, metrics: QFontMetrics, room: int) -> str:
    """A group's name in so many pixels; of a layer that has no room for it the number alone, which tells more than half a
    word.
    """
    number = "".join(filter(str.isdigit, group))
    if number and metrics.horizontalAdvance(group) > room:
        group = number
    return metrics.elidedText(group, Qt.TextElideMode.ElideRight, room)


def bar_of(parameter: str, weights: int, zeros: int, *, is_prunable: bool, words: dict[str, str], layer: str) -> Bar:
    """A bar for a parameter's name as models spell it: `blocks.0.attention.qkv.weight` is `attention qkv` of layer 1.

    Args:
        parameter: The parameter's name.
        weights: How many it has.
        zeros: How many of them are zero.
        is_prunable: Whether pruning may touch it.
        words: What parts of names are called, for people.
        layer: Template of a layer's name, with a place `{n}`.
    """
    parts = [part for part in parameter.split(".") if part != "weight"]
    number = next((int(part) for part in parts if part.isdigit()), None)
    said = [words.get(part, part.replace("_", " ")) for part in parts if not part.isdigit() and part != "blocks"]
    name = " ".join(said) or parameter
    return Bar(layer.format(n=number + 1) if number is not None else name, name, weights, zeros, is_prunable)


def bars_of(layers: Sequence[LayerZeros]) -> list[Bar]:
    """A bar for each matrix that was counted."""
    named, layer = part_words(), _tr("Layer {n}")
    return [
        bar_of(entry.name, entry.weights, entry.zeros, is_prunable=entry.is_prunable, words=named, layer=layer)
        for entry in layers
    ]


def part_words() -> dict[str, str]:
    """What pieces of matrices' names are called, for people."""
    return {
        "attention": _tr("attention"),
        "cross": _tr("look at the source"),
        "feed_forward": _tr("feed-forward"),
        "qkv": _tr("queries, keys and values"),
        "out": _tr("output"),
        "up": _tr("up"),
        "down": _tr("down"),
        "embed": _tr("Tokens"),
        "unembed": _tr("Head"),
        "value_embed": _tr("Values"),
        "place_embed": _tr("Positions"),
        "q": _tr("queries"),
        "kv": _tr("keys and values"),
        "cells": _tr("recurrent"),
        "project": _tr("To the head"),
        "to_latent": _tr("To the latent space"),
        "first_state": _tr("From the latent space"),
        "encoder": _tr("Reading half"),
        "reads_forward": _tr("Reads forwards"),
        "reads_backward": _tr("Reads backwards"),
        "writes": _tr("Writes"),
    }


def part_label(key: str) -> tuple[str, str]:
    """What a layer or a part of one is called (`shares.parts_of`): the layer, and which part of it; empty if all of it."""
    named, pieces = part_words(), key.split(".")
    at = next((at for at, piece in enumerate(pieces) if piece.isdigit()), None)
    said = [named.get(piece, piece.replace("_", " ")) for piece in pieces]
    if at is None:
        return " ".join(said), ""
    layer = _tr("Layer {n}").format(n=pieces[at])
    return ", ".join([*said[:at], layer]), " ".join(said[at + 1 :])


def _tr(text: str) -> str:
    return QCoreApplication.translate("layer_bars", text)
