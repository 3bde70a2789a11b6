"""What stands in the chat's place for a model that does not chat: what it is for, and a way to where it can be used."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from llmstudio.app.items.abilities import task_of_model, writes
from llmstudio.core.errors import Remedy
from llmstudio.core.models.families import MODELS
from llmstudio.core.tasks import TASKS
from llmstudio.core.words import words
from llmstudio.gui.look.theme import say
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.layout.tab_layout import Offer


class Silent(Offer):
    """An offer to open the model in Inspect.

    Attributes:
        text: What is said of the model.
    """

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        self._session = session
        self._model = self.text = ""
        self.pressed.connect(self._on_pressed)

    def takes(self, model: str) -> bool:
        """Whether this model does not speak, so that it is offered here."""
        item = self._session.items.find("model", model)
        if item is None or writes(item) or item.model_card.family not in MODELS:
            return False
        self._model = model
        said, family, task = self.tr("{model} is a {family}. {help}"), MODELS[item.model_card.family], task_of_model(item)
        self.text = said.format(model=model, family=say(family.label), help=say(family.help))
        if task is not None and task is not TASKS[family.task]:  # others of its family do chat
            said = self.tr("{model} does not chat: it was trained to {ability}.")
            self.text = said.format(model=model, ability=say(task.ability))
        self.set_words(self.text, self.tr("Open in Inspect"))
        return True

    @Slot()
    def _on_pressed(self) -> None:
        self._session.visit(Remedy("open_tab", words("Open in Inspect"), "inspect", self._model))
