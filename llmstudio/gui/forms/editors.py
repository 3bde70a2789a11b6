"""One editor for each kind of setting, chosen by what is known of it: its type, bounds, choices and unit.

Every editor is a widget with `edited` (the person settled on a value), `set_value` (which says nothing) and `value`.
"""

from __future__ import annotations

import math
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from llmstudio.core.settings import Setting
from llmstudio.core.words import counted
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.forms.number_boxes import PerCent, ShortNumbers, WholeBox
from llmstudio.gui.look.scaled import indent, scaled
from llmstudio.gui.look.steady import SteadyList, SteadySlider
from llmstudio.gui.look.theme import icon, say, space

_INT_MAX = 2**31 - 1  # what a spin box can count to
_PER_MILLE = 1000
_SHORT_LABEL = 14  # characters that fit half a form's width


class Editor(QWidget):
    """What all editors have in common.

    Attributes:
        carries_label: True if the label is a part of the editor.
        is_wide: True if it wants a line of its own under its label.
        below: A second part that wants the whole width under label and editor; None for most.

    Signals:
        edited: The value the person settled on.
        clamped: (what was typed, the bound that took its place).
        unread: (what was typed and is no number, the number that stays).
    """

    edited = Signal(object)
    clamped = Signal(str, object)
    unread = Signal(str, object)
    carries_label = False
    is_wide = False
    below: QWidget | None = None

    def __init__(self, field: QWidget) -> None:
        super().__init__()
        self.field = field
        self.setFocusProxy(field)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(field, 1)
        # All editors of a form are equally wide, whatever their text would like.
        field.setSizePolicy(QSizePolicy.Policy.Ignored, field.sizePolicy().verticalPolicy())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if isinstance(field, QAbstractSpinBox):
            indent(field)

    def value(self) -> Any:
        """What is in the field."""
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        """Put a value into the field without saying `edited`."""
        raise NotImplementedError

    def shown(self, value: Any) -> Any:
        """A value as a number that stands in the field."""
        return value

    def set_least(self, least: int) -> None:
        """No number below this one; one that is in the field becomes it, as if it had just been typed."""
        raise NotImplementedError

    def settle(self) -> None:
        """Take what is still being typed."""
        if isinstance(self.field, QAbstractSpinBox):
            self.field.interpretText()
        elif isinstance(self.field, QLineEdit):
            self.field.editingFinished.emit()

    def name(self, words: str) -> None:
        """What a screen reader calls it."""
        self.setAccessibleName(words)
        self.field.setAccessibleName(words)

    def mark_bad(self, bad: bool) -> None:
        """Give the field the colour of an error, or take it away."""
        self.field.setProperty("bad", bad)
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)


class _WholeNumber(Editor):
    """A spin box that steps by the second digit."""

    def __init__(self, about: Setting) -> None:
        low, high = about.fact.ge, about.fact.le
        box = WholeBox(-_INT_MAX if low is None else int(low), _INT_MAX if high is None else min(int(high), _INT_MAX))
        super().__init__(box)
        box.clamped.connect(self.clamped)
        box.unread.connect(self.unread)
        self._box, self._unit = box, about.fact.unit
        box.valueChanged.connect(self._name_unit)
        box.valueChanged.connect(self.edited.emit)
        self._name_unit()

    def value(self) -> int:
        return self._box.value()

    def set_value(self, value: int) -> None:
        with QSignalBlocker(self._box):
            self._box.setValue(min(max(value, -_INT_MAX), _INT_MAX))
        self._name_unit()

    def set_least(self, least: int) -> None:
        if self._box.value() < least:
            self.clamped.emit(f"{self._box.value():,}", least)
        self._box.setMinimum(least)

    @Slot()
    def _name_unit(self) -> None:
        """The unit after the number, which follows it: "1 step", "2 steps"."""
        if self._unit:
            count = str(self._box.value())
            self._box.setSuffix(say(counted(count, self._unit)).removeprefix(count))


