"""What set-up says to a person: progress in the terminal, and the one sentence it stops with."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable


class Trouble(Exception):
    """Set-up cannot go on. The message is one sentence that says why and what to do."""


def say(sentence: str) -> None:
    """Tell how far things are."""
    sys.stdout.write(f"{sentence}\n")
    sys.stdout.flush()


def guarded(main: Callable[[list[str]], int], *, on_screen: bool = False) -> int:
    """Run `main` on the program's arguments; what is in the way is said in a sentence, never as a traceback.

    Args:
        main: Returns the exit status.
        on_screen: Say it in a box too where nobody sees a terminal, as after a double click.
    """
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a path may hold what a console cannot show
    try:
        return main(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    except (Trouble, OSError) as error:
        sys.stderr.write(f"{error}\n")
        if on_screen and not sys.stderr.isatty():
            _show_box(str(error))
        return 1


def _show_box(sentence: str) -> None:
    boxes = (["zenity", "--error", "--text"], ["kdialog", "--error"], ["xmessage"])
    box = next((box for box in boxes if shutil.which(box[0])), None)
    if box is not None:
        subprocess.run([*box, sentence], check=False, stderr=subprocess.DEVNULL)
