"""Tags: a sentence, each word on the colour of its tag and with the tag below it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from llmstudio.app.inspecting.tags import TextTags, tell_tags
from llmstudio.app.verbs.tag import tag
from llmstudio.core.events import Event
from llmstudio.core.tasks.scores.spans import OUTSIDE
from llmstudio.core.work import Stop
from llmstudio.gui.inspect.pages.page import muted
from llmstudio.gui.inspect.pages.sentence import SentencePage
from llmstudio.gui.inspect.whole_file.whole_file import WholeFile
from llmstudio.gui.look.theme import series_color, shade, space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.readouts.share_bars import ShareBars

_NUM_COLORS = 7


class TagsPage(SentencePage):
    """A field, the tagged sentence, and how many words have each tag.

    Attributes:
        told: The answer; None until there is one.
        file: The same for every sentence of a file.
        bars: The tags that occur, each with its share of the words.
    """

    name = "tags"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Tags"), self.tr("Tag")
        self.why = self.tr(
            "The model reads the whole sentence once; a small head turns what it read at each word into a tag. The deeper"
            " the colour, the surer it is."
        )
        self.source = "Collobert et al. 2011, arXiv:1103.0398"
        self.told: TextTags | None = None
        self.file = WholeFile(
            session, self._tag, suffix=self.tr("tagged"), title=self.tr("Tagging the words of “{file}”"), page=self
        )
        self.file.told.connect(self.said)
        self.file.refused.connect(self.refused)
        self.beside(self.file.button, self.file.far)
        self.bars = ShareBars(self.tr("Share of the words"))
        self.bars.hide()
        self._outside = muted(self.tr("O stands for outside: such words belong to no entity."))
        self.grid.addWidget(self.bars, 0, 0, Qt.AlignmentFlag.AlignTop)
        self._foreign = muted(self.tr("The model has never read most of its words or signs: these tags are guesses."))
        self.grid.addWidget(self._outside, 1, 0)
        self.grid.addWidget(self._foreign, 2, 0)
        self.restyle()

    def _tag(self, file: Path, out: Path) -> Callable[[Stop], Iterator[Event]]:
        project, model = self._session.project, self.model
        return lambda stop: tag(project, model, file, out=out, stop=stop)

    def clear(self) -> None:
        """No answer."""
        self.told = None
        self._show()

    def look(self) -> None:
        """Tag."""
        project, model, text = self._session.project, self.model, self.edit.text
        self.question.ask(lambda stop: tell_tags(project, model, text, stop=stop), self._on_told)

    def _on_told(self, told: TextTags) -> None:
        self.told = told
        self._show()

    def _show(self) -> None:
        told = self.told
        self.bars.setVisible(told is not None and not told.parts_words)
        self._outside.hide()
        self._foreign.setVisible(told is not None and told.is_foreign)
        if told is not None:
            counts: dict[str, int] = {}
            for _, _, name, _ in told.words:
                counts[name] = counts.get(name, 0) + 1
            ranked = sorted(counts.items(), key=lambda pair: -pair[1])
            self.bars.set_bars([(name, count / len(told.words)) for name, count in ranked])
            self._outside.setVisible(OUTSIDE in counts and not told.parts_words)
        self.answer.set_markup(self._rich())

    def _rich(self) -> str:
        told = self.told
        if told is None:
            return ""
        if told.parts_words:
            return self._parted(told)
        kinds = list(dict.fromkeys(name.split("-", 1)[-1] for name in told.names if name != OUTSIDE))
        at, parts = 0, []
        for start, end, name, share in told.words:
            parts.append(escape(told.text[at:start]))
            word = escape(told.text[start:end])
            if name == OUTSIDE:
                parts.append(word)
            else:
                kind = name.split("-", 1)[-1]
                tint = shade("page", series_color(kinds.index(kind) % _NUM_COLORS), 0.15 + 0.4 * share)
                marked = f"&nbsp;{word}<sub>&nbsp;{escape(name)}</sub>&nbsp;"
                parts.append(f"<span style='background-color:{tint}'>{marked}</span>")
            at = end
        return "".join([*parts, escape(told.text[at:])]).replace("\n", "<br>")

    def _parted(self, told: TextTags) -> str:
        """The text with its words on two colours in turn."""
        at, number, parts = 0, 0, []
        for start, end, name, _ in told.words:
            number += name == "B"
            tint = shade("page", series_color(number % 2), 0.3)
            parts.append(escape(told.text[at:start]))
            parts.append(f"<span style='background-color:{tint}'>{escape(told.text[start:end])}</span>")
            at = end
        return "".join([*parts, escape(told.text[at:])]).replace("\n", "<br>")

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self.grid.setVerticalSpacing(space(2))
        self.answer.set_markup(self._rich())
