"""Three numbers of a run: how good the model is, how fast it learns, and how long that will still take."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from llmstudio.app.runs.run_summary import LIVE, STATES, RunSummary
from llmstudio.core.events import Progress
from llmstudio.gui.look.figures import bytes_text, duration_text, spent_text
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.readouts.quality_text import quality_source, quality_text, quality_unit
from llmstudio.gui.train.run.picture.big_number import BigNumber
from llmstudio.gui.train.run.picture.memory_plot import peak_bytes

_NUMBERS_MS = 300  # digits that change faster cannot be read


class RunNumbers(QWidget):
    """The numbers beside each other. They are told when the run has grown.

    Attributes:
        quality, pace, left: The three.
        total_steps: How many the run will take in all; None if that is not known.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = RunData()
        self.total_steps: int | None = None
        self._standing: RunSummary | None = None
        self._is_held = self._is_elsewhere = False
        self.quality = BigNumber(
            self.tr("bits per byte"),
            explanation=self.tr(
                "How many bits the model needs for each byte of text it has never seen. Fewer is better; it can be compared "
                "between tokenizers, and with a general compressor such as zip. While a run goes on, a sample of that text "
                "is read, the same at every look; in the end the whole of it."
            ),
        )
        self.pace = BigNumber(
            self.tr("tokens/s, looks included"),
            explanation=self.tr(
                "How much text is learned from in a second, over the whole run. Looks at held-out text take time too: in a"
                " short run more than the steps."
            ),
        )
        self.left = BigNumber(self.tr("left"), explanation=self.tr("By the pace of the last steps."))
        self._is_stale = True
        self._rest = QTimer(self, interval=_NUMBERS_MS, singleShot=True)
        self._rest.timeout.connect(self._show)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: row.setSpacing(space(3)))
        for number in (self.quality, self.pace, self.left):
            row.addWidget(number, 1)

    def set_run(self, run: RunData, *, total_steps: int | None, standing: RunSummary | None, is_elsewhere: bool) -> None:
        """Show a run's numbers at once; see `TrainPicture.set_run`."""
        self.run, self.total_steps, self._standing = run, total_steps, standing
        self._is_elsewhere = is_elsewhere
        self._rest.stop()
        self.refresh()

    def refresh(self) -> None:
        """The run has grown."""
        self._is_stale = True
        if not self._rest.isActive():
            self._show()
        elif self._standing is None and not self._is_held and self.run.last_step:
            self._show_left()  # never later than the foot of the window, which says the same

    def set_held(self, is_held: bool) -> None:
        """The run in sight is held, or goes on."""
        if is_held != self._is_held:
            self._is_held, self._is_stale = is_held, True
            self._show()

    @property
    def summary(self) -> RunSummary:
        """How the run in sight stands."""
        return self._standing or self.run.summary("paused" if self._is_held else "training", self.total_steps)

    def show_progress(self, event: Progress) -> None:
        """Say what is done before and between the steps."""
        self.left.set_value("", say(event.what))

    @Slot()
    def _show(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self._show_quality()
            self._show_pace()
            self._rest.start()

    def _show_quality(self) -> None:
        found = self.summary
        unit = quality_unit(found.quality)
        if found.quality is None:
            awaited = self.tr("not measured yet")
            missing = self.tr("nothing is held out, so this cannot be told")
            self.quality.set_value("", awaited if self.run.has_held_out else missing, unit=unit)
            return
        parts = [quality_source(found.quality)]
        if found.zipped is not None and found.quality.measure == "bits_per_byte":
            parts.append(self.tr("zip: {figure}").format(figure=f"{found.zipped:.2f}"))
        if found.latest is not None and found.latest.step > found.quality.step:
            parts.append(self.tr("last look: {figure}").format(figure=quality_text(found.latest)))
        self.quality.set_value(quality_text(found.quality), " · ".join(parts), unit=unit)

    def _show_pace(self) -> None:
        found = self.summary
        if not found.step:
            self.pace.set_value("")
            self.left.set_value("", self._elsewhere_text())
            return
        remarks = [text for text in (self._memory_text(), say(found.computing)) if text]
        self.pace.set_value(f"{found.tokens_per_second:,.0f}", " · ".join(remarks))
        if found.state in LIVE:
            self._show_left()
        else:  # how long it took, instead of how long it will still take: no pause, no break, no sleep
            self.left.set_value(spent_text(found.seconds), self._steps_text(), unit=self.tr("in all"))

    def _show_left(self) -> None:
        left = float(self.run.column("remaining_s")[-1])
        told = duration_text(left) if np.isfinite(left) else ""
        self.left.set_value(told, self._steps_text(), unit=self.tr("left"))

    def _memory_text(self) -> str:
        if not (peak := peak_bytes(self.run)):
            return ""
        return self.tr("{size} with the program").format(size=bytes_text(peak))  # of how much, the plot says

    def _steps_text(self) -> str:
        step = f"{self.run.last_step:,}"
        told = self.tr("step {step}").format(step=step)
        if self.total_steps:
            told = self.tr("step {step} of {total}").format(step=step, total=f"{self.total_steps:,}")
        state = self.summary.state
        if elsewhere := self._elsewhere_text():
            return f"{told} · {elsewhere}"
        return told if state in ("", "training") else f"{told} · {say(STATES[state])}"

    def _elsewhere_text(self) -> str:
        return self.tr("is being trained by another program") if self._is_elsewhere else ""
