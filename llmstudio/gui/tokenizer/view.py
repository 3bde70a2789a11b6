"""The tokenizer's picture: a sentence in chips, beside another tokenizer's cut of it, and what the vocabulary is made of.

In: chips, entries and films, worked out elsewhere. Out: what the person types and picks.
"""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from llmstudio.gui.look.label import Label
from llmstudio.gui.look.theme import say, space, theme
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.readouts.chip import visible
from llmstudio.gui.shared.readouts.figure_row import Figure, FigureRow
from llmstudio.gui.shared.readouts.token_strip import TokenStrip
from llmstudio.gui.tokenizer.merge_replay import MergeReplay
from llmstudio.gui.tokenizer.queries import Book, Cut, Film
from llmstudio.gui.tokenizer.rank_plot import RankPlot
from llmstudio.gui.tokenizer.vocabulary_table import VocabularyTable

# Typing is answered when the fingers rest for this long; shorter than one notices.
_REST_MS = 60


class TokenizerView(QWidget):
    """One tokenizer looked at.

    Attributes:
        picker: Which tokenizer is shown.
        compare: Which one is shown beside it.

    Signals:
        typed(str): The sentence as it stands, when the fingers rest.
    """

    typed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picker = ItemPicker(self.tr("Tokenizer"))
        self.compare = ItemPicker(self.tr("Compare with"), none=self.tr("none"), has_menu=False, holds=True)
        self.sentence = QLineEdit(
            placeholderText=self.tr("Type any text"),
            accessibleName=self.tr("Text to cut into tokens"),
            clearButtonEnabled=True,
        )
        self.strip, self.figures = TokenStrip(name=self.tr("Tokens")), FigureRow()
        self.other_strip, self.other_figures = TokenStrip(name=self.tr("Tokens of the other tokenizer")), FigureRow()
        self.other_name = Label()
        self.other_name.setProperty("role", "title")
        self.replay, self.table, self.ranks = MergeReplay(), VocabularyTable(), RankPlot()
        self.counted = Label(wordWrap=True)
        self.counted.setProperty("role", "muted")
        self.parts = QTabWidget(documentMode=True)
        self.parts.addTab(self.replay, self.tr("Merges"))
        self.parts.addTab(self.table, self.tr("Vocabulary"))
        self.parts.addTab(self._frequencies(), self.tr("Frequencies"))
        self._rest = QTimer(self, singleShot=True, interval=_REST_MS)
        self._rest.timeout.connect(self._tell)
        self.sentence.textChanged.connect(self._rest.start)
        self._lay_out()
        theme.changed.connect(self._restyle)
        self._restyle()
        self.show_other("", None)

    def set_sentence(self, text: str) -> None:
        """Put a sentence in, as if typed."""
        self.sentence.setText(text)

    def show_cut(self, cut: Cut) -> None:
        """Show how the tokenizer cuts the sentence."""
        self.strip.set_chips(cut.chips)
        self.figures.set_figures(self._figures(cut))

    def show_other(self, name: str, cut: Cut | None) -> None:
        """Show how a second tokenizer cuts it; none if `cut` is None."""
        for widget in (self.other_name, self.other_strip, self.other_figures):
            widget.setVisible(cut is not None)
        if cut is not None:
            self.other_name.setText(name)
            self.other_strip.set_chips(cut.chips)
            self.other_figures.set_figures(self._figures(cut))

    def show_book(self, book: Book, corpus: str) -> None:
        """Show the vocabulary and how often `corpus` uses it."""
        self.parts.setTabVisible(self.parts.indexOf(self.replay), book.kind == "bpe")
        self.parts.setCurrentWidget(self.replay if book.kind == "bpe" else self.table)
        self.table.set_entries(book.entries)
        self.ranks.set_counts([visible(e.token) for e in book.entries], [e.count or 0 for e in book.entries])
        used = sum(bool(e.count) for e in book.entries)
        if book.num_characters:
            text = self.tr(
                "{used} of {all} tokens occur in the first {n} characters of “{corpus}”. "
                "Dashed: a count that halves as the rank doubles (Zipf's law)."
            )
            numbers = {"used": f"{used:,}", "all": f"{len(book.entries):,}", "n": f"{book.num_characters:,}"}
            self.counted.setText(text.format(corpus=corpus, **numbers))
        elif book.damage is not None:
            said = self.tr("Nothing can be counted in the corpus it was built from. {reason}")
            self.counted.setText(said.format(reason=say(book.damage)))
        else:
            self.counted.setText(self.tr("The corpus it was built from is no longer here, so nothing can be counted."))

    def show_film(self, film: Film) -> None:
        """Load the merges of the sentence into the player."""
        nothing = self.tr("Type a text above: its merges are then played here one by one.")
        self.replay.set_frames(film.frames, nothing=say(film.why_not) if film.why_not else nothing)

    def _figures(self, cut: Cut) -> list[Figure]:
        number = f"{cut.num_tokens:,}" if cut.chips else "–"
        figures = [
            Figure(number, self.tr("tokens"), self.tr("With fewer tokens the model reads faster.")),
            Figure(f"{cut.bytes_per_token:.2f}" if cut.chips else "–", self.tr("bytes a token"),
                   self.tr("How much text a token carries. An English letter is 1 byte, a Chinese character 3.")),
        ]  # fmt: skip
        if cut.num_unknown:
            figures.append(
                Figure(
                    f"{cut.num_unknown:,}",
                    self.tr("unknown"),
                    self.tr("Text that this vocabulary cannot spell: the model never sees it."),
                )
            )
        return figures

    def _frequencies(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        self.ranks.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        column.addWidget(self.ranks, 1)
        column.addWidget(self.counted)
        return page

    def _lay_out(self) -> None:
        self._top = QHBoxLayout()
        self._top.addWidget(self.picker)
        self._top.addWidget(self.compare)
        self._top.addStretch(1)
        inner = QWidget()
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addLayout(self._top)
        for widget in (
            self.sentence, self.figures, self.strip, self.other_name, self.other_figures, self.other_strip,
        ):  # fmt: skip
            self._column.addWidget(widget)
        self._column.addWidget(self.parts, 1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setWidget(inner)
        fill(self, scroll)

    @Slot()
    def _tell(self) -> None:
        self.typed.emit(self.sentence.text())

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space())
        self._top.setSpacing(space(3))
        self.parts.setMinimumHeight(space(30))
