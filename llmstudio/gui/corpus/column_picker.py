"""Which column of a table, or key of JSON, holds what: the found ones are proposed, the person may choose others.

In: the columns and what was guessed. Out: the choice, as settings of the reading.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QWidget

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES
from llmstudio.core.settings import change, settings_of
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.steady import SteadyList
from llmstudio.gui.look.theme import say, space

ROLES = ("text_key", "source_key", "target_key", "label_key", "turns_key", "tags")
_OF_TAGGED = ("text_key", "tags")  # what is chosen for words with tags; for others, all but the last


class ColumnPicker(QWidget):
    """One list a role: text, source and target, label, turns; of words with tags: the word and its tag.

    Signals:
        changed(object): The `ReadingConfig` with the person's choice.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = ReadingConfig()
        self.lists: dict[str, QComboBox] = {}
        self._labels: dict[str, Label] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: grid.setVerticalSpacing(space(0.5)))
        facts = {s.path: s.fact for s in settings_of(ReadingConfig)}
        for row, role in enumerate(ROLES):
            picker = SteadyList(accessibleName=say(facts[role].label), toolTip=plain(say(facts[role].help)))
            picker.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            picker.setMinimumContentsLength(8)
            label = Label(say(facts[role].label))
            label.setBuddy(picker)
            self._labels[role] = label
            picker.activated.connect(self._pick)
            picker.setProperty("setting", role)
            grid.addWidget(label, row, 0)
            grid.addWidget(picker, row, 1)
            self.lists[role] = picker
        grid.setColumnStretch(1, 1)
        self.hide()

    def show_columns(
        self, columns: Sequence[str], guessed: ReadingConfig, chosen: ReadingConfig, *, are_tagged: bool = False
    ) -> None:
        """Offer these columns; hidden where there are none (running text). `are_tagged`: they hold words and their tags."""
        self._config = chosen
        self.setVisible(bool(columns))
        for role, picker in self.lists.items():
            for widget in (picker, self._labels[role]):
                widget.setVisible(role in _OF_TAGGED if are_tagged else role != "tags")
            found, own = getattr(guessed, role), getattr(chosen, role)
            picker.clear()
            picker.addItem(self.tr("automatic: {column}").format(column=found) if found and not own else
                           self.tr("automatic") if own else "–", "")  # fmt: skip
            for column in columns if not own or own in columns else [*columns, own]:  # or several: "title + body"
                picker.addItem(column, column)
            if role == "tags" and own != BOUNDARIES:
                picker.addItem(self.tr("word boundaries"), BOUNDARIES)
            picker.setCurrentIndex(max(0, picker.findData(own)))

    def _pick(self) -> None:
        picker = self.sender()
        assert isinstance(picker, QComboBox)
        self._config = change(self._config, picker.property("setting"), picker.currentData())
        self.changed.emit(self._config)
