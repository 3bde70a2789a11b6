"""The train tab: grow a model, watch it learn, hold it, step through it, stop it, and open earlier runs again.

Left: what and how (`setup`, kept in step by `preparation`). Centre: one run (`run.view`, fed by `run.watch`), or a race. All
work is the session's; this module joins the parts.
"""

from __future__ import annotations

from collections.abc import Generator

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget, QWidget

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.core.events import Event, Failed, Finished, Stopped
from llmstudio.gui.look.label import caption, plain
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.missing import Missing
from llmstudio.gui.shared.layout.short_button import ShortButton
from llmstudio.gui.shared.layout.tab_layout import TabLayout
from llmstudio.gui.shared.layout.why import Why
from llmstudio.gui.train.messages import TrainMessages
from llmstudio.gui.train.modes.race.mode import RaceMode
from llmstudio.gui.train.modes.race.view import RaceView
from llmstudio.gui.train.modes.switch import ModeSwitch
from llmstudio.gui.train.modes.teach.mode import TeachMode
from llmstudio.gui.train.preparation import Preparation
from llmstudio.gui.train.rows.preview import RowsPreview
from llmstudio.gui.train.run.controls import RunControls
from llmstudio.gui.train.run.model_export import ModelExport
from llmstudio.gui.train.run.view import TrainView
from llmstudio.gui.train.run.watch import RunWatch
from llmstudio.gui.train.setup import TrainSetup
from llmstudio.gui.train.start import Factory, going_on, in_sight, misses_something, to_learn, training
from llmstudio.gui.train.why import explain_training
from llmstudio.store.project import About


