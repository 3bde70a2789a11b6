"""Inspect: play with models that do not chat, and look inside those that do.

What can be done depends on the model's family; each way is a page (`pages`), chips switch between them. A page asks
its questions off the window's thread, and only while somebody looks.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.app.inspecting.subject import Subject, subject
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Failed
from llmstudio.core.models.families import MODELS
from llmstudio.gui.inspect.pages.classes import ClassesPage
from llmstudio.gui.inspect.pages.compare import ComparePage
from llmstudio.gui.inspect.pages.fill import FillPage
from llmstudio.gui.inspect.pages.latent import LatentPage
from llmstudio.gui.inspect.pages.page import Page, muted
from llmstudio.gui.inspect.pages.reach import ReachPage
from llmstudio.gui.inspect.pages.recurrence import RecurrencePage
from llmstudio.gui.inspect.pages.rewrite import RewritePage
from llmstudio.gui.inspect.pages.tags import TagsPage
from llmstudio.gui.inspect.scores.page import ScoresPage
from llmstudio.gui.inspect.scores.remedies_page import RemediesPage
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import say, space, theme
from llmstudio.gui.session.session import Session
from llmstudio.gui.session.weights_seen import WeightsSeen
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.front_page import FrontPage
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.layout.why import Why
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice
from llmstudio.gui.shared.pickers.item_picker import ItemPicker

PAGES: tuple[type[Page], ...] = (
    ClassesPage, ScoresPage, RemediesPage, TagsPage, FillPage, RewritePage, ComparePage, LatentPage, RecurrencePage,
    ReachPage,
)  # fmt: skip


LATE_MS = 150  # a model that is not known by then leaves the one before no longer in sight: not sooner, or all would flicker


class InspectTab(QWidget):
    """The model and its settings at the left, the page that suits it at the right.

    Attributes:
        pages: Every page by its name.
        subject: The model in sight; None until it is known.
    """

    name = "inspect"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Inspect")
        self._session = session
        self.subject: Subject | None = None
        self._weights = WeightsSeen(session)
        self._before = ""  # the page that was in front
        self._late = QTimer(self, interval=LATE_MS, singleShot=True)
        self._late.timeout.connect(partial(self._know_nothing, is_opening=True))
        self.pages: dict[str, Page] = {kind.name: kind(session) for kind in PAGES}
        self._build()
        self._connect()
        self._on_project()
        self._restyle()

    def _build(self) -> None:
        self.models = ItemPicker(self.tr("Model"), has_menu=False, above=True, holds=True)
        self._family, self._help = Label(wordWrap=True), muted("")
        self._family.setProperty("role", "title")
        self._remark = Label(wordWrap=True, visible=False)
        self._remark.setProperty("role", "warning")
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, 0, 0)
        for widget in (self.models, self._family, self._help, self._remark):
            self._left.addWidget(widget)
        for page in self.pages.values():
            if page.settings is not None:
                self._left.addWidget(page.settings)
        self._left.addStretch(1)
        self.verb = QPushButton()
        self._strip = QWidget()
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(0, 0, 0, 0)
        self._choice = ChipChoice(row, {name: page.title for name, page in self.pages.items()}, self)
        row.addStretch(1)
        self.offer = Missing(self._session, "model", self.tr("There is no model to look into yet."), self.tr("Train one"))
        self._stack = FrontPage()
        self._nothing = Label(alignment=Qt.AlignmentFlag.AlignCenter)  # while nothing is known of the model that is chosen
        self._nothing.setProperty("role", "muted")
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self.offer)
        for page in self.pages.values():
            self._stack.addWidget(page)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._strip)
        column.addWidget(self._stack, 1)
        self.why = Why()
        self._layout = TabLayout(left, centre, self.why, verb=self.verb)
        self.messages = self._layout.messages
        fill(self, self._layout)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._on_items)
        session.chosen.connect(self._on_chosen)
        self.models.picked.connect(self._on_model)
        self._choice.chosen.connect(self.show_page)
        self.verb.clicked.connect(self.run_verb)
        self.messages.remedy.connect(self._on_remedy)
        for page in self.pages.values():
            page.question.asked.connect(self.messages.clear)
            page.refused.connect(self.messages.show_failed)
            page.said.connect(self.messages.show_noted)
        classes, scores = self.pages["classes"], self.pages["scores"]
        assert isinstance(classes, ClassesPage)
        assert isinstance(scores, ScoresPage)
        classes.examples.follow(scores.examples)
        scores.examples.follow(classes.examples)
        theme.changed.connect(self._restyle)

    # what the window asks of a tab

    @Slot()
    def run_verb(self) -> None:
        """Do what the page in front is for."""
        if (page := self.page) is not None:
            page.run()

    @Slot()
    def stop_verb(self) -> None:
        """Give up what is being looked up."""
        if (page := self.page) is not None:
            page.stop()

    @property
    def model(self) -> str:
        """The model in sight; empty until it is known."""
        return self.subject.model if self.subject is not None else ""

    @property
    def page(self) -> Page | None:
        """The page in front; None while there is no model."""
        shown = self._stack.currentWidget()
        return shown if isinstance(shown, Page) else None

    @Slot(str)
    def show_page(self, name: str) -> None:
        """Bring a page to the front, if it suits the model."""
        if self.subject is None or name not in self.subject.pages:
            return
        page = self.pages[name]
        self._choice.mark(name)
        self._stack.setCurrentWidget(page)
        for other in self.pages.values():
            if other is not page:
                other.leave()
            if other.settings is not None:
                other.settings.setVisible(other is page)
        self.verb.setText(page.verb)
        self.messages.clear()
        if page.subject is not self.subject:
            page.set_subject(self.subject)
        elif self.isVisible():
            page.wake()
        self.why.set_words(page.why, source=page.source)
        self._layout.look_again()

    # models

    @Slot(str)
    def _on_model(self, name: str) -> None:
        project = self._session.project
        self._turn_messages()
        self._weights.note(name)
        if name:
            if self.model != name:
                if self.page is not None:
                    self.page.stop()  # or it would be waited for
                self._late.start()
            self._session.ask(lambda: subject(project, name), self._on_subject, owner=self, failed=self._on_refused)

    def _on_subject(self, subject: Subject) -> None:
        if subject.model != self.models.current():
            return
        self._late.stop()
        before = self.page.name if self.page is not None else self._before
        self.subject = subject
        family = MODELS[subject.kind]
        self._family.setText(say(family.label))
        self._help.setText(say(family.help))
        said = self.tr("The text it learned from cannot be read, so it is tried on a text of ours. {reason}")
        self._remark.setText(said.format(reason=say(subject.remark)) if subject.remark is not None else "")
        self._remark.setVisible(subject.remark is not None)
        for widget in (self._family, self._help, self.verb, self.why):
            widget.show()
        for name, button in self._choice.chips.items():
            button.setVisible(name in subject.pages)
        self._strip.setVisible(len(subject.pages) > 1)
        self.show_page(before if before in subject.pages else subject.pages[0])

    def _turn_messages(self) -> None:
        """What was said of another model goes."""
        self.messages.turn_to((self._session.project.root, self.models.current()))

    @Slot(object)
    def _on_refused(self, failed: Failed) -> None:
        self._late.stop()
        self._know_nothing()
        self.messages.show_failed(failed)

    def _know_nothing(self, *, is_opening: bool = False) -> None:
        """Nothing of the model before stands under this one's name, and nothing is offered that could not be done."""
        self.subject = None
        opening = self.tr("Opening “{model}”…").format(model=self.models.current())
        self._nothing.setText(opening if is_opening else "")
        if (page := self.page) is not None:
            self._before = page.name
            page.forget()
        self._stack.setCurrentWidget(self._nothing if self.models.names() else self.offer)
        for widget in (self._family, self._help, self._remark, self._strip, self.verb, self.why):
            widget.hide()
        for page in self.pages.values():
            if page.settings is not None:
                page.settings.hide()

    # the session

    @Slot()
    def _on_project(self) -> None:
        self.models.forget()
        self._know_nothing()
        self._on_items("model")

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if (
            kind == "corpus" and (known := self.subject) is not None
        ):  # one whose texts have labels makes pages of some models
            project, model = self._session.project, known.model
            then = lambda found: self._on_subject(found) if found != self.subject else None  # noqa: E731
            # One that was renamed with the text is asked anew as a model: not to find its old name is no problem.
            self._session.ask(lambda: subject(project, model), then, owner=self, failed=lambda _: None)
        if kind != "model":
            return
        models = self._session.items.models()  # the newest first, pruned or not: what was just made is what one looks into
        before = self.models.current()
        self.models.set_names([item.name for item in models], self._session.items.ids("model"))
        if not self.models.current():
            self._turn_messages()
            self._know_nothing()
        elif self.models.current() != before or self.subject is None or self._weights.have_changed(before):
            self._on_model(self.models.current())

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        is_held = self.page is not None and self.page.is_busy
        if kind == "model" and not is_held and name in self.models.names() and name != self.models.current():
            self.models.pick(name)
            self._on_model(name)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        carry_out(remedy, self._session)

    def showEvent(self, event: QShowEvent) -> None:
        """A model is only asked for someone who looks."""
        super().showEvent(event)
        if (page := self.page) is not None:
            page.wake()

    def hideEvent(self, event: QHideEvent) -> None:
        """Whoever has gone to another tab waits for nothing here."""
        super().hideEvent(event)
        if (page := self.page) is not None and not event.spontaneous():
            page.leave()

    @Slot()
    def _restyle(self) -> None:
        self._left.setSpacing(space(2))
