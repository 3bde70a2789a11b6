"""What a tokenizer is built from and how: the corpus, the kind, the size, and a name."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.core.tokenizer.config import TokenizerConfig, least_size
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_actions import name_problem
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.pickers.name_field import NameField


class TokenizerSetup(QWidget):
    """The left side of the tab."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.corpus = ItemPicker(self.tr("Corpus"), has_menu=False, above=True, holds=True)
        self.form = Form(TokenizerConfig, paths=["kind", "vocab_size"])
        self.name_field = NameField()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: column.setSpacing(space(2)))
        for part in (self.corpus, self.form, self.name_field):
            column.addWidget(part)
        column.addStretch(1)
        self.form.changed.connect(self._on_form)
        self.name_field.changed.connect(self.check_name)
        self._bound_size()

    def show_parts(self, shown: bool) -> None:
        """There is something to build from, or nothing that could be chosen."""
        for part in (self.corpus, self.form, self.name_field):
            part.setVisible(shown)

    def propose(self) -> None:
        """Offer a free name that says what is built."""
        if corpus := self.corpus.current():
            self.name_field.propose(self._session.project.free_name("tokenizer", f"{corpus} {self.form.config.kind}"))
        self.check_name()

    @Slot()
    def check_name(self) -> bool:
        """Whether a tokenizer of the name in sight can be made; says so if not."""
        problem, free = name_problem(self._session.project, "tokenizer", self.name_field.name())
        self.name_field.set_problem(problem, free)
        return not problem

    @Slot(object)
    def _on_form(self, _config: TokenizerConfig) -> None:
        self._bound_size()
        self.propose()

    def _bound_size(self) -> None:
        """What the kind allows for a size is known here at once, and not only when the tokenizer is built."""
        row, kind = self.form.row("vocab_size"), self.form.config.kind
        row.setVisible(kind != "byte")  # 256 bytes are 256 bytes
        row.set_least(least_size(kind))
