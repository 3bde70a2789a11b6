"""What a run is written to outside the project: numbers as tables, plots as pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.core.training.history import write_csv
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.export_button import ask_place
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.readouts.quality_text import brief, quality_source
from llmstudio.gui.train.run.picture.run_picture import TrainPicture
from llmstudio.store.files import write_bytes


class CurveFiles(QObject):
    """Writes what a picture shows to a file that is asked for.

    Signals:
        written(str): Where a file was written.
    """

    written = Signal(str)

    def __init__(self, session: Session, picture: TrainPicture, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._picture = session, picture

    @Slot(str)
    def ask(self, kind: str) -> None:
        """Ask where to, and write there."""
        if path := ask_place(self._picture, self._picture.run.name or self.tr("run"), kind):
            self.write(path, kind)

    def write(self, path: Path, kind: str) -> None:
        """Write the learning curve as `png` or `svg`, or the numbers of all runs in sight as `csv`, to a file."""
        run, overlays = self._picture.run, self._picture.loss.overlays
        if kind == "csv":
            work = partial(write_table, path, [run, *overlays])
        else:
            found = self._picture.numbers.summary
            parts = [brief(found), quality_source(found.quality) if found.quality is not None else ""]
            if overlays:
                parts.append(self.tr("compared with {names}").format(names=", ".join(over.name for over in overlays)))
            title = self.tr("Learning curve of “{name}”").format(name=run.name)
            work = partial(write_file, path, self._picture.loss.exported(kind, title, " · ".join(filter(None, parts))))
        self._session.ask(work, lambda place: self.written.emit(str(place)), owner=self)


def write_table(path: Path, runs: Sequence[RunData]) -> Path:
    """Write runs below each other as CSV, the first column saying which. Raises StudioError if it cannot be written."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    for number, run in enumerate(runs):
        own = io.StringIO()
        write_csv(own, run.steps, run.evaluations)
        head, *rows = csv.reader(io.StringIO(own.getvalue()))
        writer.writerows([["model", *head]] if number == 0 else [])
        writer.writerows([run.name, *row] for row in rows)
    return write_file(path, table.getvalue().encode())


def write_file(path: Path, data: bytes) -> Path:
    """Write bytes to a file that the person chose. Raises StudioError if it cannot be written."""
    write_bytes(path, data)
    return path
