"""Write a model for other programs: which one, as what, and where; then a job, and where the result lies.

What other programs do not know is said before a place is chosen, with the settings that would change it.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFormLayout, QWidget

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.verbs.export import FORMATS, export, place_of, why_not
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Failed, Finished, Noted
from llmstudio.core.words import words
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import say, space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.pickers.name_box import NameBox
from llmstudio.store.project import About


class ExportDialog(QDialog):
    """Which model, and as what; what cannot be exported says why, and cannot be chosen.

    Attributes:
        models: The project's models.
        formats: What they may become.
        reason: Why the chosen one cannot be exported; empty if it can.
    """

    def __init__(self, models: list[About], chosen: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Export model"))
        self._models = {item.name: item for item in models}
        self.models, self.formats = NameBox(), NameBox()
        self.models.addItems(list(self._models))
        self.models.setCurrentText(chosen)
        for name, label in FORMATS.items():
            self.formats.addItem(say(label), name)
        self._reason = Label(wordWrap=True)
        self._reason.setProperty("role", "warning")
        self._reason.setMinimumWidth(space(45))
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._go = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        for button in self.buttons.buttons():  # made before the style sheet comes, which would leave them out
            button.setIcon(QIcon())
        self._go.setText(self.tr("Choose a place…"))
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout(self)
        form.addRow(self.tr("Model"), self.models)
        form.addRow(self.tr("For"), self.formats)
        form.addRow(self._reason)
        form.addRow(self.buttons)
        self.models.currentTextChanged.connect(self._judge)
        self._judge()

    @property
    def reason(self) -> str:
        """Why it cannot be; empty if it can."""
        return self._reason.text()

    @property
    def chosen(self) -> tuple[str, str]:
        """Model and format."""
        return self.models.currentText(), str(self.formats.currentData())

    @Slot()
    def _judge(self) -> None:
        try:
            found = why_not(recipe_of(self._models[self.models.currentText()]))
        except StudioError as error:
            found = error.words
        self._reason.setText("" if found is None else say(found))
        self._reason.setVisible(found is not None)
        self._go.setEnabled(found is None)


class ModelExport(QObject):
    """Asks, starts the job, and says in `messages` what came of it.

    Attributes:
        is_busy: True while a model is being exported.
    """

    def __init__(self, session: Session, messages: MessageBar, tab: QWidget) -> None:
        super().__init__(tab)
        self._session, self._messages, self._tab = session, messages, tab
        self.is_busy = False
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    def ask(self, name: str = "") -> None:
        """Let the person choose model, format and place, and begin."""
        models = list(self._session.items.of("model"))
        if not models:
            self._messages.show_message(words("There is no model to export yet: train one first."), level="warning")
            return
        dialog = ExportDialog(models, name or models[0].name, self._tab)
        if not dialog.exec():
            return
        name, kind = dialog.chosen
        proposed = place_of(Path.home() / name, kind)
        title = self.tr("Name the new file") if kind == "gguf" else self.tr("Name the new folder")
        # Nothing is overwritten, whatever is answered to a question about it.
        if path := file_dialog.save_file(self._tab, title, str(proposed), asks_before_overwriting=False):
            self.begin(name, kind, Path(path))

    def begin(self, name: str, kind: str, out: Path) -> None:
        """Export a model to a place."""
        self._messages.clear()
        project = self._session.project
        title = self.tr("Exporting “{name}”").format(name=name)
        self.is_busy = True
        if not self._session.start(
            lambda stop: export(project, name, format=kind, out=out, stop=stop), tab="train", title=title
        ):
            self.is_busy = False  # something else is at work, which the session has said

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane == "work" and self.is_busy:
            for event in events:
                if isinstance(event, Noted):
                    self._messages.show_message(event.message, level=event.level)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != "work" or not self.is_busy:
            return
        self.is_busy = False
        if isinstance(end, Failed):
            self._messages.show_failed(end)
        elif isinstance(end, Finished):
            path = str(end.result["path"])
            message = words("“{name}” is exported: {path}", name=str(end.result["model"]), path=path)
            self._messages.show_message(message, remedies=(Remedy("open_folder", words("Open its folder"), path),))
        else:
            self._messages.show_message(words("Stopped. Nothing was written."))
