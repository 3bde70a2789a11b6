"""The race mode of the tab: how a race begins, goes on and ends. Verb and controls are the tab's."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot

from llmstudio.app.inspecting.latent_rival import Match
from llmstudio.app.race.racing import race as race_job
from llmstudio.app.race.resuming import resume_race
from llmstudio.app.race.round_robin import JOB
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Failed, Finished, Stopped
from llmstudio.core.words import words
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.why import Why
from llmstudio.gui.train.modes.race.data import Race
from llmstudio.gui.train.modes.race.messages import RaceMessages
from llmstudio.gui.train.modes.race.preparation import RacePreparation
from llmstudio.gui.train.modes.race.runner import RunnerLine
from llmstudio.gui.train.modes.race.runs import live_race, race_that_goes_on
from llmstudio.gui.train.modes.race.setup import RaceSetup
from llmstudio.gui.train.modes.race.view import RaceView
from llmstudio.gui.train.modes.switch import ModeSwitch


class RaceMode(QObject):
    """Starts races and watches them."""

    name = "race"

    def __init__(self, session: Session, switch: ModeSwitch, parent: QObject, view: RaceView | None = None) -> None:
        super().__init__(parent)
        self._session, self._switch = session, switch
        self.setup, self.view = RaceSetup(), view or RaceView(session)
        self.preparation = RacePreparation(session, self.setup, self)
        self.says = RaceMessages(session, self.setup, self)
        self._race: Race | None = None  # the one that runs
        switch.turned.connect(self._on_turned)
        session.items_changed.connect(self._on_items)
        session.race_proposed.connect(self.propose)
        self.view.go_on_pressed.connect(self.go_on)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    @property
    def is_on(self) -> bool:
        """True while the tab is about races rather than one model."""
        return self._switch.mode == self.name

    @property
    def steps(self) -> int:
        """Steps that the race going on has taken, of all runners together; 0 if none goes on."""
        return self._race.steps if self._race else 0

    @property
    def names(self) -> list[str]:
        """The models of the race going on."""
        return [runner.name for runner in self._race.runners] if self._race else []

    @Slot()
    def show_race(self) -> None:
        """Turn the tab to races."""
        self._switch.turn_to(self.name)

    @Slot(object)
    def propose(self, match: Match) -> None:
        """Prepare a race that was thought out elsewhere; one that goes on stays as it is."""
        self.show_race()
        if self._race is None:
            self.preparation.take(match)
        else:
            self.says.tell(words("A race is going on: ask for this one again when it is over."))

    @Slot()
    def run(self) -> None:
        """Race with everything as it stands, or say in place what is missing."""
        project, setup = self._session.project, self.setup
        if setup.corpus.gone or not setup.settle():
            return
        name, corpus, budget = setup.name_field.name(), setup.corpus.current(), setup.budget
        try:
            entries = setup.entries(name, self.preparation.vocab_sizes())
        except StudioError as error:
            setup.say_problem(error)
            return
        if not self.preparation.check_name():
            setup.name_field.line.setFocus()
            return
        runners = setup.runners(name)
        started = self._session.start(
            lambda stop: race_job(project, name=name, corpus=corpus, runners=runners, budget=budget, stop=stop),
            tab="train",
            title=self.tr("Race “{name}”").format(name=name),
        )
        if started:
            self._begin(live_race(name, entries, [r.tokenizer for r in runners]), self.setup.lines)

    @Slot()
    def go_on(self) -> None:
        """Let the race in sight, which was stopped, go on to its end."""
        name = self.view.race.name
        self._session.ask(partial(race_that_goes_on, self._session.project, name), self._on_ready, owner=self)

    @Slot(object)
    def _on_ready(self, race: Race) -> None:
        project = self._session.project
        started = self._session.start(
            lambda stop: resume_race(project, race.name, stop=stop),
            tab="train",
            title=self.tr("Going on with the race “{name}”").format(name=race.name),
        )
        if started:
            self._begin(race)

    def _begin(self, race: Race, lines: Sequence[RunnerLine] = ()) -> None:
        self._turn(race)
        self.says.begin(lines)
        self.view.begin(race)

    def _turn(self, race: Race | None) -> None:
        self._race = race
        self.preparation.is_racing = race is not None

    def forget(self) -> None:
        """Another project is open."""
        self._turn(None)
        self.preparation.forget()
        self.setup.name_field.renew()
        if self.is_on:
            self.preparation.fill()
            self.view.forget()

    def explain(self, why: Why) -> None:
        """What a race shows."""
        why.set_words(
            self.tr(
                "All learn from the same text and take turns on the processor, each with a stopwatch of its own. The one "
                "that needs the fewest bits for each byte of text nobody has seen is in front; the dotted line is a model "
                "that only counts."
            ),
            source=self.tr("The yardstick: Chen and Goodman 1999, “An empirical study of smoothing techniques”"),
        )

    @Slot()
    def _on_turned(self) -> None:
        if self.is_on:
            self.preparation.fill()
            self.view.refresh()

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if self.is_on and kind in ("corpus", "tokenizer"):
            self.preparation.fill()
        elif self.is_on and kind == "model" and self._race is None:
            self.view.refresh()

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != "work" or self._race is None:
            return
        said = [event for event in events if event.path[:1] == (JOB,)]
        self.says.hear(said, self._race)
        if self.view.race is self._race:
            self.view.add(said)
        else:
            self._race.add(said)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != "work" or self._race is None:
            return
        race = self._race
        self._turn(None)
        race.is_over = True
        if self.view.race is race:
            self.view.end()
        self.setup.name_field.renew()
        match end:
            case Finished():
                self.says.say_done(race, end.result)
            case Stopped():
                self.says.say_stopped(race)
            case Failed():
                # The tab says what failed; of a race that was refused nothing is left to be shown.
                is_kept = any(self._session.project.exists("model", runner.name) for runner in race.runners)
                if not is_kept and self.view.race is race:
                    self.view.take_back()
        self.preparation.propose_name()
