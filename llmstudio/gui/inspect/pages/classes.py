"""Classes: a text, and how likely the model thinks each of its classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app.inspecting.classes import TextClasses, tell_classes
from llmstudio.app.inspecting.subject import Subject
from llmstudio.app.verbs.classify import classify
from llmstudio.core.events import Event
from llmstudio.core.work import Stop
from llmstudio.gui.inspect.pages.sentence import SentencePage
from llmstudio.gui.inspect.whole_file.whole_file import WholeFile
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.examples_choice import ExamplesChoice
from llmstudio.gui.shared.readouts.share_bars import ShareBars


class ClassesPage(SentencePage):
    """A field, the class that the text is given, and a bar for every class.

    Attributes:
        told: The answer; None until there is one.
        file: The same for every text of a file.
        examples: What stands before each text, where the model was taught no classes.
        bars: Every class, the likeliest first.
    """

    name = "classes"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Classes"), self.tr("Classify")
        self._by_head = (
            self.tr(
                "The model reads the text once; a small head that it was given when it was taught turns what it read into a"
                " probability for each class."
            ),
            "Howard and Ruder 2018, arXiv:1801.06146",
        )
        self._by_examples = (
            self.tr(
                "The model was taught no classes: it reads examples with their labels, then the text. A label's score is how"
                " likely the model would write it next, compared with how likely it would without any text."
            ),
            "Brown et al. 2020, arXiv:2005.14165; Holtzman et al. 2021, arXiv:2104.08315",
        )
        self.why, self.source = self._by_head
        self.told: TextClasses | None = None
        self.examples = self.settings = ExamplesChoice(self)
        self.examples.changed.connect(self._on_examples)
        self.file = WholeFile(
            session, self._classify, suffix=self.tr("classes"), title=self.tr("Sorting “{file}” into classes"), page=self
        )
        self.file.told.connect(self.said)
        self.file.refused.connect(self.refused)
        self.beside(self.file.button, self.file.far)
        self.bars = ShareBars(self.tr("Probability"))
        self.bars.hide()
        self.grid.addWidget(self.bars, 0, 0, Qt.AlignmentFlag.AlignTop)
        self.restyle()

    def _classify(self, file: Path, out: Path) -> Callable[[Stop], Iterator[Event]]:
        project, model, examples = self._session.project, self.model, self.examples.chosen
        return lambda stop: classify(project, model, file, out=out, examples=examples, stop=stop)

    def sentences(self) -> tuple[str, ...]:
        """Those of the corpus whose examples are read, if any are."""
        examples = self.examples.chosen
        return super().sentences() if self.subject is None or examples is None else self.subject.examples[examples.corpus]

    def start(self, subject: Subject) -> None:
        """Offer the corpora of examples, and the first sentence."""
        self.examples.offer(subject.examples)
        self.why, self.source = self._by_examples if subject.examples else self._by_head
        super().start(subject)

    @Slot()
    def _on_examples(self) -> None:
        if self.subject is not None:
            self.start(self.subject)
            self._is_stale = True
            if self.isVisible():
                self.wake()

    def clear(self) -> None:
        """No answer."""
        self.told = None
        self._show()

    def look(self) -> None:
        """Classify."""
        project, model, text, examples = self._session.project, self.model, self.edit.text, self.examples.chosen
        self.question.ask(lambda stop: tell_classes(project, model, text, examples, stop=stop), self._on_told)

    def _on_told(self, told: TextClasses) -> None:
        self.told = told
        self._show()

    def _show(self) -> None:
        told = self.told
        self.bars.setVisible(told is not None)
        if told is None:
            self.answer.setText("")
            return
        self.bars.set_bars(told.chances)
        said = ", ".join(told.names) or self.tr("none of the classes is likely")
        if {name for name, _ in told.chances[: len(told.names)]} != set(told.names):
            said += "\n" + self.tr("The line between classes was moved on validation texts, so it is not the likeliest.")
        if told.num_unread:
            unread = self.tr("Its last {n|token was|tokens were} not read.")
            said += "\n" + plural(unread, n=told.num_unread)
        if told.is_foreign:
            said += "\n" + self.tr("The model has never read most of its words or signs: this is a guess.")
        self.examples.tell(told.said)
        self.answer.setText(said)

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self.grid.setVerticalSpacing(space(2))
