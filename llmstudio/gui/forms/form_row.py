"""One row of a form: label, editor, the arrow back to the default, the source, and what is to be said of its value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QToolButton, QVBoxLayout, QWidget

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.settings import Setting
from llmstudio.core.words import Words
from llmstudio.gui.forms.editors import Editor, editor_for
from llmstudio.gui.forms.number_boxes import clamped_text, unread_text
from llmstudio.gui.forms.remedy_buttons import remedy_buttons, remove_buttons
from llmstudio.gui.look.label import Label, paragraph, plain
from llmstudio.gui.look.theme import icon, say, space, theme

_NUMBER = ", arXiv:"


class Row(QWidget):
    """One setting.

    Signals:
        edited: (path, value) the person settled on.
        remedy: A `Remedy` whose button was pressed.
    """

    edited = Signal(str, object)
    remedy = Signal(object)

    def __init__(self, about: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.about = about
        self.default = about.default
        self.editor: Editor = editor_for(about)
        fact = about.fact
        label = say(fact.label)
        self.editor.name(label)
        self.editor.edited.connect(self._edited)
        self.editor.clamped.connect(self._clamped)
        self.editor.unread.connect(self._unread)
        self._label = Label(label)
        if fact.symbol:
            self._label.set_markup(f"{escape(label)}  <span style='font-style:italic'>{escape(fact.symbol)}</span>")
        self._label.setWordWrap(True)
        self._label.setBuddy(self.editor.field)
        self._reset = QToolButton(autoRaise=True, accessibleName=self.tr("Back to the default"))
        policy = self._reset.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._reset.setSizePolicy(policy)
        self._reset.clicked.connect(self._back)
        self._source = Label(self._cited(fact.source), wordWrap=True)
        self._source.setProperty("role", "source")
        if not fact.source:  # never `setVisible(True)` here: without a parent yet, it would open a window of its own
            self._source.hide()
        self._wrong = Label(wordWrap=True)
        self._wrong.setProperty("role", "error")
        self._wrong.hide()
        self._note = Label(wordWrap=True)
        self._note.setProperty("role", "muted")
        self._note.hide()
        self._noted: Any = None  # the value that the note is about
        self._ways = QVBoxLayout()
        self._grid = QGridLayout(self)
        self._place()
        tip = paragraph(say(fact.help), fact.source)
        for widget in (self, self._label, self.editor, self.editor.field):
            widget.setToolTip(tip)
        self.editor.field.setAccessibleDescription(say(fact.help))
        theme.changed.connect(self._restyle)
        self._restyle()

    def _cited(self, source: str) -> str:
        """Who is named first, on one line; all of them and where to find them are told on hover."""
        first, *others = source.split(";")
        name = first.split(_NUMBER)[0]
        return self.tr("{name} and {n} more").format(name=name, n=len(others)) if others else name

    def _place(self) -> None:
        self._grid.setContentsMargins(0, 0, 0, 0)
        if self.editor.carries_label:
            self._label.hide()
            self._grid.addWidget(self.editor, 0, 0, 1, 2)
        elif self.editor.is_wide:
            self._grid.addWidget(self._label, 0, 0, 1, 2)
            self._grid.addWidget(self.editor, 1, 0, 1, 2)
        else:
            self._grid.addWidget(self._label, 0, 0)
            self._grid.addWidget(self.editor, 0, 1)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, 1)
        self._grid.addWidget(self._reset, 0, 2)
        if self.editor.below is not None:
            self._grid.addWidget(self.editor.below, 1, 0, 1, 2)
        self._grid.addWidget(self._source, 2, 0, 1, 3)
        self._grid.addWidget(self._wrong, 3, 0, 1, 3)
        self._grid.addWidget(self._note, 4, 0, 1, 3)
        self._grid.addLayout(self._ways, 5, 0, 1, 3)

    def show_value(self, value: Any) -> None:
        """Put a value in, and offer the way back if it is not the default."""
        self.editor.set_value(value)
        self._mark(value)
        shown = self.editor.value()
        is_number = isinstance(value, int | float) and isinstance(shown, int | float)
        if is_number and not math.isclose(shown, value, rel_tol=1e-12):
            # A field may hold less than the setting: what counts is the setting.
            self._tell(self.tr("The value in force is {value}.").format(value=f"{value:,}"), shown)
        elif shown != self._noted:
            self._tell("", None)

    def set_least(self, least: int) -> None:
        """No whole number below this one is taken, for a reason that the setting alone does not know."""
        self.editor.set_least(least)

    def set_default(self, value: Any) -> None:
        """What the arrow goes back to."""
        self.default = value
        self._mark(self.editor.value())

    def show_error(self, text: str, remedies: Sequence[Remedy] = ()) -> None:
        """Say what is wrong with this setting; nothing is wrong if `text` is empty."""
        if text == self._wrong.text() and not remedies and not self._ways.count():
            return
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        self.editor.mark_bad(bool(text))
        remove_buttons(self._ways)
        for button in remedy_buttons(remedies, self._take_way):
            self._ways.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def sentence(self, error: StudioError) -> str:
        """What an error about this setting says: it names it by its path, a person knows it by its label."""
        if "path" not in error.words.values:
            return say(error.words)
        return say(Words(error.words.template, {**error.words.values, "path": self.about.fact.label}))

    @property
    def error(self) -> str:
        """What is said to be wrong; empty if nothing."""
        return self._wrong.text()

    def _mark(self, value: Any) -> None:
        self._reset.setVisible(value != self.default)
        self._reset.setToolTip(plain(self.tr("Back to {value}").format(value=self._spell(self.default))))

    def _spell(self, value: Any) -> str:
        choices = self.about.fact.choices
        return say(choices[value]) if value in choices else str(value)

    def _tell(self, text: str, value: Any) -> None:
        self._noted = value
        self._note.setText(text)
        self._note.setVisible(bool(text))

    @Slot(str, object)
    def _clamped(self, typed: str, bound: Any) -> None:
        self._tell(clamped_text(typed, self.editor.shown(bound), is_most=bound == self.about.fact.le), bound)

    @Slot(str, object)
    def _unread(self, typed: str, value: Any) -> None:
        self._tell(unread_text(typed, self.editor.shown(value)), value)

    @Slot(object)
    def _edited(self, value: Any) -> None:
        self._mark(value)
        if value != self._noted:
            self._tell("", None)
        self.edited.emit(self.about.path, value)

    @Slot()
    def _back(self) -> None:
        self.editor.set_value(self.default)
        self._edited(self.default)

    @Slot()
    def _take_way(self) -> None:
        self.remedy.emit(self.sender().property("remedy"))

    @Slot()
    def _restyle(self) -> None:
        self._reset.setIcon(icon("reset", "accent"))
        self._reset.setIconSize(QSize(space(1.75), space(1.75)))
        self._reset.setFixedWidth(space(3))
        self._grid.setHorizontalSpacing(space(0.5))
        self._grid.setVerticalSpacing(space(0.25))
        self._grid.setColumnMinimumWidth(1, space(15))
