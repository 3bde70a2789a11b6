"""Between the session and the tokenizer's picture: asks how a sentence is cut, off the window's thread, shows the answers.

In: which tokenizers are looked at and what is typed. Out: calls of `TokenizerView`'s `show_...`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Slot

from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.problems import MessageBar
from llmstudio.gui.tokenizer import queries as look
from llmstudio.gui.tokenizer.view import TokenizerView


class TokenizerReader(QObject):
    """Keeps a view up to date; what cannot be read is said in `messages`.

    Attributes:
        book: Vocabulary and counts of the tokenizer in sight; None until they have been read.
    """

    def __init__(self, session: Session, view: TokenizerView, messages: MessageBar) -> None:
        super().__init__(view)
        self._session, self._view, self._messages = session, view, messages
        self.book: look.Book | None = None
        self._corpus_name = ""
        self._sample = ""  # the sentence that was put in here; it goes with its text, one that was typed stays
        self._sample_of: Path | None = None
        view.typed.connect(self._cut)
        view.compare.picked.connect(self._cut_other)

    def show(self, name: str) -> None:
        """Look at this tokenizer; at none if the name is empty."""
        self.book = None
        if not name:
            return
        about = self._session.project.about("tokenizer", name)
        parent = self._session.project.by_id("corpus", about.parent("corpus").id)
        corpus = parent.path if parent else None
        self._corpus_name = parent.name if parent else ""
        typed = self._view.sentence.text()
        if corpus and (not typed or (typed == self._sample and corpus != self._sample_of)):
            self._sample_of = corpus
            self._ask(partial(look.first_sentence, corpus), self._on_sentence)
        self._cut(self._view.sentence.text())
        self._session.ask(
            partial(look.read_book, about.path, corpus),
            self._on_book,
            owner=self,
            failed=self._messages.refusal(),
            is_long=True,
        )

    @Slot(str)
    def _cut(self, text: str) -> None:
        if folder := self._folder(self._view.picker.current()):
            self._ask(partial(look.cut, folder, text, self._counts()), self._view.show_cut)
            self._ask(partial(look.film, folder, text), self._view.show_film)
        self._cut_other(self._view.compare.current())

    @Slot(str)
    def _cut_other(self, name: str) -> None:
        if folder := self._folder(name):
            self._ask(partial(look.cut, folder, self._view.sentence.text()), self._on_other)
        else:
            self._view.show_other("", None)

    def _counts(self) -> list[int | None]:
        return [entry.count for entry in self.book.entries] if self.book else []

    def _folder(self, name: str) -> Path | None:
        return self._session.project.path("tokenizer", name) if name else None

    def _ask(self, function: Callable[[], Any], then: Callable[[Any], None]) -> None:
        self._session.ask(function, then, owner=self, failed=self._messages.refusal())

    @Slot(object)
    def _on_book(self, book: look.Book) -> None:
        self.book = book
        self._view.show_book(book, self._corpus_name)
        if folder := self._folder(self._view.picker.current()):  # the same chips, now with their counts
            self._ask(partial(look.cut, folder, self._view.sentence.text(), self._counts()), self._view.show_cut)

    @Slot(object)
    def _on_sentence(self, text: str) -> None:
        if self._view.sentence.text() in ("", self._sample):
            self._view.set_sentence(text)
            self._sample = self._view.sentence.text()  # as the line holds it

    @Slot(object)
    def _on_other(self, cut: look.Cut) -> None:
        self._view.show_other(self._view.compare.current(), cut)
