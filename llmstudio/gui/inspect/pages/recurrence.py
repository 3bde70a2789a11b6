"""Inside the recurrence: the person's own text, coloured by what one unit or gate did at every token."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.app.inspecting.recurrence import Inside, look_inside
from llmstudio.app.inspecting.subject import Subject
from llmstudio.gui.forms.number_boxes import WholeBox
from llmstudio.gui.forms.number_note import NumberNote
from llmstudio.gui.inspect.pages.page import Page, chip, muted
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import indent
from llmstudio.gui.look.steady import SteadyList
from llmstudio.gui.look.theme import space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.plots.curve_plot import Curve, CurvePlot
from llmstudio.gui.shared.readouts.value_strip import ValueStrip

_TELLING = 5
_BOUNDED = 1.0  # states lie in -1 to 1, gates in 0 to 1; only cells grow


class RecurrencePage(Page):
    """Chips, a curve, and which unit is looked at.

    Attributes:
        edit: The text.
        strip: Its tokens, coloured.
        inside: What was looked up; None until it was.
        layer: Which layer, from 1.
        what: State, cell or a gate.
        unit: Which unit, from 0.
    """

    name = "recurrence"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Inside the recurrence"), self.tr("Read")
        self.why = self.tr(
            "Each token is coloured by the value of one unit after reading it: one colour above zero, another below. Most"
            " units mean nothing one could name; some count, remember a quotation, or tell where a word begins."
        )
        self.source = "Karpathy et al. 2016, arXiv:1506.02078; Hochreiter and Schmidhuber 1997"
        self.inside: Inside | None = None
        self._best_chips: list[QPushButton] = []
        self._build_settings()
        self.edit = self.field(self.tr("Your text"), lines=(2, 3), live=True)
        self.foot()
        self.strip = ValueStrip(name=self.tr("Tokens, coloured by the unit's value"), max_rows=4)
        self.column.addWidget(self.strip)
        self.remark = muted("")
        self.column.addWidget(self.remark)
        self.plot = CurvePlot(
            self.tr("The unit's value after each token"), x_title=self.tr("token"), y_title=self.tr("value")
        )
        self.column.addWidget(self.plot, 1)
        self.restyle()
        self._show()

    def _build_settings(self) -> None:
        self.layer, self.unit = WholeBox(1, 1), WholeBox(0, 0)
        self.layer.setAccessibleName(self.tr("Layer"))
        self.unit.setAccessibleName(self.tr("Unit"))
        self.what = SteadyList(accessibleName=self.tr("What"))
        for box in (self.layer, self.unit):
            indent(box)
        self.note = NumberNote((self.layer, self.unit))
        self.telling = QPushButton(self.tr("Most telling unit"))
        self.telling.setToolTip(self.tr("The one whose value varies most over this text."))
        self._ranks = muted("")
        self.settings = QWidget()
        column = QVBoxLayout(self.settings)
        column.setContentsMargins(0, 0, 0, 0)
        form = QFormLayout()
        for words, field in ((self.tr("Layer"), self.layer), (self.tr("What"), self.what), (self.tr("Unit"), self.unit)):
            label = Label(words)
            label.setBuddy(field)
            form.addRow(label, field)
        column.addLayout(form)
        column.addWidget(self.note)
        column.addWidget(self.telling)
        column.addWidget(self._ranks)
        self._chips = QHBoxLayout()
        column.addLayout(self._chips)
        self.layer.valueChanged.connect(self._on_layer)
        self.what.currentIndexChanged.connect(self._on_what)
        self.unit.valueChanged.connect(self._show)
        self.telling.clicked.connect(self.show_telling)

    def start(self, subject: Subject) -> None:
        """A few sentences in a row."""
        self.offer(self.edit, subject.passage or self.tr("The fox went to the river, and the river was cold."))

    def clear(self) -> None:
        """Nothing looked up."""
        self.inside = None
        self._show()

    def look(self) -> None:
        """Read."""
        project, model, text = self._session.project, self.model, self.edit.text
        self.question.ask(lambda stop: look_inside(project, model, text, stop=stop), self._on_inside)

    def _on_inside(self, inside: Inside) -> None:
        is_first = self.inside is None
        self.inside = inside
        self.layer.setMaximum(len(inside.layers))
        self._on_layer()
        if is_first:
            self.show_telling()

    @Slot()
    def _on_layer(self) -> None:
        """Another layer may have other gates and more units."""
        if self.inside is None:
            return
        names, now = self._names(), self.what.currentData()
        found = list(self.inside.layers[self.layer.value() - 1])
        self.what.blockSignals(True)
        self.what.clear()
        for key in found:
            self.what.addItem(names.get(key, key), key)
        self.what.setCurrentIndex(max(0, self.what.findData(now)))
        self.what.blockSignals(False)
        self._on_what()

    @Slot()
    def _on_what(self) -> None:
        if self.inside is not None:
            self.unit.setMaximum(self._values().shape[1] - 1)
            self._show()

    @Slot()
    def show_telling(self) -> None:
        """The unit that varies most."""
        if self.inside is not None:
            self.unit.setValue(self.inside.most_telling(self.layer.value() - 1, self.what.currentData())[0])
            self._show()

    @Slot()
    def _on_rank(self) -> None:
        self.unit.setValue(int(self.sender().property("unit")))

    def _values(self) -> np.ndarray:
        assert self.inside is not None
        return self.inside.layers[self.layer.value() - 1][self.what.currentData()]

    @Slot()
    def _show(self) -> None:
        if self.inside is None:
            self.strip.set_values([], [], top=1.0)
            self.plot.set_curves([])
            self._show_ranks([])
            self.remark.hide()
            return
        values = self._values()[:, self.unit.value()]
        top = max(_BOUNDED, float(np.abs(values).max())) if self.what.currentData() == "cell" else _BOUNDED
        self.strip.set_values(self.inside.tokens, values.tolist(), top=top)
        name = self.tr("{what}, unit {n}").format(what=self.what.currentText(), n=self.unit.value())
        places = np.arange(1, len(values) + 1, dtype=float)
        self.plot.set_curves([Curve(name, places, values.astype(float), self.inside.tokens)], y_title=name)
        self._show_ranks(self.inside.most_telling(self.layer.value() - 1, self.what.currentData(), _TELLING))
        said = self.tr("The first {n|token is|tokens are} shown; {more} more were left out.")
        self.remark.setText(plural(said, n=len(self.inside.tokens), more=self.inside.num_left_out))
        self.remark.setVisible(self.inside.num_left_out > 0)

    def _show_ranks(self, units: list[int]) -> None:
        for button in self._best_chips:
            self._chips.removeWidget(button)
            button.deleteLater()
        self._best_chips = []
        self._ranks.setText(self.tr("Those that vary most:") if units else "")
        for unit in units:
            button = chip(str(unit), self.tr("Look at unit {n}").format(n=unit))
            button.setProperty("unit", unit)
            button.clicked.connect(self._on_rank)
            self._best_chips.append(button)
            self._chips.addWidget(button)

    def _names(self) -> dict[str, str]:
        return {
            "state": self.tr("State"),
            "cell": self.tr("Cell"),
            "input": self.tr("Input gate"),
            "forget": self.tr("Forget gate"),
            "output": self.tr("Output gate"),
            "reset": self.tr("Reset gate"),
            "update": self.tr("Update gate"),
            "candidate": self.tr("Candidate"),
        }

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self._chips.setSpacing(space(0.5))
