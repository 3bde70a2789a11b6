"""How a model is made smaller: how much goes, of what, how it is chosen, and the name of what is saved."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.app.pruning.smaller import Foretold
from llmstudio.core.sparsity.structured.config import CompactConfig
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.theme import say, space, theme
from llmstudio.gui.prune.pages.share_dial import ShareDial
from llmstudio.gui.prune.smaller.parts_choice import PartsChoice
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.name_field import NameField

MOST = 95  # per cent, as the setting has it


class SmallerSetup(QWidget):
    """The left side of the page."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.dial = ShareDial(self.tr("of the units of each kind"), self.tr("Share in per cent"), most=MOST)
        self.parts = PartsChoice()
        self.form = Form(CompactConfig, paths=("score",), exclude=("share", "parts"))
        self.name_field = NameField()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.dial, self.parts, self.form, self.name_field):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def config(self) -> CompactConfig:
        """The setting in force."""
        config: CompactConfig = replace(self.form.config, share=self.dial.share, parts=self.parts.parts)
        return config

    def take(self, config: CompactConfig) -> None:
        """Show the setting that a model was made with."""
        self.form.config = config
        self.dial.set_share(config.share)
        self.parts.tick(config.parts)

    def propose_name(self, model: str) -> None:
        """A free name for what is saved."""
        if model:
            wish = self.tr("{model}, {n} % smaller").format(model=model, n=round(100 * self.dial.share))
            self.name_field.propose(self._session.project.free_name("model", wish))
        self.name_field.set_problem("")

    def show_foretold(self, foretold: Foretold) -> None:
        """Say how many weights would stay, or why nothing can go."""
        if foretold.problem is not None:
            self.dial.set_note(say(foretold.problem))
            return
        before, after = foretold.parameters
        said = self.tr("Of {before} weights {after} would stay.")
        self.dial.set_note(said.format(before=f"{before:,}", after=f"{after:,}"))

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space(2))
