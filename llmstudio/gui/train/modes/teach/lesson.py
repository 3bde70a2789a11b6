"""What a model is to learn: every class with its texts, so that a rare one is seen at once, and some of these texts."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from llmstudio.app.classes.labelled import LabelledText
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import BODY, font, space, theme
from llmstudio.gui.shared.layout.filled import fill
from llmstudio.gui.shared.layout.why import Why
from llmstudio.gui.shared.readouts.share_bars import ShareBars, share_text

_MOST_BARS, _LAST_BARS = 24, 6  # classes drawn, the rarest of them last


class Lesson(QWidget):
    """The picture before teaching.

    Attributes:
        bars: The classes by their texts.
        rows: Labels of class and text, row by row.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text: LabelledText | None = None
        self._title = Label(wordWrap=True)
        self._title.setProperty("role", "title")
        self._said = Label(wordWrap=True)
        self._said.setProperty("role", "muted")
        self.bars = ShareBars(number=_texts)
        self._rows_title = Label()
        self.rows: list[tuple[Label, Label]] = []
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(1.5)))
        for widget in (self._title, self._said, self.bars, self._rows_title):
            column.addWidget(widget)
        column.addLayout(self._grid)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(body)
        body.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        fill(self, scroll)
        theme.changed.connect(self._dress)
        self._dress()
        self.show_text(None)

    @property
    def title(self) -> str:
        """What is said above the bars."""
        return self._title.text()

    @property
    def said(self) -> str:
        """What is said of the classes as a whole."""
        return self._said.text()

    def show_text(self, text: LabelledText | None, waiting: str = "") -> None:
        """Show what there is to learn; None while that is not known, with what is waited for or missing."""
        self.text = text
        self.bars.setVisible(text is not None and bool(text.classes))
        self._rows_title.setVisible(text is not None)
        self._show_rows(self._rows_of(text) if text is not None else ())
        if text is None:
            self._title.setText(waiting)
            self._said.setText("")
            return
        if text.task == "tag":
            title, classes = self.tr("{n|sentence|sentences} to learn from, with {classes}"), self.tr("{n|tag|tags}")
        elif text.task == "pairs":
            title, classes = self.tr("{n|pair|pairs} of texts to learn from"), ""
        elif text.task == "next_token":
            title, classes = self.tr("{n|chat|chats} to learn from"), ""
        else:
            title, classes = self.tr("{n|text|texts} to learn from, in {classes}"), self.tr("{n|class|classes}")
        self._title.setText(plural(title, n=text.num_texts, classes=plural(classes, n=len(text.classes))))
        self._said.setText(self._remarks(text))
        self._said.setVisible(bool(self._said.text()))
        shown = text.telling
        if len(shown) > _MOST_BARS:
            shown = (*shown[: _MOST_BARS - _LAST_BARS], *shown[-_LAST_BARS:])
        rare = self.tr("{name} (rare)")
        marked = [place for place, (name, _) in enumerate(shown) if name in text.rare]
        bars = [(rare.format(name=name) if name in text.rare else name, float(count)) for name, count in shown]
        self.bars.set_bars(bars, marked or range(len(bars)))
        learned = self.tr("What is learned, text by text")
        self._rows_title.setText(learned if text.classes else self.tr("What is read (grey), and what is learned"))

    def _remarks(self, text: LabelledText) -> str:
        said = []
        if len(text.classes) == 1:
            said.append(self.tr("With a single one there is nothing to tell apart."))
        if text.rare:
            few = self.tr("{n|class has|classes have} far fewer texts: accuracy hides it, macro-F1 shows it.")
            if text.task == "tag":
                few = self.tr("{n|tag is|tags are} far rarer than an even share.")
            said.append(plural(few, n=len(text.rare)))
        if text.outside_share:
            share = share_text(text.outside_share)
            said.append(self.tr("{share} of the words are outside of all names: O, not drawn.").format(share=share))
        if len(text.telling) > _MOST_BARS:
            said.append(plural(self.tr("{n|more is|more are} not drawn."), n=len(text.telling) - _MOST_BARS))
        if text.num_unlabelled:
            said.append(plural(self.tr("{n|text has|texts have} no label and are not learned."), n=text.num_unlabelled))
        if not text.is_all:
            said.append(self.tr("Only the first texts were counted; there are more."))
        return " ".join(said)

    def _rows_of(self, text: LabelledText) -> tuple[tuple[str, str, bool], ...]:
        """The rows, with words for the sides of a pair and for who speaks in a chat, and whether one is only read."""
        if text.classes:
            return tuple((*row, False) for row in text.rows)
        told = {
            "source": self.tr("reads"),
            "target": self.tr("writes"),
            "story": self.tr("story"),
            "user": self.tr("person"),
            "assistant": self.tr("model"),
        }
        return tuple((said, told.get(name, name), name not in ("target", "assistant")) for said, name in text.rows)

    def _show_rows(self, rows: tuple[tuple[str, str, bool], ...]) -> None:
        while len(self.rows) < len(rows):
            pair = Label(), Label(wordWrap=True)
            pair[0].setFont(font(BODY, bold=True))
            for column, label in enumerate(pair):
                self._grid.addWidget(label, len(self.rows), column, Qt.AlignmentFlag.AlignTop)
            self.rows.append(pair)
        for place, (name, text) in enumerate(self.rows):
            is_shown = place < len(rows)
            text.setText(rows[place][0] if is_shown else "")
            name.setText(rows[place][1] if is_shown else "")
            _grey(text, is_grey=is_shown and rows[place][2])
            for label in (name, text):
                label.setVisible(is_shown)

    @Slot()
    def _dress(self) -> None:
        self._rows_title.setFont(font(BODY, bold=True))
        self._grid.setHorizontalSpacing(space(2))
        self._grid.setVerticalSpacing(space())
        for name, _ in self.rows:
            name.setFont(font(BODY, bold=True))


def explain_lesson(why: Why, task: str) -> None:
    """Say what teaching a task is, a name in `TASKS`."""
    tr = QCoreApplication.translate
    told = {
        "classify": tr(
            "Lesson",
            "The model reads a text and guesses its class; its weights move a little towards the label. One that has read"
            " before already knows words, and needs fewer labels.",
        ),
        "tag": tr(
            "Lesson",
            "The model reads a sentence and guesses the tag of each word; its weights move a little towards the tags that"
            " stand there. One that has read before already knows words, and needs fewer sentences.",
        ),
        "pairs": tr(
            "Lesson",
            "The model reads one text of a pair and writes the other, token by token; its weights move a little towards what"
            " stands there.",
        ),
        "next_token": tr(
            "Lesson",
            "The model reads a chat and guesses how it goes on; its weights move a little towards the answers that stand"
            " there. One that has read before already knows the language, and learns the manner of answering.",
        ),
    }
    why.set_words(told[task], source=tr("Lesson", "Fine-tuning: Howard and Ruder 2018, arXiv:1801.06146"))


def _grey(label: Label, *, is_grey: bool) -> None:
    role = "muted" if is_grey else ""
    if (label.property("role") or "") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)


def _texts(count: float) -> str:
    return f"{count:,.0f}"
