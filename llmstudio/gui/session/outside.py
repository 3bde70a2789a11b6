"""What other programs do in the open project: items that they make, rename or delete are told like those of our own."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from llmstudio.gui.session.session import Session

LOOK_MS = 2000
_KINDS = ("corpus", "tokenizer", "model", "chat")


class Outside(QObject):
    """Looks now and then at the names in the project's folders, and has `items_changed` told where others are there.

    While a job of this window is at work it waits: the job tells what it makes, and no other program may write then.
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._changed: dict[str, int] = {}
        self._known: dict[str, dict[str, str]] = {}
        session.items_changed.connect(self._note)
        session.project_changed.connect(self._forget)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @Slot()
    def look(self) -> None:
        """Look now."""
        if self._session.is_running():
            return
        for kind in _KINDS:
            if self._session.project.changed(kind) == self._changed.get(kind):
                continue
            before = self._known.get(kind)
            self._note(kind)
            if before is not None and before != self._known[kind]:
                self._session.items_changed.emit(kind)

    @Slot(str)
    def _note(self, kind: str) -> None:
        if kind in _KINDS:
            self._changed[kind] = self._session.project.changed(kind)
            self._known[kind] = self._session.items.ids(kind)

    @Slot()
    def _forget(self) -> None:
        self._changed.clear()
        self._known.clear()
