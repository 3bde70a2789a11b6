from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from llmstudio.core.events import Event, Started, Stopped
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.gui.session.session import Session
from llmstudio.gui.window.main_window import MainWindow
from llmstudio.gui.window.polite_end import PoliteEnd

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals")

PROGRAM = """
import sys
from pathlib import Path
from llmstudio.gui.window import application
from llmstudio.gui.window import polite_end

class Told(polite_end.PoliteEnd):
    def __init__(self, window):
        super().__init__(window)
        print("listening", flush=True)

polite_end.PoliteEnd = Told
sys.exit(application.main(Path(sys.argv[1])))
"""


LOOKING = """
import sys, threading
from pathlib import Path
from llmstudio.gui.window import application
from llmstudio.gui.window import closing
from llmstudio.gui.window import polite_end

closing.LOOK_PATIENCE_S = 0.3
begun = threading.Event()

def looks_for_ever():
    begun.set()
    while True:
        pass

class Looking(polite_end.PoliteEnd):
    def __init__(self, window):
        super().__init__(window)
        window.session.ask(looks_for_ever, print, owner=window)
        assert begun.wait(10)
        print("looking", flush=True)

polite_end.PoliteEnd = Looking
sys.exit(application.main(Path(sys.argv[1])))
"""


def endless(stop: Stop) -> Iterator[Event]:
    yield Started(job="train", title=words("Waiting"), total=100)
    while not stop.requested:
        time.sleep(0.002)
    yield Stopped(job="train", result={"kept": stop.keep})


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_that_a_polite_kill_stops_and_keeps_what_runs_and_closes_without_a_question(
    session: Session, ear, qtbot: QtBot, number: int
) -> None:
    window = MainWindow(session)
    window.show()
    polite = PoliteEnd(window)
    session.start(endless, tab="train", title="Waiting", engine=False)
    qtbot.waitUntil(lambda: bool(ear.events))
    os.kill(os.getpid(), number)
    qtbot.waitUntil(lambda: not window.isVisible())
    polite.let_go()
    assert [end.result["kept"] for _, end in ear.ends] == [True]
    assert session.has_ended()
    window.deleteLater()


@pytest.mark.parametrize(("script", "told"), [(PROGRAM, b"listening\n"), (LOOKING, b"looking\n")])
def test_that_the_program_ends_with_its_window_also_while_a_look_up_finds_no_end(
    tmp_path: Path, script: str, told: bytes
) -> None:
    env = {**os.environ, "LLMSTUDIO_HOME": str(tmp_path / "home"), "QT_QPA_PLATFORM": "offscreen"}
    program = subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "project")], env=env, stdout=subprocess.PIPE)
    try:
        assert program.stdout.readline() == told
        program.send_signal(signal.SIGTERM)
        assert program.wait(20) == 0
    finally:
        program.kill()
        program.communicate()
    assert '"geometry": "' in next((tmp_path / "home").rglob("preferences.json")).read_text()
