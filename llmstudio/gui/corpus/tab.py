"""The corpus tab: choose text, see it read and cleaned, import it, and look at what a corpus holds.

Left: sources, settings, name, Import. Centre: the preview of an import, the text passing by while it runs, or the
statistics of a corpus. It talks to the session only; what takes time runs there.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app import jobs
from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.core.corpus.kept import kept_words
from llmstudio.core.corpus.other_kinds import left_kind
from llmstudio.core.corpus.readers import Preview
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed, Finished, Noted, Progress, Stopped
from llmstudio.core.words import words
from llmstudio.gui.corpus.queries import Look, Shelf, look_at, open_corpus
from llmstudio.gui.corpus.sample_list import SampleList
from llmstudio.gui.corpus.setup import CorpusSetup
from llmstudio.gui.corpus.statistics import CorpusPane, count_plots
from llmstudio.gui.corpus.view import PreviewPane
from llmstudio.gui.look.figures import count_text
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.job_watch import JobWatch
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.layout.terms import WhyWithTerms
from llmstudio.gui.shared.pickers.item_actions import ask_delete, ask_rename, name_problem, sample_texts
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.readouts.progress_pane import PassingText, ProgressPane

# A look waits until the person has finished moving a slider or typing a number.
_REST_MS = 150
# Remarks on an import that are shown in full; of more, how many there are.
_REMARKS = 4


class CorpusTab(QWidget):
    """Imports text and shows what there is."""

    name = "corpus"

    @classmethod
    def in_turns(cls, session: Session) -> Generator[None, None, CorpusTab]:
        """See `tab_builder`."""
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
        self._watch = JobWatch(session, self.name, ("import", "corpus"), self)
        self._remarks: list[str] = []  # what the import that runs has said so far
        self._remedies: list[Remedy] = []  # and the ways out that it has offered
        self._unread = ""  # the corpus in sight, if it cannot be read
        self._imported: list[str] = []  # the sources of the last import, for another one of what it left
        self.setup = setup or CorpusSetup()
        self.import_button = QPushButton(self.tr("Import"))
        self.stop = QPushButton(self.tr("Stop"), toolTip=self.tr("Stop the import; nothing is kept"), visible=False)
        self.picker = ItemPicker(self.tr("Look at"), none=self.tr("the new import"))
        self.offer = SampleList(
            self.tr("A corpus is the text a model learns from. Drop your own files here, or begin with a built-in text:"),
            sample_texts(),
        )
        self.preview, self.corpus_pane = PreviewPane(), pane or CorpusPane()
        self.passing = PassingText()
        self.running = ProgressPane(self.passing)
        self.pages = QStackedWidget()
        self._nothing = QWidget()  # where a corpus cannot be read
        for page in (self.offer, self.preview, self.running, self.corpus_pane, self._nothing):
            self.pages.addWidget(page)
        centre = QWidget()
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.picker)
        column.addWidget(self.pages, 1)
        self.why = WhyWithTerms()
        self.layout_ = TabLayout(self.setup, centre, self.why, verb=self.import_button, foot=(self.stop,))
        self.messages = self.layout_.messages
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.layout_)
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._connect()
        self._explain()
        self.refresh()
        self._watch.catch_up()

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
        sources = self.setup.sources.sources()
        if not sources:
            self.messages.show_message(words("Choose what to import first: files, a folder, an archive or a sample."))
            self.setup.sources.add_files.setFocus()
            return
        if self._session.is_running():
            title = info.title if (info := self._session.running()) else ""
            self.messages.show_message(
                self.tr("{title}: wait for it or stop it first.").format(title=title), level="warning")  # fmt: skip
            return
        if not self.setup.form.settle():
            return
        if not self._check_name():
            self.setup.name_field.line.setFocus()
            return
        project, name, config = self._session.project, self.setup.name_field.name(), self.setup.config
        self._session.start(
            lambda stop: jobs.import_corpus(project, sources, name=name, config=config, stop=stop),
            tab=self.name,
            title=self.tr("Importing “{name}”").format(name=name),
            engine=False,
        )

    @Slot()
    def stop_verb(self) -> None:
        """Stop the import at once; nothing is kept."""
        if self._watch.is_running:
            self._session.stop("work", keep=False)

    @Slot()
    def refresh(self) -> None:
        """Read anew what the project holds; the newest corpus is shown unless an import is being prepared."""
        self._fill(self.name)
        if not self.setup.sources.sources() and (names := self.picker.names()):
            self._show(self.picker.current() or names[0])

    # How it is put together

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._fill)
        session.chosen.connect(self._on_chosen)
        self._watch.began.connect(self._on_began)
        self._watch.said.connect(self._on_said)
        self._watch.ended.connect(self._on_ended)
        self.import_button.clicked.connect(self.run_verb)
        self.stop.clicked.connect(self.stop_verb)
        self.offer.picked.connect(self._take_sample)
        self.picker.picked.connect(self._show)
        self.picker.rename_asked.connect(self._rename)
        self.picker.delete_asked.connect(self._delete)
        self.setup.changed.connect(self._on_setup)
        self.setup.sources.selected.connect(self._on_selected)
        self.setup.name_field.changed.connect(self._check_name)
        self.setup.form.remedy.connect(self._on_remedy)
        self.messages.remedy.connect(self._on_remedy)
        self.preview.cleaning_changed.connect(self._on_cleaning)
        self._rest.timeout.connect(self._look)

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
        if kind != self.name:
            return
        shown = self.picker.current()
        self.picker.set_names([item.name for item in self._session.items.of(self.name)], self._session.items.ids(self.name))
        self.picker.setVisible(bool(self.picker.names()))
        self._propose()
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
        if kind == self.name and not self._watch.is_running:
            self._show(name)

    @Slot(str)
    def _show(self, name: str) -> None:
        """Look at a corpus, or at the import that is being prepared if there is no name."""
        is_known = bool(name) and self.picker.pick(name)
        if not is_known:
            self.picker.pick("")
            self._rest.start()
        self._unread = ""
        self._turn_page()  # first: a refusal is said of what was in sight when one asked
        if is_known:
            path = self._session.project.path(self.name, name)
            self._session.ask(
                partial(open_corpus, name, path), self._on_shelf, owner=self, failed=partial(self._on_no_shelf, name)
            )

    @Slot(object)
    def _on_shelf(self, shelf: Shelf) -> None:
        if shelf.name == self.picker.current():
            self.corpus_pane.show_shelf(shelf)
            if shelf.damage is not None:
                self.messages.show_failed(Failed(message=shelf.damage))

    def _on_no_shelf(self, name: str, failed: Failed) -> None:
        if name == self.picker.current():
            self._unread = name
            self._turn_page()
            self.messages.show_failed(failed)

    @Slot(str)
    def _rename(self, name: str) -> None:
        if new := ask_rename(self, self._session, self.name, name):
            self._show(new)

    @Slot(str)
    def _delete(self, name: str) -> None:
        ask_delete(self, self._session, self.name, name)

    def _turn_page(self) -> None:
        corpus = self.picker.current()
        self.messages.turn_to(("corpus", corpus) if corpus else ("source", self.setup.sources.current()))
        if self._watch.is_running:
            page: QWidget = self.running
        elif corpus:
            page = self._nothing if corpus == self._unread else self.corpus_pane
        else:
            page = self.preview if self.setup.sources.sources() else self.offer
        self.pages.setCurrentWidget(page)

    # The import being prepared

    @Slot(str)
    def _take_sample(self, source: str) -> None:
        self.take_sources([source])

    @Slot()
    def _on_setup(self) -> None:
        self._propose()
        if self.setup.sources.sources():
            self.picker.pick("")
            self._rest.start()
        self._turn_page()

    @Slot(str)
    def _on_selected(self, _source: str) -> None:
        self._rest.start()
        self._turn_page()

    @Slot(object)
    def _on_cleaning(self, cleaning: CleaningConfig) -> None:
        self.setup.set_cleaning(cleaning)

    def _propose(self) -> None:
        self.setup.name_field.propose(self._session.project.free_name(self.name, self.setup.wish()))
        self._check_name()

    @Slot()
    def _check_name(self) -> bool:
        problem, free = name_problem(self._session.project, self.name, self.setup.name_field.name())
        self.setup.name_field.set_problem(problem, free)
        return not problem

    @Slot()
    def _look(self) -> None:
        if source := self.setup.sources.current() or next(iter(self.setup.sources.sources()), ""):
            is_alone = len(self.setup.sources.sources()) <= 1
            self._ask(partial(look_at, source, self.setup.config, is_alone=is_alone), self._on_look)

    @Slot(object)
    def _on_look(self, look: Look) -> None:
        if look.source == (self.setup.sources.current() or next(iter(self.setup.sources.sources()), "")):
            self.messages.clear()
            self.setup.show_found(look)
            self.preview.show_look(look, self.setup.sources.label(look.source))
            self._offer_ways(look.preview)

    def _offer_ways(self, found: Preview) -> None:
        """A button for each way out of what was guessed, and for each kind of record that this import would leave."""
        said = [remark for remark in found.taken.remarks if remark.remedies] + [
            left_kind(kind, count) for kind, count in found.num_others.items()
        ]
        if said:
            level = "warning" if any(remark.level == "warning" for remark in said) else "info"
            remedies = tuple(remedy for remark in said for remedy in remark.remedies)
            self.messages.show_message(" ".join(say(remark.message) for remark in said), level=level, remedies=remedies)

    def _ask(self, function: Any, then: Any) -> None:
        self._session.ask(function, then, owner=self, failed=self.messages.refusal())

    # The import itself

    @Slot(str)
    def _on_began(self, title: str) -> None:
        self._remarks.clear()
        self._remedies.clear()
        self.messages.clear()
        self.passing.clear()
        self.running.begin(title)
        self.layout_.turn_verb(self.stop, is_running=True)
        self.setup.form.begin()
        self._turn_page()

    @Slot(object)
    def _on_said(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Progress():
                    self.running.show_progress(event)
                    if text := event.details.get("excerpt"):
                        self.passing.pass_by(text)
                case Noted():
                    # What has a button comes first: of many remarks only the first are shown in full.
                    self._remarks.insert(0 if event.remedies else len(self._remarks), say(event.message))
                    self._remedies += [remedy for remedy in event.remedies if remedy not in self._remedies]
                    self.messages.show_message(self._all_remarks(), level=event.level)

    @Slot(object)
    def _on_ended(self, end: Event | None) -> None:
        self.layout_.turn_verb(self.stop, is_running=False)
        match end:
            case Finished():
                self._imported = self.setup.sources.sources() or self._imported
                self.setup.sources.clear()
                self.setup.name_field.renew()
                self._propose()
                self._show(str(end.result.get("corpus", "")))
                self._say_done(end)
            case Stopped():
                self.messages.show_message(words("Stopped: nothing was kept."))
            case Failed():
                self.messages.show_failed(end)
                self.setup.form.show_failed(end)
        if end is None and (names := [item.name for item in self._session.items.of(self.name)]):
            self._show(names[0])
        self._turn_page()

    def _say_done(self, end: Finished) -> None:
        remedy = Remedy("open_tab", words("Build a tokenizer from it"), "tokenizer", str(end.result.get("corpus", "")))
        message = self.tr("“{name}” is ready: {kept}.").format(
            name=end.result.get("corpus", ""), kept=say(kept_words(end.result)))  # fmt: skip
        told = f"{message} {self._all_remarks()}".rstrip()
        self.messages.show_message(told, remedies=(remedy, *self._remedies), next_step=remedy)

    def _all_remarks(self) -> str:
        """What the import has said, a sentence each: the first few, and how many more there are."""
        told = self._remarks[:_REMARKS]
        if (num_more := len(self._remarks) - len(told)) > 0:
            told.append(self.tr("… and {n} more such remarks.").format(n=count_text(num_more)))
        return " ".join(told)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        if not carry_out(remedy, self._session, apply=self._apply):
            self._rest.start()

    def _apply(self, remedy: Remedy) -> bool:
        if not self.setup.sources.sources() and remedy.target.startswith("reading.") and self._imported:
            self.take_sources(self._imported)  # the import is over: this is for another one of the same sources
        if remedy.target == "reading.encoding" and not remedy.value:
            self.setup.form.row(remedy.target).editor.setFocus()
            return True
        return self.setup.apply(remedy)
