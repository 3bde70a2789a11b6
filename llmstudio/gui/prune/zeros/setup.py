"""How a model is pruned: the share that goes, the method, and the name of what is saved."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from llmstudio.app.pruning.preview import Outlook
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.figures import share_text
from llmstudio.gui.look.theme import space, theme
from llmstudio.gui.prune.pages.share_dial import ShareDial
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.name_field import NameField

MOST = 99  # per cent; a model without any weight says nothing


class PruneSetup(QWidget):
    """The left side of the page."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.dial = ShareDial(self.tr("of the weights that may go"), self.tr("Sparsity in per cent"), most=MOST)
        self.form = Form(
            PruningConfig, paths=("method", "pattern", "scope", "number_format", "keep_embeddings"), exclude=("sparsity",)
        )
        self.name_field = NameField()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.dial, self.form, self.name_field):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        theme.changed.connect(self._restyle)
        self._restyle()

    @property
    def config(self) -> PruningConfig:
        """The setting in force."""
        return replace(self.form.config, sparsity=self.dial.share)

    def take(self, config: PruningConfig) -> None:
        """Show the setting that a model was pruned with."""
        self.form.config = config
        self.dial.set_share(config.sparsity)

    def propose_name(self, root: str) -> None:
        """A free name for what is saved, after `root`, the model that was trained."""
        if root:
            wish = self.tr("{model}, {n} % pruned").format(model=root, n=round(100 * self.dial.share))
            self.name_field.propose(self._session.project.free_name("model", wish))
        self.name_field.set_problem("")

    def show_count(self, outlook: Outlook) -> None:
        """Say how many weights would go and stay."""
        self.dial.set_note(
            self.tr("{zeros} of {prunable} go. Of all {all} weights, {left} stay ({share}).").format(
                zeros=f"{outlook.counts.zeros:,}",
                prunable=f"{outlook.counts.prunable:,}",
                all=f"{outlook.counts.parameters:,}",
                left=f"{outlook.counts.nonzeros:,}",
                share=share_text(outlook.counts.nonzeros / max(1, outlook.counts.parameters)),
            )
        )

    @Slot()
    def _restyle(self) -> None:
        self._column.setSpacing(space(2))
