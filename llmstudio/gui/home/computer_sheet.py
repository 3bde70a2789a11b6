"""What this computer is, and how fast it was measured to be; what is not measured says so and offers it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.app.computer.hardware import Probe, best_number_format, is_quiet, machine, saved_probe
from llmstudio.core.events import Event, Progress
from llmstudio.core.words import plain_number
from llmstudio.gui.look.figures import bytes_text
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import font, say, space, theme
from llmstudio.gui.shared.readouts.job_bar import JobBar

_FORMATS = {"fp32": "32-bit", "bf16": "bfloat16", "fp16": "16-bit"}


class ComputerSheet(QWidget):
    """Six facts in a row, and a button to measure.

    Signals:
        measure_pressed: The person wants the speed measured (again).
    """

    measure_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.is_measured = False
        self._title = Label(self.tr("This computer"))
        self._title.setProperty("role", "title")
        self._measure = QPushButton(self.tr("Measure"))
        self._measure.setToolTip(self.tr("Find out how fast it multiplies: takes a few seconds, and is remembered"))
        self._measure.clicked.connect(self.measure_pressed.emit)
        self._what = Label()
        self._what.setProperty("role", "muted")
        self._bar = JobBar(self.tr("Measuring"))
        head = QHBoxLayout()
        head.addWidget(self._title)
        head.addStretch(1)
        head.addWidget(self._what)
        head.addWidget(self._bar)
        head.addWidget(self._measure)
        self._head = head
        self._facts: dict[str, Label] = {}
        self._grid = QGridLayout()
        names = {
            "cpu": self.tr("Processor"),
            "cores": self.tr("Cores"),
            "memory": self.tr("Memory"),
            "gpu": self.tr("GPU"),
            "speed": self.tr("Speed"),
            "format": self.tr("Best format"),
        }
        for column, (key, name) in enumerate(names.items()):
            label = Label(name)
            label.setProperty("role", "muted")
            value = Label("–", wordWrap=True, alignment=Qt.AlignmentFlag.AlignTop)
            value.setAccessibleName(name)
            self._facts[key] = value
            self._grid.addWidget(label, 0, column)
            self._grid.addWidget(value, 1, column)
            self._grid.setColumnStretch(column, 3 if key == "cpu" else 2)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.addLayout(head)
        body.addLayout(self._grid)
        self._body = body
        self._show_busy(False)
        theme.changed.connect(self._restyle)
        self._restyle()

    def show_machine(self) -> None:
        """Fill in what is known of this computer."""
        computer, probe = machine(), saved_probe()
        self.is_measured = probe is not None and is_quiet(probe)
        self._facts["cpu"].setText(computer.cpu)
        self._facts["cores"].setText(str(computer.cores))
        self._facts["memory"].setText(bytes_text(computer.memory_bytes))
        if probe is None:
            self._facts["gpu"].setText(self.tr("not looked for yet"))
            self._facts["speed"].setText(self.tr("not measured yet"))
            self._facts["format"].setText(self.tr("not measured yet"))
        else:
            self._show_probe(probe)
        self._measure.setText(self.tr("Measure again") if probe else self.tr("Measure"))
        self._show_busy(False)

    def _show_probe(self, probe: Probe) -> None:
        gpu = self.tr("{name}, {memory}").format(name=probe.gpu, memory=bytes_text(probe.gpu_bytes))
        self._facts["gpu"].setText(gpu if probe.gpu else self.tr("none: the processor does it all"))
        speed = self.tr("about {n} billion multiplications a second with {threads|thread|threads}")
        rate = plain_number(probe.matmul["fp32"] / 2e9, 2)
        self._facts["speed"].setText(plural(speed, n=rate, threads=probe.threads))
        best = best_number_format(probe)
        faster = self.tr("{format}, {gain}× as fast as 32-bit")
        text = faster.format(format=_FORMATS[best], gain=f"{probe.format_gain.get(best, 1.0):.1f}")
        self._facts["format"].setText(text if best != "fp32" else self.tr("32-bit: shorter numbers are no faster here"))
        told = self.tr("Measured on {date}").format(date=time.strftime("%Y-%m-%d", time.localtime(probe.measured)))
        if not is_quiet(probe) and probe.load >= 0:
            beside = self.tr("Measured while other programs took {share} % of the processor; it will be measured again.")
            told = beside.format(share=round(100 * probe.load))
            for key in ("speed", "format"):
                self._facts[key].setText(self.tr("{found}; measured while busy").format(found=self._facts[key].text()))
        for key in ("speed", "format"):
            self._facts[key].setToolTip(plain(told))

    def show_measuring(self) -> None:
        """The measurement has begun."""
        self._bar.show_share(0, None)
        self._what.setText("")
        self._show_busy(True)

    def show_events(self, events: Sequence[Event]) -> None:
        """Move the bar."""
        for event in events:
            if isinstance(event, Progress) and event.total:
                self._bar.show_share(event.done, event.total)
                self._what.setText(say(event.what))

    def _show_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        self._what.setVisible(busy)
        self._measure.setVisible(not busy)

    @Slot()
    def _restyle(self) -> None:
        self._body.setSpacing(space(1.5))
        self._head.setSpacing(space(1.5))
        self._grid.setHorizontalSpacing(space(3))
        self._grid.setVerticalSpacing(space(0.5))
        self._bar.setFixedWidth(space(16))
        for value in self._facts.values():
            value.setFont(font(tabular=True))
