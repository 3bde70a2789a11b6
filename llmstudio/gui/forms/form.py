"""A form made from a configuration: what is known of a setting is written once, on its dataclass field, and read here.

Each row: label with the paper's symbol, editor with unit, an arrow back to the default when the value has left it, the
source underneath, and what is wrong in place with its way out as a button. Lesser settings are folded under "More"; those
that do nothing beside the others are not in sight.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Failed
from llmstudio.core.settings import Setting, change_all, check, get, idle_in, settings_of
from llmstudio.core.words import Words
from llmstudio.gui.forms.drops import leave_drops_to_the_window
from llmstudio.gui.forms.edits import concerns, settle
from llmstudio.gui.forms.fold import Fold
from llmstudio.gui.forms.form_row import Row
from llmstudio.gui.look.theme import say, space, theme

_UNFOLDED_MS = 150


class Form(QWidget):
    """Rows for the settings of a configuration.

    Args:
        config: A configuration, or its class for one with all defaults.
        paths: The important settings, in the order they are shown; None for all that are not `advanced`.
        exclude: Settings that are left out altogether.
        defaults: What the arrows go back to; None for the defaults of the class.

    Signals:
        changed: The new configuration, valid as a whole; edits that do not fit are not in it (see `settle`).
        remedy: A `Remedy` that the form cannot carry out itself (anything but `set` on one of its own settings).
        wrong_asked: Someone is led to a field that does not fit: whatever hides the form should open.
    """

    changed = Signal(object)
    remedy = Signal(object)
    wrong_asked = Signal()

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
        self._pending: dict[str, Any] = {}  # edits that do not fit
        self._idle: set[str] = set()  # settings that do nothing beside the others
        self._outside: dict[str, tuple[Words, Sequence[Remedy], Any]] = {}  # what a job refused, and the value it had
        self._ran: Any = None  # what the job in question began with
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._first = QVBoxLayout()
        self._column.addLayout(self._first)
        self.fold = Fold()
        self._column.addWidget(self.fold)
        self._column.addStretch(1)
        self._build_rows()
        if defaults is not None:
            self.set_defaults(defaults)
        self._show_values()
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def config(self) -> Any:
        """The configuration in force: with every edit but those that do not fit. Setting it says no `changed`."""
        return self._config

    @config.setter
    def config(self, config: Any) -> None:
        self._config = config
        self._pending.clear()
        self._outside.clear()
        if self._known().keys() != self._rows.keys():
            self._build_rows()
        self._show_values()
        self._show_errors({})

    def put(self, changes: Mapping[str, Any]) -> None:
        """Set some settings from elsewhere, without `changed`; what waits in other fields goes on waiting."""
        self._config = change_all(self._config, changes)
        for path in changes:
            self._pending.pop(path, None)
        self._judge()

    @property
    def is_valid(self) -> bool:
        """Whether everything that the fields show is in force."""
        return not self._pending

    def settle(self) -> bool:
        """What every verb asks first: take what is still being typed, and go to the first field that does not fit.

        Returns:
            True if what is shown is what counts.
        """
        for row in self._rows.values():
            if row.editor.isAncestorOf(self.focusWidget()):
                row.editor.settle()
        wrong = next((self._rows[path] for path in self._rows if path in self._pending), None)
        if wrong is None:
            return True
        self.fold.open_for(wrong)
        self.wrong_asked.emit()
        wrong.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        # What has just unfolded has its place only then, and has found it in several turns where a whole pane unfolded.
        for wait in (0, _UNFOLDED_MS):
            QTimer.singleShot(wait, self, self._bring_into_sight)
        return False

    @Slot()
    def _bring_into_sight(self) -> None:
        wrong = next((self._rows[path] for path in self._rows if path in self._pending), None)
        parent = self.parentWidget()
        while wrong is not None and parent is not None:
            if isinstance(parent, QScrollArea):
                parent.ensureWidgetVisible(wrong)
            parent = parent.parentWidget()

    def begin(self, config: Any = None) -> None:
        """A job begins with `config`, None for what is in force: what the one before it refused is no longer said."""
        self._ran = self._config if config is None else config
        self._outside.clear()
        self._judge()

    def show_failed(self, failed: Failed) -> bool:
        """Say at its fields what a job refused to do; False if that belongs to none of them.

        What was refused is a value: where another one stands in the field by now, nothing is said of it.
        """
        own = [path for path in self._rows if any(concerns(path, named) for named in failed.paths)]
        had = self._config if self._ran is None else self._ran
        known = {about.path for about in settings_of(had)}
        if any(path not in known or get(had, path) != get(self._config, path) or path in self._pending for path in own):
            own = []
        for path in own:
            self._outside[path] = (failed.message, failed.remedies if path == own[0] else (), get(had, path))
        self._judge()
        return bool(own)

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
        self._idle = set()
        self._rows = {path: Row(known[path]) for path in [*first, *(p for p in known if p not in first)]}
        for path, row in self._rows.items():
            if path in first:
                self._first.addWidget(row)
            else:
                self.fold.add(row)
            row.edited.connect(self._edited)
            row.remedy.connect(self._on_remedy)
            leave_drops_to_the_window(row)
        self.fold.setVisible(len(self._rows) > len(first))

    def set_defaults(self, config: Any) -> None:
        """From now on the arrows go back to this configuration's values: a preset's, say."""
        theirs = {about.path for about in settings_of(config)}
        for path, row in self._rows.items():
            if path in theirs:
                row.set_default(get(config, path))

    def row(self, path: str) -> Row:
        """The row of a setting, to hide or disable it. Raises KeyError if the form has none."""
        return self._rows[path]

    def apply(self, remedy: Remedy) -> bool:
        """Carry out a `set` remedy on one of the form's settings; False if it is none of its own."""
        path = next((p for p in self._rows if concerns(p, remedy.target)), None)
        if remedy.action != "set" or path is None:
            return False
        value: Any = remedy.value
        with suppress(StudioError):  # what does not fit is said by the edit itself
            value = check(self._rows[path].about, value)
            self._rows[path].show_value(value)
        self._edited(path, value)
        return True

    @Slot(str, object)
    def _edited(self, path: str, value: Any) -> None:
        self._pending[path] = value
        # What a job said of this setting was about another value; of two it named, either may have been the mistake.
        said = self._outside[path][0] if path in self._outside else None
        self._outside = {other: told for other, told in self._outside.items() if told[0] is not said}
        before = self._config
        self._judge()
        if self._config != before:
            self.changed.emit(self._config)

    def _judge(self) -> None:
        """Take what fits, and say at its field what does not."""
        self._config, wrong = settle(self._config, self._pending)
        self._pending = {path: value for path, value in self._pending.items() if path in wrong}
        self._show_values()
        self._show_errors(wrong)

    def _show_errors(self, wrong: Mapping[str, StudioError]) -> None:
        told: dict[str, tuple[str, Sequence[Remedy]]] = {}
        for path, error in wrong.items():
            for other in self._rows:  # what it does not go with is marked as well
                if other not in wrong and any(concerns(other, named) for named in error.paths):
                    label = say(self._rows[path].about.fact.label)
                    told[other] = (self.tr("Does not go with “{setting}”.").format(setting=label), ())
        told |= {
            path: (say(message), remedies)
            for path, (message, remedies, value) in self._outside.items()
            if get(self._config, path) == value
        }
        told |= {
            path: (self._rows[path].sentence(error) if path in self._rows else say(error.words), error.remedies)
            for path, error in wrong.items()
        }
        for path, row in self._rows.items():
            text, remedies = told.get(path, ("", ()))
            if text or row.error:
                row.show_error(text, remedies)
            if path in self._idle:
                row.setVisible(bool(text))
            if text:
                self.fold.open_for(row)

    @Slot(object)
    def _on_remedy(self, remedy: Remedy) -> None:
        if not self.apply(remedy):
            self.remedy.emit(remedy)

    def _show_values(self) -> None:
        for path, row in self._rows.items():
            if path not in self._pending:  # a value that does not fit stays as it was written, with its reason
                row.show_value(get(self._config, path))
        idle = idle_in(self._config) & self._rows.keys()
        for path in idle ^ self._idle:  # of all others somebody else may say whether they are seen
            self._rows[path].setVisible(path not in idle)
        self._idle = idle

    @Slot()
    def _restyle(self) -> None:
        for column in (self._column, self._first):
            column.setSpacing(space())
