"""The cleaning steps, each a switch with the number of places it changes in the previewed text.

In: a `CleaningConfig` and counts by step. Out: the changed configuration. Labels, help and choices come from the settings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.core.settings import Setting, change, get, settings_of
from llmstudio.gui.look.label import Label, plain
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import indent, scaled
from llmstudio.gui.look.steady import SteadyList, SteadyNumber
from llmstudio.gui.look.theme import say, space

_COLUMNS = 2


class CleaningList(QWidget):
    """Switches, choices and bounds for each cleaning step, in the order they run.

    Signals:
        changed(object): The new `CleaningConfig`.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._config = CleaningConfig()
        self._counts: dict[str, Label] = {}
        self.controls: dict[str, QWidget] = {}
        inner = QWidget(self)
        scaled(self, lambda: inner.setMaximumWidth(space(112)))  # a number far from its step is hard to match
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: grid.setHorizontalSpacing(space(3)))
        grid.setVerticalSpacing(0)
        settings = settings_of(CleaningConfig)
        short = [s for s in settings if s.path != "replacements"]
        rows = -(-len(short) // _COLUMNS)
        for place, about in enumerate(short):
            grid.addWidget(self._row(about), place % rows, place // rows)
        scaled(self, lambda: [grid.setRowMinimumHeight(row, space(4)) for row in range(rows)])
        for column in range(_COLUMNS):
            grid.setColumnStretch(column, 1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(inner, 1)
        row.addStretch(0)
        outer.addLayout(row)
        outer.addWidget(self._words_row(next(s for s in settings if s.path == "replacements")))

    def config(self) -> CleaningConfig:
        """The steps as they are set."""
        return self._config

    def set_counts(self, counts: Mapping[str, int], examples: Mapping[str, tuple[str, str]] | None = None) -> None:
        """Tell how many places each step changes in the preview, or would; `examples` (before, after) come on hover."""
        for step, label in self._counts.items():
            count = counts.get(step, 0)
            before, after = (examples or {}).get(step, ("", ""))
            tip = plural(
                self.tr("{n|place|places} in the preview\n{before}\n→ {after}"), n=count, before=before, after=after
            )
            label.setText(f"{count:,}" if count else "")
            label.setToolTip(plain(tip) if count else "")

    def set_taggers(self, names: Sequence[str]) -> None:
        """The models of the project that tag words; one that is gone is none."""
        picker = self._tagger
        if [picker.itemData(at) for at in range(1, picker.count())] == list(names):
            return
        chosen = self._config.tagger if self._config.tagger in names else ""
        with QSignalBlocker(picker):
            picker.clear()
            for name in ("", *names):
                picker.addItem(plain(name) or self.tr("none"), name)
            picker.setCurrentIndex(picker.findData(chosen))
        self._set("tagger", chosen)

    def counts(self) -> dict[str, str]:
        """The counts as written beside the steps."""
        return {step: label.text() for step, label in self._counts.items()}

    def _row(self, about: Setting) -> QWidget:
        holder = QWidget(self, toolTip=plain(say(about.fact.help)))
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        count = Label(holder, alignment=Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        count.setProperty("role", "muted")
        control = self._control(about, holder)
        control.setAccessibleName(say(about.fact.label))
        control.setAccessibleDescription(say(about.fact.help))
        if not isinstance(control, QCheckBox):
            label = Label(say(about.fact.label), holder)
            label.setBuddy(control)
            row.addWidget(label, 1)
        row.addWidget(control, 1 if isinstance(control, QCheckBox) else 0)
        row.addWidget(count)
        scaled(self, lambda: count.setMinimumWidth(space(5)))
        self._counts[about.path], self.controls[about.path] = count, control
        return holder

    def _control(self, about: Setting, parent: QWidget) -> QWidget:
        path = about.path
        if about.kind is bool:
            switch = QCheckBox(say(about.fact.label), parent, checked=about.default)
            switch.toggled.connect(lambda on: self._set(path, on))
            return switch
        if path == "tagger":
            self._tagger = SteadyList(parent)
            self._tagger.addItem(self.tr("none"), "")
            self._tagger.currentIndexChanged.connect(lambda _: self._set(path, self._tagger.currentData()))
            return self._tagger
        if about.fact.choices:
            picker = SteadyList(parent)
            for value, label in about.fact.choices.items():
                picker.addItem(say(label), value)
            picker.currentIndexChanged.connect(lambda _: self._set(path, picker.currentData()))
            return picker
        number = SteadyNumber(
            parent,
            maximum=int(min(about.fact.le or 0, 2**31 - 1)),
            groupSeparatorShown=True,
            specialValueText=self.tr("off"),
            keyboardTracking=False,
        )
        indent(number)
        number.setSingleStep(10)
        number.setValue(about.default)
        number.valueChanged.connect(lambda value: self._set(path, value))
        return number

    def _words_row(self, about: Setting) -> QWidget:
        holder = QWidget(self, toolTip=plain(say(about.fact.help)))
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        top = QHBoxLayout()
        switch = QCheckBox(say(about.fact.label), holder)
        count = Label(holder)
        count.setProperty("role", "muted")
        editor = QPlainTextEdit(
            holder,
            accessibleName=say(about.fact.label),
            visible=False,
            placeholderText=self.tr("one a line:  colour = color"),
        )
        scaled(editor, lambda: editor.setMaximumHeight(editor.fontMetrics().lineSpacing() * 4 + 12))
        top.addWidget(switch)
        top.addStretch(1)
        top.addWidget(count)
        column.addLayout(top)
        column.addWidget(editor)
        switch.toggled.connect(editor.setVisible)
        switch.toggled.connect(lambda on: self._set(about.path, pairs(editor.toPlainText()) if on else ()))
        editor.textChanged.connect(lambda: self._set(about.path, pairs(editor.toPlainText())))
        self.replacing = switch
        self._counts[about.path], self.controls[about.path] = count, editor
        return holder

    def _set(self, path: str, value: object) -> None:
        if value != get(self._config, path):
            self._config = change(self._config, path, value)
            self.changed.emit(self._config)


def pairs(text: str) -> tuple[tuple[str, str], ...]:
    """The replacement pairs written one a line as `old = new`; a line without `=` is not a pair yet."""
    split = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return tuple((old.strip(), new.strip()) for old, new in split if old.strip())


def written(replacements: tuple[tuple[str, str], ...]) -> str:
    """Inverse of `pairs`."""
    return "\n".join(f"{old} = {new}" for old, new in replacements)
