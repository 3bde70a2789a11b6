"""How long the window keeps a person waiting: a timer that should ring every 5 ms, and how much later it does."""

from __future__ import annotations

import time
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Slot

BEAT_MS = 5


class Heartbeat(QObject):
    """Rings every 5 ms while the event loop runs and notes each delay."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._beats: list[tuple[float, float]] = []
        self._last = 0.0
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)

    def start(self) -> None:
        """Begin, or go on after the loop was left."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> None:
        """Rest."""
        self._timer.stop()

    def delays_ms(self, since: float = 0.0, until: float = float("inf")) -> np.ndarray:
        """Milliseconds that each beat came late, of the beats between two moments of `time.perf_counter`."""
        late = [delay for moment, delay in self._beats if since <= moment <= until]
        return 1000 * np.array(late or [0.0])

    @Slot()
    def _beat(self) -> None:
        now = time.perf_counter()
        self._beats.append((now, max(0.0, now - self._last - BEAT_MS / 1000)))
        self._last = now


def figures(delays_ms: np.ndarray) -> Mapping[str, float]:
    """Median, 99th percentile and the worst, in milliseconds."""
    p50, p99 = np.percentile(delays_ms, [50, 99])
    return {"p50": round(float(p50), 2), "p99": round(float(p99), 2), "max": round(float(delays_ms.max()), 2)}
