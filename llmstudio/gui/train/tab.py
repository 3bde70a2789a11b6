"""The train tab: grow a model, watch it learn, hold it, step through it, stop it, and open earlier runs again.

Left: what and how (`train_setup`). Centre: one run (`train_view`). All work is the session's; this module joins the parts.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app import jobs
from llmstudio.app.computer.hardware import Machine, Probe
from llmstudio.app.computer.paces import Pace
from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.presets import choose, preset
from llmstudio.core.errors import Remedy
from llmstudio.core.events import ENDS, Evaluated, Event, Failed, Finished, Noted, Started, Stopped
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.layout.why import Why
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.pickers.text_and_tokenizer import TextAndTokenizer, build_for
from llmstudio.gui.train.controls import RunControls
from llmstudio.gui.train.forecast import computer, text_of
from llmstudio.gui.train.messages import TrainMessages
from llmstudio.gui.train.model_export import ModelExport
from llmstudio.gui.train.modes.race.mode import RaceDesk
from llmstudio.gui.train.modes.race.view import RaceView
from llmstudio.gui.train.run.runs import needs_same_memory, speaks_of_training
from llmstudio.gui.train.run.view import TrainView
from llmstudio.gui.train.setup import TrainSetup
from llmstudio.gui.train.start import begin_from, going_on, training
from llmstudio.gui.train.why import explain_training
from llmstudio.store.project import About


class TrainTab(QWidget):
    """Trains models and shows their runs."""

    name = "train"

    @classmethod
    def in_turns(cls, session: Session) -> Generator[None, None, TrainTab]:
        """See `tab_builder`."""
        setup = TrainSetup()
        yield
        view = TrainView(session)
        yield
        races = RaceView(session)
        yield
        return cls(session, setup, view, races)

    def __init__(
        self,
        session: Session,
        setup: TrainSetup | None = None,
        view: TrainView | None = None,
        races: RaceView | None = None,
    ) -> None:
        super().__init__()
        self.title = self.tr("Train")
        self._session = session
        self._is_training = False  # a training run is on the work lane, ours or inside another job
        self.setup, self.view = setup or TrainSetup(), view or TrainView(session)
        self.text = TextAndTokenizer(session, self.setup.corpus, self.setup.tokenizer, self)
        self.race = RaceDesk(session, self, races)
        self.offer = Missing(self._session)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.offer)
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.race.view)
        self.train = QPushButton(self.tr("Train"))
        self.controls = RunControls()
        self.controls.hide()
        self.why = Why()
        self.layout_ = TabLayout(self.race.beside(self.setup), self.pages, self.why, verb=self.train, foot=(self.controls,))
        self.messages = self.layout_.messages
        self.says = TrainMessages(session, self.messages, self.setup, self._apply, self)
        self.exporting = ModelExport(session, self.messages, self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.layout_)
        self._connect()
        self._explain()
        self._look_at_computer()
        self.refresh()

    # What one may do

    @Slot()
    def run_verb(self) -> None:
        """Train with the settings as they stand (or race), or do what must come first."""
        corpus, tokenizer = self.setup.corpus.current(), self.setup.tokenizer.current()
        is_race = self.race.is_on and bool(self.setup.tokenizer.names())
        if not corpus or not (tokenizer or is_race or self.setup.start.model):
            self.offer.take()
        elif self.race.is_on:
            self.says.clear()
            self.race.run()
        elif not self._check_name():
            self.setup.name_field.line.setFocus()
        elif self.setup.form.settle():
            name = self.setup.name_field.name()
            self._start(training(self._session.project, self.setup, name), self.tr("Training “{name}”").format(name=name))

    @Slot()
    def stop_verb(self) -> None:
        """Stop the run and keep what it has learned."""
        if self._is_training:
            self._session.stop("work", keep=True)

    @Slot()
    def go_on(self) -> None:
        """Train the run in sight on from its last checkpoint."""
        name, about = self.view.shown, self._item("model", self.view.shown)
        self._start(going_on(self._session.project, about, name), self.tr("Going on with “{name}”").format(name=name), about)

    @Slot()
    def learn_on(self) -> None:
        """Fill the form for a new run that begins with the weights of the run in sight, on its text."""
        if about := self._item("model", self.view.shown):
            begin_from(about, self.setup, self.text)
            self._on_text()

    @Slot()
    def export_model(self) -> None:
        """Write the model in sight for other programs."""
        self.exporting.ask(self.view.shown)

    @Slot()
    def single_step(self) -> None:
        """Hold the run and take one step."""
        self._session.single_step()

    @Slot()
    def ask_discard(self) -> None:
        """Hold the run and ask, in place, before it is thrown away."""
        steps, names = (self.race.steps, self.race.names) if self.race.steps else self.view.learning
        self.says.ask_discard(steps, is_race=bool(self.race.steps), names=names)

    @Slot()
    def refresh(self) -> None:
        """Read anew what the project holds."""
        for kind in ("corpus", "tokenizer", "model"):
            self._fill(kind)

    # How it is put together

    def _connect(self) -> None:
        session = self._session
        session.project_changed.connect(self._on_project)
        session.items_changed.connect(self._fill)
        session.chosen.connect(self._on_chosen)
        session.job_started.connect(self._on_started)
        session.job_events.connect(self._on_events)
        for news in (session.job_paused, session.job_stopping):
            news.connect(self._on_held)
        session.job_ended.connect(self._on_ended)
        self.train.clicked.connect(self.run_verb)
        self.race.switched.connect(self._on_switched)
        self.race.told.connect(self.says.note)
        self.race.view.written.connect(self.says.say_written)
        self.controls.pause_pressed.connect(self._session.toggle_pause)
        self.controls.step_pressed.connect(self.single_step)
        self.controls.keep_pressed.connect(self.stop_verb)
        self.controls.discard_pressed.connect(self.ask_discard)
        self.offer.pressed.connect(self._take_offer)
        self.says.retry_asked.connect(self.run_verb)
        self.setup.form.remedy.connect(self.says.carry_out)
        self.text.changed.connect(self._on_text)
        self.setup.size.chosen.connect(self._advise)
        self.setup.tokenizer_asked.connect(self._build_tokenizer)
        self.setup.changed.connect(self._compare_memory)
        self.setup.changed.connect(self._propose)
        self.setup.name_field.changed.connect(self._check_name)
        self.setup.card.measure_asked.connect(self._measure)
        self.view.opened.connect(self._compare_memory)
        self.view.opened.connect(self._explain)
        self.view.written.connect(self.says.say_written)
        self.view.go_on_pressed.connect(self.go_on)
        self.view.tools.learn_on_pressed.connect(self.learn_on)
        self.view.tools.model_asked.connect(self.export_model)

    @Slot()
    def _explain(self) -> None:
        if self.race.is_on:
            self.race.explain(self.why)
            return
        about = self._item("model", self.view.shown)
        explain_training(self.why, about, self.setup.recipe)

    @Slot()
    def _on_switched(self) -> None:
        if self.race.is_on:
            self.race.follow(self.setup.corpus.current())
        self.says.clear()
        self._explain()
        self._turn_page()

    def _apply(self, remedy: Remedy) -> bool:
        return self.race.apply(remedy) if self.race.is_on else self.setup.form.apply(remedy)

    # What there is

    @Slot(str)
    def _fill(self, kind: str) -> None:
        if kind == "corpus":
            before = self.setup.corpus.current()
            self.setup.corpus.set_names(
                [found.name for found in self._session.items.of("corpus")], self._session.items.ids("corpus")
            )
            (self.text.fill if self.setup.corpus.current() == before else self.text.follow)()
        elif kind == "tokenizer":
            self.text.fill()
        elif kind == "model":
            self.view.refresh()
            self.setup.start.keep([found.name for found in self._session.items.of("model")])
            self._propose()
        self._turn_page()

    def _item(self, kind: str, name: str) -> About | None:
        return self._session.items.find(kind, name)

    @Slot()
    def _on_text(self) -> None:
        corpus = self._item("corpus", self.setup.corpus.current())
        tokenizer = self._item("tokenizer", self.setup.tokenizer.current())
        self.setup.set_text(text_of(self._session.project, corpus, tokenizer))
        self._advise()
        self._propose()
        self._turn_page()

    @Slot()
    def _advise(self) -> None:
        tokenizer = self._item("tokenizer", self.setup.tokenizer.current())
        kind = tokenizer.tokenizer_card.kind if tokenizer else None
        self.setup.advise(kind, is_foreign=self.text.is_foreign)

    @Slot()
    def _propose(self) -> None:
        if corpus := self.setup.corpus.current():
            self.setup.name_field.propose(self._session.project.free_name("model", f"{corpus} {self.setup.what}"))
        self._check_name()

    @Slot()
    def _check_name(self) -> bool:
        problem, free = name_problem(self._session.project, "model", self.setup.name_field.name())
        if self._is_training or not self.setup.corpus.current():
            problem = ""  # the name is taken by the run in sight, or nothing can be made yet
        self.setup.name_field.set_problem(problem, free)
        return not problem

    def _turn_page(self) -> None:
        corpus = self.setup.corpus.current()
        has_tokenizer = bool(self.setup.tokenizer.current() or self.setup.start.model)
        if not corpus:
            text = self.tr("A model learns from a corpus, and there is none yet.")
            self.offer.lack("corpus", text, self.tr("Go to Corpus"), leads=True)
        elif not has_tokenizer:
            self.offer.lack(
                "tokenizer",
                self.tr("A model reads tokens, and no tokenizer was learned from this text yet: that takes a moment."),
                self.tr("Build one from “{corpus}”").format(corpus=corpus),
            )
        else:
            text = self.tr("Everything is ready. The curves, and what the model writes, will appear here.")
            self.offer.lack("", text, self.tr("Train"))
        self.setup.setEnabled(bool(corpus))
        has_run = self._is_training or bool(self.view.shown)
        page = self.view if has_run else self.offer
        can_race = self.race.is_on and bool(corpus and self.setup.tokenizer.names())
        self.pages.setCurrentWidget(self.race.view if can_race else page)
        is_missing = bool(corpus) and not has_tokenizer and not self.race.is_on
        verb = self.tr("Build a tokenizer") if is_missing else self.tr("Race") if self.race.is_on else self.tr("Train")
        self.train.setText(verb)

    @Slot()
    def _take_offer(self) -> None:
        if not self.setup.tokenizer.current():
            self._build_tokenizer()
        else:
            self.run_verb()

    @Slot()
    def _build_tokenizer(self) -> None:
        """The one that the chosen size was made for; once made, it is the one in use."""
        build_for(self._session, self.setup.corpus.current(), (self.setup.preset or choose(None, None)).tokenizer)

    @Slot()
    def _on_project(self) -> None:
        self.setup.name_field.renew()
        self.says.clear()
        self.view.forget()
        self.race.forget()
        self.refresh()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        if kind == "corpus" and name != self.setup.corpus.current() and self.setup.corpus.pick(name):
            self.text.follow()
        elif kind == "tokenizer":
            self.text.take(name)
        elif kind == "model" and name != self.view.shown and name in self.view.tools.runs.names():
            self.view.show_run(name)
        self._turn_page()

    # The run

    def _start(self, factory: Any, title: str, about: About | None = None) -> None:
        recipe = recipe_of(about) if about else None  # one that goes on has not the form's settings
        self.says.begin(recipe)
        if self._session.start(factory, tab=self.name, title=title):
            self.setup.form.begin(recipe)

    @Slot(object)
    def _on_started(self, info: JobInfo) -> None:
        if info.lane == "work" and info.tab == self.name and not self.exporting.is_busy:
            self._set_training(True)

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != "work":
            return
        said = [e for e in events if not isinstance(e, ENDS) and "train" in e.path and e.path[0] != "race"]
        if not said:
            return
        for event in said:
            if isinstance(event, Started) and speaks_of_training(event) and event.item:
                self._set_training(True)
                if event.path[0] == "tour":  # beside the plots stands what is being grown, not what was last chosen
                    self.setup.set_recipe(preset("tour").recipe)
                self.view.begin(event)
            elif isinstance(event, Noted):
                self.says.note(event)
        self.view.add([event for event in said if not isinstance(event, Started)])
        if any(isinstance(event, Evaluated) for event in said):
            self._compare_memory()

    @Slot(str)
    def _on_held(self, lane: str) -> None:
        if lane == "work":
            self.controls.show_held(self._session.is_paused(), self._session.is_stopping())
            self.view.hold(self._session.is_paused())

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane in ("measure", "work"):  # a run has told its pace
            self._look_at_computer()
        if lane != "work" or not self._is_training:
            return
        is_own = not end.path or end.path[0] in ("train", "resume")
        self._set_training(False)
        self.layout_.rest_verb()
        self.view.end()
        self.setup.name_field.renew()
        is_told = end.path == ("train",) and isinstance(end, Finished | Stopped)  # else it is a known model with new weights
        (self._fill if is_told else self._session.items_changed.emit)("model")
        match end:
            case Finished() if is_own:
                self.says.say_done(end)
            case Stopped() if is_own:
                self.says.say_stopped(end)
            case Failed() if self.says.say_failed(end) and not end.step:  # how a run ended is said once
                self.setup.form.show_failed(end)

    def _set_training(self, is_training: bool) -> None:
        self._is_training = is_training
        self.controls.setVisible(is_training)
        self.train.setVisible(not is_training)
        self.controls.show_held(self._session.is_paused(), self._session.is_stopping())
        self._check_name()
        self._explain()
        self._turn_page()

    # Beside the run

    @Slot()
    def _compare_memory(self) -> None:
        """Set what the run in sight took beside the forecast, if the form would grow the same model."""
        about = self._item("model", self.view.shown)
        tokenizer = self._item("tokenizer", self.setup.tokenizer.current())
        is_same = about is not None and tokenizer is not None and needs_same_memory(about, self.setup.recipe, tokenizer)
        self.setup.card.show_measured(self.view.measured_peaks() if is_same else {})

    @Slot()
    def _measure(self) -> None:
        title = self.tr("Measuring this computer")
        self._session.start(lambda stop: jobs.probe(stop=stop), tab="home", title=title, lane="measure")

    def _look_at_computer(self) -> None:
        self._session.ask(computer, self._on_computer, owner=self)

    @Slot(object)
    def _on_computer(self, found: tuple[Machine, Probe | None, Sequence[Pace]]) -> None:
        self.setup.set_computer(*found)
        self.view.set_budget(found[0].memory_bytes)
