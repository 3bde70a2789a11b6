"""The way out of the window while work is in progress: asked first, then waited for with the window alive."""

from __future__ import annotations

import logging
import os
import time

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from llmstudio.gui.look.label import plain
from llmstudio.gui.session.session import Session

# A job looks up every 50 ms and then saves; beyond this something hangs, and the person is told.
PATIENCE_S = 30.0
LOOK_PATIENCE_S = 3.0  # a look-up has nothing to keep
_RESUMABLE = ("home", "train")  # the tour and training leave a model that can be trained on; an import leaves nothing


def ask_before_closing(window: QWidget, session: Session) -> bool:
    """Ask what becomes of the job in progress, if there is one: keep, discard, or stay.

    True if the window may close; the job is then asked to stop.
    """
    job = session.running("work") or session.running("talk")
    if job is None:
        return True
    box = QMessageBox(window, icon=QMessageBox.Icon.NoIcon)
    box.setWindowTitle(window.tr("Something is still running"))
    box.setText(plain(window.tr("{title} is not finished.").format(title=job.title)))
    discard = None
    if job.tab in _RESUMABLE:
        kept = window.tr("It can be stopped now. What it has made so far can be kept and gone on with later.")
        if job.tab == "home":
            kept = window.tr(
                "It can be stopped now. The corpus, tokenizer and model that it has made so far can be kept: the model can"
                " be trained on later, in Train. The journey itself begins anew with Start."
            )
        lost = window.tr(
            "Discarding it throws away what this run has learned: a new model is removed, one that went on is put back to"
            " how it stood before. Who has come to its end in a race that goes on stays as it is."
        )
        box.setInformativeText(f"{kept}\n\n{lost}" if job.tab == "train" else kept)
        keep = box.addButton(window.tr("Stop and keep"), QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton(window.tr("Discard"), QMessageBox.ButtonRole.DestructiveRole)
    else:
        is_kept = job.lane == "talk"
        box.setInformativeText(
            window.tr("It can be stopped now. What has been said so far is kept.")
            if is_kept
            else window.tr("It can be stopped now. Nothing of it is kept then: it would have to be begun again.")
        )
        keep = box.addButton(window.tr("Stop and close"), QMessageBox.ButtonRole.AcceptRole)
    stay = box.addButton(window.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(stay)
    box.exec()
    if box.clickedButton() is stay or box.clickedButton() is None:
        return False
    session.stop(job.lane, keep=discard is None or box.clickedButton() is not discard)
    return True


def wait_for_end(window: QWidget, session: Session) -> bool:
    """Ask every thread to end and wait with events flowing: half a minute for jobs, then seconds for look-ups.

    False if one still runs then.
    """
    session.request_end()
    window.setEnabled(False)
    for patience_s, but_for_looks in ((PATIENCE_S, True), (LOOK_PATIENCE_S, False)):
        until = time.monotonic() + patience_s
        while not session.has_ended(but_for_looks=but_for_looks) and time.monotonic() < until:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
            time.sleep(0.005)
    return session.has_ended()


def leave(session: Session, status: int) -> None:
    """End the program at once if a thread has not ended, as the program's end would wait for it for ever."""
    if not session.has_ended():
        logging.shutdown()
        os._exit(status)
