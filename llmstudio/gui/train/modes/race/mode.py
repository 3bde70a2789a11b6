"""A race within the train tab: the switch, what is prepared, its start, what it says, and how it ends.

The tab keeps verb, controls and messages; this module tells it what to say.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.app.latent_rival import Match
from llmstudio.app.race.racing import race as race_job
from llmstudio.app.race.resuming import resume_race
from llmstudio.app.race.turns import JOB
from llmstudio.app.runs.run_summary import Quality, quality_told
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Failed, Finished, Noted, Stopped
from llmstudio.core.tasks import task_of
from llmstudio.core.words import Words, words
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.why import Why
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.pickers.text_and_tokenizer import text_for, tokenizers_for
from llmstudio.gui.train.modes.race.data import Race, runner_of
from llmstudio.gui.train.modes.race.runner import RunnerLine
from llmstudio.gui.train.modes.race.runs import live_race, race_that_goes_on
from llmstudio.gui.train.modes.race.setup import RaceSetup
from llmstudio.gui.train.modes.race.view import RaceView


class RaceDesk(QObject):
    """Prepares races and watches them.

    Attributes:
        is_on: True while the tab is about races rather than one model.

    Signals:
        switched: `is_on` has changed.
        told: A `Noted`: something worth reading, with its ways out.
    """

    switched = Signal()
    told = Signal(object)

    def __init__(self, session: Session, parent: QObject, view: RaceView | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.is_on = False
        self.setup, self.view = RaceSetup(), view or RaceView(session)
        self._race: Race | None = None  # the one that runs
        self._lines: list[RunnerLine] = []  # where its runners were chosen; others may have come or gone since
        self._text = ""  # that the runners' tokenizers were chosen for
        self._last = 0  # number of the runner that spoke last: the one that a failure concerns
        self._ways_out: list[tuple[int, Remedy]] = []  # what was offered, and for which runner
        self.one, self.many = QPushButton(self.tr("One model"), checkable=True), QPushButton(self.tr("Race"), checkable=True)
        self.many.setToolTip(self.tr("Several models learn by turns on one text, under the same budget"))
        self._switch = QButtonGroup(self)
        for number, button in enumerate((self.one, self.many)):
            button.setProperty("role", "chip")
            self._switch.addButton(button, number)
        self.one.setChecked(True)
        self._switch.idClicked.connect(self._on_switch)
        self.setup.corpus.picked.connect(self._on_corpus)
        self.setup.changed.connect(self._on_setup)
        session.items_changed.connect(self._on_items)
        session.chosen.connect(self._on_chosen)
        session.race_proposed.connect(self.propose)
        self.view.go_on_pressed.connect(self.go_on)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    def beside(self, single: QWidget) -> QWidget:
        """The left side of the tab: the switch, and under it `single` or the race's own."""
        holder = QWidget()
        row = QHBoxLayout()
        row.addWidget(self.one, 1)
        row.addWidget(self.many, 1)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(holder, lambda: column.setSpacing(space(1.5)))
        column.addLayout(row)
        column.addWidget(single)
        column.addWidget(self.setup)
        self._single = single
        self.setup.hide()
        return holder

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
        self.many.setChecked(True)
        self._on_switch(1)

    @Slot(object)
    def propose(self, match: Match) -> None:
        """Prepare a race that was thought out elsewhere; one that goes on stays as it is."""
        self.show_race()
        if self._race is None:
            self.setup.propose(match)
            self._text = match.corpus
        else:
            self._tell(words("A race is going on: ask for this one again when it is over."))

    @Slot()
    def run(self) -> None:
        """Race with everything as it stands, or say in place what is missing."""
        project, setup = self._session.project, self.setup
        if not setup.settle():
            return
        name, corpus, budget = setup.name_field.name(), setup.corpus.current(), setup.budget
        try:
            entries = setup.entries(name, self._vocab_sizes())
        except StudioError as error:
            setup.say_problem(error)
            return
        if not self._check_name():
            setup.name_field.line.setFocus()
            return
        runners = setup.runners(name)
        started = self._session.start(
            lambda stop: race_job(project, name=name, corpus=corpus, runners=runners, budget=budget, stop=stop),
            tab="train",
            title=self.tr("Race “{name}”").format(name=name),
        )
        if started:
            self._race, self._ways_out = live_race(name, entries, [r.tokenizer for r in runners]), []
            self._lines, self._last = list(self.setup.lines), 0
            self.view.begin(self._race)

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
            self._race, self._ways_out, self._lines, self._last = race, [], [], 0
            self.view.begin(race)

    def apply(self, remedy: Remedy) -> bool:
        """Carry out a way out on the runner that it was offered for."""
        number = next((runner for runner, way in self._ways_out if way == remedy), self._last)
        line = self._lines[number] if number < len(self._lines) else None
        return line is not None and line in self.setup.lines and line.apply(remedy)

    def forget(self) -> None:
        """Another project is open."""
        self._race = None
        self.setup.name_field.renew()
        if self.is_on:
            self._fill()
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

    @Slot(int)
    def _on_switch(self, number: int) -> None:
        self.is_on = bool(number)
        self._single.setVisible(not self.is_on)
        self.setup.setVisible(self.is_on)
        if self.is_on:
            self._fill()
            self.view.refresh()
        self.switched.emit()

    # What there is

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if self.is_on and kind in ("corpus", "tokenizer"):
            self._fill()
        elif self.is_on and kind == "model" and self._race is None:
            self.view.refresh()

    def _fill(self) -> None:
        self.setup.corpus.set_names(
            [item.name for item in self._session.items.of("corpus")], self._session.items.ids("corpus")
        )
        self._on_corpus()

    @Slot()
    def _on_corpus(self) -> None:
        """Tokenizers that were learned from the chosen text come first, and every runner follows a change of text."""
        name = self.setup.corpus.current()
        names, own = tokenizers_for(self._session, name)
        self.setup.set_tokenizers(names, own, is_new_text=name != self._text)
        self._text = name
        self._propose()

    def follow(self, corpus: str) -> None:
        """Another text is in use elsewhere; a race that goes on keeps its own."""
        if corpus and self._race is None and corpus != self.setup.corpus.current() and self.setup.corpus.pick(corpus):
            self._on_corpus()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        if kind == "corpus":
            self.follow(name)
        elif kind == "tokenizer":
            self.follow(text_for(self._session, name, self.setup.corpus.current()))

    def _vocab_sizes(self) -> dict[str, int]:
        return {item.name: item.tokenizer_card.vocab_size for item in self._session.items.of("tokenizer")}

    def _propose(self) -> None:
        taken, number = self._raced(), 1
        while (name := self.tr("Race {n}").format(n=number)) in taken or self._clash(name):
            number += 1
        self.setup.name_field.propose(name)

    def _raced(self) -> set[str]:
        return {race.name for item in self._session.items.of("model") if (race := item.model_card.race) is not None}

    def _clash(self, name: str) -> str:
        """A model that stands in the way of a race of this name; empty if none does."""
        models = {item.name for item in self._session.items.of("model")}
        return next((runner.name for runner in self.setup.runners(name) if runner.name in models), "")

    @Slot()
    def _on_setup(self) -> None:
        self._check_name()

    def _check_name(self) -> bool:
        if self._race is not None:
            return True  # the name is taken by the race in sight
        field = self.setup.name_field
        problem, _ = name_problem(self._session.project, "model", field.name())
        if not problem and field.name() in self._raced():
            problem = self.tr("There was a race “{name}” already.").format(name=field.name())
        elif not problem and (model := self._clash(field.name())):
            problem = self.tr("“{name}” exists already.").format(name=model)
        field.set_problem(problem)
        return not problem

    # What it says

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != "work" or self._race is None:
            return
        said = [event for event in events if event.path[:1] == (JOB,)]
        for event in said:
            number = runner_of(event)
            self._last = self._last if number is None else number
            if isinstance(event, Noted) and (number is None or event.level == "warning"):
                self.told.emit(event if number is None else self._of_runner(event, self._race.runners[number].label, number))
        if self.view.race is self._race:
            self.view.add(said)
        else:
            self._race.add(said)

    def _of_runner(self, event: Noted, label: str, number: int) -> Noted:
        """What is said of a runner, with its name; also on the buttons, since a race may offer the same to several."""
        ways = tuple(
            replace(way, label=words("{runner}: {remedy}", runner=label, remedy=way.label)) for way in event.remedies
        )
        self._ways_out += [(number, way) for way in ways]
        is_named = event.path == (JOB, str(number))  # the race itself speaks of it
        message = event.message if is_named else words("{runner}: {remark}", runner=label, remark=event.message)
        return replace(event, message=message, remedies=ways)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != "work" or self._race is None:
            return
        race, self._race = self._race, None
        race.is_over = True
        if self.view.race is race:
            self.view.end()
        self.setup.name_field.renew()
        match end:
            case Finished():
                self._say_done(race, end.result)
            case Stopped():
                self._say_stopped(race)
            case Failed():
                # The tab says what failed; of a race that was refused nothing is left to be shown.
                is_kept = any(self._session.project.exists("model", runner.name) for runner in race.runners)
                if not is_kept and self.view.race is race:
                    self.view.take_back()
        self._propose()

    def _say_done(self, race: Race, result: Any) -> None:
        places = [place for place in result.get("places", ()) if place["quality"]]
        ways = self._ways_of_those_out(race)
        out = ", ".join(runner.label for runner in race.runners if runner.out is not None)
        if len({place["quality"]["measure"] for place in places}) != 1:  # nobody, or figures that cannot be compared
            self._tell(words("The race “{name}” is over.", name=race.name), ways)
            return
        best = places[0]
        figures = {"winner": best["model"], "quality": quality_told(Quality(**best["quality"]))}
        if out:
            message = words("“{winner}” wins the race with {quality}. Out before the end: {names}.", **figures, names=out)
        else:
            message = words("“{winner}” wins the race with {quality}.", **figures)
        talk = Remedy("talk", words("Talk to the winner"), best["model"])
        self._tell(message, ((talk,) if task_of(best["kind"]).writes else ()) + ways)

    def _ways_of_those_out(self, race: Race) -> tuple[Remedy, ...]:
        return tuple(way for number, way in self._ways_out if race.runners[number].out is not None)

    def _say_stopped(self, race: Race) -> None:
        kept = sum(self._session.project.exists("model", runner.name) for runner in race.runners)
        if kept:
            self._tell(words("The race “{name}” was stopped. Models that are kept: {n}.", name=race.name, n=kept))
        else:
            self._tell(words("The race “{name}” was stopped. Nothing was kept.", name=race.name))

    def _tell(self, message: Words, remedies: tuple[Remedy, ...] = ()) -> None:
        self.told.emit(Noted(job=JOB, message=message, remedies=remedies))
