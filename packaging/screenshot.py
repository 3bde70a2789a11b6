"""Makes the README's picture: opens the real window off the screen, walks the journey in it, and grabs a tab.

    .venv/bin/python packaging/screenshot.py                          resources/screenshot.png, the train tab
    .venv/bin/python packaging/screenshot.py --tab chat --out chat.png

Everything it makes lies in a folder of its own that is removed at the end; no preference of a person is read or written.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmstudio.gui.main_window import MainWindow

ROOT = Path(__file__).resolve().parents[1]
_PATIENCE_S = 15 * 60.0
_SETTLE_S = 2.0  # plots draw in turns; a picture is whole a moment after the last event


def main() -> int:
    """Take the picture."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(prefix="llmstudio-screenshot-", ignore_cleanup_errors=True) as folder:
        # Before the program is imported: it reads them once.
        os.environ.update(LLMSTUDIO_HOME=folder, LLMSTUDIO_THEME=arguments.theme, QT_QPA_PLATFORM="offscreen")
        from llmstudio.gui.application import open_window
        from llmstudio.gui.closing import wait_for_end

        _, window = open_window(Path(folder) / "My first project")
        try:
            window.resize(*arguments.size)
            _walk(window)
            window.show_tab(arguments.tab)
            window.tour.hide()
            _wait(_after(_SETTLE_S))
            picture = window.grab()
        finally:
            wait_for_end(window, window.session)
            window.hide()
    if not picture.save(str(arguments.out)):
        sys.stderr.write(f"The picture cannot be written to {arguments.out}.\n")
        return 1
    sys.stdout.write(f"{arguments.out}: {picture.width()} x {picture.height()}\n")
    return 0


def _walk(window: MainWindow) -> None:
    """Press Start on Home and follow the journey to its end."""
    from llmstudio.core.events import Finished

    ends: list[object] = []
    window.tour.ended.connect(ends.append)
    window.tabs_built.connect(lambda: window.tab("home").run_verb())
    _wait(lambda: bool(ends))
    if not isinstance(ends[-1], Finished):
        raise SystemExit(f"The journey did not reach its end: {ends[-1]}")


def _wait(is_over: Callable[[], bool]) -> None:
    from PySide6.QtCore import QEventLoop, QTimer

    loop, until = QEventLoop(), time.monotonic() + _PATIENCE_S
    look = QTimer(interval=50)
    look.timeout.connect(lambda: loop.quit() if is_over() or time.monotonic() > until else None)
    look.start()
    loop.exec()
    look.stop()
    if not is_over():
        raise SystemExit(f"The window did not get there within {_PATIENCE_S / 60:.0f} minutes.")


def _after(seconds: float) -> Callable[[], bool]:
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Make the README's picture with the program itself.")
    parser.add_argument("--tab", default="train", help="which tab is shown (default: train)")
    parser.add_argument("--theme", default="light", choices=["light", "dark"])
    parser.add_argument("--size", type=int, nargs=2, default=(1360, 850), metavar=("WIDTH", "HEIGHT"))
    parser.add_argument("--out", type=Path, default=ROOT / "resources" / "screenshot.png")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
