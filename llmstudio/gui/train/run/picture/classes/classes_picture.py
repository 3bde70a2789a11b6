"""How often a run tells held-out texts right, which class it takes for which, and the texts of the cell that is pressed."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.app.classes.confusion import Confusion
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, font, say, space, theme
from llmstudio.gui.look.whole_lines import WholeLines
from llmstudio.gui.shared.layout.parts import Parts
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.gui.shared.plots.turns import Turns
from llmstudio.gui.train.run.picture.classes.looks_plot import LooksPlot
from llmstudio.gui.train.run.picture.classes.matrix import Matrix

_MOST_NAMED = 3  # classes of which no text was held out


class ClassesPicture(QWidget):
    """It is told what the model took for what; it fetches nothing.

    Attributes:
        looks: Accuracy and macro-F1.
        matrix: The table.
    """

    def __init__(self, *, turns: Turns | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.looks, self.matrix = LooksPlot(turns=turns), Matrix()
        self._title, self._remark = Label(self.tr("Confusion matrix")), Label(wordWrap=True)
        self._remark.setProperty("role", "muted")
        self._texts_title = Label(wordWrap=True)
        self._texts = WholeLines(readOnly=True, acceptRichText=False)
        self._texts.setAccessibleName(self.tr("Texts of the cell"))
        self._texts.setTabChangesFocus(True)
        self._texts.setPlaceholderText(self.tr("Press a cell of the table: its texts appear here."))
        scaled(self, lambda: self._texts.setMinimumHeight(space(6)))
        right, below, above = QWidget(), QWidget(), QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._title, self._remark):
            column.addWidget(widget)
        column.addWidget(self.matrix, 1)
        scaled(self, lambda: column.setSpacing(space(0.5)))
        row = QHBoxLayout(above)
        row.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: row.setSpacing(space(3)))
        row.addWidget(self.looks, 1)
        row.addWidget(right, 1)
        texts = QVBoxLayout(below)
        texts.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: texts.setSpacing(space(0.5)))
        texts.addWidget(self._texts_title)
        texts.addWidget(self._texts, 1)
        parts = Parts()
        for part, stretch in ((above, 3), (below, 1)):
            parts.addWidget(part)
            parts.setStretchFactor(parts.count() - 1, stretch)
        parts.share((420, 160))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(parts)
        self.matrix.pressed.connect(self._on_pressed)
        theme.changed.connect(self._dress)
        self._dress()
        self.show_told(None)

    @property
    def told(self) -> Confusion | None:
        """What is in sight; None while nothing is known."""
        return self.matrix.confusion

    @property
    def remark(self) -> str:
        """What is said above the table."""
        return self._remark.text()

    @property
    def texts(self) -> str:
        """The texts in sight."""
        return self._texts.toPlainText()

    def set_run(self, run: RunData) -> None:
        """Show another run."""
        self.looks.set_runs(run)

    def show_told(self, confusion: Confusion | None, waiting: str = "") -> None:
        """Show what was taken for what; None while that is not known, with what is waited for."""
        is_known = confusion is not None and confusion.remark is None
        self.matrix.show_confusion(confusion if is_known else None)
        self._on_pressed()
        if confusion is None:
            self._remark.setText(waiting)
        elif confusion.remark is not None:
            self._remark.setText(say(confusion.remark))
        else:
            said = self.tr("{n|held-out text|held-out texts}, weights of step {step}")
            told = [plural(said, n=confusion.num_texts, step=f"{confusion.step:,}")]
            if not confusion.is_all:
                told.append(self.tr("taken evenly from more"))
            if (hidden := len(confusion.names) - len(self.matrix.order)) > 0:
                told.append(plural(self.tr("{n|class|classes} with few mistakes not drawn"), n=hidden))
            if lacking := _without_texts(confusion):
                told.append(self.tr("none of {names}: of that nothing is known").format(names=lacking))
            self._remark.setText(" · ".join(told))

    @Slot()
    def _on_pressed(self) -> None:
        confusion, cell = self.matrix.confusion, self.matrix.chosen
        self._texts_title.setVisible(confusion is not None and cell is not None)
        if confusion is None or cell is None:
            self._texts.setPlainText("")
            return
        self._texts_title.setText(self.matrix.said(cell))
        self._texts.setPlainText("\n\n".join(confusion.cells.get(cell, ())))

    @Slot()
    def _dress(self) -> None:
        for title in (self._title, self._texts_title):
            title.setFont(font(BODY, bold=True))
        self._texts.setFont(font(BODY))


def _without_texts(confusion: Confusion) -> str:
    """Classes of which no text was held out, the first few by name; their figures are of nothing."""
    rows = confusion.matrix.sum(1).tolist()
    names = [name for name, count in zip(confusion.names, rows, strict=True) if not count]
    return ", ".join([*names[:_MOST_NAMED], "…"] if len(names) > _MOST_NAMED else names)
