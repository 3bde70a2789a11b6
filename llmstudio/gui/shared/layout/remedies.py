"""What a button under a message does: the one place that carries a remedy out, whichever tab offered it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from llmstudio.core.errors import Remedy
from llmstudio.gui.session.session import Session


def carry_out(remedy: Remedy, session: Session, *, apply: Callable[[Remedy], bool] | None = None) -> bool:
    """Do what a remedy promises.

    Args:
        remedy: What was offered.
        session: Knows the way to another tab, and the run that goes on or is thrown away.
        apply: Puts a value into the settings in sight; False if they have no such setting.

    Returns:
        False if nothing was done: there is no such setting, or it is for the caller to do (`retry`).
    """
    match remedy.action:
        case "open_tab" | "teach" | "talk":
            session.visit(remedy)
        case "open_folder":
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(Path(remedy.target).parent)))
        case "go_on":
            session.resume()
        case "discard":
            session.stop("work", keep=False)
        case "set" if apply is not None:
            return apply(remedy)
        case _:
            return False
    return True
