"""What the next run is prepared with: the project's texts and tokenizers, a free name, and what this computer is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.app.computer.hardware import Machine, Probe
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.app.computer.probe import probe
from llmstudio.app.presets.by_name import choose, preset
from llmstudio.core.events import Event, Started
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.pickers.text_and_tokenizer import TextAndTokenizer, build_for
from llmstudio.gui.train.forecast.forecast import computer, text_of
from llmstudio.gui.train.run.picture.memory_plot import fullest
from llmstudio.gui.train.run.runs import needs_same_memory
from llmstudio.gui.train.run.view import TrainView
from llmstudio.gui.train.setup import TrainSetup
from llmstudio.gui.train.start import begin_from
from llmstudio.store.project import About


class Preparation(QObject):
    """Keeps the form in step with the project and with this computer.

    Attributes:
        text: Which tokenizer goes with which text.
        is_training: A run is at work, whose name is taken by itself.

    Signals:
        computer_known: What this computer is, how fast, and what runs took on it, as `forecast.computer` tells.
    """

    computer_known = Signal(object)

    def __init__(self, session: Session, setup: TrainSetup, view: TrainView, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._setup, self._view = session, setup, view
        self.is_training = False
        self.text = TextAndTokenizer(session, setup.corpus, setup.tokenizer, self)
        self.text.changed.connect(self._on_text)
        setup.size.chosen.connect(self._advise)
        setup.tokenizer_asked.connect(self.build_tokenizer)
        setup.changed.connect(self.compare_memory)
        setup.changed.connect(self._propose)
        setup.name_field.changed.connect(self.check_name)
        setup.card.measure_asked.connect(self.measure)
        view.opened.connect(self.compare_memory)
        session.job_ended.connect(self._on_ended)

    # The project

    def fill(self, kind: str) -> None:
        """Read anew which items of a kind there are."""
        if kind == "corpus":
            before = self._setup.corpus.current_id
            items = self._session.items
            self._setup.corpus.set_names([found.name for found in items.of("corpus")], items.ids("corpus"))
            is_same = self._setup.corpus.gone or self._setup.corpus.current_id == before
            (self.text.fill if is_same else self.text.follow)()
        elif kind == "tokenizer":
            self.text.fill()
        elif kind == "model":
            if self._setup.start.keep(self._session.items.ids("model")):
                self._setup.changed.emit()
            self._propose()

    def forget(self) -> None:
        """Another project is open."""
        self._setup.start.clear()
        for picker in (self._setup.corpus, self._setup.tokenizer):
            picker.forget()

    def choose(self, kind: str, name: str) -> None:
        """Someone has picked or made a text or a tokenizer."""
        if kind == "corpus" and name != self._setup.corpus.current() and self._setup.corpus.pick(name):
            self.text.follow()
        elif kind == "tokenizer":
            self.text.take(name)

    @property
    def shown(self) -> About | None:
        """The model whose run is in sight, once it is on disk."""
        return self._session.items.find("model", self._view.shown)

    @Slot()
    def learn_on(self) -> None:
        """Fill the form for a new run that begins with the weights of the run in sight, on its text."""
        if about := self.shown:
            begin_from(self._session.project, about, self._setup, self.text)
            self.text.changed.emit()

    @Slot(object)
    def follow(self, begun: Started) -> None:
        """Beside the plots of the tour stands what it grows, not what was last chosen."""
        if begun.path[0] == "tour":
            self._setup.set_recipe(preset("tour").recipe)

    @Slot()
    def _on_text(self) -> None:
        corpus = self._session.items.find("corpus", self._setup.corpus.current())
        self._setup.set_text(text_of(self._session.project, corpus, self._tokenizer()))
        self._advise()
        self._propose()

    @Slot()
    def build_tokenizer(self) -> None:
        """The one that the chosen size was made for; once made, it is the one in use."""
        build_for(self._session, self._setup.corpus.current(), (self._setup.preset or choose(None, None)).tokenizer)

    def _tokenizer(self) -> About | None:
        return self._session.items.find("tokenizer", self._setup.tokenizer.current())

    @Slot()
    def _advise(self) -> None:
        tokenizer = self._tokenizer()
        kind = tokenizer.tokenizer_card.kind if tokenizer else None
        self._setup.advise(kind, is_foreign=self.text.is_foreign)

    # The name

    @Slot()
    def _propose(self) -> None:
        if corpus := self._setup.corpus.current():
            self._setup.name_field.propose(self._session.project.free_name("model", f"{corpus} {self._setup.what}"))
        self.check_name()

    @Slot()
    def check_name(self) -> bool:
        """Whether a model of the name in sight can be made; says so if not."""
        problem, free = name_problem(self._session.project, "model", self._setup.name_field.name())
        if self.is_training or not self._setup.corpus.current():
            problem = ""  # the name is taken by the run in sight, or nothing can be made yet
        self._setup.name_field.set_problem(problem, free)
        return not problem

    # The computer

    @Slot()
    def compare_memory(self) -> None:
        """Set what the run in sight took beside the forecast, if the form would grow the same model."""
        about, tokenizer = self.shown, self._tokenizer()
        is_same = about is not None and tokenizer is not None and needs_same_memory(about, self._setup.recipe, tokenizer)
        self._setup.card.show_measured(fullest(self._view.run) if is_same else {})

    def look_at_computer(self) -> None:
        """Read anew what this computer is and how fast."""
        self._session.ask(computer, self._on_computer, owner=self)

    @Slot()
    def measure(self) -> None:
        """Time this computer, once it has nothing else to do."""
        title = self.tr("Measuring this computer")
        self._session.start(lambda stop: probe(stop=stop), tab="home", title=title, lane="measure")

    @Slot(object)
    def _on_computer(self, found: tuple[Machine, Probe | None, Sequence[PastRun]]) -> None:
        self._setup.set_computer(*found)
        self.computer_known.emit(found)
        self._view.picture.lower.memory.set_budget(found[0].memory_bytes)

    @Slot(str, object)
    def _on_ended(self, lane: str, _end: Event) -> None:
        if lane in ("measure", "work"):  # a run has told its pace
            self.look_at_computer()
