"""What is said of the tokenizer that is chosen: that it knows another text, or that the size was made for another kind."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from llmstudio.app.presets.preset import Preset
from llmstudio.gui.look.label import Label


class TokenizerAdvice(Label):
    """A sentence with a link, which asks that the fitting tokenizer is built; hidden where there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent, wordWrap=True)
        self.setProperty("role", "muted")
        links = Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        self.setTextInteractionFlags(links)

    def show_missing(self, *, is_foreign: bool) -> None:
        """Say that there is no tokenizer of this text; with `is_foreign` that the chosen one is of another."""
        said = self.tr("This tokenizer was learned from another text. {link}Build one from this{end}")
        missing = self.tr("No tokenizer was learned from this text. {link}Build one{end}, or choose one of another text.")
        self.set_markup((said if is_foreign else missing).format(link='<a href="build">', end="</a>"))

    def show_fit(self, tokenizer_kind: str, size: Preset | None) -> None:
        """Say so if the chosen size was made with another kind of tokenizer in mind."""
        wanted = size.tokenizer.kind if size else tokenizer_kind
        is_other = bool(tokenizer_kind) and wanted in ("char", "word", "byte") and wanted != tokenizer_kind
        labels = {"char": self.tr("characters"), "word": self.tr("words"), "byte": self.tr("bytes")}
        said = self.tr("This size was made for a tokenizer of {kind}; it can be used with any. {link}Build one{end}")
        self.set_markup(said.format(kind=labels.get(wanted, wanted), link='<a href="build">', end="</a>"))
        self.setVisible(is_other)
