"""A form made from a configuration: what is known of a setting is written once, on its dataclass field, and read here.

Each row: label with the paper's symbol, editor with unit, an arrow back to the default when the value has left it, the
source underneath, and what is wrong in place with its way out as a button. Lesser settings are folded under "More".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.settings import Setting, change_all, get, settings_of
from llmstudio.core.words import Words
from llmstudio.gui.editors import Editor, editor_for
from llmstudio.gui.label import Label, caption, paragraph, plain
from llmstudio.gui.theme import icon, say, space, theme


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
        self._source = Label(fact.source, wordWrap=True)
        self._source.setProperty("role", "source")
        if not fact.source:  # never `setVisible(True)` here: without a parent yet, it would open a window of its own
            self._source.hide()
        self._wrong = Label(wordWrap=True)
        self._wrong.setProperty("role", "error")
        self._wrong.hide()
        self._ways = QVBoxLayout()
        self._grid = QGridLayout(self)
        self._place()
        tip = paragraph(say(fact.help), fact.source)
        for widget in (self, self._label, self.editor, self.editor.field):
            widget.setToolTip(tip)
        self.editor.field.setAccessibleDescription(say(fact.help))
        theme.changed.connect(self._restyle)
        self._restyle()

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
        self._grid.addLayout(self._ways, 4, 0, 1, 3)

    def show_value(self, value: Any) -> None:
        """Put a value in, and offer the way back if it is not the default."""
        self.editor.set_value(value)
        self._mark(value)

    def set_default(self, value: Any) -> None:
        """What the arrow goes back to."""
        self.default = value
        self._mark(self.editor.value())

    def show_error(self, text: str, remedies: Sequence[Remedy] = ()) -> None:
        """Say what is wrong with this setting; nothing is wrong if `text` is empty."""
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))
        self.editor.mark_bad(bool(text))
        while (entry := self._ways.takeAt(0)) is not None:
            entry.widget().deleteLater()
        for remedy in remedies:
            button = QPushButton(caption(say(remedy.label)))
            button.setProperty("remedy", remedy)
            button.clicked.connect(self._take_way)
            self._ways.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

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

    @Slot(object)
    def _edited(self, value: Any) -> None:
        self._mark(value)
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


class Form(QWidget):
    """Rows for the settings of a configuration.

    Args:
        config: A configuration, or its class for one with all defaults.
        paths: The important settings, in the order they are shown; None for all that are not `advanced`.
        exclude: Settings that are left out altogether.
        defaults: What the arrows go back to; None for the defaults of the class.

    Signals:
        changed: The new configuration, valid as a whole.
        remedy: A `Remedy` that the form cannot carry out itself (anything but `set` on one of its own settings).
    """

    changed = Signal(object)
    remedy = Signal(object)

    def __init__(
        self,
        config: Any,
        paths: Iterable[str] | None = None,
        exclude: Iterable[str] = (),
        *,
        defaults: Any = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._config = config() if isinstance(config, type) else config
        self._paths, self._exclude = None if paths is None else list(paths), set(exclude)
        self._rows: dict[str, Row] = {}
        self._pending: dict[str, Any] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._more = QToolButton(text=self.tr("More"), checkable=True, autoRaise=True)
        self._more.setProperty("role", "fold")
        self._more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._more.toggled.connect(self._restyle)
        self._folded = QWidget()
        self._inner = QVBoxLayout(self._folded)
        self._inner.setContentsMargins(0, 0, 0, 0)
        self._first = QVBoxLayout()
        self._column.addLayout(self._first)
        holder = QHBoxLayout()
        holder.addWidget(self._more)
        holder.addStretch(1)
        self._column.addLayout(holder)
        self._column.addWidget(self._folded)
        self._column.addStretch(1)
        self._build_rows()
        if defaults is not None:
            self.set_defaults(defaults)
        self._show_values()
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def config(self) -> Any:
        """The configuration in force: the last one that was valid as a whole. Setting it says no `changed`."""
        return self._config

    @config.setter
    def config(self, config: Any) -> None:
        self._config = config
        self._pending.clear()
        if self._known().keys() != self._rows.keys():
            self._build_rows()
        self.clear_errors()
        self._show_values()

    def _known(self) -> dict[str, Setting]:
        return {about.path: about for about in settings_of(self._config) if about.path not in self._exclude}

    def _build_rows(self) -> None:
        """A row for every setting that the configuration has; those that another kind of it had are gone."""
        known = self._known()
        wished = [p for p, about in known.items() if not about.fact.advanced] if self._paths is None else self._paths
        first = [path for path in wished if path in known]
        for row in self._rows.values():
            row.hide()
            row.deleteLater()
        self._rows = {path: Row(known[path]) for path in [*first, *(p for p in known if p not in first)]}
        for path, row in self._rows.items():
            (self._first if path in first else self._inner).addWidget(row)
            row.edited.connect(self._edited)
            row.remedy.connect(self._on_remedy)
        self._more.setVisible(len(self._rows) > len(first))

    def set_defaults(self, config: Any) -> None:
        """From now on the arrows go back to this configuration's values: a preset's, say."""
        theirs = {about.path for about in settings_of(config)}
        for path, row in self._rows.items():
            if path in theirs:
                row.set_default(get(config, path))

    def row(self, path: str) -> Row:
        """The row of a setting, to hide or disable it. Raises KeyError if the form has none."""
        return self._rows[path]

    def set_error(self, path: str, message: Words | str, remedies: Sequence[Remedy] = ()) -> None:
        """Say in place what is wrong with a setting."""
        row = self._rows[path]
        row.show_error(say(message) if isinstance(message, Words) else message, remedies)
        if row.parent() is self._folded:
            self._more.setChecked(True)

    def clear_errors(self) -> None:
        """Nothing is wrong any more."""
        for row in self._rows.values():
            if row.error:
                row.show_error("")

    def apply(self, remedy: Remedy) -> bool:
        """Carry out a `set` remedy on one of the form's settings; False if it is none of its own."""
        path = next((p for p in self._rows if p == remedy.target or p.endswith(f".{remedy.target}")
                     or remedy.target.endswith(f".{p}")), None)  # fmt: skip
        if remedy.action != "set" or path is None:
            return False
        self._edited(path, remedy.value)
        return True

    @Slot(str, object)
    def _edited(self, path: str, value: Any) -> None:
        # Two settings may only fit together (width and heads): what does not fit yet waits for its partner.
        self._pending[path] = value
        self.clear_errors()
        try:
            config = change_all(self._config, self._pending)
        except StudioError as error:
            self.set_error(path, error.words, error.remedies)
            return
        self._pending.clear()
        if config != self._config:
            self._config = config
            self._show_values()
            self.changed.emit(config)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        if not self.apply(remedy):
            self.remedy.emit(remedy)

    def _show_values(self) -> None:
        for path, row in self._rows.items():
            row.show_value(get(self._config, path))

    @Slot()
    def _restyle(self) -> None:
        is_open = self._more.isChecked()
        self._more.setIcon(icon("less" if is_open else "more", "muted"))
        self._folded.setVisible(is_open)
        for column in (self._column, self._first, self._inner):
            column.setSpacing(space())
