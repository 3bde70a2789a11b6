"""Home: grow a first model with one press, or begin with one's own text; what was open before; what this computer can do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from llmstudio.core.events import Event, Failed
from llmstudio.core.words import Words
from llmstudio.gui.home.computer_sheet import ComputerSheet
from llmstudio.gui.home.drop_area import DropArea
from llmstudio.gui.home.growth_picture import GrowthPicture
from llmstudio.gui.home.journey_strip import JourneyStrip
from llmstudio.gui.home.tour import start_tour
from llmstudio.gui.look.label import Label, caption, plain
from llmstudio.gui.look.scaled import gap
from llmstudio.gui.look.theme import BODY, font, say, space, theme
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.layout.short_button import ShortButton
from llmstudio.gui.shared.layout.tab_layout import heading
from llmstudio.gui.shared.pickers import file_dialog

_NARROW, _WIDEST = 800, 1120  # pixels at scale 1; longer lines are hard to read
_NUM_RECENT = 4
_NUM_LEFT_OUT = 4  # of what is damaged so many are named
# Idle time after the first paint before the computer is measured for the first time.
_MEASURE_AFTER_MS = 4000


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
        self.start_button = QPushButton(self.tr("Start"))
        self.start_button.setProperty("role", "verb")
        self.drop = DropArea()
        self.sheet = ComputerSheet()
        self._recent = QVBoxLayout()
        self._build()
        self._idle = QTimer(self, singleShot=True, interval=_MEASURE_AFTER_MS)
        self._idle.timeout.connect(self._measure_if_new)
        self._listen()
        self._refresh()
        self._restyle()
        self.setFocusProxy(self.start_button)

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
        self._page.addWidget(self._hero())
        self._page.addWidget(self.strip)
        row = QHBoxLayout()
        row.addWidget(self._own_text(), 3)
        row.addWidget(self._recent_card(), 2)
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
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    def _hero(self) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        text = self.tr(
            "A world of tiny stories becomes a corpus, the corpus a tokenizer, and both a model of half a million numbers "
            "that answers questions. It all happens on this computer, while you watch."
        )
        self._hero_text = heading(text, "muted")
        self._hero_time = heading(self.tr("about 2 minutes · any laptop · no network"), "muted")
        self._hero_time.setWordWrap(False)
        action = QHBoxLayout()
        action.addWidget(self.start_button)
        gap(action, 2)
        action.addWidget(self._hero_time)
        action.addStretch(1)
        left = QVBoxLayout()
        left.addStretch(1)
        left.addWidget(heading(self.tr("Grow your first model"), "heading"))
        left.addWidget(self._hero_text)
        gap(left, 1)
        left.addLayout(action)
        left.addStretch(1)
        self._hero_left, self._growth = left, GrowthPicture()
        self._hero_row = QHBoxLayout(card)
        self._hero_row.addLayout(left, 5)
        self._hero_row.addWidget(self._growth, 4)
        return card

    def _own_text(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(heading(self.tr("Your own text")))
        column.addWidget(self.drop, 1)
        return holder

    def _recent_card(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(heading(self.tr("Projects")))
        column.addLayout(self._recent)
        column.addStretch(1)
        return holder

    def _listen(self) -> None:
        self.start_button.clicked.connect(self.run_verb)
        self.strip.pressed.connect(self._session.go_to.emit)
        self.drop.dropped.connect(self._take)
        self.drop.pressed.connect(self._browse)
        self.sheet.measure_pressed.connect(self._measure)
        self._session.items_changed.connect(self._refresh)
        self._session.project_changed.connect(self._refresh)
        self._session.items_changed.connect(self._session.look_for_damage)
        self._session.damaged.connect(self._on_damaged)
        self._session.job_started.connect(self._on_started)
        self._session.job_events.connect(self._on_events)
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
        self._show_recent()
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

    def _show_recent(self) -> None:
        while (entry := self._recent.takeAt(0)) is not None:
            entry.widget().hide()  # gone at once: until it is deleted it could still be pressed
            entry.widget().deleteLater()
        here = str(self._session.project.root)
        others = [path for path in self._session.preferences.recent if path != here and Path(path).is_dir()]
        for path in [here, *others][: _NUM_RECENT + 1]:
            name = Path(path).name
            button = ShortButton(caption(self.tr("{name} (open)").format(name=name) if path == here else name))
            button.setProperty("role", "link")
            button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)  # a long name makes no page wider
            button.setToolTip(plain(path))
            button.setEnabled(path != here)
            button.setProperty("path", path)
            button.clicked.connect(self._open_recent)
            self._recent.addWidget(button)

    @Slot()
    def _open_recent(self) -> None:
        self._session.open_project(self.sender().property("path"))

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
        """From now on the page may use idle time: the computer is described, and measured if it never was undisturbed."""
        self.sheet.show_machine()
        self._idle.start()

    @Slot()
    def _measure_if_new(self) -> None:
        if not self.sheet.is_measured and not self._session.is_running("work"):
            self._measure()

    @Slot()
    def _measure(self) -> None:
        from llmstudio.app.computer.probe import probe

        title = self.tr("Measuring this computer")
        self._session.start(lambda stop: probe(stop=stop), tab="home", title=title, lane="measure")

    @Slot(object)
    def _on_started(self, job: JobInfo) -> None:
        if job.lane == "measure":
            self.sheet.show_measuring()
        if job.lane == "work":
            self._idle.stop()
            self.start_button.setEnabled(False)
            self.messages.clear()

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane == "measure":
            self.sheet.show_events(events)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane == "measure":
            self.sheet.show_machine()
        if lane == "work":
            self.start_button.setEnabled(True)
        if isinstance(end, Failed) and (lane == "measure" or end.path[:1] == ("tour",)):
            self.messages.show_failed(end)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow for its type, things stand below each other, and the picture that only promises goes."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        is_narrow = self.width() < round(_NARROW * theme.scale)
        self._growth.setVisible(not is_narrow and self._hero_needs() <= self.width())
        self._row.setDirection(QBoxLayout.Direction.TopToBottom if is_narrow else QBoxLayout.Direction.LeftToRight)

    def _hero_needs(self) -> int:
        """Pixels that words and picture take beside each other, with the bar of the page."""
        around = [layout.contentsMargins() for layout in (self._page, self._hero_row)]
        edges = sum(margins.left() + margins.right() for margins in around) + self._hero_row.spacing()
        words = self._hero_left.minimumSize().width()
        return words + self._growth.minimumSizeHint().width() + edges + self._scroll.verticalScrollBar().sizeHint().width()

    @Slot()
    def _restyle(self) -> None:
        self._fit()
        self._inner.setMaximumWidth(round(_WIDEST * theme.scale))
        self._page.setContentsMargins(space(3), space(2), space(3), space(2))
        self._page.setSpacing(space(2.5))
        self._row.setSpacing(space(4))
        self._hero_row.setContentsMargins(space(4), space(3), space(3), space(3))
        self._hero_row.setSpacing(space(3))
        self._hero_left.setSpacing(space(1.5))
        self._hero_text.setFont(font(BODY + 1))
        self.start_button.setMinimumWidth(space(16))
