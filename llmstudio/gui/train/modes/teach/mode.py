"""The mode Teach of the tab: a model learns a task. Verb and controls are the tab's, and so is the run in sight."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app.verbs.train import train
from llmstudio.core.events import Event
from llmstudio.core.work import Stop
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.why import Why
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice
from llmstudio.gui.shared.pickers.text_and_tokenizer import build_for
from llmstudio.gui.train.modes.switch import ModeSwitch
from llmstudio.gui.train.modes.teach.lesson import Lesson, explain_lesson
from llmstudio.gui.train.modes.teach.preparation import TeachPreparation
from llmstudio.gui.train.modes.teach.setup import TeachSetup
from llmstudio.gui.train.modes.teach.worth import Worth
from llmstudio.gui.train.rows.preview import Subject


class TeachMode(QObject):
    """Prepares teaching and begins it.

    Attributes:
        chips: What one looks at: the lesson, the run, or what pretraining was worth.
        lesson: What is to be learned.
        worth: What pretraining was worth.

    Signals:
        looked: Another of them is to be in sight.
    """

    name = "teach"
    looked = Signal()

    def __init__(self, session: Session, switch: ModeSwitch, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._switch = session, switch
        self.setup, self.lesson = TeachSetup(), Lesson()
        self.preparation = TeachPreparation(session, self.setup, self.lesson, self)
        self.worth = Worth(session, self.setup, self)
        self.chips = QWidget()
        row = QHBoxLayout(self.chips)
        row.setContentsMargins(0, 0, 0, 0)
        looks = {
            "lesson": self.tr("What it learns"),
            "run": self.tr("How it learns"),
            "worth": self.tr("What pretraining is worth"),
        }
        self._choice = ChipChoice(row, looks, self)
        row.addStretch(1)
        self.chips.hide()
        self._choice.chosen.connect(self.worth.look)
        self._choice.chosen.connect(self.looked)
        self.setup.changed.connect(self.looked)
        self.setup.changed.connect(self.worth.look)
        self.preparation.turned.connect(self._on_turned_text)
        self.setup.way_out_asked.connect(self._import)
        switch.turned.connect(self._on_turned)
        session.items_changed.connect(self._on_items)
        session.chosen.connect(self._on_chosen)
        session.teach_asked.connect(partial(switch.turn_to, self.name))

    @property
    def is_on(self) -> bool:
        """True while the tab is about teaching."""
        return self._switch.mode == self.name

    @property
    def has_text(self) -> bool:
        """Whether there is a text to teach with."""
        return bool(self.setup.corpus.current())

    @property
    def lacks_tokenizer(self) -> bool:
        """Whether random weights are to be taught, and nothing reads the text yet."""
        return self.has_text and not (self.setup.begins_with or self.setup.tokenizer.current())

    @property
    def verb(self) -> str:
        """What the tab's button says."""
        if not self.has_text:
            return self.tr("Import a text to teach with")
        if self.is_comparing:
            return self.tr("Compare three ways")
        return self.tr("Build a tokenizer") if self.lacks_tokenizer else self.tr("Teach")

    @property
    def to_learn(self) -> Subject:
        """What rows are made of."""
        setup = self.setup
        return Subject(setup.corpus.current(), setup.tokenizer.current(), setup.begins_with, setup.recipe)

    @property
    def is_comparing(self) -> bool:
        """Whether the next press compares what pretraining is worth."""
        return self.has_text and self.worth.suits_task and self._choice.key == "worth"

    @property
    def in_sight(self) -> tuple[str, str, str]:
        """What the next teaching is about: family, size, whose weights it begins with. No other mode says the same."""
        recipe = self.setup.recipe
        return f"{self.name} {recipe.kind}", recipe.preset, self.setup.begins_with

    def form_or(self, other: Form) -> Form:
        """The settings in sight: those of teaching where that is on, else the `other`."""
        return self.setup.form if self.is_on else other

    def turn(self, *, is_teaching: bool) -> None:
        """A run begins, which then is in sight, or is over."""
        if is_teaching and self.is_on and not self.is_comparing:
            self._choice.mark("run")
        self.preparation.is_teaching = is_teaching

    def above(self, pages: QStackedWidget) -> QWidget:
        """The chips, and under them what the tab shows."""
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(whole, lambda: column.setSpacing(space()))
        column.addWidget(self.chips)
        column.addWidget(pages, 1)
        return whole

    def turn_page(self, pages: QStackedWidget, run: QWidget, *, has_run: bool) -> None:
        """Bring the lesson or the run into sight; the run, where there is one, at a press."""
        self.chips.setVisible(self.is_on and (has_run or self.has_text))
        self._choice.chips["run"].setVisible(has_run)
        self._choice.chips["worth"].setVisible(self.worth.suits_task)
        if self.is_on:
            is_run = has_run and self._choice.key == "run"
            pages.setCurrentWidget(self.worth.picture if self.is_comparing else run if is_run else self.lesson)

    def ready(self) -> tuple[Callable[[Stop], Iterator[Event]], str] | None:
        """The job that teaches with the settings as they stand, and its title; None if something is missing, which is said
        in place, or is being made.
        """
        setup, project = self.setup, self._session.project
        if setup.is_blocked:
            return None
        if not self.has_text:
            self._import()
            return None
        if self.lacks_tokenizer and not self.is_comparing:
            build_for(self._session, setup.corpus.current(), setup.preset.tokenizer)
            return None
        if not self.preparation.check_name():
            setup.name_field.line.setFocus()
            return None
        if not setup.form.settle():
            return None
        if self.is_comparing:
            return None if self.worth.lacks_model else self.worth.job(setup.name_field.name())
        name, corpus, recipe, start = setup.name_field.name(), setup.corpus.current(), setup.recipe, setup.begins_with
        tokenizer = "" if start else setup.tokenizer.current()

        def job(stop: Stop) -> Iterator[Event]:
            return train(project, corpus=corpus, tokenizer=tokenizer, name=name, recipe=recipe, start=start, stop=stop)

        return job, self.tr("Teaching “{name}”").format(name=name)

    def explain(self, why: Why, *, has_run: bool) -> bool:
        """Say what is seen on the page in sight; False where that is a run, which other words explain."""
        if not self.is_on or (has_run and self._choice.key == "run"):
            return False
        if self.is_comparing:
            why.set_words(
                self.tr(
                    "Each curve is one way to begin, each point a model of its own. Where the curve of pretrained weights"
                    " lies above that of random ones, what was read takes the place of labels: most where these are few."
                ),
                source=self.tr("Fine-tuning with few labels: Howard and Ruder 2018, arXiv:1801.06146"),
            )
        else:
            explain_lesson(why, self.setup.task_name)
        return True

    def forget(self) -> None:
        """Another project is open."""
        self.worth.forget()
        self.preparation.forget()
        if self.is_on:
            self.preparation.fill()

    @Slot()
    def _on_turned(self) -> None:
        if self.is_on:
            self.preparation.fill()

    @Slot()
    def _on_turned_text(self) -> None:
        if not self.preparation.is_teaching:
            self.worth.look()
            if not self.is_comparing:
                self._choice.mark("lesson")
        self.looked.emit()

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if self.is_on and kind in ("corpus", "tokenizer", "model"):
            self.preparation.fill()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        self.preparation.choose(kind, name)

    @Slot()
    def _import(self) -> None:
        self._session.go_to.emit("corpus")
