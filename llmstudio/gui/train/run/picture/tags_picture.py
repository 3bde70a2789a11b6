"""How a run tags held-out sentences: one of them with its tags as they are told now, and how well each tag is found."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from llmstudio.app.tags.watched import TagLook, WatchedWord
from llmstudio.core.tasks.scores.spans import OUTSIDE
from llmstudio.gui.look.figures import share_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import color, series_color, shade, space, theme
from llmstudio.gui.shared.readouts.share_bars import ShareBars

_NUM_COLORS, _MOST_BARS = 7, 12


class TagsPicture(QWidget):
    """It is told what the model tags; it fetches nothing.

    Attributes:
        told: What is in sight; None while nothing is known.
        another: Shows the next sentence.
        bars: How well each type of span, or each tag, is found.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.told: TagLook | None = None
        self._at = 0
        self._remark, self._legend = Label(wordWrap=True), Label(wordWrap=True)
        for label in (self._remark, self._legend):
            label.setProperty("role", "muted")
        self._sentence = Label(wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
        self._sentence.setProperty("role", "title")
        self.another = QPushButton(self.tr("Another sentence"))
        self.another.setProperty("role", "chip")
        self.another.clicked.connect(self._on_another)
        row = QHBoxLayout()
        row.addWidget(self.another)
        row.addWidget(self._legend, 1)
        self._bars_title = Label(wordWrap=True)
        self.bars = ShareBars()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(1.5)))
        column.addWidget(self._remark)
        column.addWidget(self._sentence)
        column.addLayout(row)
        column.addWidget(self._bars_title)
        column.addWidget(self.bars)
        column.addStretch(1)
        theme.changed.connect(self._show)
        self.show_told(None)

    @property
    def remark(self) -> str:
        """What is said above the sentence."""
        return self._remark.text()

    @property
    def sentence(self) -> str:
        """The sentence in sight, with its tags."""
        return self._sentence.text()

    def show_told(self, told: TagLook | None, waiting: str = "") -> None:
        """Show what the model tags, the sentence that was in sight if there is one; None with what is waited for."""
        self.told = told if told is not None and told.num_sentences else None
        self._remark.setText(waiting if told is None else self.tr("No sentence was held out, so none can be shown."))
        if self.told is not None:
            said = self.tr("{n|held-out sentence|held-out sentences}, weights of step {step}: {share} of the words right")
            share = share_text(self.told.num_right / max(1, self.told.num_words))
            text = plural(said, n=self.told.num_sentences, step=f"{self.told.step:,}", share=share)
            self._remark.setText(text if self.told.is_all else self.tr("{text} · taken evenly from more").format(text=text))
        self._show()

    @Slot()
    def _on_another(self) -> None:
        self._at += 1
        self._show()

    @Slot()
    def _show(self) -> None:
        told = self.told
        for widget in (self._sentence, self.another, self._legend, self._bars_title, self.bars):
            widget.setVisible(told is not None)
        if told is None:
            return
        self.another.setVisible(len(told.sentences) > 1)
        words = told.sentences[self._at % len(told.sentences)]
        wrong = sum(word.true != word.told for word in words)
        said = self.tr("{wrong} of {n|word|words} wrong here: underlined, with the right tag behind it.")
        if not wrong:
            said = self.tr("{n|word|words} here, all with the right tag.")
        self._legend.setText(plural(said, n=len(words), wrong=f"{wrong:,}"))
        kinds = [name for name, _, _ in told.figures]
        self._sentence.set_markup("".join(self._marked(word, kinds) for word in words))
        title = self.tr("Found with both ends and the type right (F1)") if told.are_spans else self.tr("Found (F1)")
        shown = told.figures[:_MOST_BARS]
        if (hidden := len(told.figures) - len(shown)) > 0:
            title = plural(self.tr("{title}; {n|rarer tag is|rarer tags are} not drawn"), n=hidden, title=title)
        self._bars_title.setText(title)
        self.bars.set_bars([(f"{name or self.tr('words')} ({count:,})", share) for name, share, count in shown])

    def _marked(self, word: WatchedWord, kinds: list[str]) -> str:
        """A word on the colour of the tag that is told; a wrong one underlined, with both tags."""
        text, space_behind = escape(word.text), " " if word.is_followed else ""
        is_wrong = word.true != word.told
        if word.told == OUTSIDE and not is_wrong:
            return text + space_behind
        kind = word.told if word.told in kinds else word.told.split("-", 1)[-1]
        ink = series_color(kinds.index(kind) % _NUM_COLORS) if kind in kinds else color("muted")
        tag = escape(word.told)
        if is_wrong:
            text, tag = f"<u>{text}</u>", f"{tag} ✗ {escape(word.true)}"
        tint = shade("page", ink, 0.3)
        return f"<span style='background-color:{tint}'>&nbsp;{text}<sub>&nbsp;{tag}</sub>&nbsp;</span>{space_behind}"
