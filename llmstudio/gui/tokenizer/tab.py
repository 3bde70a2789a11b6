"""The tokenizer tab: build one from a corpus, and look at how it cuts text.

Left: corpus, kind, size, name, Build. Centre: any sentence in chips, its merges, the vocabulary; during a build the merges
as they are learned. It talks to the session only; what takes time runs there.
"""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QStackedWidget, QWidget

from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed, Finished, Noted, Progress, Stopped
from llmstudio.core.words import words
from llmstudio.gui.session.job_watch import JobWatch
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.remedies import carry_out
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.layout.terms import WhyWithTerms
from llmstudio.gui.shared.pickers.item_actions import ask_delete, ask_rename, default_sample
from llmstudio.gui.shared.readouts.chip import Chip
from llmstudio.gui.shared.readouts.progress_pane import ProgressPane
from llmstudio.gui.shared.readouts.token_strip import TokenStrip
from llmstudio.gui.tokenizer.messages import TokenizerMessages
from llmstudio.gui.tokenizer.reader import TokenizerReader
from llmstudio.gui.tokenizer.setup import TokenizerSetup
from llmstudio.gui.tokenizer.view import TokenizerView
from llmstudio.gui.tokenizer.why import explain_tokens

_SHOWN_MERGES = 400


class TokenizerTab(QWidget):
    """Builds tokenizers and shows what they do."""

    name = "tokenizer"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.title = self.tr("Tokenizer")
        self._session = session
        self._watch = JobWatch(session, self.name, ("tokenizer",), self)
        self._merged: list[Chip] = []
        self.setup = TokenizerSetup(session)
        self.build = QPushButton(self.tr("Build"))
        self.stop = QPushButton(self.tr("Stop"), toolTip=self.tr("Stop at once; nothing is kept"), visible=False)
        self.view = TokenizerView()
        self.offer = Missing(self._session)
        self.merges = TokenStrip(name=self.tr("Merges as they are learned"), show_ids=False, max_rows=30)
        self.running = ProgressPane(
            self.merges,
            hint=self.tr("New tokens appear here in the order they are learned: the most frequent pairs first."),
        )
        self.pages = QStackedWidget()
        for page in (self.offer, self.view, self.running):
            self.pages.addWidget(page)
        self.why = WhyWithTerms()
        self.layout_ = TabLayout(self.setup, self.pages, self.why, verb=self.build, foot=(self.stop,))
        self.messages = self.layout_.messages
        self.says = TokenizerMessages(session, self.messages, self.setup.corpus, self.view.picker, self)
        self.reader = TokenizerReader(session, self.view, self.messages)
        fill(self, self.layout_)
        self._connect()
        self._explain()
        self.refresh()
        self._watch.catch_up()

    # What one may do

    @Slot()
    def run_verb(self) -> None:
        """Build a tokenizer with the settings as they stand, or do what must come first."""
        if self._session.is_running():
            self.says.say_busy()
            return
        if not self.setup.corpus.current():
            if not self.setup.corpus.gone:
                self._take_offer()
            return
        if not self.setup.form.settle():
            return
        if not self.setup.check_name():
            self.setup.name_field.line.setFocus()
            return
        project, corpus, name, config = (
            self._session.project,
            self.setup.corpus.current(),
            self.setup.name_field.name(),
            self.setup.form.config,
        )
        self.messages.clear()
        self._session.start(
            lambda stop: build_tokenizer(project, corpus, name=name, config=config, stop=stop),
            tab=self.name,
            title=self.tr("Building “{name}”").format(name=name),
            engine=False,
        )

    @Slot()
    def stop_verb(self) -> None:
        """Stop the build at once; nothing is kept."""
        if self._watch.is_running:
            self._session.stop("work", keep=False)

    @Slot()
    def refresh(self) -> None:
        """Read anew what the project holds."""
        self._fill("corpus")
        self._fill("tokenizer")

    # How it is put together

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._fill)
        session.chosen.connect(self._on_chosen)
        self._watch.began.connect(self._on_began)
        self._watch.said.connect(self._on_said)
        self._watch.ended.connect(self._on_ended)
        self.build.clicked.connect(self.run_verb)
        self.stop.clicked.connect(self.stop_verb)
        self.offer.pressed.connect(self._take_offer)
        self.setup.corpus.picked.connect(self._on_corpus)
        self.setup.corpus.missed.connect(self.build.setDisabled)
        self.setup.form.remedy.connect(self._on_remedy)
        self.messages.remedy.connect(self._on_remedy)
        self.view.picker.picked.connect(self._show)
        self.view.picker.rename_asked.connect(self._rename)
        self.view.picker.delete_asked.connect(self._delete)

    def _explain(self) -> None:
        shown = self._session.items.find("tokenizer", self.view.picker.current())
        explain_tokens(self.why, shown.tokenizer_card.kind if shown is not None else self.setup.form.config.kind)

    # The lists

    @Slot(str)
    def _fill(self, kind: str) -> None:
        names = [item.name for item in self._session.items.of(kind)] if kind in ("corpus", "tokenizer") else []
        if kind == "corpus":
            self.setup.corpus.set_names(names, self._session.items.ids(kind))
            self.setup.propose()
        elif kind == "tokenizer":
            shown = self.view.picker.current()
            self.view.picker.set_names(names, self._session.items.ids(kind))
            self.view.compare.set_names(names, self._session.items.ids(kind))
            self.setup.propose()
            if self.view.picker.current() != shown or not names:
                self._show(self.view.picker.current())
        self._turn_page()
        self.says.turn(is_running=self._watch.is_running)

    def _turn_page(self) -> None:
        has_any, has_corpus = bool(self.view.picker.names()), bool(self.setup.corpus.names())
        self.setup.show_parts(has_corpus)
        if has_corpus:
            self.offer.lack(
                "tokenizer",
                self.tr("No tokenizer yet: one is learned from “{corpus}” in a moment.").format(
                    corpus=self.setup.corpus.current()
                ),
                self.tr("Build one from “{corpus}”").format(corpus=self.setup.corpus.current()),
            )
        else:
            text = self.tr("A tokenizer is learned from a corpus, and there is none yet.")
            self.offer.lack("corpus", text, self.tr("Import the built-in tales"))
        page = self.running if self._watch.is_running else self.view if has_any else self.offer
        self.pages.setCurrentWidget(page)

    @Slot()
    def _take_offer(self) -> None:
        if self.setup.corpus.names():
            self.run_verb()
            return
        if self._session.is_running():
            self.says.say_busy()
            return
        project = self._session.project
        name = project.free_name("corpus", self.tr("Tales"))
        started = self._session.start(
            lambda stop: import_corpus(project, [default_sample()], name=name, stop=stop),
            tab="corpus",
            title=self.tr("Importing “{name}”").format(name=name),
            engine=False,
        )
        if started:
            self._session.go_to.emit("corpus")

    @Slot()
    def _on_project(self) -> None:
        for picker in (self.setup.corpus, self.view.compare):
            picker.forget()
        self.setup.name_field.renew()
        self.refresh()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        if kind == "corpus" and self.setup.corpus.pick(name):
            self._on_corpus()
        elif kind == "tokenizer" and name != self.view.picker.current() and self.view.picker.pick(name):
            self._show(name)

    @Slot()
    def _on_corpus(self) -> None:
        self.setup.propose()
        self._turn_page()
        self.says.turn(is_running=self._watch.is_running)

    @Slot(str)
    def _show(self, name: str) -> None:
        self._explain()
        self._turn_page()
        self.says.turn(is_running=self._watch.is_running)
        self.reader.show(name)

    @Slot(str)
    def _rename(self, name: str) -> None:
        if new := ask_rename(self, self._session, "tokenizer", name):
            self.view.picker.pick(new)
            self._show(new)

    @Slot(str)
    def _delete(self, name: str) -> None:
        ask_delete(self, self._session, "tokenizer", name)

    # The build

    @Slot(str)
    def _on_began(self, title: str) -> None:
        self._merged = []
        self.running.begin(title)
        self.merges.set_chips([])
        self.layout_.turn_verb(self.stop, is_running=True)
        self.setup.form.begin()
        self._turn_page()

    @Slot(object)
    def _on_said(self, events: list[Event]) -> None:
        for event in events:
            match event:
                case Progress():
                    self.running.show_progress(event)
                    self._merged += [Chip(left + right) for left, right in event.details.get("merges", ())]
                case Noted():
                    self.messages.show_message(event.message, level=event.level)
        self.merges.set_chips(self._merged[-_SHOWN_MERGES:])

    @Slot(object)
    def _on_ended(self, end: Event | None) -> None:
        self.layout_.turn_verb(self.stop, is_running=False)
        self._turn_page()
        match end:
            case Finished():
                self.setup.name_field.renew()
                self.setup.propose()
                self.says.say_done(end)
            case Stopped():
                self.messages.show_message(words("Stopped: nothing was kept."))
            case Failed():
                self.messages.show_failed(end)
                self.setup.form.show_failed(end)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        if not carry_out(remedy, self._session, apply=self.setup.form.apply):
            self.run_verb()
