"""What was pretraining worth? Asked within Teach: the comparison is begun, watched as it goes, and over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from PySide6.QtCore import QObject, Slot

from llmstudio.app.worth.comparing import JOB, Point, compare, last_worth
from llmstudio.app.worth.trials import SHARES, WAYS, trials
from llmstudio.core.events import Event, Failed, Finished, Progress, Started, Stopped
from llmstudio.core.work import Stop
from llmstudio.gui.look.figures import duration_text
from llmstudio.gui.look.plural import plural
from llmstudio.gui.session.session import Session
from llmstudio.gui.train.modes.teach.setup import TeachSetup
from llmstudio.gui.train.modes.teach.worth_picture import WorthPicture


class Worth(QObject):
    """Compares three ways to begin, and hands what is measured to its picture.

    Attributes:
        picture: The curves.
    """

    def __init__(self, session: Session, setup: TeachSetup, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._setup = session, setup
        self._is_going = self._is_told = False  # whether the picture tells of a comparison
        self._subject = ("", "")  # a model, and the id of a text
        self._name = ""  # of the comparison that was begun
        self.picture = WorthPicture()
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)
        self.look()

    @property
    def suits_task(self) -> bool:
        """Whether the task has labels, of which a share can be learned from to see what pretraining is worth."""
        return hasattr(self._setup.recipe.task, "label_share")

    @property
    def lacks_model(self) -> bool:
        """Whether random weights are chosen, of which nothing can be said."""
        return not self._setup.begins_with

    def look(self) -> None:
        """Say what would be compared, with the settings as they stand; what was measured of another model or text goes."""
        subject = (self._setup.begins_with, self._setup.corpus.current_id)
        if self._is_going or (subject == self._subject and self._is_told):
            return
        if subject != self._subject:
            self.picture.show_points(())
        self._subject, self._is_told = subject, False
        self._say_plan()
        self._show_kept(*subject)

    def forget(self) -> None:
        """Another project is open."""
        self._subject, self._is_going = ("", ""), False
        self.picture.show_points(())
        self.look()

    def job(self, name: str) -> tuple[Callable[[Stop], Iterator[Event]], str]:
        """The job that compares with the settings as they stand, and its title."""
        project, setup = self._session.project, self._setup
        self._say_plan()
        self._name = name
        model, corpus, recipe = setup.begins_with, setup.corpus.current(), setup.recipe

        def job(stop: Stop) -> Iterator[Event]:
            return compare(project, model=model, corpus=corpus, name=name, trials=trials(name, recipe), stop=stop)

        return job, self.tr("What pretraining was worth: “{name}”").format(name=name)

    def _say_plan(self) -> None:
        """Say what would be compared."""
        if self.lacks_model:
            self.picture.say(self.tr("Choose a model that has read under “Begin with”: it is compared with random weights."))
            return
        said = self.tr(
            "The task is learned in three ways, each with 1 %, 10 % and 100 % of the labels: from random weights, with the"
            " weights of “{model}” held still, and with all of them learning on. {models}, {length} each, are measured on"
            " texts that none has learned from."
        )
        training = self._setup.recipe.training
        length = plural(self.tr("{n|step|steps}"), n=f"{training.max_steps:,}")
        if training.max_seconds:
            length = plural(self.tr("{n|second|seconds}"), n=f"{training.max_seconds:,.0f}")
        number = len(WAYS) * len(SHARES)
        said = said.format(
            model=self._setup.begins_with, models=plural(self.tr("{n|model|models}"), n=number), length=length
        )
        found = self._setup.forecaster.found
        if found is not None and found.seconds is not None:
            whole = self.tr("Together they take at most {time} here.").format(time=duration_text(number * found.seconds))
            said = f"{said} {whole}"
        self.picture.say(said)

    def _show_kept(self, model: str, corpus_id: str) -> None:
        """Show what was measured on another day."""
        if model and (kept := last_worth(self._session.project, model, corpus_id)) is not None:
            self._is_told = True
            self._show({"points": kept.points, "diverged": kept.diverged})
            self._say_end(kept.measured_on, kept.name)

    def _say_end(self, measured_on: str, name: str) -> None:
        part = self.tr("the test part") if measured_on == "test" else self.tr("the validation part")
        said = self.tr(
            "Measured on {part}, of which no model has learned anything. The models of this comparison are in the list:"
            " their names begin with “{name}”."
        )
        self.picture.say(said.format(part=part, name=name))

    def _show(self, found: Mapping[str, Any]) -> None:
        self.picture.show_points([Point(**point) for point in found["points"]], found["diverged"])

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        for event in events if lane == "work" else []:
            if event.path != (JOB,):
                continue
            if isinstance(event, Started) and event.item == self._name:  # another comparison may be going on
                self._is_going = True
                self.picture.show_points(())
            elif self._is_going and isinstance(event, Progress) and "points" in event.details:
                self._show(event.details)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != "work" or not self._is_going:
            return
        self._is_going, self._is_told = False, True
        match end:
            case Finished():
                self._show(end.result)
                self._say_end(end.result["measured_on"], end.result["name"])
            case Failed():
                self.picture.say(self.tr("It could not go on. What was measured stays in sight."))
            case Stopped():
                said = self.tr("Not done yet: what was measured stays. Press the button again, and it goes on from there.")
                self.picture.say(said)
