"""Which tokenizer goes with which text: a text's own is chosen by itself, that of another text only by the person.

A tokenizer that was learned elsewhere may not know half of the letters; nothing would be wrong but the result.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.app.items.tokenizer_fit import Fit, tokenizers_by_fit
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.store.project import About


def tokenizers_for(session: Session, corpus: str) -> tuple[list[str], list[str]]:
    """Names of all tokenizers, those that were learned from this text first; and of these alone."""
    text, found = session.items.find("corpus", corpus), session.items.of("tokenizer")
    own = [made.name for made in found if text is not None and _is_of(made, text)]
    return [*own, *(made.name for made in found if made.name not in own)], own


def _is_of(tokenizer: About, text: About) -> bool:
    """Learned from this text, whatever it is called: the same words may have been imported twice."""
    parent = tokenizer.parent("corpus")
    return parent.id == text.id or (bool(text.hash) and parent.hash == text.hash)


def text_for(session: Session, tokenizer: str, corpus: str) -> str:
    """The text to use a tokenizer with: the one at hand if it was learned from it or its own is gone, else its own."""
    made, at_hand = session.items.find("tokenizer", tokenizer), session.items.find("corpus", corpus)
    if made is None or (at_hand is not None and _is_of(made, at_hand)):
        return corpus
    return next((text.name for text in session.items.of("corpus") if _is_of(made, text)), corpus)


def build_for(session: Session, corpus: str, config: TokenizerConfig) -> None:
    """Learn a tokenizer from a text; once made, it is the one in use."""
    project = session.project
    name = project.free_name("tokenizer", f"{corpus} {config.kind}")
    session.start(
        lambda stop: build_tokenizer(project, corpus, name=name, config=config, stop=stop),
        tab="tokenizer",
        title=session.tr("Building “{name}”").format(name=name),
        engine=False,
    )


class TextAndTokenizer(QObject):
    """Two pickers that go together.

    Signals:
        changed: Another text or another tokenizer is chosen.
    """

    changed = Signal()

    def __init__(self, session: Session, corpus: ItemPicker, tokenizer: ItemPicker, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._corpus, self._tokenizer = session, corpus, tokenizer
        corpus.picked.connect(self.follow)
        tokenizer.picked.connect(self.changed)

    @property
    def is_foreign(self) -> bool:
        """Whether the tokenizer that is chosen was learned from another text."""
        return bool(self._tokenizer.current()) and self._tokenizer.current() not in self._own()

    def fill(self) -> None:
        """Read anew which tokenizers there are; the one in use stays, and where none was, the text's own is taken."""
        names, own = tokenizers_for(self._session, self._corpus.current())
        self._tokenizer.set_names(names, self._session.items.ids("tokenizer"))
        if not (self._tokenizer.current() or self._tokenizer.gone) and own:
            self._tokenizer.pick(own[0])
        if self._corpus.current() and len(names) - len(own) > 1:
            work = partial(tokenizers_by_fit, self._session.project, self._corpus.current())
            self._session.ask(work, self._on_fit, owner=self, failed=lambda _: None)
        self.changed.emit()

    @Slot()
    def follow(self) -> None:
        """Another text: its own tokenizer, or none."""
        own = self._own()
        self.fill()
        self._tokenizer.pick(own[0] if own else "")
        self.changed.emit()

    def take(self, tokenizer: str) -> None:
        """A tokenizer that was made or asked for comes with the text that it learned from."""
        before = self._corpus.current(), self._tokenizer.current()
        if self._corpus.pick(text_for(self._session, tokenizer, before[0])) and self._corpus.current() != before[0]:
            self.fill()
        self._tokenizer.pick(tokenizer)
        if (self._corpus.current(), self._tokenizer.current()) != before:
            self.changed.emit()

    def _own(self) -> list[str]:
        return tokenizers_for(self._session, self._corpus.current())[1]

    def _on_fit(self, found: list[Fit]) -> None:
        """Of the others, those that know the text come first."""
        names, own = tokenizers_for(self._session, self._corpus.current())
        order = [fit.tokenizer for fit in found if fit.tokenizer in names and fit.tokenizer not in own]
        rest = [name for name in names if name not in own and name not in order]
        self._tokenizer.set_names([*own, *order, *rest], self._session.items.ids("tokenizer"))
