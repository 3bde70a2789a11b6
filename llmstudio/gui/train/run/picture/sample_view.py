"""What the model writes as it learns: the newest sample text, and a slider back to the noise it began with."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from llmstudio.core.events import Sampled
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.steady import SteadySlider
from llmstudio.gui.look.theme import BODY, font, space, theme
from llmstudio.gui.look.whole_lines import WholeLines
from llmstudio.gui.shared.readouts.prompt_and_own import write


class SampleView(QWidget):
    """Sample texts of a run. It follows the newest until the person looks back, and again once they return to the end.

    Signals:
        looked(int): The step of the sample in sight.
    """

    looked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._samples: list[Sampled] = []
        self._title = Label()
        self._slider = SteadySlider(Qt.Orientation.Horizontal)
        self._slider.setAccessibleName(self.tr("Look back at earlier sample texts"))
        self._slider.setToolTip(self.tr("Look back at earlier sample texts"))
        self._slider.valueChanged.connect(self._show)
        self._text = WholeLines(readOnly=True, acceptRichText=False)
        self._text.setAccessibleName(self.tr("Sample text"))
        self._text.setTabChangesFocus(True)
        scaled(self, lambda: self._text.setMinimumHeight(space(6)))
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addWidget(self._slider, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: layout.setSpacing(space(0.5)))
        layout.addLayout(head)
        layout.addWidget(self._text, 1)
        theme.changed.connect(self._dress)
        self._dress()
        self._show()
        self._slider.hide()

    @property
    def text(self) -> str:
        """Prompt and continuation in sight."""
        return self._text.toPlainText()

    @property
    def title(self) -> str:
        """What is said above the text."""
        return self._title.text()

    def set_samples(self, samples: Sequence[Sampled]) -> None:
        """Show these; called again as a run grows."""
        follows = self._slider.value() >= len(self._samples) - 1 or list(samples[: len(self._samples)]) != self._samples
        grew = list(samples) != self._samples
        self._samples = list(samples)
        self._slider.blockSignals(True)
        self._slider.setRange(0, max(0, len(self._samples) - 1))
        if follows:
            self._slider.setValue(self._slider.maximum())
        self._slider.blockSignals(False)
        self._slider.setVisible(len(self._samples) > 1)
        if grew:
            self._show()

    @Slot()
    def _show(self) -> None:
        if not self._samples:
            self._title.setText(self.tr("Sample text"))
            self._text.setPlainText("")
            self._text.setPlaceholderText(self.tr("What the model writes will appear here as it learns."))
            return
        index = min(self._slider.value(), len(self._samples) - 1)
        sample = self._samples[index]
        place = self.tr("Sample text at step {step}").format(step=f"{sample.step:,}")
        self._title.setText(place)
        write(self._text, sample.prompt, sample.text)
        self.looked.emit(sample.step)

    @Slot()
    def _dress(self) -> None:
        self._title.setFont(font(BODY, bold=True))
        self._text.setFont(font(BODY))
        if self._samples:
            self._show()
