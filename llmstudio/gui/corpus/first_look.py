"""The first look at a source, before it is imported: what is read from it, and the ways out of what was guessed."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QTimer, Slot

from llmstudio.app.tags.cleaning import tags_of
from llmstudio.core.corpus.reading.other_kinds import left_kind
from llmstudio.core.corpus.reading.readers import Preview
from llmstudio.gui.corpus.queries import Look, look_at
from llmstudio.gui.corpus.setup import CorpusSetup
from llmstudio.gui.corpus.view import PreviewPane
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar

# A look waits until the person has finished moving a slider or typing a number.
_REST_MS = 150


class FirstLook(QObject):
    """Shows the source in sight with the settings as they stand."""

    def __init__(
        self, session: Session, setup: CorpusSetup, preview: PreviewPane, messages: MessageBar, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._setup, self._preview, self._messages = session, setup, preview, messages
        self._pause = QTimer(self, singleShot=True, interval=_REST_MS)
        self._pause.timeout.connect(self._look)

    @Slot()
    def take_soon(self) -> None:
        """Look anew, once the person rests."""
        self._pause.start()

    @property
    def is_due(self) -> bool:
        """True while a look waits for its turn."""
        return self._pause.isActive()

    def _source(self) -> str:
        return self._setup.sources.current() or next(iter(self._setup.sources.sources()), "")

    @Slot()
    def _look(self) -> None:
        if source := self._source():
            is_alone = len(self._setup.sources.sources()) <= 1
            work = partial(
                look_at, source, self._setup.config, is_alone=is_alone, tagger=partial(tags_of, self._session.project)
            )
            self._session.ask(work, self._on_look, owner=self, failed=self._messages.refusal())

    @Slot(object)
    def _on_look(self, look: Look) -> None:
        if look.source == self._source():
            self._messages.clear()
            self._setup.show_found(look)
            self._preview.show_look(look, self._setup.sources.label(look.source))
            self._offer_ways(look.preview)

    def _offer_ways(self, found: Preview) -> None:
        """A button for each way out of what was guessed, and for each kind of record that this import would leave."""
        said = [remark for remark in found.taken.remarks if remark.remedies] + [
            left_kind(kind, count) for kind, count in found.num_others.items()
        ]
        if said:
            level = "warning" if any(remark.level == "warning" for remark in said) else "info"
            remedies = tuple(remedy for remark in said for remedy in remark.remedies)
            self._messages.show_message(" ".join(say(remark.message) for remark in said), level=level, remedies=remedies)
