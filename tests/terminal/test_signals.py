"""The first wish to stop is heard, an impatient second one interrupts; what a session sends as it ends is one wish."""

from __future__ import annotations

import signal
import sys
import time

import pytest

from llmstudio.core.work import Stop
from llmstudio.terminal.signals import stopping_on_ctrl_c

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of other systems")


def test_that_a_session_that_ends_with_two_signals_at_once_asks_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    stop = Stop()
    with stopping_on_ctrl_c(stop) as came:
        signal.raise_signal(signal.SIGHUP)
        now[0] += 0.3
        signal.raise_signal(signal.SIGTERM)
        assert stop.requested
        assert came == [signal.SIGHUP, signal.SIGTERM]
        now[0] += 5
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


def test_that_a_second_ctrl_c_interrupts_however_soon_it_comes() -> None:
    with stopping_on_ctrl_c(Stop()):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
