"""What the train tab says, and what the buttons under it do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.app.items.abilities import task_of_model, writes
from llmstudio.app.runs.run_summary import Quality
from llmstudio.app.verbs.export import NOT_EXPORTABLE, NOT_TO_GGUF
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Failed, Finished, Noted, Stopped
from llmstudio.core.models.checkpoint.folders import has_begun
from llmstudio.core.recipe import Recipe
from llmstudio.core.words import Words, words
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.train.run.runs import done_message, stopped_message

_CHANGES = ("set", "retry")  # ways out that act on the form


class TrainMessages(QObject):
    """Speaks through the tab's message bar. A warning that offers a way out stays until the next run.

    Signals:
        retry_asked: Train (or race) again with the settings as they stand.
    """

    retry_asked = Signal()

    def __init__(
        self,
        session: Session,
        bar: MessageBar,
        in_sight: Callable[[], tuple[str, str, str]],
        apply: Callable[[Remedy], bool],
        parent: QObject,
    ) -> None:
        """What the settings in sight are about is told by `in_sight`: family, size, whose weights a run begins with.

        `apply` puts a remedy's value into these settings; False if they have no such setting.
        """
        super().__init__(parent)
        self._session, self._bar, self._in_sight, self._apply = session, bar, in_sight, apply
        self._warning: Noted | None = None
        self._ran: tuple[str, str, str] | None = None  # what the run is about: family, size, whose weights it began with
        self._asked_of: JobInfo | None = None  # the run that is held while somebody decides whether to throw it away
        self._question = ""
        self._begun: set[str] = set()  # models that had a checkpoint before the job: it does not throw them away
        session.job_started.connect(self._on_started)
        for news in (session.job_started, session.job_paused, session.job_stopping, session.job_ended):
            news.connect(self._withdraw_question)
        bar.remedy.connect(self.carry_out)
        bar.dismissed.connect(self._forget)

    def clear(self) -> None:
        """Nothing to say any more."""
        self._ran = None
        self._forget()
        self._bar.clear()

    def begin(self, recipe: Recipe | None) -> None:
        """A run begins: with the settings in sight, or with `recipe`, that of an earlier one which goes on."""
        self.clear()
        self._ran = (recipe.kind, recipe.preset, "") if recipe is not None else self._in_sight()

    @Slot(object)
    def note(self, event: Noted) -> None:
        """Say what a run remarks; what is only worth knowing does not cover a warning that can be acted on."""
        # The forecast and the export say so, where one can act on it.
        if event.message.template in (NOT_EXPORTABLE, NOT_TO_GGUF):
            return
        if event.level == "warning" and event.remedies:
            self._warning = event
        elif self._warning is not None and event.level == "info" and not event.remedies:
            return
        self._bar.show_message(event.message, level=event.level, remedies=self._fitting(event.remedies))

    def say_done(self, end: Finished, quality: Quality | None = None) -> None:
        """A run has come to its end: what came out, or still what was wrong with it, and the way on.

        `quality` of its model, where that is known.
        """
        model = str(end.result.get("model", ""))
        talk = Remedy("open_tab", words("Talk to it"), "chat", model)
        if not self._speaks(model):
            label = words("Use it in Inspect") if self._is_taught(model) else words("Play with it")
            talk = Remedy("open_tab", label, "inspect", model)
        if (warning := self._warning) is not None:
            self._bar.show_message(warning.message, level=warning.level, remedies=(*self._fitting(warning.remedies), talk))
        else:
            self._bar.show_message(done_message(end, quality), remedies=(talk,), next_step=talk)

    def _speaks(self, model: str) -> bool:
        about = self._session.items.find("model", model)
        return about is None or writes(about)

    def _is_taught(self, model: str) -> bool:
        about = self._session.items.find("model", model)
        task = task_of_model(about) if about is not None else None
        return task is not None and bool({"classes", "tags"} & set(task.pages))

    def say_stopped(self, end: Stopped) -> None:
        """A run was stopped."""
        self._bar.show_message(stopped_message(end))

    @Slot(str)
    def say_written(self, path: str) -> None:
        """Curves or numbers were written to a file."""
        place = Remedy("open_folder", words("Open its folder"), path)
        self._bar.show_message(words("Written: {path}", path=path), remedies=(place,))

    def say_failed(self, end: Failed) -> bool:
        """A run, or a race as a whole, could not go on. Returns whether the settings in sight are those of its model."""
        self._bar.show_failed(replace(end, remedies=self._fitting(end.remedies)))
        return self._is_about_form()

    def ask_discard(self, steps: int, *, is_race: bool, names: Sequence[str] = ()) -> None:
        """Hold the run and ask, in place, before it is thrown away.

        `names` are those of the models that learn; what an earlier sitting made of them stays, and that is said.
        The question is about this very run: it is gone as soon as the run goes on, is asked to end, or is over.
        """
        self._session.pause()
        what = words("Throw these models away") if is_race else words("Throw this model away")
        lost = words("{n|step|steps} of learning would be lost.", n=f"{steps:,}")
        if stays := [name for name in names if name in self._begun]:
            self._session.items.forget()  # who has come to its end a moment ago has told nobody
            over = [name for name in names if self._has_ended(name)]
            what, lost = words("Throw that away"), _lost_beside(stays, names, over)
        self._bar.show_message(
            lost, level="warning", remedies=(Remedy("discard", what), Remedy("go_on", words("Keep training")))
        )
        self._asked_of, self._question = self._session.running(), self._bar.text

    def _has_ended(self, name: str) -> bool:
        """Whether a runner has come to its end: a race that goes on leaves it there, whatever becomes of the rest."""
        model = self._session.items.find("model", name)
        return model is not None and model.model_card.state == "finished"

    @Slot(object)
    def _on_started(self, info: JobInfo) -> None:
        if info.lane == "work":
            self._begun = {model.name for model in self._session.items.of("model") if has_begun(model.path)}

    @Slot()
    @Slot(str)
    @Slot(str, bool)
    def _withdraw_question(self, *_news: object) -> None:
        is_open = self._asked_of is not None and self._session.running() is self._asked_of
        if self._asked_of is None or (is_open and self._session.is_paused() and not self._session.is_stopping()):
            return
        self._asked_of = None
        if self._bar.text != self._question:  # something else has been said since
            return
        if (warning := self._warning) is not None:
            self._bar.show_message(warning.message, level=warning.level, remedies=self._fitting(warning.remedies))
        else:
            self._bar.clear()

    @Slot(object)
    def carry_out(self, remedy: Remedy) -> None:
        """Do what a button promises."""
        if remedy.action == "retry":
            self.retry_asked.emit()
            return
        is_over = self._asked_of is None or self._session.running() is not self._asked_of
        if remedy.action == "discard" and is_over:  # it was offered for a run that is no more
            return
        if carry_out(remedy, self._session, apply=self._apply) and remedy.action == "set":
            self._say_set(remedy.label)

    def _say_set(self, label: Words) -> None:
        self._forget()
        if self._session.is_running():  # what runs keeps the settings that it began with
            self._bar.show_message(words("{label}. It is set for the next run.", label=label))
        else:
            self._bar.show_message(
                words("{label}. It is set.", label=label), remedies=(Remedy("retry", words("Train again")),)
            )

    # What a run proposes is for its own model

    def _is_about_form(self) -> bool:
        return self._ran is None or self._ran == self._in_sight()

    def _fitting(self, remedies: tuple[Remedy, ...]) -> tuple[Remedy, ...]:
        """Without those that would change settings, where the form holds another model by now."""
        return tuple(way for way in remedies if way.action not in _CHANGES or self._is_about_form())

    @Slot()
    def look_at_settings(self) -> None:
        """The settings in sight have changed: what was proposed for those of another model goes."""
        if not self._is_about_form():
            self._bar.withdraw(*_CHANGES)

    @Slot()
    def _forget(self) -> None:
        self._warning = None


def _lost_beside(stays: Sequence[str], names: Sequence[str], over: Sequence[str]) -> Words:
    """What is lost when a sitting that went on with earlier models is thrown away; nothing of those that are `over`."""
    if over:
        left = [name for name in names if name not in over]
        end = words("At their end, and left as they are: {names}.", names=", ".join(over))
        back = [name for name in stays if name not in over]
        lost = _lost_beside(back, left, ()) if back else words("What the other models have learned would be lost.")
        return words("{lost} {end}", lost=lost, end=end) if left else end
    are_all, names = all(name in stays for name in names), ", ".join(stays)
    if not are_all:
        return words(
            "Begun in an earlier sitting, and put back to how it stood then: {names}. What was learned since then, and the"
            " other models, would be lost.",
            names=names,
        )
    return words(
        "Begun in an earlier sitting, and put back to how it stood then: {names}. What was learned since then would be"
        " lost.",
        names=names,
    )
