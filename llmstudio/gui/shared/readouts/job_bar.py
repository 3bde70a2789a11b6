"""The bar of a job: busy while nobody knows how much there is, filled as far as it is after that."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QWidget

MARKS = 160  # about a pixel each: a finer scale would only paint the same picture again


class JobBar(QProgressBar):
    """A progress bar without a text."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        """`name`: how a screen reader calls it."""
        super().__init__(parent, textVisible=False, accessibleName=name)

    def show_share(self, done: float, total: float | None) -> None:
        """Show `done` of `total`, or that something is being done where `total` is not known.

        A bar that knows its total is never quite empty: Qt would leave the busy bar's motion running unseen, which keeps the
        window painting itself sixty times a second, three percent of a core that a model is training on.
        """
        marks = MARKS if total else 0
        if self.maximum() != marks:
            self.setRange(0, marks)
        if total:
            value = max(1, round(MARKS * min(1.0, done / total)))
            if value != self.value():
                self.setValue(value)
                self.update()  # Qt leaves out what it takes for less than a pixel, and then shows less than there is
