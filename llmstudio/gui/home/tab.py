"""Home: grow a first model with one press, or begin with one's own text; what was open before; what this computer can do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Failed
from llmstudio.core.words import Words, words
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.home.computer_probe import ComputerProbe
from llmstudio.gui.home.computer_sheet import ComputerSheet
from llmstudio.gui.home.drop_area import DropArea
from llmstudio.gui.home.journey_strip import JourneyStrip
from llmstudio.gui.home.recent import RecentProjects
from llmstudio.gui.home.tour import start_tour
from llmstudio.gui.home.tour_card import TourCard
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import say, space, theme
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.layout.tab_layout import heading

_NARROW, _WIDEST = 800, 1120  # pixels at scale 1; longer lines are hard to read
_NUM_LEFT_OUT = 4  # of what is damaged so many are named


class HomeTab(QWidget):
    """The first page.

    Signals:
        first_painted: The page was on the screen for the first time.
    """

    name = "home"
    first_painted = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.title = self.tr("Home")
        self._session = session
        self._painted = False
        self.messages = MessageBar()
        self.left_out = Label(wordWrap=True, visible=False)
        self.left_out.setProperty("role", "warning")
        self.strip = JourneyStrip()
        self.teach = QPushButton(self.tr("Teach a task"))
        self.card = TourCard()
        self.drop = DropArea()
        self.sheet = ComputerSheet()
        self.recent = RecentProjects(session)
        self._probe = ComputerProbe(session, self.sheet)
        self._build()
        self._listen()
        self._refresh()
        self._restyle()
        self.setFocusProxy(self.card.start)

    def run_verb(self) -> None:
        """Begin the journey."""
        start_tour(self._session, self.tr("Growing your first model"))

    def stop_verb(self) -> None:
        """Stop what runs and keep what it has."""
        self._session.stop("work")

    def _build(self) -> None:
        page = QWidget()
        self._page = QVBoxLayout(page)
        self._page.addWidget(self.messages)
        self._page.addWidget(self.left_out)
        self._page.addWidget(self.card)
        self._page.addWidget(self.strip)
        self._page.addLayout(self._task())
        row = QHBoxLayout()
        row.addWidget(self._own_text(), 3)
        row.addWidget(self.recent, 2)
        self._row = row
        self._page.addLayout(row)
        self._page.addWidget(self.sheet)
        self._page.addStretch(1)
        centred = QWidget()
        sides = QHBoxLayout(centred)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.addStretch(1)
        sides.addWidget(page, 1000)
        sides.addStretch(1)
        self._inner = page
        self._scroll = scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(centred)
        scroll.viewport().setAutoFillBackground(False)
        centred.setAutoFillBackground(False)
        fill(self, scroll)

    def _task(self) -> QHBoxLayout:
        said = self.tr(
            "A model can also be taught a task from texts with labels, tags or answers: to sort texts into classes, tag"
            " words, translate, summarise or chat."
        )
        row = QHBoxLayout()
        row.addWidget(heading(said, "muted"), 1)
        row.addWidget(self.teach)
        return row

    def _own_text(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(heading(self.tr("Your own text")))
        column.addWidget(self.drop, 1)
        return holder

    def _listen(self) -> None:
        self.card.start.clicked.connect(self.run_verb)
        self.strip.pressed.connect(self._session.go_to.emit)
        self.teach.clicked.connect(lambda: self._session.visit(Remedy("teach", words("Teach a model"))))
        self.drop.dropped.connect(self._take)
        self.drop.pressed.connect(self._browse)
        self._session.items_changed.connect(self._refresh)
        self._session.project_changed.connect(self._refresh)
        self._session.items_changed.connect(self._session.look_for_damage)
        self._session.damaged.connect(self._on_damaged)
        self._session.job_started.connect(self._on_started)
        self._session.job_ended.connect(self._on_ended)
        theme.changed.connect(self._restyle)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say once that the page has been seen."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.first_painted.emit)

    # what is there

    @Slot()
    def _refresh(self, _kind: str = "") -> None:
        ready = self._session.items.ready()
        # Inspect keeps nothing: that someone has looked is written nowhere, and so it is never said.
        done = {**ready, "chat": bool(self._session.items.of("chat")), "inspect": False}
        self.strip.show_ready(ready, done)
        self.recent.refresh()
        if not self._session.project.is_writable:
            folder = str(self._session.project.root)
            text = self.tr("{folder} may only be read: look at everything, but nothing new can be kept here.")
            self.messages.show_message(text.format(folder=folder), level="warning")

    @Slot(object)
    def _on_damaged(self, reasons: Sequence[Words]) -> None:
        """Name what cannot be read for as long as it lies there: it is in no list of the other tabs."""
        lines = [say(reason) for reason in reasons[:_NUM_LEFT_OUT]]
        if len(reasons) > len(lines):
            lines.append(self.tr("… and {n} more.").format(n=len(reasons) - len(lines)))
        heading_ = self.tr("Left out, because it cannot be read:")
        self.left_out.setText("\n".join([heading_, *lines]))
        self.left_out.setVisible(bool(reasons))

    def showEvent(self, event: QShowEvent) -> None:
        """Another program may have done harm or good meanwhile; before the first paint there is no time for that."""
        super().showEvent(event)
        if self._painted:
            self._session.look_for_damage()

    # own text

    @Slot(list)
    def _take(self, paths: list[str]) -> None:
        window = self.window()
        if hasattr(window, "take_files"):
            window.take_files(paths)

    @Slot()
    def _browse(self) -> None:
        if paths := file_dialog.open_files(self, self.tr("Choose texts"), str(Path.home())):
            self._take(paths)

    # the computer

    def begin_idle(self) -> None:
        """From now on the page may use idle time."""
        self._probe.begin_idle()

    @Slot(object)
    def _on_started(self, job: JobInfo) -> None:
        if job.lane == "work":
            self.card.start.setEnabled(False)
            self.messages.clear()

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane == "work":
            self.card.start.setEnabled(True)
        if isinstance(end, Failed) and (lane == "measure" or end.path[:1] == ("tour",)):
            self.messages.show_failed(end)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow for its type, things stand below each other, and the picture that only promises goes."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        is_narrow = self.width() < round(_NARROW * theme.scale)
        margins = self._page.contentsMargins()
        around = margins.left() + margins.right() + self._scroll.verticalScrollBar().sizeHint().width()
        self.card.picture.setVisible(not is_narrow and self.card.width_of_all() + around <= self.width())
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)

    @Slot()
    def _restyle(self) -> None:
        self._fit()
        self._inner.setMaximumWidth(round(_WIDEST * theme.scale))
        self._page.setContentsMargins(space(3), space(2), space(3), space(2))
        self._page.setSpacing(space(2.5))
        self._row.setSpacing(space(4))
        self.card.restyle()
