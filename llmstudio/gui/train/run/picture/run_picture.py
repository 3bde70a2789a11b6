"""The picture of a run: three numbers, the learning curve, one more plot under it, and what the model writes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from llmstudio.app.runs.run_summary import RunSummary
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import say
from llmstudio.gui.shared.layout.parts import Parts
from llmstudio.gui.shared.pickers.chip_choice import ChipChoice
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.run_plot import RunPlot
from llmstudio.gui.shared.plots.turns import Turns
from llmstudio.gui.train.run.picture.classes.classes_picture import ClassesPicture
from llmstudio.gui.train.run.picture.classes.looks_plot import looks_of, tag_looks_of
from llmstudio.gui.train.run.picture.differences import Comparison
from llmstudio.gui.train.run.picture.loss_plot import LossPlot
from llmstudio.gui.train.run.picture.lower import LowerPlot
from llmstudio.gui.train.run.picture.numbers import RunNumbers
from llmstudio.gui.train.run.picture.sample_view import SampleView
from llmstudio.gui.train.run.picture.tags_picture import TagsPicture
from llmstudio.gui.train.run.picture.unlike import sentences


class TrainPicture(QWidget):
    """Shows one run, with others laid over it. It is told when the run has grown; it fetches nothing.

    Attributes:
        classes: What stands in the place of curves and sample where a run learns classes, until its curves are asked for.
        tags: Likewise where it learns to tag words.

    Signals:
        told_seen: `lesson` has come into sight, or its run has grown.
    """

    told_seen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = RunData()
        turns = Turns(self)
        self.numbers = RunNumbers()
        self.loss, self.lower = LossPlot(turns=turns), LowerPlot(turns=turns)
        self.sample = SampleView()
        self.classes, self.tags = ClassesPicture(turns=turns), TagsPicture()
        self._of_classes = QWidget(visible=False)
        row = QHBoxLayout(self._of_classes)
        row.setContentsMargins(0, 0, 0, 0)
        self._choice = ChipChoice(row, {"told": self.tr("Classes"), "curves": self.tr("Curves")}, self)
        row.addStretch(1)
        self._choice.chosen.connect(self._turn)
        self._stack = QStackedWidget()
        parts = Parts()
        for part, stretch in ((self.loss, 5), (self.lower, 3), (self.sample, 2)):
            parts.addWidget(part)
            parts.setStretchFactor(parts.count() - 1, stretch)
        parts.share((440, 300, 150))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.numbers)
        self.tools = QHBoxLayout()
        layout.addLayout(self.tools)
        self.unlike = Label(wordWrap=True, visible=False)
        layout.addWidget(self.unlike)
        layout.addWidget(self._of_classes)
        self._stack.addWidget(parts)
        self._stack.addWidget(self.classes)
        self._stack.addWidget(self.tags)
        layout.addWidget(self._stack, 1)
        for plot in self.plots:
            plot.pointed.connect(self._on_pointed)
            plot.beside.widened.connect(self._align)

    @property
    def plots(self) -> tuple[RunPlot, ...]:
        """The learning curve and the plots that can stand under it."""
        return (self.loss, self.lower.memory, self.lower.strip)

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
        self.run = run
        self.loss.set_runs(run, overlays)
        self.classes.set_run(run)
        self.lower.memory.set_runs(run)
        self.lower.strip.set_runs(run, overlays)
        self._show_rest()
        self.numbers.set_run(run, total_steps=total_steps, standing=standing, is_elsewhere=is_elsewhere)

    def refresh(self) -> None:
        """The run has grown."""
        for plot in (*self.plots, self.classes.looks):
            plot.refresh()
        self._show_rest()
        self.numbers.refresh()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Offer a table of the run in sight and those laid over it, if any, and say which do not compare."""
        unlike = comparison.unlike if comparison is not None else {}
        self.loss.set_unlike(unlike)
        self.unlike.setText("\n".join(map(say, sentences(unlike))))
        self.unlike.setVisible(bool(unlike))
        self.lower.set_comparison(comparison)

    def _show_rest(self) -> None:
        self.lower.offer_parts(self.run)
        self.sample.set_samples(self.run.samples)
        self._turn()

    @property
    def lesson(self) -> ClassesPicture | TagsPicture | None:
        """The picture of what the run learns, classes or tags; None where it learns neither."""
        return self.classes if looks_of(self.run) else self.tags if tag_looks_of(self.run) else None

    @property
    def shows_lesson(self) -> bool:
        """Whether that is in sight."""
        return self.isVisible() and self._stack.currentWidget() is self.lesson

    @Slot()
    def _turn(self) -> None:
        """A run that learns classes or tags is shown by them, unless its curves are asked for."""
        lesson = self.lesson
        self._of_classes.setVisible(lesson is not None)
        self._choice.chips["told"].setText(self.tr("Tags") if lesson is self.tags else self.tr("Classes"))
        self._stack.setCurrentIndex(0)
        if lesson is not None and self._choice.key == "told":
            self._stack.setCurrentWidget(lesson)
        if self.shows_lesson:
            self.told_seen.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """What was asked of nobody who looked is asked now."""
        super().showEvent(event)
        self._turn()

    def set_smoothing(self, smoothing: float) -> None:
        """How much the lines are evened out, 0 to 1."""
        for plot in (self.loss, self.lower.strip):
            plot.set_smoothing(smoothing)

    def set_axes(self, *, x_column: str, is_log_x: bool, is_log_y: bool) -> None:
        """What the x axes count, and whether loss and x axes are logarithmic."""
        self.loss.set_axes(x_column=x_column, is_log_x=is_log_x, is_log_y=is_log_y)
        for plot in (self.lower.memory, self.lower.strip, self.classes.looks):
            plot.set_axes(x_column=x_column, is_log_x=is_log_x)

    @Slot(object)
    def _on_pointed(self, x: float | None) -> None:
        for plot in self.plots:
            if plot is not self.sender():
                plot.point_at(x)

    @Slot()
    def _align(self) -> None:
        width = max(*(plot.beside.width for plot in self.plots))
        for plot in self.plots:
            plot.beside.set_width(width)
