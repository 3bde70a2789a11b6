"""Prune: take away from a model what it can spare, and see what that saves and what it costs.

There are several ways; each is a page (`pages`), chips switch between them, and the model that is picked at the left is the
same for all that are about one.
"""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from llmstudio.app.runs.run_summary import RunSummary, summaries
from llmstudio.core.errors import Remedy
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.prune.both.page import BothPage
from llmstudio.gui.prune.heal.page import HealPage
from llmstudio.gui.prune.layers.page import LayersPage
from llmstudio.gui.prune.matrix.page import MatrixPage
from llmstudio.gui.prune.models.page import ModelsPage
from llmstudio.gui.prune.pages.page import SHOW_PAGE, Page
from llmstudio.gui.prune.smaller.page import SmallerPage
from llmstudio.gui.prune.zeros.page import ZerosPage
from llmstudio.gui.prune.zeros.setup import PruneSetup
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.flow import FlowBox
from llmstudio.gui.shared.layout.front_page import FrontPage
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import Offer, TabLayout
from llmstudio.gui.shared.layout.terms import WhyWithTerms
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice
from llmstudio.gui.shared.pickers.item_picker import ItemPicker, name_of
from llmstudio.gui.shared.readouts.quality_text import brief

PAGES: tuple[type[Page], ...] = (
    ZerosPage,
    LayersPage,
    SmallerPage,
    HealPage,
    MatrixPage,
    BothPage,
    ModelsPage,
)  # fmt: skip


