"""How long a run is: so many steps, or so much time; the field of the other is out of sight."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QRadioButton, QWidget

from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.label import Label

_FIRST_SECONDS = 120.0


class RunLength(QWidget):
    """A choice above a form whose configuration is a recipe.

    Attributes:
        by_steps, by_time: The two buttons.

    Signals:
        chosen: The person chose the other one; the form holds it already.
    """

    chosen = Signal()

    def __init__(self, form: Form, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = form
        self.by_steps, self.by_time = QRadioButton(self.tr("steps")), QRadioButton(self.tr("time"))
        self.by_steps.setChecked(True)
        self._buttons = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(Label(self.tr("Train for")))
        for button in (self.by_steps, self.by_time):
            self._buttons.addButton(button)
            row.addWidget(button)
        row.addStretch(1)
        self._buttons.buttonClicked.connect(self._on_clicked)
        self.show_recipe()

    def show_recipe(self) -> None:
        """Stand as the form's recipe says."""
        is_timed = self._form.config.training.max_seconds > 0
        with QSignalBlocker(self._buttons):
            (self.by_time if is_timed else self.by_steps).setChecked(True)
        self._form.row("training.max_steps").setVisible(not is_timed)
        self._form.row("training.max_seconds").setVisible(is_timed)

    @Slot()
    def _on_clicked(self) -> None:
        self._form.put({"training.max_seconds": _FIRST_SECONDS if self.by_time.isChecked() else 0.0})
        self.show_recipe()
        self.chosen.emit()
