"""The corpus tab: choose text, see it read and cleaned, import it, and look at what a corpus holds.

Left: sources, settings, name, Import. Centre: the preview of an import (`first_look`), the text passing by while it runs
(`importing`), or the statistics of a corpus. It talks to the session only; what takes time runs there.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app.inspecting.subject import with_page
from llmstudio.core.errors import Remedy
from llmstudio.gui.corpus.first_look import FirstLook
from llmstudio.gui.corpus.importing import Importing
from llmstudio.gui.corpus.opened import OpenedCorpus
from llmstudio.gui.corpus.sample_list import SampleList
from llmstudio.gui.corpus.setup import CorpusSetup
from llmstudio.gui.corpus.statistics import CorpusPane, count_plots
from llmstudio.gui.corpus.view import PreviewPane
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.layout.terms import WhyWithTerms
from llmstudio.gui.shared.pickers.item_actions import ask_delete, ask_rename, sample_texts
from llmstudio.gui.shared.pickers.item_picker import ItemPicker


class CorpusTab(QWidget):
    """Imports text and shows what there is."""

    name = "corpus"

    @classmethod
    def in_turns(cls, session: Session) -> Generator[None, None, CorpusTab]:
        """See `tabs.builder`."""
        plots = []
        for plot in count_plots():
            plots.append(plot)
            yield
        pane, setup = CorpusPane(plots), CorpusSetup()
        yield
        return cls(session, setup, pane)

    def __init__(self, session: Session, setup: CorpusSetup | None = None, pane: CorpusPane | None = None) -> None:
        super().__init__()
        self.title = self.tr("Corpus")
        self._session = session
        self.setup = setup or CorpusSetup()
        self.import_button = QPushButton(self.tr("Import"))
        self.stop = QPushButton(self.tr("Stop"), toolTip=self.tr("Stop the import; nothing is kept"), visible=False)
        self.picker = ItemPicker(self.tr("Look at"), none=self.tr("the new import"))
        self.offer = SampleList(
            self.tr("A corpus is the text a model learns from. Drop your own files here, or begin with a built-in text:"),
            sample_texts(),
        )
        self.preview, self.corpus_pane = PreviewPane(), pane or CorpusPane()
        self.pages = QStackedWidget()
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.picker)
        column.addWidget(self.pages, 1)
        self.why = WhyWithTerms()
        self.layout_ = TabLayout(self.setup, centre, self.why, verb=self.import_button, foot=(self.stop,))
        self.messages = self.layout_.messages
        self.importing = Importing(session, self.setup, self.messages, self)
        self.look = FirstLook(session, self.setup, self.preview, self.messages, self)
        self.opened = OpenedCorpus(session, self.picker, self.corpus_pane, self.messages, self)
        self.nothing = QWidget()  # where a corpus cannot be read
        for page in (self.offer, self.preview, self.importing.page, self.corpus_pane, self.nothing):
            self.pages.addWidget(page)
        fill(self, self.layout_)
        self._connect()
        self._explain()
        self.refresh()
        self.importing.catch_up()

    # What one may do

    @Slot(object)
    def take_sources(self, paths: Sequence[str]) -> None:
        """Add files, folders and archives to the import, and show what is in them."""
        self.picker.pick("")
        self.setup.sources.add(paths)
        self._turn_page()

    @Slot()
    def run_verb(self) -> None:
        """Import the sources with the settings as they stand."""
        self.importing.begin()

    @Slot()
    def stop_verb(self) -> None:
        """Stop the import at once; nothing is kept."""
        self.importing.stop()

    @Slot()
    def refresh(self) -> None:
        """Read anew what the project holds; the newest corpus is shown unless an import is being prepared."""
        for kind in ("model", self.name):
            self._fill(kind)
        if not self.setup.sources.sources() and (names := self.picker.names()):
            self._show(self.picker.current() or names[0])

    # How it is put together

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._fill)
        session.chosen.connect(self._on_chosen)
        self.importing.turned.connect(self._on_turned)
        self.importing.made.connect(self._show)
        self.opened.turned.connect(self._turn_page)
        self.import_button.clicked.connect(self.run_verb)
        self.stop.clicked.connect(self.stop_verb)
        self.offer.picked.connect(lambda source: self.take_sources([source]))
        self.picker.picked.connect(self._show)
        self.picker.rename_asked.connect(self._rename)
        self.picker.delete_asked.connect(self._delete)
        self.setup.changed.connect(self._on_setup)
        self.setup.sources.selected.connect(self.look.take_soon)
        self.setup.sources.selected.connect(self._turn_page)
        self.setup.form.remedy.connect(self._on_remedy)
        self.messages.remedy.connect(self._on_remedy)
        self.preview.cleaning_changed.connect(self.setup.set_cleaning)

    def _explain(self) -> None:
        self.why.explain(
            self.tr(
                "A <a href='corpus'>corpus</a> is all that the model will ever read: what is not in it, it cannot learn. "
                "A small part is <a href='held'>held out</a>, so you can tell learning from memorising."
            ),
            {
                "corpus": self.tr("Corpus: a collection of texts, cleaned and split, that stays as it is once imported."),
                "held": self.tr(
                    "Held out: the validation part shows progress, the test part is for one honest check at last."
                ),
            },
            source=self.tr("Held-out data: Jelinek and Mercer 1980 · word counts: Zipf 1949"),
        )

    # The corpora there are

    @Slot(str)
    def _fill(self, kind: str) -> None:
        if kind == "model":
            self.preview.steps.set_taggers(with_page(self._session.items.models(), "tags"))
        if kind != self.name:
            return
        shown = self.picker.current()
        self.picker.set_names([item.name for item in self._session.items.of(self.name)], self._session.items.ids(self.name))
        self.picker.setVisible(bool(self.picker.names()))
        self.importing.propose()
        if self.picker.current() != shown:
            self._show(self.picker.current())

    @Slot()
    def _on_project(self) -> None:
        self.setup.name_field.renew()
        self.picker.set_names([])
        self.refresh()
        self._turn_page()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        if kind == self.name and not self.importing.is_running:
            self._show(name)

    @Slot(str)
    def _show(self, name: str) -> None:
        """Look at a corpus, or at the import that is being prepared if there is no name."""
        is_known = bool(name) and self.picker.pick(name)
        if not is_known:
            self.picker.pick("")
            self.look.take_soon()
        self.opened.is_unreadable = False
        self._turn_page()  # first: a refusal is said of what was in sight when one asked
        if is_known:
            self.opened.read()

    @Slot(str)
    def _rename(self, name: str) -> None:
        if new := ask_rename(self, self._session, self.name, name):
            self._show(new)

    @Slot(str)
    def _delete(self, name: str) -> None:
        ask_delete(self, self._session, self.name, name)

    @Slot()
    def _turn_page(self) -> None:
        corpus = self.picker.current()
        self.messages.turn_to(("corpus", corpus) if corpus else ("source", self.setup.sources.current()))
        if self.importing.is_running:
            page: QWidget = self.importing.page
        elif corpus:
            page = self.nothing if self.opened.is_unreadable else self.corpus_pane
        else:
            page = self.preview if self.setup.sources.sources() else self.offer
        self.pages.setCurrentWidget(page)

    # The import being prepared

    @Slot()
    def _on_setup(self) -> None:
        self.importing.propose()
        if self.setup.sources.sources():
            self.picker.pick("")
            self.look.take_soon()
        self._turn_page()

    @Slot()
    def _on_turned(self) -> None:
        self.layout_.turn_verb(self.stop, is_running=self.importing.is_running)
        self._turn_page()

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        if not carry_out(remedy, self._session, apply=self._apply):
            self.look.take_soon()

    def _apply(self, remedy: Remedy) -> bool:
        if remedy.target.startswith("reading.") and (sources := self.importing.last):
            self.take_sources(sources)  # the import is over: this is for another one of the same sources
            self.setup.sources.mark(self.importing.last_tests, is_test=True)
        if remedy.target == "reading.encoding" and not remedy.value:
            self.setup.form.row(remedy.target).editor.setFocus()
            return True
        return self.setup.apply(remedy)
