"""What a race is written to outside the project: its curves as a picture, its numbers as a table."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal, Slot

from llmstudio.core.models.families import MODELS
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.export_button import ExportButton, ask_place
from llmstudio.gui.shared.readouts.quality_text import brief
from llmstudio.gui.train.modes.race.data import Race
from llmstudio.gui.train.modes.race.plot import RacePlot
from llmstudio.gui.train.run.exports import write_file


class RaceExport(ExportButton):
    """Writes what a plot shows, or every runner's steps.

    Signals:
        written(str): Where a file was written.
    """

    written = Signal(str)

    def __init__(self, session: Session, plot: RacePlot) -> None:
        super().__init__()
        self._session, self._plot = session, plot
        self.asked.connect(self._on_asked)

    @Slot(str)
    def _on_asked(self, kind: str) -> None:
        name = self._plot.race.name
        if name and (path := ask_place(self, name, kind)):
            self.write(path, kind)

    def write(self, path: Path, kind: str) -> None:
        """Write the curves in sight as `png` or `svg`, or every runner's numbers as `csv`, to a file."""
        race = self._plot.race
        if kind == "csv":
            work = partial(write_race, path, race)
        else:
            title = self.tr("Race “{name}”").format(name=race.name)
            runs = [f"{runner.label}: {brief(runner.summary) or say(MODELS[runner.kind].label)}" for runner in race.runners]
            work = partial(write_file, path, self._plot.exported(kind, title, " · ".join(runs)))
        self._session.ask(work, lambda place: self.written.emit(str(place)), owner=self)


def write_race(path: Path, race: Race) -> Path:
    """Write all runners' steps as CSV. Raises StudioError if it cannot be written."""
    return write_file(path, race.table().encode())
