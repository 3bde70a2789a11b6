"""The way out when the system asks: a polite kill, a terminal that is closed, Ctrl+C where the window was begun.

As on the command line, jobs are asked to stop and keep what they have, and nobody is asked anything: whoever logs out or
shuts down is not there to answer. A second request of the same kind ends the program at once.
"""

from __future__ import annotations

import signal
import socket
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtWidgets import QApplication, QDialog

if TYPE_CHECKING:
    from llmstudio.gui.window.main_window import MainWindow


class PoliteEnd(QObject):
    """Closes a window when a signal of the system asks the program to end."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._is_asked = False
        # Qt's loop runs no Python while nothing happens, so a signal alone would wait: its number comes by a socket.
        self._ear, self._mouth = socket.socketpair()
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._ear.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_activated)
        self._fd_before = signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        hangup = getattr(signal, "SIGHUP", None)
        numbers = [signal.SIGINT, signal.SIGTERM]
        if hangup is not None and signal.getsignal(hangup) != signal.SIG_IGN:  # ignored where a person asked for that: nohup
            numbers.append(hangup)
        self._before = {number: signal.signal(number, self._hear) for number in numbers}

    def let_go(self) -> None:
        """Signals mean again what they did before."""
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._notifier.setEnabled(False)
        self._ear.close()
        self._mouth.close()

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self._is_asked = True
        is_hangup = number == getattr(signal, "SIGHUP", None)  # a closed terminal says so twice, and nobody is impatient
        signal.signal(number, signal.SIG_IGN if is_hangup else signal.SIG_DFL)

    @Slot()
    def _on_activated(self) -> None:
        self._ear.recv(64)
        if self._is_asked:
            self._is_asked = False
            while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
                dialog.reject()
                if QApplication.activeModalWidget() is dialog:
                    break
            self._window.close_unasked()