class PruneTab(QWidget):
    """The model and the settings of a page at the left, the page at the right.

    Attributes:
        pages: Every page by its name.
        page: The one that is chosen.
    """

    name = "prune"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self.tr("Prune")
        self._session = session
        self._wished = ""  # id of the model that the person or a page turned to; not every page has it on offer
        self.pages: dict[str, Page] = {kind.name: kind(session) for kind in PAGES}
        self.page = next(iter(self.pages.values()))
        self._build()
        self._connect()
        self._on_project()

    def _build(self) -> None:
        self.models = ItemPicker(self.tr("Model"), has_menu=False, above=True, holds=True)
        left = QWidget()
        self._left = QVBoxLayout(left)
        self._left.setContentsMargins(0, 0, 0, 0)
        self._left.addWidget(self.models)
        self._strip = FlowBox()
        self._choice = ChipChoice(self._strip.row, {name: page.title for name, page in self.pages.items()}, self)
        scaled(self, lambda: self._strip.row.setSpacing(space(0.75)))
        self.offer = Missing(self._session, "model", self.tr("There is no model to prune yet."), self.tr("Train one"))
        self._lack = Offer("", "")
        self._stack = FrontPage()
        for widget in (self.offer, self._lack):
            self._stack.addWidget(widget)
        self.verb, self.halt = QPushButton(), QPushButton(self.tr("Stop"), visible=False)
        foot: list[QWidget] = [self.halt]
        for page in self.pages.values():
            self._stack.addWidget(page)
            foot += page.foot
            if page.settings is not None:
                self._left.addWidget(page.settings)
        self._left.addStretch(1)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._strip)
        column.addWidget(self._stack, 1)
        self._why = WhyWithTerms()
        self._layout = TabLayout(left, centre, self._why, verb=self.verb, foot=tuple(foot))
        self.messages = self._layout.messages
        fill(self, self._layout)

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._on_items)
        session.chosen.connect(self._on_chosen)
        self.models.picked.connect(self._on_model)
        self.models.missed.connect(self._on_ready)  # where the model that was chosen is gone, no other is pruned instead
        self.messages.remedy.connect(self._on_remedy)
        self.verb.clicked.connect(self.run_verb)
        self.halt.clicked.connect(self.stop_verb)
        self._choice.chosen.connect(self.show_page)
        self._lack.pressed.connect(lambda: self.show_page(self.page.lack[2]))
        for page in self.pages.values():
            page.messages = self.messages
            page.wanted.connect(self._on_wanted)
            page.led.connect(self._on_led)
            page.ready_changed.connect(self._on_ready)
            page.jobs.changed.connect(self._on_jobs)
            if page.form is not None:
                page.form.remedy.connect(self._on_remedy)

    # what the window asks of a tab

    @Slot()
    def run_verb(self) -> None:
        """Do what the page in front is for."""
        if self.offer.isVisible():
            self.offer.take()
        elif self._lack.isVisible():
            self._lack.take()
        elif self.verb.isEnabled():
            self.page.run()

    @Slot()
    def stop_verb(self) -> None:
        """Stop what the pages have at work."""
        for page in self.pages.values():
            page.jobs.stop()

    @Slot(str)
    def show_page(self, name: str) -> None:
        """Bring a page to the front."""
        before, self.page = self.page, self.pages[name]
        setups = [page.settings for page in (before, self.page) if isinstance(page.settings, PruneSetup)]
        if len(setups) == 2 and before is not self.page:  # how single weights go is set for both
            setups[1].take(setups[0].config)
        self._choice.mark(name)
        self._offer_models(turns=True)

    # models

    def _offer_models(self, *, turns: bool = False) -> None:
        """Offer what suits the page in front; `turns`: another page is."""
        # Whole models first: they are what one prunes; a pruned one may be pruned again.
        models = sorted(self._session.items.models(), key=lambda item: item.model_card.is_pruned)
        names = [item.name for item in models if self.page.suits(item)]
        ids = self._session.items.ids("model")
        if turns:
            self.models.forget()  # it was not on offer here, which is no loss
        self.models.set_names(names, ids)
        if turns and (wished := name_of(self._wished, "", {name: ids[name] for name in names})):
            self.models.pick(wished)
        self._show_page(has_models=bool(models), has_any=bool(names) or not self.page.needs_model)
        now = self.models.current() if self.page.needs_model else ""
        if turns or self.page.model != now or self.page.have_changed():
            self._turn_to(now)
        else:
            self.page.turn_messages()
            self.page.refresh()
        project = self._session.project
        self._session.ask(lambda: summaries(project), self._on_runs, owner=self)

    def _show_page(self, *, has_models: bool, has_any: bool) -> None:
        text, button, _ = self.page.lack
        self._lack.set_words(text, button)
        shown = self.page if has_models and has_any else self._lack if has_models and text else self.offer
        self._stack.setCurrentWidget(shown)
        is_there = shown is self.page
        self._strip.setVisible(has_models and len(self.pages) > 1)
        self.models.setVisible(is_there and self.page.needs_model)
        for page in self.pages.values():
            if page.settings is not None:
                page.settings.setVisible(is_there and page is self.page)
        self._why.setVisible(is_there)
        self._why.explain(self.page.why, self.page.terms, source=self.page.source)
        self.verb.setText(self.page.verb)
        self._on_jobs()
        self._layout.look_again()

    @Slot()
    def _on_jobs(self) -> None:
        """While a page works, what stops it takes the place of its buttons."""
        is_there, is_running = self._stack.currentWidget() is self.page, self.page.jobs.are_running
        if is_running or not self.halt.isHidden():
            self._layout.turn_verb(self.halt, is_running=is_running)
        self.halt.setVisible(is_running)
        self.verb.setVisible(is_there and not is_running and bool(self.page.verb))
        for page in self.pages.values():
            for button in page.foot:
                button.setVisible(is_there and not is_running and page is self.page)
        self._on_ready()

    @Slot()
    def _on_ready(self) -> None:
        is_held = not self.models.gone or not self.page.needs_model
        self.verb.setEnabled(is_held and self.page.is_ready)
        for button in self.page.foot:
            button.setEnabled(is_held and self.page.is_ready)

    @Slot(object)
    def _on_runs(self, runs: dict[str, RunSummary]) -> None:
        self.models.set_notes({name: brief(one) for name, one in runs.items()})

    @Slot(str)
    def _on_model(self, name: str) -> None:
        self._wished = self._session.items.ids("model").get(name, "")
        self._turn_to(name)

    @Slot(str)
    def _on_wanted(self, name: str) -> None:
        """A page would like this model in sight."""
        if name in self.models.names() and self.sender() is self.page:
            self.models.pick(name)
            self._on_model(name)

    @Slot(str, str)
    def _on_led(self, page: str, model: str) -> None:
        self._wished = self._session.items.ids("model").get(model, "")
        self.show_page(page)

    def _turn_to(self, name: str) -> None:
        self.page.set_model(name)
        self._on_ready()

    # the session

    @Slot()
    def _on_project(self) -> None:
        for page in self.pages.values():
            page.clear()
        self.models.forget()
        self._wished = ""
        self._offer_models()

    @Slot(str)
    def _on_items(self, kind: str) -> None:
        if kind == "model":
            self._offer_models()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        if kind == "model" and name in self.models.names():
            self.page.choose(name)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        if remedy.action == SHOW_PAGE:
            self._on_led(remedy.target, remedy.value)
            return
        form = self.page.form
        carry_out(remedy, self._session, apply=form.apply if form is not None else None)
