"""Fill in: a text with blanks, the words that an encoder puts there, and what else it thought of."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from llmstudio.app.inspecting.fill import FilledText, fill, with_blank
from llmstudio.gui.inspect.pages.sentence import SentencePage
from llmstudio.gui.look.theme import series_color, shade, space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.readouts.share_bars import ShareBars

NUM_CHOICES = 5


class FillPage(SentencePage):
    """A field, the filled text, bars for each blank.

    Attributes:
        filled: The answer; None until there is one.
        bars: One for each blank.
    """

    name = "fill"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Fill in"), self.tr("Fill")
        self.why = self.tr(
            "The model reads what stands before and after each blank at once and says which word fits; the deeper the"
            " colour, the surer it is. It learned this by having words hidden from it."
        )
        self.source = "Devlin et al. 2019, arXiv:1810.04805"
        self.filled: FilledText | None = None
        self.bars: list[ShareBars] = []
        self.restyle()

    def field_label(self) -> str:
        """Says how to write a blank."""
        return self.tr("Your text, with ___ where a word is missing")

    def worded(self, sentence: str) -> str:
        """With a word taken out."""
        return with_blank(sentence) if sentence else self.tr("The ___ is in the house.")

    def clear(self) -> None:
        """No answer."""
        self.filled = None
        self._show()

    def look(self) -> None:
        """Fill."""
        project, model, text = self._session.project, self.model, self.edit.text
        self.question.ask(lambda stop: fill(project, model, text, num_choices=NUM_CHOICES, stop=stop), self._on_filled)

    def _on_filled(self, filled: FilledText) -> None:
        self.filled = filled
        self._show()

    def _show(self) -> None:
        for bars in self.bars:
            self.grid.removeWidget(bars)
            bars.deleteLater()
        self.bars = []
        gaps = self.filled.gaps if self.filled is not None else ()
        for place, gap in enumerate(gaps):
            bars = ShareBars(self.tr("Blank {n}").format(n=place + 1))
            bars.set_bars(gap.choices)
            self.bars.append(bars)
            self.grid.addWidget(bars, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        self.answer.set_markup(self._rich())

    def _rich(self) -> str:
        if self.filled is None:
            return ""
        text, at, parts = self.filled.text, 0, []
        for gap in self.filled.gaps:
            tint = shade("page", series_color(0), 0.2 + 0.4 * gap.choices[0][1])
            parts.append(escape(text[at : gap.start]))
            parts.append(f"<span style='background-color:{tint}'>&nbsp;{escape(text[gap.start : gap.end])}&nbsp;</span>")
            at = gap.end
        return "".join([*parts, escape(text[at:])]).replace("\n", "<br>")

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self.grid.setHorizontalSpacing(space(4))
        self.grid.setVerticalSpacing(space(2))
        self.answer.set_markup(self._rich())
