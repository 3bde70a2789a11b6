"""The picture of a race: curves, the leaderboard, what each writes, and where their recipes differ; and earlier races."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from llmstudio.app.race.board import Raced, races
from llmstudio.core.events import Event
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import gap, scaled
from llmstudio.gui.look.theme import icon, space, theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.parts import Parts
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.plots.turns import Turns
from llmstudio.gui.shared.readouts.differences_table import DifferencesTable
from llmstudio.gui.train.modes.race.data import Race
from llmstudio.gui.train.modes.race.export import RaceExport
from llmstudio.gui.train.modes.race.leaderboard import Leaderboard
from llmstudio.gui.train.modes.race.plot import BITS, LOSS, RacePlot
from llmstudio.gui.train.modes.race.runs import read_race
from llmstudio.gui.train.modes.race.samples_beside import SamplesBeside


class RaceView(QWidget):
    """One race, going on or read from disk through the session.

    Signals:
        go_on_pressed: The race in sight, which was stopped, is to go on.
    """

    go_on_pressed = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.race = self._before = Race()
        turns = Turns(self)
        self.races = ItemPicker(self.tr("Races"), has_menu=False)
        self.go_on = QPushButton(self.tr("Go on"), toolTip=self.tr("Not over: everybody goes on from its last checkpoint."))
        self.plot = RacePlot(turns=turns)
        self.export = RaceExport(session, self.plot)
        self.leaderboard = Leaderboard(turns=turns)
        self.samples = SamplesBeside()
        self.differences = DifferencesTable()
        self._lower = QStackedWidget()
        self.picture = Parts()
        self.empty = Label(
            self.tr("Choose who runs, and press Race: the curves, and who is in front, will appear here."),
            wordWrap=True,
            alignment=Qt.AlignmentFlag.AlignCenter,
        )
        self._pages = QStackedWidget()
        self._place()
        self.races.picked.connect(self.open)
        self.go_on.clicked.connect(self.go_on_pressed)
        theme.changed.connect(self._dress)
        self._dress()

    def refresh(self) -> None:
        """Read anew which races there are; one that goes on stays in sight."""
        self._session.ask(partial(races, self._session.project), self._on_races, owner=self)

    def forget(self) -> None:
        """Another project is open."""
        self._before = Race()
        self._show(self._before)
        self.refresh()

    def begin(self, race: Race) -> None:
        """A race begins."""
        self._before = self.race
        self._show(race)
        self.refresh()

    def take_back(self) -> None:
        """The race that began was refused: what was in sight before comes back as it was."""
        self._show(self._before)
        self.refresh()

    def add(self, events: Sequence[Event]) -> None:
        """The race that goes on says something."""
        if self.race.add(events):
            self.plot.refresh()
            self.leaderboard.refresh()
            self.samples.show_race(self.race)
            self.measure.mark(self.plot.shown_measure)

    def end(self) -> None:
        """The race in sight is over. It is read from disk if it got there."""
        self.race.is_over = True
        self._show(self.race)
        self.refresh()

    @Slot(str)
    def open(self, name: str) -> None:
        """Bring an earlier race into sight."""
        if name and (name != self.race.name or self.race.is_over):
            like = self.race if name == self.race.name else None
            self._session.ask(partial(read_race, self._session.project, name, like), self._on_read, owner=self)

    @property
    def is_live(self) -> bool:
        """True while the race in sight goes on."""
        return bool(self.race.name) and not self.race.is_over

    # How it is put together

    def _place(self) -> None:
        tools = QHBoxLayout()
        scaled(self, lambda: tools.setSpacing(space(0.5)))
        tools.addWidget(self.races)
        tools.addStretch(1)
        columns = {"seconds": self.tr("Own time"), "tokens": self.tr("Tokens"), "step": self.tr("Steps")}
        self.axis = ChipChoice(tools, columns, self)
        self.axis.chosen.connect(self._on_axis)
        gap(tools, 1)
        self.measure = ChipChoice(tools, {BITS: self.tr("Bits per byte"), LOSS: self.tr("Training loss")}, self)
        self.measure.chosen.connect(self.plot.set_measure)
        for tool in (self.go_on, self.export):  # beside the title there is room even in a small window
            self.plot.head.layout().addWidget(tool)
        lower = QWidget()
        below = QVBoxLayout(lower)
        scaled(self, lambda: below.setContentsMargins(0, space(0.5), 0, 0))
        chips = QHBoxLayout()
        names = {"samples": self.tr("What they write"), "differences": self.tr("Where they differ")}
        self._choice = ChipChoice(chips, names, self)
        self._choice.chosen.connect(self._on_lower)
        chips.addStretch(1)
        self._lower.addWidget(self.samples)
        self._lower.addWidget(self.differences)
        below.addLayout(chips)
        below.addWidget(self._lower, 1)
        for part, stretch in ((self.plot, 5), (self.leaderboard, 3), (lower, 3)):
            self.picture.addWidget(part)
            self.picture.setStretchFactor(self.picture.count() - 1, stretch)
        self.picture.share((400, 220, 240))
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self.picture)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(tools)
        layout.addWidget(self._pages, 1)

    # What it shows

    @Slot(object)
    def _on_races(self, found: list[Raced]) -> None:
        names = [race.name for race in found]
        now = self.race.name
        # One that was stopped stays in sight, though it is not kept as a race.
        self.races.set_names(names if now in names or not now else [now, *names])
        self.races.set_notes({race.name: self._note(race) for race in found})
        self.races.setVisible(bool(names or now))
        if now:
            self.races.pick(now)
        if not self.is_live and names and (not now or now in names):
            self.open(now or names[0])

    def _note(self, race: Raced) -> str:
        models = ", ".join(race.models)
        text = self.tr("Stopped, and can go on: {models}") if race.can_go_on else self.tr("Over: {models}")
        return text.format(models=models)

    @Slot(object)
    def _on_read(self, race: Race) -> None:
        if not self.is_live and race.runners:
            self.races.pick(race.name)
            self._show(race)

    def _show(self, race: Race) -> None:
        self.race = race
        self.go_on.setVisible(race.is_over and race.can_go_on)
        self._pages.setCurrentWidget(self.picture if race.name else self.empty)
        self.plot.set_race(race)
        self.leaderboard.set_race(race)
        self.samples.show_race(race)
        self.differences.show_runs([runner.label for runner in race.runners], race.differences)
        self.measure.mark(self.plot.shown_measure)

    @Slot()
    def _dress(self) -> None:
        self.go_on.setIcon(icon("play", "accent"))
        self.go_on.setIconSize(QSize(space(1.75), space(1.75)))

    @Slot(str)
    def _on_axis(self, column: str) -> None:
        self.plot.set_axes(x_column=column)

    @Slot(str)
    def _on_lower(self, key: str) -> None:
        self._lower.setCurrentWidget(self.samples if key == "samples" else self.differences)
