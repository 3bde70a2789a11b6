"""What the next run begins with: random weights, or those of a model that learns on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
from llmstudio.gui.shared.pickers.item_picker import name_of
from llmstudio.gui.train.rows.preview import Subject
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.gui.shared.pickers.text_and_tokenizer import TextAndTokenizer
    from llmstudio.gui.train.setup import TrainSetup

Factory = Callable[[Stop], Iterator[Event]]


class TrainStart(QWidget):
    """Says whose weights the next run begins with; hidden while they are random ones.

    Attributes:
        model: What that model is called; empty for random weights.
        is_gone: It is no longer there: nothing can begin until the person decides otherwise.

    Signals:
        cleared: The next run is to begin with random weights again.
    """

    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model, self._id = "", ""
        self.is_gone = False
        self._said = Label(wordWrap=True)
        self.clear_button = QToolButton(text="✕", toolTip=self.tr("Begin with random weights instead"))
        self.clear_button.setAccessibleName(self.tr("Begin with random weights instead"))
        self.clear_button.clicked.connect(self.clear)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._said, 1)
        row.addWidget(self.clear_button)
        self.hide()

    def set_model(self, name: str, item: str = "") -> None:
        """The model whose weights are taken and its id, by which it is followed; empty for none."""
        self.model, self._id = name, item
        self._tell(is_gone=False)

    def keep(self, ids: Mapping[str, str]) -> bool:
        """Follow the model under the name that it has now, given the ids of all by their names; one that is gone is missed.

        Returns:
            Whether its name, or whether it is there, has changed.
        """
        before = self.model, self.is_gone
        if self.model:
            now = name_of(self._id, self.model, ids)
            self.model = now or self.model
            self._tell(is_gone=not now)
        return before != (self.model, self.is_gone)

    def _tell(self, *, is_gone: bool) -> None:
        self.is_gone = is_gone
        there = self.tr("Goes on with “{name}”: its weights, shape and tokenizer. Text and training may be others.")
        gone = self.tr("“{name}” is no longer there, so no run can go on with it. Press ✕ to begin with random weights.")
        self._said.setText((gone if is_gone else there).format(name=self.model))
        role = "error" if is_gone else ""
        if self._said.property("role") != role:
            self._said.setProperty("role", role)
            self._said.style().unpolish(self._said)
            self._said.style().polish(self._said)
        self.setVisible(bool(self.model))

    @Slot()
    def clear(self) -> None:
        """Begin with random weights."""
        if self.model:
            self.set_model("")
            self.cleared.emit()


def misses_something(setup: TrainSetup) -> bool:
    """Something that was chosen is no longer there, which is said where it was chosen: nothing can begin so."""
    return bool(setup.start.is_gone or setup.corpus.gone or (setup.tokenizer.gone and not setup.start.model))


def in_sight(setup: TrainSetup) -> tuple[str, str, str]:
    """What the next run is about: family, size, whose weights it begins with."""
    return setup.recipe.kind, setup.recipe.preset, setup.start.model


def to_learn(setup: TrainSetup) -> Subject:
    """What the next run's rows are made of."""
    return Subject(setup.corpus.current(), setup.tokenizer.current(), setup.start.model, setup.recipe)


def begin_from(project: Project, about: About, setup: TrainSetup, text: TextAndTokenizer) -> None:
    """Fill the form for a run that begins with a model's weights, on the text that it learned from."""
    read, tokenizer = (parent_now(project, role, about.parent(role)) for role in ("corpus", "tokenizer"))
    if read is not None and setup.corpus.pick(read.name):
        text.follow()
    if tokenizer is not None:
        setup.tokenizer.pick(tokenizer.name)
    setup.begin_from(about.name, recipe_of(about), about.id)


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
