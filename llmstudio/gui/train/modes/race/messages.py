"""What a race says: remarks with the runner that they concern, who has won, and ways out that reach the right runner."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from llmstudio.app.race.round_robin import JOB
from llmstudio.app.runs.run_summary import Quality, quality_told
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Noted
from llmstudio.core.tasks import task_of
from llmstudio.core.words import Words, words
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.modes.race.data import Race, runner_of
from llmstudio.gui.train.modes.race.runner import RunnerLine
from llmstudio.gui.train.modes.race.setup import RaceSetup


class RaceMessages(QObject):
    """Puts into words how a race goes.

    Signals:
        told: A `Noted`: something worth reading, with its ways out.
    """

    told = Signal(object)

    def __init__(self, session: Session, setup: RaceSetup, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._setup = session, setup
        self._lines: list[RunnerLine] = []  # where the race's runners were chosen; others may have come or gone since
        self._last = 0  # number of the runner that spoke last: the one that a failure concerns
        self._ways_out: list[tuple[int, Remedy]] = []  # what was offered, and for which runner

    def begin(self, lines: Sequence[RunnerLine]) -> None:
        """A race begins whose runners were chosen in these lines; none if it goes on."""
        self._lines, self._last, self._ways_out = list(lines), 0, []

    def hear(self, events: Sequence[Event], race: Race) -> None:
        """Pass on what is worth reading."""
        for event in events:
            number = runner_of(event)
            self._last = self._last if number is None else number
            if isinstance(event, Noted) and (number is None or event.level == "warning"):
                self.told.emit(event if number is None else self._of_runner(event, race.runners[number].label, number))

    def apply(self, remedy: Remedy) -> bool:
        """Carry out a way out on the runner that it was offered for."""
        number = next((runner for runner, way in self._ways_out if way == remedy), self._last)
        line = self._lines[number] if number < len(self._lines) else None
        return line is not None and line in self._setup.lines and line.apply(remedy)

    def _of_runner(self, event: Noted, label: str, number: int) -> Noted:
        """What is said of a runner, with its name; also on the buttons, since a race may offer the same to several."""
        ways = tuple(
            replace(way, label=words("{runner}: {remedy}", runner=label, remedy=way.label)) for way in event.remedies
        )
        self._ways_out += [(number, way) for way in ways]
        is_named = event.path == (JOB, str(number))  # the race itself speaks of it
        message = event.message if is_named else words("{runner}: {remark}", runner=label, remark=event.message)
        return replace(event, message=message, remedies=ways)

    def say_done(self, race: Race, result: Any) -> None:
        """Who has won, and who was out before the end."""
        places = [place for place in result.get("places", ()) if place["quality"]]
        ways = self._ways_of_those_out(race)
        out = ", ".join(runner.label for runner in race.runners if runner.out is not None)
        if len({place["quality"]["measure"] for place in places}) != 1:  # nobody, or figures that cannot be compared
            self.tell(words("The race “{name}” is over.", name=race.name), ways)
            return
        best = places[0]
        figures = {"winner": best["model"], "quality": quality_told(Quality(**best["quality"]))}
        if out:
            message = words("“{winner}” wins the race with {quality}. Out before the end: {names}.", **figures, names=out)
        else:
            message = words("“{winner}” wins the race with {quality}.", **figures)
        talk = Remedy("talk", words("Talk to the winner"), best["model"])
        self.tell(message, ((talk,) if task_of(best["kind"]).writes else ()) + ways)

    def _ways_of_those_out(self, race: Race) -> tuple[Remedy, ...]:
        return tuple(way for number, way in self._ways_out if race.runners[number].out is not None)

    def say_stopped(self, race: Race) -> None:
        """What is left of a race that was stopped."""
        kept = sum(self._session.project.exists("model", runner.name) for runner in race.runners)
        if kept:
            self.tell(words("The race “{name}” was stopped. Models that are kept: {n}.", name=race.name, n=kept))
        else:
            self.tell(words("The race “{name}” was stopped. Nothing was kept.", name=race.name))

    def tell(self, message: Words, remedies: tuple[Remedy, ...] = ()) -> None:
        """Say something of the race as a whole."""
        self.told.emit(Noted(job=JOB, message=message, remedies=remedies))
