"""Python's garbage collector, kept off the threads that work.

The collector runs in whichever thread happens to allocate: in a worker or a look-up it may free Qt objects, which only the
window's thread may touch (that ends the process), and a full round in the midst of a step stalls the window. From the first
question or job until the last thread has ended, the window's thread collects by itself, and only what has come into being
since.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

from llmstudio.app.computer.engine import is_loading

EVERY_MS = 1000
MANY = 20_000  # objects that one round looks at in about 3 ms


class Garbage(QObject):
    """Switches the automatic collector off while something holds it, and collects in the window's thread instead."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, interval=EVERY_MS)
        self._timer.timeout.connect(self._collect)

    @property
    def is_held(self) -> bool:
        """True while only the window's thread collects."""
        return self._timer.isActive()

    def hold(self) -> None:
        """From now on only the window's thread collects, and what is there already is not looked at again."""
        gc.collect()
        gc.freeze()
        gc.disable()
        self._timer.start()

    def release(self) -> None:
        """Back to the automatic collector, if it was held here."""
        if self.is_held:
            self._timer.stop()
            gc.enable()

    @Slot()
    def _collect(self) -> None:
        if is_loading():
            return
        if gc.get_count()[0] > MANY:
            # So many new objects are an import, kept as long as the program runs: torch brings whole libraries with its
            # first optimizer. A round over them would be a freeze of 100 ms; set aside, they are never looked at again.
            gc.freeze()
        else:
            gc.collect()
