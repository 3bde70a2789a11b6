"""What is said of builds: what became of one, why it cannot begin; and when that no longer concerns what is in sight."""

from __future__ import annotations

from PySide6.QtCore import QObject

from llmstudio.app.classes.labelled import teach_with
from llmstudio.core.errors import Remedy
from llmstudio.core.events import Finished
from llmstudio.core.words import words
from llmstudio.gui.look.plural import plural
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.shared.pickers.item_picker import ItemPicker


class TokenizerMessages(QObject):
    """Writes into the tab's message bar."""

    def __init__(
        self, session: Session, bar: MessageBar, corpus: ItemPicker, tokenizer: ItemPicker, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._bar, self._corpus, self._tokenizer = session, bar, corpus, tokenizer

    def turn(self, *, is_running: bool) -> None:
        """What was said of another text or tokenizer goes; what a build remarks stays while it goes on."""
        self._bar.turn_to(self._subject(self._tokenizer.current()), keep=is_running)

    def say_done(self, end: Finished) -> None:
        """A tokenizer is ready, and what can be done with it."""
        made = str(end.result.get("tokenizer", ""))
        train = Remedy("open_tab", words("Train a model with it"), "train", made)
        teach = self._teach(made)
        steps = (train,) if teach is None else (teach, train)
        note = self._bar.text
        message = plural(
            self.tr("“{name}” is ready: {n|token|tokens}."),
            name=made,
            n=f"{end.result.get('vocab_size', 0):,}",
        )
        both = self.tr("{message} {note}").format(message=message, note=note) if note else message
        self._bar.show_message(both, remedies=steps, next_step=steps[0])
        self._bar.expect(self._subject(made))

    def _teach(self, tokenizer: str) -> Remedy | None:
        """The way to teach a model with the text that a tokenizer was learned from, if that teaches a task."""
        items = self._session.items
        made = items.find("tokenizer", tokenizer)
        parent = made.parent("corpus") if made is not None else None
        text = next((corpus for corpus in items.of("corpus") if parent is not None and corpus.id == parent.id), None)
        return teach_with(text, has_model=bool(items.models())) if text is not None else None

    def say_busy(self) -> None:
        """Something else is at work."""
        title = info.title if (info := self._session.running()) else ""
        self._bar.show_message(self.tr("{title}: wait for it or stop it first.").format(title=title), level="warning")

    def _subject(self, tokenizer: str) -> tuple[object, ...]:
        return (self._session.project.root, self._corpus.current(), tokenizer)
