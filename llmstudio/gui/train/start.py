"""What the next run begins with: random weights, or those of a model that learns on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from llmstudio.app.items.ancestry import parent_now, recipe_of
from llmstudio.app.runs.going_on import proposed_rate
from llmstudio.app.runs.resuming import resume
from llmstudio.app.verbs.train import train
from llmstudio.core.events import Event
from llmstudio.core.work import Stop
from llmstudio.gui.look.label import Label
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.gui.shared.pickers.text_and_tokenizer import TextAndTokenizer
    from llmstudio.gui.train.setup import TrainSetup

Factory = Callable[[Stop], Iterator[Event]]


class TrainStart(QWidget):
    """Says whose weights the next run begins with; hidden while they are random ones.

    Signals:
        cleared: The next run is to begin with random weights again.
    """

    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ""
        self._said = Label(wordWrap=True)
        self.clear_button = QToolButton(text="✕", toolTip=self.tr("Begin with random weights instead"))
        self.clear_button.setAccessibleName(self.tr("Begin with random weights instead"))
        self.clear_button.clicked.connect(self._clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._said, 1)
        row.addWidget(self.clear_button)
        self.hide()

    def set_model(self, name: str) -> None:
        """The model whose weights are taken; empty for none."""
        self.model = name
        said = self.tr("Goes on with “{name}”: its weights, shape and tokenizer. Text and training may be others.")
        self._said.setText(said.format(name=name))
        self.setVisible(bool(name))

    def keep(self, names: Sequence[str]) -> None:
        """Let go of a model that is not there any more."""
        if self.model and self.model not in names:
            self._clear()

    @Slot()
    def _clear(self) -> None:
        self.set_model("")
        self.cleared.emit()


def begin_from(project: Project, about: About, setup: TrainSetup, text: TextAndTokenizer) -> None:
    """Fill the form for a run that begins with a model's weights, on the text that it learned from."""
    read, tokenizer = (parent_now(project, role, about.parent(role)) for role in ("corpus", "tokenizer"))
    if read is not None and setup.corpus.pick(read.name):
        text.follow()
    if tokenizer is not None:
        setup.tokenizer.pick(tokenizer.name)
    setup.begin_from(about.name, recipe_of(about))


def training(project: Project, setup: TrainSetup, name: str) -> Factory:
    """The job that trains with the settings as they stand."""
    recipe, corpus, start = setup.recipe, setup.corpus.current(), setup.start.model
    tokenizer = "" if start else setup.tokenizer.current()
    return lambda stop: train(project, corpus=corpus, tokenizer=tokenizer, name=name, recipe=recipe, start=start, stop=stop)


def going_on(project: Project, about: About | None, name: str) -> Factory:
    """The job that goes on with a run; with one that left all bounds at the learning rate that was proposed."""
    diverged = about is not None and about.model_card.state == "diverged"
    changes = {"training.learning_rate": proposed_rate(about)} if about is not None and diverged else None
    return lambda stop: resume(project, name, changes=changes, stop=stop)
