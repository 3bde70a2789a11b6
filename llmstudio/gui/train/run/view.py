"""Which run is in sight: the one that is going on, or one from disk."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.app.runs.run_summary import summaries
from llmstudio.core.events import Event, Progress, Started
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_actions import ask_delete, ask_rename
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.train.run.drawing import Drawing
from llmstudio.gui.train.run.elsewhere import Elsewhere
from llmstudio.gui.train.run.exports import CurveFiles
from llmstudio.gui.train.run.mistakes import Mistakes
from llmstudio.gui.train.run.overlays import Overlays
from llmstudio.gui.train.run.picture.run_picture import TrainPicture
from llmstudio.gui.train.run.runs import LiveRun, ask_run, can_go_on, can_learn_on, is_run, standing_of
from llmstudio.gui.train.run.tools import TrainTools


class TrainView(QWidget):
    """Tools above, picture below. Runs are read from disk through the session.

    Signals:
        opened: A run from disk is in sight.
        go_on_pressed: The run in sight is to go on.
    """

    opened = Signal()
    go_on_pressed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.live: LiveRun | None = None
        self.shown = self._shown_id = ""  # the id: it stays where another program renames it
        self.elsewhere = Elsewhere(session, self)
        self._asked_at = 0.0  # when the run in sight was last read
        self.tools, self.picture = TrainTools(session.preferences.smoothing), TrainPicture()
        self.picture.tools.addWidget(self.tools)
        Drawing(session, self.tools, self.picture, self)
        self.overlays = Overlays(session, self.tools, self.picture, self)
        self.mistakes = Mistakes(session, self.picture, self)
        self.files = CurveFiles(session, self.picture, self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture)
        tools = self.tools
        tools.runs.picked.connect(self.show_run)
        tools.runs.rename_asked.connect(self._rename)
        tools.runs.delete_asked.connect(self._delete)
        tools.go_on_pressed.connect(self.go_on_pressed)
        tools.export_asked.connect(self.files.ask)
        self.overlays.changed.connect(self._lay_over)
        self.elsewhere.turned.connect(self._on_turned)
        self.elsewhere.grew.connect(self._follow)

    @property
    def run(self) -> RunData:
        """The run in sight."""
        return self.picture.run

    def refresh(self) -> None:
        """Read anew which runs there are; the run in sight stays, or gives way to the newest."""
        names = [about.name for about in self._session.items.of("model") if is_run(about)]
        if self.live is not None and self.live.name not in names:
            names.insert(0, self.live.name)
        self.tools.set_runs(names, self._session.items.ids("model"))
        if self.shown not in names and not self._is_live(self.shown):
            known = {item: name for name, item in self._session.items.ids("model").items()}
            self.shown = ""
            if (renamed := known.get(self._shown_id, "")) in names:
                self.show_run(renamed)
        self.tools.show_run(self.shown)
        self._offer_go_on()
        self._session.ask(partial(summaries, self._session.project), self.tools.set_summaries, owner=self)
        if not self.shown and names:
            self.show_run(names[0])

    def forget(self) -> None:
        """Another project is open."""
        self.live, self.shown = None, ""
        self.overlays.forget()
        self._show(RunData())
        self.refresh()

    @Slot(str)
    def show_run(self, name: str) -> None:
        """Bring a run into sight."""
        self.shown, self._shown_id = name, self._session.items.ids("model").get(name, "")
        self.tools.show_run(name)
        self._offer_go_on()
        if self._is_live(name):
            assert self.live is not None
            self._show(self.live.data, self.live.total_steps)
        elif name:
            self._follow()

    # The run that is going on

    def begin(self, started: Started) -> None:
        """A run begins, or goes on."""
        if self.live is not None and self.live.name == started.item and not len(self.live.data) and not started.step:
            self.live.total_steps = started.total
        else:
            self.live = LiveRun(started)
            if self.live.needs_past:
                ask_run(self._session, started.item, self._on_past, owner=self)
        self.shown, self._shown_id = started.item, ""
        self.picture.numbers.set_held(False)
        self._show(self.live.data, self.live.total_steps)
        self.refresh()

    def add(self, events: Sequence[Event]) -> None:
        """The run says something."""
        if self.live is None:
            return
        grew = self.live.add(events)
        if self._is_live(self.shown):
            if grew:
                self.picture.numbers.total_steps = self.live.total_steps
                self.picture.refresh()
            progress = [event for event in events if isinstance(event, Progress)]
            if progress and not grew:
                self.picture.numbers.show_progress(progress[-1])

    def hold(self, is_held: bool) -> None:
        """The run is held, or goes on."""
        self.picture.numbers.set_held(is_held)

    def end(self) -> None:
        """The run is over, for now."""
        ended, self.live = self.live, None
        self.refresh()
        if ended is None or ended.name != self.shown or ended.needs_past:
            self._read_again()  # a race may have gone on with it; or the run was over before its past could be read
        else:
            self.overlays.keep(ended.data)
            self._show(ended.data, ended.total_steps)

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

    @Slot()
    def _follow(self) -> None:
        """Read the run in sight, as far as it has come by now."""
        self._asked_at = time.monotonic()
        ask_run(self._session, self.shown, self._on_opened, owner=self)

    @Slot()
    def _on_turned(self) -> None:
        self._session.items_changed.emit("model")
        self._read_again()

    def _read_again(self) -> None:
        """Read what is in sight from disk, where it may have gone on unseen."""
        if self.shown and not self._is_live(self.shown):
            self._follow()
        self.overlays.read_again(but_for=self.live.name if self.live is not None else "")

    @Slot(object)
    def _on_opened(self, answer: tuple[RunData, int | None]) -> None:
        run, total_steps = answer
        self.overlays.keep(run)
        self.elsewhere.rest(10 * (time.monotonic() - self._asked_at))  # a long run takes long to read
        if run.name == self.shown and not self._is_live(run.name):
            self._show(run, total_steps)
            self.opened.emit()

    @Slot()
    def _lay_over(self) -> None:
        self._show(self.run, self.picture.numbers.total_steps)

    def _show(self, run: RunData, total_steps: int | None = None) -> None:
        standing = None if self._is_live(run.name) else standing_of(self._session, run, total_steps)
        grows = standing is not None and standing.state == "training"  # in another program, or in a race of this one
        self.elsewhere.follow(self._session.project.path("model", run.name) if grows else None)
        is_elsewhere = grows and self.elsewhere.is_at_work
        overlays = self.overlays.over(self.shown)
        self.picture.set_run(run, overlays, total_steps=total_steps, standing=standing, is_elsewhere=is_elsewhere)
        self.overlays.compare(self.shown)
        self.mistakes.turn(is_live=self._is_live(run.name))

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
            self.overlays.drop(name)
            self.show_run(new)

    @Slot(str)
    def _delete(self, name: str) -> None:
        if not self._is_live(name) and ask_delete(self, self._session, "model", name):
            self.overlays.drop(name)
