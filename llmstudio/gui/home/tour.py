"""The guided journey as the window shows it: which tab is in front, what just happened, and when to go on.

The tour is one job whose events carry the stage in their path (`tour/train`). When a stage is over, the job is held at the
first event of the next one, so that what was made can be looked at; a short count-down, which a lecturer can hold, lets it
go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout

from llmstudio.app.computer.engine import with_engine
from llmstudio.core.events import Event, Finished, Noted, Progress, Started
from llmstudio.core.work import Stop
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import icon, say, space, theme
from llmstudio.gui.session.session import Session

JOB = "tour"
# Stage of the job's path -> tab that shows it.
TABS = {"import": "corpus", "tokenizer": "tokenizer", "train": "train", "prune": "prune", "chat": "chat"}
_LOOK_S = 4  # seconds a finished stage is left in sight
_PATIENCE_S = 15  # seconds that its picture may take to be there before the count begins all the same


class TourBar(QFrame):
    """A line above the tabs while the journey runs.

    Attributes:
        stage: The tab at work now; empty while there is no tour.

    Signals:
        ended: The journey is over (its end event).
    """

    ended = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setProperty("role", "tour")
        self._session = session
        self.stage = ""
        self._next = ""
        self._remark = ""
        self._left_s = self._patience_s = 0
        self._said = ""
        self._title = Label()
        self._title.setProperty("role", "accent")
        self._text = Label(wordWrap=True)
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._hold = QPushButton(checkable=True)
        self._hold.setText(self.tr("Hold"))
        self._hold.setToolTip(self.tr("Stay at each stop until Next is pressed"))
        self._hold.toggled.connect(self._on_hold)
        self._go = QPushButton()
        self._go.setProperty("role", "verb")
        self._go.clicked.connect(self._go_on)
        self._close = QToolButton(toolTip=self.tr("Close"), accessibleName=self.tr("Close"))
        self._close.clicked.connect(self.hide)
        words = QVBoxLayout()
        words.addWidget(self._title)
        words.addWidget(self._text)
        self._row = QHBoxLayout(self)
        self._row.addLayout(words, 1)
        for widget in (self._hold, self._go, self._close):
            self._row.addWidget(widget)
        self._clock = QTimer(self, interval=1000)
        self._clock.timeout.connect(self._tick)
        session.job_started.connect(self._on_started)
        session.job_events.connect(self._on_events)
        session.job_paused.connect(self._on_paused)
        session.job_ended.connect(self._on_ended)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.hide()

    @property
    def is_running(self) -> bool:
        """True from the first event of a tour to its last."""
        return bool(self.stage)

    @Slot(object)
    def _on_started(self, _job: object) -> None:
        if not self.is_running:
            self.hide()

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        for event in events:
            names = event.path
            if lane != "work" or names[:1] != (JOB,) or len(names) < 2:
                continue
            if names[1] == "evaluate":
                self._on_question(event)
            tab = TABS.get(names[1], "")
            if tab and tab not in (self.stage, self._next):
                self._arrive(tab)

    def _on_question(self, event: Event) -> None:
        """How many questions it has been asked, and how many it answers."""
        match event:
            case Noted():
                self._remark = say(event.message)
            case Started():
                self._tell(say(event.title))
            case Progress() if "right" in event.details and event.total:
                text = self.tr("{done} of {all} questions on stories it has never read: {right} answered right.")
                self._tell(text.format(done=event.done, all=event.total, right=event.details["right"]))

    def _tell(self, text: str) -> None:
        self._said = text
        self._text.setText(text)

    def _arrive(self, tab: str) -> None:
        if not self.stage or not self._session.is_paused():  # someone has let it go on before it was seen to wait
            self._begin(tab)
            return
        self._next = tab
        self._title.setText(self.tr("{stop} · done").format(stop=self._heading(self.stage)))
        self._tell(self._remark or self._happened(self.stage))
        self._left_s, self._patience_s = _LOOK_S, _PATIENCE_S
        self._go.show()
        self._show_count()
        if not self._hold.isChecked():
            self._clock.start()

    def _begin(self, tab: str) -> None:
        self.stage, self._next, self._remark = tab, "", ""
        self._title.setText(self._heading(tab))
        self._clock.stop()
        self._tell(self._happening(tab))
        self._go.hide()
        self._close.hide()
        self._hold.show()
        self.show()
        self._session.go_to.emit(tab)

    @Slot()
    def _go_on(self) -> None:
        if self._next:
            self._session.resume("work")  # heard by `_on_paused`, as when it is pressed elsewhere

    @Slot(str, bool)
    def _on_paused(self, lane: str, is_held: bool) -> None:
        """The journey was held or let go, here, in the status bar or by a key: it waits at a stop or is held on its way."""
        if lane != "work" or not self.is_running:
            return
        if self._next and not is_held:
            self._begin(self._next)
        elif not self._next:
            self._text.setText(self.tr("Paused: Space goes on.") if is_held else self._said)

    @Slot()
    def _tick(self) -> None:
        if self._session.questions.are_in_sight and self._patience_s > 0:  # what is to be looked at is not there yet
            self._patience_s -= 1
            return
        self._left_s -= 1
        self._show_count()
        if self._left_s <= 0:
            self._go_on()

    @Slot(bool)
    def _on_hold(self, hold: bool) -> None:
        if hold:
            self._clock.stop()
        elif self._next:
            self._left_s = _LOOK_S
            self._clock.start()
        self._show_count()

    def _show_count(self) -> None:
        held = self._hold.isChecked()
        self._go.setText(self.tr("Next") if held else self.tr("Next in {s} s").format(s=self._left_s))

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != "work" or not self.is_running:
            return
        self._clock.stop()
        last, self.stage, self._next = self.stage, "", ""
        self._go.hide()
        self._hold.hide()
        self._close.show()
        if isinstance(end, Finished):
            self._title.setText(self.tr("Your first model is grown"))
            self._text.setText(self._verdict(end.result))
            self._session.go_to.emit("chat")
        else:
            self._title.setText(self._heading(last))
            self._text.setText(self.tr("The journey ended here. What was made so far is kept; Home starts it again."))
        self.ended.emit(end)

    def _verdict(self, result: Mapping[str, Any]) -> str:
        right, chance = result.get("questions_right"), result.get("random_questions_right")
        if right is None or chance is None:
            return self.tr("It is ready to talk: press one of the suggested questions.")
        text = self.tr("It answers {right} % of questions it has never seen (guessing: {chance} %). Press a suggested one.")
        return text.format(right=round(100 * right), chance=round(100 * chance))

    def _heading(self, tab: str) -> str:
        return {
            "corpus": self.tr("1 of 5 · A corpus"),
            "tokenizer": self.tr("2 of 5 · A tokenizer"),
            "train": self.tr("3 of 5 · A model learns"),
            "prune": self.tr("4 of 5 · Half of it goes"),
            "chat": self.tr("5 of 5 · Talk to it"),
        }[tab]

    def _happening(self, tab: str) -> str:
        return {
            "corpus": self.tr("Thousands of tiny stories are written: people, things, places, and questions on them."),
            "tokenizer": self.tr("The text is cut into tokens, the pieces that the model reads and writes."),
            "train": self.tr("From random numbers, the model guesses the next token, sees the truth, and moves a little."),
            "prune": self.tr("The smallest half of the weights becomes zero. See how much worse the model gets."),
            "chat": self.tr("The model reads a story it has never seen and answers questions on it."),
        }[tab]

    def _happened(self, tab: str) -> str:
        return {
            "corpus": self.tr("The corpus is ready: one part to learn from, a part held out to check what was learned."),
            "tokenizer": self.tr("Every word is now a number. The same text is much shorter in tokens than in letters."),
            "train": self.tr("The curve fell from guessing to knowing, and the samples turned from noise to sentences."),
            "prune": self.tr("Half the weights are gone, and the file is smaller; the model still speaks."),
            "chat": self.tr("The answers come from the story alone: these facts were never in the text it learned from."),
        }[tab]

    @Slot()
    def _restyle(self) -> None:
        self._row.setContentsMargins(space(2), space(), space(2), space())
        self._row.setSpacing(space(1.5))
        self._hold.setIcon(icon("hold"))
        self._close.setIcon(icon("close", "muted"))
        for button in (self._hold, self._close):
            button.setIconSize(QSize(space(2), space(2)))


def start_tour(session: Session, title: str) -> bool:
    """Begin the journey; False if something else is running."""

    def tour(stop: Stop) -> Iterator[Event]:
        from llmstudio.app.verbs.tour import tour as tour_job

        return tour_job(session.project, stop=stop)

    # The engine is loaded when training needs it: until then there is enough to look at.
    job = with_engine(tour, at=(JOB, "train"))
    return session.start(job, tab="home", title=title, engine=False, hold_at=Stops())


class Stops:
    """True, once, for the event that begins a stage after another: what the other made can be looked at now.

    Called in the worker's thread, with every event of one tour.
    """

    def __init__(self) -> None:
        self._stage = ""

    def __call__(self, event: Event) -> bool:
        """Whether the job holds itself after this event."""
        names = event.path
        stage = names[1] if names[:1] == (JOB,) and len(names) > 1 else ""
        if stage not in TABS or stage == self._stage:
            return False
        is_first = not self._stage
        self._stage = stage
        return not is_first
