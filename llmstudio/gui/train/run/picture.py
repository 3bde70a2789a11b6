"""The picture of a run: three numbers, the learning curve, one more plot under it, and what the model writes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from llmstudio.app.runs.run_summary import LIVE, STATES, RunSummary
from llmstudio.core.events import Progress
from llmstudio.core.training.steps import OWN_COLUMNS
from llmstudio.gui.look.figures import bytes_text, duration_text, spent_text
from llmstudio.gui.look.fitting import parts_in
from llmstudio.gui.look.label import Label, paragraph, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.still_label import Still
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.shared.layout.flow import FlowBox
from llmstudio.gui.shared.layout.parts import Parts
from llmstudio.gui.shared.plots.column_plot import Column, ColumnPlot
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.run_plot import RunPlot
from llmstudio.gui.shared.plots.turns import Turns
from llmstudio.gui.shared.readouts.differences_table import DifferencesTable
from llmstudio.gui.shared.readouts.quality_text import quality_source, quality_text, quality_unit
from llmstudio.gui.train.run.big_number import BigNumber
from llmstudio.gui.train.run.differences import Comparison
from llmstudio.gui.train.run.loss_plot import LossPlot
from llmstudio.gui.train.run.memory_plot import MemoryPlot
from llmstudio.gui.train.run.sample_view import SampleView

_NUMBERS_MS = 300  # digits that change faster cannot be read


class TrainPicture(QWidget):
    """Shows one run, with others laid over it. It is told when the run has grown; it fetches nothing."""

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
        self._rest.timeout.connect(self._show_numbers)
        turns = Turns(self)
        self.loss = LossPlot(turns=turns)
        self.memory = MemoryPlot(turns=turns)
        self._columns = self._all_columns()
        self.strip = ColumnPlot(self._columns[0], turns=turns)
        self.differences = DifferencesTable()
        self.sample = SampleView()
        self._lower = QStackedWidget()
        self._place()
        for plot in self.plots:
            plot.pointed.connect(self._on_pointed)
            plot.beside.widened.connect(self._align)

    @property
    def plots(self) -> tuple[RunPlot, ...]:
        """The learning curve and the plots that can stand under it."""
        return (self.loss, self.memory, self.strip)

    def set_run(
        self,
        run: RunData,
        overlays: Sequence[RunData] = (),
        *,
        total_steps: int | None = None,
        standing: RunSummary | None = None,
        is_elsewhere: bool = False,
    ) -> None:
        """Show a run, and lay others over it; how it stands is given where it does not go on here, else it follows.

        With `is_elsewhere` another program trains it.
        """
        self._is_elsewhere = is_elsewhere
        self.run, self.total_steps, self._standing = run, total_steps, standing
        self.loss.set_runs(run, overlays)
        self.memory.set_runs(run)
        self.strip.set_runs(run, overlays)
        self._rest.stop()
        self.refresh()

    def refresh(self) -> None:
        """The run has grown."""
        for plot in self.plots:
            plot.refresh()
        self._offer_parts()
        self.sample.set_samples(self.run.samples)
        self._is_stale = True
        if not self._rest.isActive():
            self._show_numbers()
        elif self._standing is None and not self._is_held and self.run.last_step:
            self._show_left()  # never later than the foot of the window, which says the same

    @Slot()
    def _show_numbers(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self._show_quality()
            self._show_pace()
            self._rest.start()

    def set_held(self, is_held: bool) -> None:
        """The run in sight is held, or goes on."""
        if is_held != self._is_held:
            self._is_held, self._is_stale = is_held, True
            self._show_numbers()

    @property
    def summary(self) -> RunSummary:
        """How the run in sight stands."""
        return self._standing or self.run.summary("paused" if self._is_held else "training", self.total_steps)

    def show_progress(self, event: Progress) -> None:
        """Say what is done before and between the steps."""
        self.left.set_value("", say(event.what))

    def set_smoothing(self, smoothing: float) -> None:
        """How much the lines are evened out, 0 to 1."""
        for plot in (self.loss, self.strip):
            plot.set_smoothing(smoothing)

    def set_axes(self, *, x_column: str, is_log_x: bool, is_log_y: bool) -> None:
        """What the x axes count, and whether loss and x axes are logarithmic."""
        self.loss.set_axes(x_column=x_column, is_log_x=is_log_x, is_log_y=is_log_y)
        for plot in (self.memory, self.strip):
            plot.set_axes(x_column=x_column, is_log_x=is_log_x)

    def _offer_parts(self) -> None:
        """A loss of several parts has a curve for each; others have no chip that would show an empty plot."""
        for number, column in enumerate(self._columns, 1):
            if column.name not in OWN_COLUMNS:
                has_part = column.name in self.run.parts and bool(np.isfinite(self.run.column(column.name)[-1]))
                self._choice.button(number).setVisible(has_part)
                if not has_part and self._choice.checkedId() == number:
                    self.show_below(0)

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Offer a table of the run in sight and those laid over it; None while there are none."""
        if comparison is not None:
            self.differences.show_runs(comparison.names, comparison.settings, comparison.figures)
        self._differ.setVisible(comparison is not None)
        if comparison is None and self._differ.isChecked():
            self.show_below(0)

    @Slot(int)
    def show_below(self, number: int) -> None:
        """Show under the learning curve: 0 is memory, then learning rate, gradient norm, tokens a second; at last the table
        of the runs that are compared.
        """
        if self._choice.button(number) is self._differ:
            self._lower.setCurrentWidget(self.differences)
            self._tell("")
            return
        if number:
            self.strip.show_column(self._columns[number - 1])
        plot = self.strip if number else self.memory
        self._lower.setCurrentWidget(plot)
        self._tell(plot.readout_text)
        self._choice.button(number).setChecked(True)

    def _all_columns(self) -> tuple[Column, ...]:
        return (
            Column(
                "learning_rate",
                self.tr("Learning rate"),
                self.tr("How large each change of the weights is: up, level, and down to zero at the end."),
                series=2,
                is_exact=True,
            ),
            Column(
                "grad_norm",
                self.tr("Gradient norm"),
                self.tr("How steep the loss is where the model stands. Sudden peaks mean that training is shaken."),
                series=3,
            ),
            Column(
                "tokens_per_second",
                self.tr("Tokens a second"),
                self.tr("The pace over the run; it falls while the computer does something else."),
                series=4,
            ),
            Column(
                "reconstruction",
                self.tr("Rebuilding"),
                self.tr("Nats that writing a sentence again costs, once its place in the latent space is known."),
                series=5,
            ),
            Column(
                "kl",
                self.tr("KL"),
                self.tr("Nats that the latent space tells of a sentence. At 0 every place gives the same sentences."),
                series=6,
            ),
        )

    def _place(self) -> None:
        numbers = QHBoxLayout()
        scaled(self, lambda: numbers.setSpacing(space(3)))
        for number in (self.quality, self.pace, self.left):
            numbers.addWidget(number, 1)
        self._choice = QButtonGroup(self)
        chips = FlowBox()
        self._lower.addWidget(self.memory)
        self._lower.addWidget(self.strip)
        for number, title in enumerate((self.tr("Memory"), *(column.title for column in self._columns))):
            chip = QPushButton(title, checkable=True, checked=number == 0)
            chip.setProperty("role", "chip")
            self._choice.addButton(chip, number)
            chips.add(chip)
            if number:
                chip.setToolTip(paragraph(self._columns[number - 1].explanation))
        self._differ = QPushButton(self.tr("Where they differ"), checkable=True, visible=False)
        self._differ.setProperty("role", "chip")
        self._choice.addButton(self._differ, 1 + len(self._columns))
        chips.add(self._differ)
        self._lower.addWidget(self.differences)
        # The chip in force is the title of the plot below, so that plot needs no head of its own.
        self.below = Label(alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.below.setProperty("role", "muted")
        row = QHBoxLayout()
        row.addWidget(chips)
        row.addWidget(Still(self.below), 1)
        for plot in (self.memory, self.strip):
            plot.head.hide()
            plot.told.connect(self._on_told)
        self._choice.idClicked.connect(self.show_below)
        lower = QWidget()
        below = QVBoxLayout(lower)
        scaled(self, lambda: below.setContentsMargins(0, space(0.5), 0, 0))
        below.addLayout(row)
        below.addWidget(self._lower, 1)
        parts = Parts()
        for part, stretch in ((self.loss, 5), (lower, 3), (self.sample, 2)):
            parts.addWidget(part)
            parts.setStretchFactor(parts.count() - 1, stretch)
        parts.share((440, 300, 150))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(numbers)
        self.tools = QHBoxLayout()
        layout.addLayout(self.tools)
        layout.addWidget(parts, 1)

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
        if not (peak := self.memory.peak()):
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

    @Slot(object)
    def _on_pointed(self, x: float | None) -> None:
        for plot in self.plots:
            if plot is not self.sender():
                plot.point_at(x)

    @Slot(str)
    def _on_told(self, text: str) -> None:
        if self.sender() is self._lower.currentWidget():
            self._tell(text)

    def _tell(self, text: str) -> None:
        room = self.below.width() - 2
        self.below.setText(parts_in(text, QFontMetricsF(self.below.font()), room))
        self.below.setToolTip(plain(text))

    @Slot()
    def _align(self) -> None:
        width = max(*(plot.beside.width for plot in self.plots))
        for plot in self.plots:
            plot.beside.set_width(width)
