"""The foot of the window: the computer, the memory this program takes, and the job in progress wherever one goes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import psutil
from PySide6.QtCore import QSize, QTimer, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from llmstudio.core.events import Event, Progress, Started, TrainStep
from llmstudio.gui.look.figures import bytes_text, duration_text
from llmstudio.gui.look.label import Label, caption, paragraph, plain
from llmstudio.gui.look.still_label import Still
from llmstudio.gui.look.theme import font, icon, say, space, theme
from llmstudio.gui.session.lane import JobInfo
from llmstudio.gui.shared.layout.short_button import ShortButton
from llmstudio.gui.shared.readouts.job_bar import MARKS, JobBar

_LOOK_MS = 1000
# Where room is short: of so many wordings each, from the longest on, which of memory and time left are taken, one after the
# other. The most memory is needed least, the time left the most.
_DROPS = ((0, 0), (1, 0), (1, 1), (2, 1), (2, 2), (3, 2))
_LARGE = 1.3  # from this scale on room is short


class StatusBar(QFrame):
    """Device and memory on the left; on the right the job: name, progress, time left, pause, stop.

    Signals:
        clicked: The job's name was pressed; carries its `JobInfo`.
        pause_pressed: The job should be held, or go on.
        stop_pressed: The job should stop and keep what it has.
    """

    clicked = Signal(object)
    pause_pressed = Signal()
    stop_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self._job: JobInfo | None = None
        self._paused = False
        self._steps: int | None = None
        self._note = ""
        self._time_left: tuple[str, ...] = ()  # in ever fewer words
        self._memory_told: tuple[str, ...] = ("",)
        self._drops = 0
        self._process = psutil.Process()
        self._most = 0
        device, memory, left = Label(), Label(), Label()
        self._device, self._memory, self._left = (Still(label, grows=True) for label in (device, memory, left))
        self._name = ShortButton()
        self._name.setProperty("role", "link")
        self._bar = JobBar()
        self._pause = QToolButton()
        self._stop = QToolButton(toolTip=self.tr("Stop and keep what there is (Esc)"), accessibleName=self.tr("Stop"))
        for label in (device, memory, left):
            label.setProperty("role", "muted")
        self._memory_means = self.tr("Memory that this program takes now, and the most it has taken.")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._device)
        self._row.addWidget(self._memory)
        self._row.addStretch(1)
        for widget in (self._name, self._bar, self._left, self._pause, self._stop):
            self._row.addWidget(widget)
        for widget in (self._name, self._stop):
            # As high without a job as with one: else the whole window is laid out and painted anew when a job ends.
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            policy.setHorizontalPolicy(QSizePolicy.Policy.Maximum)
            widget.setSizePolicy(policy)
        self._name.clicked.connect(self._on_name)
        self._pause.clicked.connect(self.pause_pressed.emit)
        self._stop.clicked.connect(self.stop_pressed.emit)
        self._looks = QTimer(self, interval=_LOOK_MS)
        self._looks.timeout.connect(self._look)
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_job(None)

    def watch_memory(self) -> None:
        """Begin to look at the memory once a second."""
        self._look()
        self._looks.start()

    def show_device(self, text: str) -> None:
        """Name what computes."""
        self._device.setText(text)
        self._fit(anew=True)

    def show_job(self, job: JobInfo | None) -> None:
        """Show a job that begins, or none; one in sight already stays as it is, whatever begins or ends beside it."""
        if job is not None and job is self._job:
            return
        self._job, self._paused, self._steps, self._time_left, self._note = job, False, None, (), ""
        for button in (self._pause, self._stop):
            button.setEnabled(True)
        for widget in (self._name, self._bar, self._left, self._pause, self._stop):
            widget.setVisible(job is not None)
        if job is not None:
            self._name.setText(caption(job.title))
            self._name.setToolTip(paragraph(job.title, self.tr("Show where this is happening")))
            self._bar.show_share(0, None)
            self._bar.setAccessibleName(job.title)
            self._pause.setVisible(job.lane != "measure")  # a measurement held would measure nothing
        self._restyle()

    def show_paused(self, paused: bool) -> None:
        """The job is held, or goes on."""
        self._paused = paused
        self._show_left()
        self._restyle()

    def show_stopping(self) -> None:
        """The job was asked to end: nothing else can be asked of it."""
        for button in (self._pause, self._stop):
            button.setEnabled(False)
        self.show_note(self.tr("stopping…"))

    def show_events(self, events: Sequence[Event]) -> None:
        """Move the bar by the last event that knows how far it is."""
        from llmstudio.gui.train.modes.race.data import (
            runner_of,  # with it come the runs' columns: not before the first paint
        )

        events = [event for event in events if runner_of(event) is None]  # a race tells itself how far all are
        for event in events:
            if isinstance(event, Started):
                self._steps = event.total
        for event in reversed(events):
            if isinstance(event, Progress):
                # A job has several parts, and each knows only of itself: so it says which.
                self._move(event.done, event.total, event.remaining_s, say(event.what))
                self._bar.setToolTip(plain(say(event.what)))
                return
            if isinstance(event, TrainStep):
                self._move(event.step, event.total or self._steps, event.remaining_s)
                return

    def show_note(self, text: str) -> None:
        """Say in the place of the time left what the job is waiting for; an empty text brings the time back."""
        self._note = text
        self._show_left()

    def _show_left(self) -> None:
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self._fit(anew=True)

    def _fit(self, *, anew: bool = False) -> None:
        """Leave out what is needed least until the rest is whole; what went comes back `anew`, not with every figure."""
        status = self._note or (self.tr("paused") if self._paused else "")
        left = (status,) if status else self._time_left or ("",)
        around, spacing = self._row.contentsMargins(), self._row.spacing()
        others = [w for w in (self._device, self._name, self._bar, self._pause, self._stop) if not w.isHidden()]
        room = self.width() - around.left() - around.right() - (len(others) + 2) * spacing
        room -= sum(widget.minimumWidth() or widget.sizeHint().width() for widget in others)
        before, self._drops = self._drops, 0 if anew else self._drops
        while self._drops < len(_DROPS) - 1 and self._need(left) > room:
            self._drops += 1
        for still, told, drop in zip(
            (self._memory, self._left), (self._memory_told, left), _DROPS[self._drops], strict=True
        ):
            if self._drops != before:
                still.setText("")  # the room of the longer words
            still.setText(*told[min(drop, len(told) - 1) :])
        self._left.setToolTip(plain(left[0]))
        self._memory.setToolTip(paragraph(self._memory_told[0], self._memory_means))

    def _need(self, left: Sequence[str]) -> int:
        metrics = QFontMetrics(font(tabular=True))
        told = zip((self._memory_told, left), _DROPS[self._drops], strict=True)
        return sum(metrics.horizontalAdvance(words[min(drop, len(words) - 1)]) + 2 for words, drop in told)

    def _move(self, done: float, total: float | None, remaining_s: float | None, part: str = "") -> None:
        self._bar.show_share(done, total)
        if remaining_s is None:  # how long it takes is not known: at least what it is
            self._time_left = (part,) if part else ()
        else:
            time = duration_text(remaining_s)
            left = self.tr("about {time} left").format(time=time)
            whole = (self.tr("{part}: {left}").format(part=part, left=left),) if part else ()
            self._time_left = (*whole, left, time)
        self._show_left()

    @Slot()
    def _on_name(self) -> None:
        self.clicked.emit(self._job)

    @Slot()
    def _look(self) -> None:
        now, peak = memory_now(self._process)
        self._most = peak = max(self._most, peak)  # a run that begins sets the system's own mark back
        text = self.tr("{now} of memory, {peak} at most").format(now=bytes_text(now), peak=bytes_text(peak))
        self._memory_told = (text, self.tr("{now} of memory").format(now=bytes_text(now)), bytes_text(now), "")
        self._fit()

    @Slot()
    def _restyle(self) -> None:
        self._row.setContentsMargins(space(2), space(0.5), space(2), space(0.5))
        self._row.setSpacing(space(1.5))
        self._bar.setFixedWidth(MARKS if theme.scale <= _LARGE else MARKS // 2)  # the names need the room more
        self._memory.setFont(font(tabular=True))
        self._left.setFont(font(tabular=True))
        self._pause.setIcon(icon("play" if self._paused else "pause"))
        self._pause.setToolTip(self.tr("Go on (Space)") if self._paused else self.tr("Pause (Space)"))
        self._pause.setAccessibleName(self.tr("Go on") if self._paused else self.tr("Pause"))
        self._stop.setIcon(icon("stop"))
        for button in (self._pause, self._stop):
            button.setIconSize(QSize(space(2), space(2)))
        self._fit(anew=True)


def memory_now(process: psutil.Process) -> tuple[int, int]:
    """Bytes of memory a process (this one) takes now, and the most it has taken."""
    info = process.memory_info()
    if sys.platform == "win32":
        return info.rss, info.peak_wset
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return info.rss, max(info.rss, peak if sys.platform == "darwin" else peak * 1024)  # kilobytes but on macOS
