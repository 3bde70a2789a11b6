"""Runs laid over the one in sight: read from disk one after the other, and set beside it in a table."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.train.run.picture.differences import Comparison, compare
from llmstudio.gui.train.run.picture.run_picture import TrainPicture
from llmstudio.gui.train.run.runs import ask_run
from llmstudio.gui.train.run.tools import TrainTools


class Overlays(QObject):
    """Has the runs that the tools ask for, as far as they have been read.

    Signals:
        changed: Others lie over the run in sight, or one of them has been read.
    """

    changed = Signal()

    def __init__(self, session: Session, tools: TrainTools, picture: TrainPicture, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._tools, self._picture = session, tools, picture
        self._kept: dict[str, RunData] = {}  # runs read from disk, by name
        self._wanted: list[str] = []
        tools.overlays_changed.connect(self._on_chosen)

    def over(self, shown: str) -> list[RunData]:
        """Those to be laid over the run of this name."""
        return [self._kept[name] for name in self._tools.overlays if name in self._kept and name != shown]

    def keep(self, run: RunData) -> None:
        """This run has been read, or has ended: it need not be read to be laid over another."""
        self._kept[run.name] = run

    def drop(self, name: str) -> None:
        """A run has another name now, or is no more."""
        self._kept.pop(name, None)

    def forget(self) -> None:
        """Another project is open."""
        self._kept.clear()

    def read_again(self, *, but_for: str) -> None:
        """Read from disk those that may have gone on unseen: all but the run that is going on here."""
        self._wanted = [name for name in self._tools.overlays if name != but_for]
        self._read_next()

    def compare(self, shown: str) -> None:
        """Set the run in sight beside those laid over it, once they are on disk."""
        known = {item.name: item for item in self._session.items.of("model")}
        models = [known[name] for name in dict.fromkeys((shown, *self._tools.overlays)) if name in known]
        if len(models) > 1:
            self._session.ask(partial(compare, self._session.project, models), self._on_compared, owner=self)
        else:
            self._picture.set_comparison(None)

    @Slot(object)
    def _on_compared(self, comparison: Comparison) -> None:
        self._picture.set_comparison(comparison if self._tools.overlays else None)

    @Slot(object)
    def _on_chosen(self, names: list[str]) -> None:
        self._wanted = [name for name in names if name not in self._kept]
        self._read_next()
        self.changed.emit()

    def _read_next(self) -> None:
        if self._wanted:
            ask_run(self._session, self._wanted.pop(0), self._on_read, owner=self)

    @Slot(object)
    def _on_read(self, answer: tuple[RunData, int | None]) -> None:
        self.keep(answer[0])
        self.changed.emit()
        self._read_next()