class _Number(Editor):
    """A spin box for fractions."""

    def __init__(self, about: Setting) -> None:
        low = -1e12 if about.fact.ge is None else about.fact.ge
        high = 1e12 if about.fact.le is None else about.fact.le
        box = ShortNumbers(low, high)
        super().__init__(box)
        box.clamped.connect(self.clamped)
        box.unread.connect(self.unread)
        box.setSuffix(f" {about.fact.unit}" if about.fact.unit else "")
        box.valueChanged.connect(self.edited.emit)
        self._box = box

    def value(self) -> float:
        return self._box.value()

    def set_value(self, value: float) -> None:
        with QSignalBlocker(self._box):
            self._box.setValue(value)


class _Share(Editor):
    """A slider with its per cent beside it."""

    def __init__(self, about: Setting) -> None:
        self._box = PerCent()
        super().__init__(self._box)
        self._box.clamped.connect(lambda typed, bound: self.clamped.emit(typed, round(bound / 100, 4)))
        self._box.unread.connect(lambda typed, _: self.unread.emit(typed, self.value()))
        self._slider = self.below = SteadySlider(Qt.Orientation.Horizontal, singleStep=10, pageStep=50)
        low, high = about.fact.ge or 0.0, 1.0 if about.fact.le is None else about.fact.le
        self._slider.setRange(math.ceil(low * _PER_MILLE), math.floor(high * _PER_MILLE))
        self._box.setRange(low * 100, high * 100)
        self._slider.valueChanged.connect(self._slid)
        self._box.valueChanged.connect(self._typed)

    def name(self, words: str) -> None:
        super().name(words)
        self._slider.setAccessibleName(words)

    def value(self) -> float:
        return round(self._box.value() / 100, 4)

    def shown(self, value: float) -> float:
        return round(value * 100, 1)

    def set_value(self, value: float) -> None:
        with QSignalBlocker(self._slider), QSignalBlocker(self._box):
            self._slider.setValue(round(value * _PER_MILLE))
            self._box.setValue(value * 100)

    @Slot(int)
    def _slid(self, position: int) -> None:
        coarse = round(position / 10) / 100  # whole per cents; finer ones are typed
        with QSignalBlocker(self._box):
            self._box.setValue(coarse * 100)
        self.edited.emit(coarse)

    @Slot(float)
    def _typed(self, per_cent: float) -> None:
        with QSignalBlocker(self._slider):
            self._slider.setValue(round(per_cent * 10))
        self.edited.emit(self.value())


class _Choice(Editor):
    """A list to pick from."""

    def __init__(self, about: Setting) -> None:
        self._box = SteadyList()
        super().__init__(self._box)
        self._box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self._box.setMinimumContentsLength(8)
        self._values = list(about.fact.choices)
        labels = [say(label) for label in about.fact.choices.values()]
        self._box.addItems(labels)
        self.is_wide = max(map(len, labels)) > _SHORT_LABEL
        self._box.activated.connect(self._picked)

    def value(self) -> Any:
        return self._values[self._box.currentIndex()]

    def set_value(self, value: Any) -> None:
        self._box.setCurrentIndex(self._values.index(value))

    @Slot(int)
    def _picked(self, index: int) -> None:
        self.edited.emit(self._values[index])


class _Switch(Editor):
    """A check box that carries the label itself."""

    carries_label = True

    def __init__(self, about: Setting) -> None:
        self._box = QCheckBox(say(about.fact.label))
        super().__init__(self._box)
        self._box.toggled.connect(self.edited.emit)

    def value(self) -> bool:
        return self._box.isChecked()

    def set_value(self, value: bool) -> None:
        with QSignalBlocker(self._box):
            self._box.setChecked(value)


