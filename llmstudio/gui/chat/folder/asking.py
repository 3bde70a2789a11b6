"""The folder that a conversation asks: chosen, read with its progress in sight, left again."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app.folder_questions.indexing import index_folder
from llmstudio.core.events import Event, Failed, Finished, Noted, Progress
from llmstudio.gui.chat.folder.bar import FolderBar
from llmstudio.gui.forms import file_dialog
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar


class AskedFolder(QObject):
    """Which folder answers. It is read on the lane of answers, so that sending waits, and Stop stops it.

    Attributes:
        source: The folder, or a file; None where the model answers by itself.

    Signals:
        changed: Another one, or none.
    """

    changed = Signal()

    def __init__(self, session: Session, bar: FolderBar, messages: MessageBar, tab: QWidget, *, lane: str) -> None:
        """`lane` is the session's on which answers come."""
        super().__init__(tab)
        self._lane = lane
        self.source: Path | None = None
        self._session, self._bar, self._messages, self._tab = session, bar, messages, tab
        self._is_reading = False
        bar.choose_asked.connect(self._choose)
        bar.left.connect(self.leave)
        session.job_events.connect(self._on_events)
        session.job_ended.connect(self._on_ended)

    def take(self, source: Path) -> None:
        """Read a folder, and let it answer from then on."""
        project = self._session.project
        title = self.tr("Reading “{name}”").format(name=source.name)
        if self._session.start(
            lambda stop: index_folder(project, source, stop=stop), tab="chat", title=title, lane=self._lane, engine=False
        ):
            self._messages.clear()
            self._is_reading, self.source = True, source
            self._bar.show_reading(source.name, self.tr("reading…"))
            self.changed.emit()

    @Slot()
    def leave(self) -> None:
        """Stop reading it, and answer without it."""
        if self._is_reading:
            self._session.stop(self._lane)
        self._is_reading, self.source = False, None
        self._bar.show_none()
        self.changed.emit()

    @Slot()
    def _choose(self) -> None:
        if chosen := file_dialog.open_folder(self._tab, self.tr("Which folder should answer?")):
            self.take(Path(chosen))

    @Slot(str, object)
    def _on_events(self, lane: str, events: list[Event]) -> None:
        if lane != self._lane or not self._is_reading or self.source is None:
            return
        for event in events:
            if isinstance(event, Progress):
                far = say(event.what)
                if event.total:
                    far = self.tr("{doing}, {share} read").format(doing=far, share=f"{100 * event.done / event.total:.0f} %")
                self._bar.show_reading(self.source.name, far)
            elif isinstance(event, Noted):
                self._messages.show_message(event.message, level=event.level)

    @Slot(str, object)
    def _on_ended(self, lane: str, end: Event) -> None:
        if lane != self._lane or not self._is_reading or self.source is None:
            return
        self._is_reading = False
        if not isinstance(end, Finished):
            self.leave()
            if isinstance(end, Failed):
                self._messages.show_failed(end)
            return
        passages = plural(self.tr("{n|passage|passages}"), n=end.result["passages"])
        files = plural(self.tr("{n|file|files}"), n=end.result["files"])
        told = self.tr("Each question is answered from “{name}”: {passages} of {files}.")
        self._bar.show_ready(told.format(name=self.source.name, passages=passages, files=files))
