"""Which run is in sight: the one that is going on, or one from disk, with others laid over it; and its way into files."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.app.runs.run_summary import RunSummary, as_kept, summaries
from llmstudio.core.events import Event, Progress, Started
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.export_button import ask_place
from llmstudio.gui.shared.pickers.item_actions import ask_delete, ask_rename
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.readouts.quality_text import brief, quality_source
from llmstudio.gui.train.run.differences import Comparison, compare
from llmstudio.gui.train.run.elsewhere import Elsewhere
from llmstudio.gui.train.run.exports import write_file, write_table
from llmstudio.gui.train.run.memory_plot import fullest
from llmstudio.gui.train.run.picture import TrainPicture
from llmstudio.gui.train.run.runs import LiveRun, can_go_on, can_learn_on, is_run, read_run
from llmstudio.gui.train.run.tools import TrainTools

_REST_MS = 300


class TrainView(QWidget):
    """Tools above, picture below. Runs are read from disk through the session.

    Signals:
        opened: A run from disk is in sight.
        written(str): Where a file was written.
        go_on_pressed: The run in sight is to go on.
    """

    opened = Signal()
    written = Signal(str)
    go_on_pressed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.live: LiveRun | None = None
        self.shown = self._shown_id = ""  # the id: it stays where another program renames it
        self._kept: dict[str, RunData] = {}  # runs read from disk, by name
        self._wanted: list[str] = []
        self.elsewhere = Elsewhere(session, self)
        self._asked_at = 0.0  # when the run in sight was last read
        smoothing = session.preferences.smoothing
        self.tools, self.picture = TrainTools(smoothing), TrainPicture()
        self.picture.set_smoothing(smoothing)
        self.picture.tools.addWidget(self.tools)
        # Kept on disk once the slider rests, not with every pixel it moves.
        self._taste = QTimer(self, interval=_REST_MS, singleShot=True)
        self._taste.timeout.connect(self._keep_taste)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)
        tools = self.tools
        tools.runs.picked.connect(self.show_run)
        tools.runs.rename_asked.connect(self._rename)
        tools.runs.delete_asked.connect(self._delete)
        tools.go_on_pressed.connect(self.go_on_pressed)
        tools.overlays_changed.connect(self._on_overlays)
        tools.smoothing_changed.connect(self._on_smoothing)
        tools.axes_changed.connect(self._on_axes)
        tools.export_asked.connect(self._on_export)
        self.elsewhere.turned.connect(self._on_turned)
        self.elsewhere.grew.connect(self._follow)

    @property
    def run(self) -> RunData:
        """The run in sight."""
        return self.picture.run

    def set_budget(self, num_bytes: int) -> None:
        """The memory of this computer."""
        self.picture.memory.set_budget(num_bytes)

    def refresh(self) -> None:
        """Read anew which runs there are; the run in sight stays, or gives way to the newest."""
        names = [about.name for about in self._session.items.of("model") if is_run(about)]
        if self.live is not None and self.live.name not in names:
            names.insert(0, self.live.name)
        self.tools.set_runs(names)
        if self.shown not in names and not self._is_live(self.shown):
            known = {item: name for name, item in self._session.items.ids("model").items()}
            self.shown = ""
            if (renamed := known.get(self._shown_id, "")) in names:
                self.show_run(renamed)
        self.tools.runs.pick(self.shown)
        self._offer_go_on()
        self._session.ask(partial(summaries, self._session.project), self._on_summaries, owner=self)
        if not self.shown and names:
            self.show_run(names[0])

    @Slot(object)
    def _on_summaries(self, found: dict[str, RunSummary]) -> None:
        self.tools.runs.set_notes({name: brief(one) for name, one in found.items()})

    def forget(self) -> None:
        """Another project is open."""
        self.live, self.shown = None, ""
        self._kept.clear()
        self._show(RunData())
        self.refresh()

    @Slot(str)
    def show_run(self, name: str) -> None:
        """Bring a run into sight."""
        self.shown, self._shown_id = name, self._session.items.ids("model").get(name, "")
        self.tools.runs.pick(name)
        self._offer_go_on()
        if self._is_live(name):
            assert self.live is not None
            self._show(self.live.data, self.live.total_steps)
        elif name:
            self._follow()

    @property
    def learning(self) -> tuple[int, list[str]]:
        """How many steps the run going on has taken, and its name; nothing if none goes on."""
        return (self.live.data.last_step, [self.live.name]) if self.live is not None else (0, [])

    # The run that is going on

    def begin(self, started: Started) -> None:
        """A run begins, or goes on."""
        if self.live is not None and self.live.name == started.item and not len(self.live.data) and not started.step:
            self.live.total_steps = started.total
        else:
            self.live = LiveRun(started)
            if self.live.needs_past:
                self._read(started.item, self._on_past)
        self.shown, self._shown_id = started.item, ""
        self.picture.set_held(False)
        self._show(self.live.data, self.live.total_steps)
        self.refresh()

    def add(self, events: Sequence[Event]) -> None:
        """The run says something."""
        if self.live is None:
            return
        grew = self.live.add(events)
        if self._is_live(self.shown):
            if grew:
                self.picture.total_steps = self.live.total_steps
                self.picture.refresh()
            progress = [event for event in events if isinstance(event, Progress)]
            if progress and not grew:
                self.picture.show_progress(progress[-1])

    def hold(self, is_held: bool) -> None:
        """The run is held, or goes on."""
        self.picture.set_held(is_held)

    def end(self) -> None:
        """The run is over, for now."""
        ended, self.live = self.live, None
        self.refresh()
        if ended is None or ended.name != self.shown or ended.needs_past:
            self._read_again()  # a race may have gone on with it; or the run was over before its past could be read
        else:
            self._kept[ended.name] = ended.data
            self._show(ended.data, ended.total_steps)

    def measured_peaks(self) -> dict[str, int]:
        """See `fullest`, of the run in sight."""
        return fullest(self.run)

    def _is_live(self, name: str) -> bool:
        return self.live is not None and bool(name) and self.live.name == name

    @Slot(object)
    def _on_past(self, answer: tuple[RunData, int | None]) -> None:
        past, _ = answer
        if self.live is not None and self.live.name == past.name and self.live.needs_past:
            data = self.live.set_past(past)
            if self._is_live(self.shown):
                self._show(data, self.live.total_steps)

    # Runs from disk

    def _read(self, name: str, then: Any) -> None:
        about = self._session.project.about("model", name)
        self._session.ask(partial(read_run, about), then, owner=self)

    @Slot()
    def _follow(self) -> None:
        """Read the run in sight, as far as it has come by now."""
        self._asked_at = time.monotonic()
        self._read(self.shown, self._on_opened)

    @Slot()
    def _on_turned(self) -> None:
        self._session.items_changed.emit("model")
        self._read_again()

    def _read_again(self) -> None:
        """Read what is in sight from disk, where it may have gone on unseen."""
        if self.shown and not self._is_live(self.shown):
            self._follow()
        self._wanted = [name for name in self.tools.overlays if not self._is_live(name)]
        self._read_next()

    @Slot(object)
    def _on_opened(self, answer: tuple[RunData, int | None]) -> None:
        run, total_steps = answer
        self._kept[run.name] = run
        self.elsewhere.rest(10 * (time.monotonic() - self._asked_at))  # a long run takes long to read
        if run.name == self.shown and not self._is_live(run.name):
            self._show(run, total_steps)
            self.opened.emit()

    @Slot(object)
    def _on_overlays(self, names: list[str]) -> None:
        self._wanted = [name for name in names if name not in self._kept]
        self._read_next()
        self._lay_over()

    def _read_next(self) -> None:
        if self._wanted:
            self._read(self._wanted.pop(0), self._on_overlay)

    @Slot(object)
    def _on_overlay(self, answer: tuple[RunData, int | None]) -> None:
        self._kept[answer[0].name] = answer[0]
        self._lay_over()
        self._read_next()

    def _overlays(self) -> list[RunData]:
        return [self._kept[name] for name in self.tools.overlays if name in self._kept and name != self.shown]

    def _lay_over(self) -> None:
        self._show(self.run, self.picture.total_steps)

    def _compare(self) -> None:
        """Set the run in sight beside those laid over it, once they are on disk."""
        known = {item.name: item for item in self._session.items.of("model")}
        models = [known[name] for name in dict.fromkeys((self.shown, *self.tools.overlays)) if name in known]
        if len(models) > 1:
            self._session.ask(partial(compare, self._session.project, models), self._on_compared, owner=self)
        else:
            self.picture.set_comparison(None)

    @Slot(object)
    def _on_compared(self, comparison: Comparison) -> None:
        self.picture.set_comparison(comparison if self.tools.overlays else None)

    def _show(self, run: RunData, total_steps: int | None = None) -> None:
        standing = None if self._is_live(run.name) else self._standing(run, total_steps)
        grows = standing is not None and standing.state == "training"  # in another program, or in a race of this one
        self.elsewhere.follow(self._session.project.path("model", run.name) if grows else None)
        is_elsewhere = grows and self.elsewhere.is_at_work
        self.picture.set_run(run, self._overlays(), total_steps=total_steps, standing=standing, is_elsewhere=is_elsewhere)
        self._compare()

    def _standing(self, run: RunData, total_steps: int | None) -> RunSummary:
        found = run.summary(total_steps=total_steps)
        about = self._session.items.find("model", run.name)
        return as_kept(found, self._session.project, about) if about is not None else found

    def _offer_go_on(self) -> None:
        about = self._session.items.find("model", self.shown)
        is_over = about is not None and not self._is_live(self.shown)
        is_unfinished = is_over and about is not None and can_go_on(about)
        is_held = is_unfinished and self.elsewhere.is_at_work  # by whoever trains it there, or may
        goes_on = is_unfinished and not is_held
        learns_on = is_over and about is not None and can_learn_on(about) and not is_held
        self.tools.go_on.setVisible(goes_on)
        self.tools.learn_on.setVisible(learns_on and not goes_on)  # of the others it stands in the menu
        self.tools.learn_on_action.setVisible(learns_on)

    @Slot(str)
    def _rename(self, name: str) -> None:
        if not self._is_live(name) and (new := ask_rename(self, self._session, "model", name)):
            self._kept.pop(name, None)
            self.show_run(new)

    @Slot(str)
    def _delete(self, name: str) -> None:
        if not self._is_live(name) and ask_delete(self, self._session, "model", name):
            self._kept.pop(name, None)

    # How it is drawn, and where it goes

    @Slot(float)
    def _on_smoothing(self, smoothing: float) -> None:
        self.picture.set_smoothing(smoothing)
        self._taste.start()

    @Slot()
    def _keep_taste(self) -> None:
        self._session.prefer(smoothing=min(self.tools.smoothing.value() / 100, 0.999))

    @Slot(str, bool, bool)
    def _on_axes(self, column: str, is_log_x: bool, is_log_y: bool) -> None:
        self.picture.set_axes(x_column=column, is_log_x=is_log_x, is_log_y=is_log_y)

    @Slot(str)
    def _on_export(self, kind: str) -> None:
        if path := ask_place(self, self.shown or self.tr("run"), kind):
            self.write(path, kind)

    def write(self, path: Path, kind: str) -> None:
        """Write the learning curve as `png` or `svg`, or the numbers of all runs in sight as `csv`, to a file."""
        overlays = self.picture.loss.overlays
        if kind == "csv":
            work = partial(write_table, path, [self.run, *overlays])
        else:
            found = self.picture.summary
            parts = [brief(found), quality_source(found.quality) if found.quality is not None else ""]
            if overlays:
                parts.append(self.tr("compared with {names}").format(names=", ".join(run.name for run in overlays)))
            title = self.tr("Learning curve of “{name}”").format(name=self.run.name)
            work = partial(write_file, path, self.picture.loss.exported(kind, title, " · ".join(filter(None, parts))))
        self._session.ask(work, lambda place: self.written.emit(str(place)), owner=self)