class _Text(Editor):
    """One line of text; several texts stand with commas between them."""

    def __init__(self, about: Setting) -> None:
        self._line = QLineEdit()
        self._is_several = about.kind is tuple
        super().__init__(self._line)
        self._said = ""
        self._line.editingFinished.connect(self._finished)

    def value(self) -> str | tuple[str, ...]:
        text = self._line.text()
        return tuple(part for part in text.split(",") if part) if self._is_several else text

    def set_value(self, value: Any) -> None:
        self._said = "" if value is None else ",".join(value) if isinstance(value, tuple) else str(value)
        self._line.setText(self._said)

    @Slot()
    def _finished(self) -> None:
        if self._line.text() != self._said:  # Qt says "finished" also when the field is only left
            self._said = self._line.text()
            self.edited.emit(self.value())


class _File(_Text):
    """The place of a file, typed, or chosen at the press of a button."""

    is_wide = True

    def __init__(self, about: Setting) -> None:
        super().__init__(about)
        choose = QToolButton(text="…", toolTip=self.tr("Choose a file"))
        choose.setAccessibleName(self.tr("Choose a file"))
        choose.clicked.connect(self._choose)
        self.layout().addWidget(choose)

    @Slot()
    def _choose(self) -> None:
        if found := file_dialog.open_files(self, self.tr("Choose a file")):
            self._line.setText(found[0])
            self._finished()


class _Pairs(Editor):
    """Two columns of words: what is replaced, and by what."""

    def __init__(self, about: Setting) -> None:
        self._add = QPushButton(self.tr("Add a pair"))
        super().__init__(self._add)
        self._lines = QVBoxLayout()
        self._rows: list[tuple[QLineEdit, QLineEdit, QWidget]] = []
        column = QVBoxLayout()
        scaled(self, lambda: column.setSpacing(space(0.5)))
        column.addLayout(self._lines)
        column.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        self.layout().addLayout(column)
        self._add.clicked.connect(self._add_pressed)

    def value(self) -> tuple[tuple[str, str], ...]:
        return tuple((old.text(), new.text()) for old, new, _ in self._rows if old.text())

    def set_value(self, value: tuple[tuple[str, str], ...]) -> None:
        if value == self.value():
            return
        for row in list(self._rows):
            self._drop(row[2])
        for old, new in value:
            self._append(old, new)

    def _append(self, old: str, new: str) -> QLineEdit:
        holder = QWidget()
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        fields = []
        for text, name in ((old, self.tr("Word to replace")), (new, self.tr("Its replacement"))):
            line = QLineEdit(text, placeholderText=name, accessibleName=name)
            line.editingFinished.connect(self._changed)
            row.addWidget(line)
            fields.append(line)
        away = QToolButton(icon=icon("close", "muted"), toolTip=self.tr("Remove"), accessibleName=self.tr("Remove"))
        away.setProperty("holder", holder)
        away.clicked.connect(self._removed)
        row.addWidget(away)
        self._lines.addWidget(holder)
        self._rows.append((fields[0], fields[1], holder))
        return fields[0]

    def _drop(self, holder: QWidget) -> None:
        self._rows = [row for row in self._rows if row[2] is not holder]
        self._lines.removeWidget(holder)
        holder.hide()
        holder.deleteLater()

    @Slot()
    def _add_pressed(self) -> None:
        self._append("", "").setFocus()

    @Slot()
    def _removed(self) -> None:
        self._drop(self.sender().property("holder"))
        self._changed()

    @Slot()
    def _changed(self) -> None:
        self.edited.emit(self.value())


def editor_for(about: Setting) -> Editor:
    """The editor that fits a setting."""
    fact = about.fact
    if fact.choices:
        return _Choice(about)
    if about.pairs:
        return _Pairs(about)
    if fact.is_file:
        return _File(about)
    if about.optional or about.kind not in (bool, int, float):
        return _Text(about)
    if about.kind is bool:
        return _Switch(about)
    if about.kind is int:
        return _WholeNumber(about)
    return _Share(about) if is_share(about) else _Number(about)


def is_share(about: Setting) -> bool:
    """True for a part of a whole, which is told in per cent: between 0 and 1 and called a share in its name or help."""
    fact = about.fact
    bounded = about.kind is float and fact.ge is not None and fact.le is not None and 0 <= fact.ge < fact.le <= 1
    return bounded and ("share" in about.path or "share" in fact.help.template.lower())