class TrainTab(QWidget):
    """Trains models and shows their runs."""

    name = "train"

    @classmethod
    def in_turns(cls, session: Session) -> Generator[None, None, TrainTab]:
        """See `tabs.builder`."""
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
        self.setup, self.view = setup or TrainSetup(), view or TrainView(session)
        self.preparation = Preparation(session, self.setup, self.view, self)
        self.switch = ModeSwitch()
        self.race = RaceMode(session, self.switch, self, races)
        self.teach = TeachMode(session, self.switch, self)
        self.switch.hold({"one": self.setup, self.race.name: self.race.setup, self.teach.name: self.teach.setup})
        self.offer = Missing(self._session)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.offer)
        self.pages.addWidget(self.view)
        self.pages.addWidget(self.race.view)
        self.pages.addWidget(self.teach.lesson)
        self.rows = RowsPreview(
            session,
            {self.setup.rows: lambda: to_learn(self.setup), self.teach.setup.rows: lambda: self.teach.to_learn},
            self,
        )
        self.pages.addWidget(self.rows.view)
        self.pages.addWidget(self.teach.worth.picture)
        self.train = ShortButton(self.tr("Train"))
        self._began_with = ""  # the model that the last run of this form began with
        self.controls = RunControls()
        self.why = Why()
        self.layout_ = TabLayout(self.switch, self.teach.above(self.pages), self.why, verb=self.train, foot=(self.controls,))
        self.messages = self.layout_.messages
        self.says = TrainMessages(
            session,
            self.messages,
            lambda: self.teach.in_sight if self.teach.is_on else in_sight(self.setup),
            lambda remedy: (self.race.says if self.race.is_on else self.teach.form_or(self.setup.form)).apply(remedy),
            self,
        )
        self.exporting = ModelExport(session, self.messages, self)
        self.watch = RunWatch(session, self.view, self.controls, self.exporting, self)
        fill(self, self.layout_)
        self._connect()
        self._explain()
        self.preparation.look_at_computer()
        self.refresh()

    # What one may do

    @Slot()
    def run_verb(self) -> None:
        """Train with the settings as they stand (or race), or do what must come first."""
        corpus, tokenizer = self.setup.corpus.current(), self.setup.tokenizer.current()
        if self.teach.is_on:
            if (ready := self.teach.ready()) is not None:
                self._start(*ready)
            return
        is_race = self.race.is_on and bool(self.setup.tokenizer.names())
        if not is_race and misses_something(self.setup):
            return  # it is said in red where it was chosen
        if not corpus or not (tokenizer or is_race or self.setup.start.model):
            self.offer.take()
        elif self.race.is_on:
            self.says.clear()
            self.race.run()
        elif not self.preparation.check_name():
            self.setup.name_field.line.setFocus()
        elif self.setup.form.settle():
            name = self.setup.name_field.name()
            self._began_with = self.setup.start.model
            self._start(training(self._session.project, self.setup, name), self.tr("Training “{name}”").format(name=name))

    @Slot()
    def stop_verb(self) -> None:
        """Stop the run and keep what it has learned."""
        self.watch.stop()

    @Slot()
    def go_on(self) -> None:
        """Train the run in sight on from its last checkpoint."""
        name, about = self.view.shown, self.preparation.shown
        self._start(going_on(self._session.project, about, name), self.tr("Going on with “{name}”").format(name=name), about)

    @Slot()
    def learn_on(self) -> None:
        """Prepare a new run from the weights of the one in sight, and lead to what is said of it."""
        self.switch.turn_to("one")
        self.preparation.learn_on()
        self.layout_.lead_to(self.setup.start)

    @Slot()
    def export_model(self) -> None:
        """Write the model in sight for other programs."""
        self.exporting.ask(self.view.shown)

    @Slot()
    def ask_discard(self) -> None:
        """Hold the run and ask, in place, before it is thrown away."""
        steps, names = (self.race.steps, self.race.names) if self.race.steps else self.watch.learning
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
        self.watch.turned.connect(self._on_turned)
        self.watch.begun.connect(self.preparation.follow)
        self.watch.noted.connect(self.says.note)
        self.watch.measured.connect(self.preparation.compare_memory)
        self.watch.ended.connect(self._on_ended)
        self.preparation.text.changed.connect(self._turn_page)
        self.setup.changed.connect(self._turn_page)
        self.race.setup.changed.connect(self._turn_page)
        self.race.setup.corpus.picked.connect(self._turn_page)
        self.teach.looked.connect(self._turn_page)
        self.teach.looked.connect(self._explain)
        self.rows.turned.connect(self._turn_page)
        self.preparation.computer_known.connect(self.teach.setup.set_computer)
        self.teach.setup.card.measure_asked.connect(self.preparation.measure)
        for setup in (self.setup, self.teach.setup):
            setup.changed.connect(self.says.look_at_settings)
            setup.form.remedy.connect(self.says.carry_out)
        self.view.opened.connect(self._explain)
        self.train.clicked.connect(self.run_verb)
        self.switch.turned.connect(self._on_switched)
        self.race.says.told.connect(self.says.note)
        self.race.view.export.written.connect(self.says.say_written)
        self.controls.discard_pressed.connect(self.ask_discard)
        self.offer.pressed.connect(self._take_offer)
        self.says.retry_asked.connect(self.run_verb)
        self.view.files.written.connect(self.says.say_written)
        self.view.go_on_pressed.connect(self.go_on)
        self.view.tools.learn_on_pressed.connect(self.learn_on)
        self.view.tools.model_asked.connect(self.export_model)

    @Slot()
    def _explain(self) -> None:
        if self.race.is_on:
            self.race.explain(self.why)
            return
        shown = self.preparation.shown
        if not self.teach.explain(self.why, has_run=shown is not None):
            explain_training(self.why, shown, self.setup.recipe)

    @Slot()
    def _on_switched(self) -> None:
        if self.race.is_on:
            self.race.preparation.follow(self.setup.corpus.current())
        self.says.clear()
        self._explain()
        self._turn_page()

    # What there is

    @Slot(str)
    def _fill(self, kind: str) -> None:
        if kind == "model":
            self.view.refresh()
        self.preparation.fill(kind)
        self._turn_page()

    @Slot()
    def _turn_page(self) -> None:
        corpus = self.setup.corpus.current() or self.setup.corpus.gone
        has_tokenizer = bool(self.setup.tokenizer.current() or self.setup.tokenizer.gone or self.setup.start.model)
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
        has_run = self.watch.is_training or bool(self.view.shown)
        page = self.view if has_run else self.offer
        can_race = self.race.is_on and bool(corpus and self.setup.tokenizer.names())
        self.pages.setCurrentWidget(self.race.view if can_race else page)
        self.teach.turn_page(self.pages, self.view, has_run=has_run)
        self.rows.look()
        if self.rows.is_on:
            self.pages.setCurrentWidget(self.rows.view)
        if self.teach.is_on:
            self.train.setText(self.teach.verb)
            self.train.setToolTip("")
            is_missing = self.teach.is_comparing and self.teach.worth.lacks_model
            self.train.setEnabled(not (self.teach.setup.is_blocked or is_missing))
            return
        is_missing = bool(corpus) and not has_tokenizer and not self.race.is_on
        verb = self.tr("Build a tokenizer") if is_missing else self.tr("Race") if self.race.is_on else self.tr("Train")
        start = "" if self.race.is_on else self.setup.start.model
        onward = self.tr("Go on with “{name}”").format(name=start) if start else ""
        self.train.setText(caption(onward) or verb)
        self.train.setToolTip(plain(onward))
        is_blocked = bool(self.race.setup.corpus.gone) if self.race.is_on else misses_something(self.setup)
        self.train.setEnabled(not is_blocked)

    @Slot()
    def _take_offer(self) -> None:
        if not self.setup.tokenizer.current():
            self.preparation.build_tokenizer()
        else:
            self.run_verb()

    @Slot()
    def _on_project(self) -> None:
        self.setup.name_field.renew()
        self.says.clear()
        self.preparation.forget()
        self.view.forget()
        self.race.forget()
        self.teach.forget()
        self.refresh()

    @Slot(str, str)
    def _on_chosen(self, kind: str, name: str) -> None:
        self.preparation.choose(kind, name)
        if kind == "model" and name != self.view.shown and name in self.view.tools.runs.names():
            self.view.show_run(name)
        self._turn_page()

    # The run

    def _start(self, factory: Factory, title: str, about: About | None = None) -> None:
        recipe = recipe_of(about) if about else None  # one that goes on has not the form's settings
        self.says.begin(recipe)
        self.rows.close()
        if self._session.start(factory, tab=self.name, title=title):
            self.teach.form_or(self.setup.form).begin(recipe)

    @Slot()
    def _on_turned(self) -> None:
        is_training = self.watch.is_training
        self.preparation.is_training = is_training
        self.teach.turn(is_teaching=is_training)
        self.train.setVisible(not is_training)
        self.preparation.check_name()
        self._explain()
        self._turn_page()
        if not is_training:
            self.layout_.rest_verb()

    @Slot(object)
    def _on_ended(self, end: Event) -> None:
        is_own = not end.path or end.path[0] in ("train", "resume")
        self.setup.name_field.renew()
        is_told = end.path == ("train",) and isinstance(end, Finished | Stopped)  # else it is a known model with new weights
        (self._fill if is_told else self._session.items_changed.emit)("model")
        match end:
            case Finished() if is_own:
                if end.job == "train" and self._began_with == self.setup.start.model:
                    self.setup.start.clear()  # it has been done: the next run is another
                run = self.view.run
                self.says.say_done(end, run.summary().quality if run.name == end.result.get("model") else None)
            case Stopped() if is_own:
                self.says.say_stopped(end)
            case Failed() if self.says.say_failed(end) and not end.step:  # how a run ended is said once
                self.teach.form_or(self.setup.form).show_failed(end)
