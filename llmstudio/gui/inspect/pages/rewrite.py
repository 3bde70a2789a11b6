"""Rewrite: what a model of pairs makes of a text, as it is written; where it looked, and the versions that came close."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.app.inspecting.rewrite import Rewritten, rewriting
from llmstudio.app.rewriting.looking_back import LookedBack, looked_back
from llmstudio.app.verbs.translate import rewrite_file
from llmstudio.core.events import Event
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.work import Stop
from llmstudio.gui.forms.form import Form
from llmstudio.gui.inspect.looking_back.looking_back import LookingBack
from llmstudio.gui.inspect.pages.page import muted
from llmstudio.gui.inspect.pages.sentence import SentencePage
from llmstudio.gui.inspect.whole_file.whole_file import WholeFile
from llmstudio.gui.look.figures import value_text
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.plural import plural
from llmstudio.gui.look.theme import space
from llmstudio.gui.session.session import Session

_SETTINGS = ("beam_width", "length_penalty", "max_new_tokens")
_EVERY_S = 0.05
_ABOVE = 2  # rows of the grid above the other versions: the map, and their title
_OTHERS = ("temperature", "top_k", "top_p", "seed")


class RewritePage(SentencePage):
    """Text in, text out.

    Attributes:
        form: Beam, length penalty, length.
        found: The answer; None until there is one.
        back: Where the model looked while it wrote it.
        file: The same for every text of a file.

    Signals:
        grew: (which question, text) the answer has grown; from the thread that writes it.
    """

    name = "rewrite"
    grew = Signal(int, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Rewrite"), self.tr("Rewrite")
        self.why = self.tr(
            "The model reads the whole text, then writes a new one word by word and looks back at the first at every word."
            " Several versions are written side by side; a score nearer to zero is likelier for its length."
        )
        self.source = "Sutskever et al. 2014, arXiv:1409.3215; Vaswani et al. 2017, arXiv:1706.03762"
        self.found: Rewritten | None = None
        self._asked = 0
        self.grew.connect(self._on_grew)
        config = GenerationConfig(max_new_tokens=64)
        self.form = Form(config, paths=_SETTINGS, exclude=_OTHERS, defaults=config)
        self.form.changed.connect(self.run)
        self.settings = QWidget()
        left = QVBoxLayout(self.settings)
        left.setContentsMargins(0, 0, 0, 0)
        left.addWidget(self.form)
        left.addWidget(muted(self.tr("A beam of 1 is greedy: it takes the likeliest word each time and never turns back.")))
        self.file = WholeFile(
            session, self._rewrite_file, suffix=self.tr("rewritten"), title=self.tr("Rewriting “{file}”"), page=self
        )
        self.file.told.connect(self.said)
        self.file.refused.connect(self.refused)
        self.beside(self.file.button, self.file.far)
        self.remark = muted("")
        self._others = muted("")
        self.between(self.remark)
        self.back = LookingBack()
        self.grid.addWidget(self.back, 0, 0, 1, 2)
        self.grid.addWidget(self._others, 1, 0, 1, 2)
        self.grid.setColumnStretch(1, 1)
        self.rows: list[tuple[Label, Label]] = []
        self.clear()
        self.restyle()

    def _rewrite_file(self, file: Path, out: Path) -> Callable[[Stop], Iterator[Event]]:
        project, model, beam_width = self._session.project, self.model, self.form.config.beam_width
        return lambda stop: rewrite_file(project, model, file, out=out, beam_width=beam_width, stop=stop)

    def clear(self) -> None:
        """No answer."""
        self.found = None
        self.back.show_looked(None)
        self._show()

    def look(self) -> None:
        """Rewrite."""
        if not self.form.settle():
            return
        project, model, text, config = self._session.project, self.model, self.edit.text, self.form.config
        self._asked = asked = self._asked + 1

        def answer(stop: Stop) -> tuple[Rewritten, LookedBack | None]:
            job = rewriting(
                project,
                model,
                text,
                beam_width=config.beam_width,
                length_penalty=config.length_penalty,
                max_new_tokens=config.max_new_tokens,
                stop=stop,
            )
            found = self._written(job, asked)
            best = found.versions[0].ids if found.versions else ()
            return found, looked_back(project, model, text, best, stop=stop) if best else None

        self.question.ask(answer, self._on_answer)

    def _written(self, job: Generator[str, None, Rewritten], asked: int) -> Rewritten:
        """Pull an answer to its end, in the thread that writes it, and have it seen as it grows."""
        shown = 0.0
        while True:
            try:
                text = next(job)
            except StopIteration as end:
                found: Rewritten = end.value
                return found
            if time.perf_counter() - shown > _EVERY_S:
                shown = time.perf_counter()
                self.grew.emit(asked, text)

    @Slot(int, str)
    def _on_grew(self, asked: int, text: str) -> None:
        """Show what there is of the answer; nothing of one that is no longer waited for."""
        if asked == self._asked and self.question.is_open:
            if self.found is not None:
                self.clear()
            self.answer.setText(text)

    def _on_answer(self, answer: tuple[Rewritten, LookedBack | None]) -> None:
        found, looked = answer
        self.back.show_looked(looked)
        self._on_found(found)

    def _on_found(self, found: Rewritten) -> None:
        self.found = found
        self._show()

    def _show(self) -> None:
        for pair in self.rows:
            for label in pair:
                self.grid.removeWidget(label)
                label.deleteLater()
        self.rows = []
        versions = self.found.versions if self.found is not None else ()
        others = versions[1:]
        self.answer.setText(versions[0].text if versions else "")
        self.remark.setText(self._remark())
        self.remark.setVisible(bool(self.remark.text()))
        self._others.setVisible(bool(others))
        self._others.setText(self._title())
        for place, version in enumerate(others):
            score = muted(value_text(version.score))
            text = Label(version.text, wordWrap=True, textInteractionFlags=Qt.TextInteractionFlag.TextSelectableByMouse)
            text.setTextFormat(Qt.TextFormat.PlainText)
            score.setWordWrap(False)
            self.grid.addWidget(score, place + _ABOVE, 0, Qt.AlignmentFlag.AlignTop)
            self.grid.addWidget(text, place + _ABOVE, 1)
            self.rows.append((score, text))

    def _title(self) -> str:
        if self.found is None or len(self.found.versions) < 2:
            return ""
        best = value_text(self.found.versions[0].score)
        return self.tr("What came close, with its score; the text above has {score}").format(score=best)

    def _remark(self) -> str:
        if self.found is None or not self.found.versions:
            return ""
        if self.found.num_left_out:
            said = self.tr("The text is longer than the model can read: its last {n|token was|tokens were} left out.")
            return plural(said, n=self.found.num_left_out)
        if not self.found.versions[0].is_whole:
            return self.tr("It came to the length limit before it had ended.")
        return ""

    def restyle(self) -> None:
        """Take the sizes and colours in force."""
        super().restyle()
        self.grid.setHorizontalSpacing(space(2))
        self.grid.setVerticalSpacing(space())
        self.back.restyle()
