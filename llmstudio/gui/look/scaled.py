"""What is laid out once, and anew whenever type and spacing change."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QAbstractSpinBox, QBoxLayout, QSpacerItem

from llmstudio.gui.look.theme import space, theme


def scaled(owner: QObject, lay: Callable[[], object]) -> None:
    """Do `lay`, which sets sizes in `space()` or fonts, now and after every change of the theme while `owner` lives."""
    _Follower(owner, lay)


def gap(layout: QBoxLayout, steps: float) -> None:
    """Leave so many steps of room along a row or a column."""
    spacer = QSpacerItem(0, 0)
    layout.addItem(spacer)

    def lay() -> None:
        is_row = layout.direction() in (QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.RightToLeft)
        spacer.changeSize(space(steps) if is_row else 0, 0 if is_row else space(steps))
        layout.invalidate()

    scaled(layout, lay)


def indent(box: QAbstractSpinBox) -> None:
    """Leave room before the number: a style sheet's padding does not reach a spin box's text."""
    scaled(box, lambda: box.lineEdit().setTextMargins(space(0.75), 0, 0, 0))


class _Follower(QObject):
    """A child of the owner: with it, the connection to the theme ends."""

    def __init__(self, owner: QObject, lay: Callable[[], object]) -> None:
        super().__init__(owner)
        self._lay = lay
        theme.changed.connect(self._do)
        lay()

    @Slot()
    def _do(self) -> None:
        self._lay()
