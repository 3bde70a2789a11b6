"""The corpus in sight, read from disk: all of it, what can be read of it, or why nothing can."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.core.events import Failed
from llmstudio.gui.corpus.queries import Shelf, open_corpus
from llmstudio.gui.corpus.statistics import CorpusPane
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.pickers.item_picker import ItemPicker


class OpenedCorpus(QObject):
    """Reads a corpus off the window's thread and shows it.

    Attributes:
        is_unreadable: Nothing of the corpus in sight can be shown.

    Signals:
        turned: `is_unreadable` has changed.
    """

    turned = Signal()

    def __init__(
        self, session: Session, picker: ItemPicker, pane: CorpusPane, messages: MessageBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._picker, self._pane, self._messages = session, picker, pane, messages
        self.is_unreadable = False

    def read(self) -> None:
        """Read the corpus that is picked, and show it."""
        name = self._picker.current()
        work = partial(open_corpus, name, self._session.project.path("corpus", name))
        self._session.ask(work, self._on_shelf, owner=self, failed=partial(self._on_refused, name))

    @Slot(object)
    def _on_shelf(self, shelf: Shelf) -> None:
        if shelf.name == self._picker.current():
            self._pane.show_shelf(shelf)
            if shelf.damage is not None:
                self._messages.show_failed(Failed(message=shelf.damage))

    def _on_refused(self, name: str, failed: Failed) -> None:
        if name == self._picker.current():
            self.is_unreadable = True
            self.turned.emit()
            self._messages.show_failed(failed)
