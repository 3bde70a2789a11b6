"""Side by side: a model and its parent, or any other, write on from one prompt with one seed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from llmstudio.app.pruning.both import write_both
from llmstudio.core.events import Event, Piece, Started
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.gui.forms.form import Form
from llmstudio.gui.look.label import Label
from llmstudio.gui.look.scaled import scaled
from llmstudio.gui.look.theme import space
from llmstudio.gui.prune.pages.jobs import Task
from llmstudio.gui.prune.pages.page import Page, made_of
from llmstudio.gui.prune.pages.side_by_side import Side, SideBySide
from llmstudio.gui.session.session import Session
from llmstudio.gui.shared.pickers.item_picker import ItemPicker
from llmstudio.gui.shared.readouts.figure_row import Figure
from llmstudio.gui.shared.readouts.quality_text import NONE


class BothPage(Page):
    """The second model and the settings at the left; the prompt and both texts at the right."""

    name = "both"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.title, self.verb = self.tr("Side by side"), self.tr("Write")
        self.why = self.tr(
            "Both write on from the same words and draw with the same <a href='seed'>seed</a>. Where nothing was lost they"
            " write the same; after the first token that differs they go their own ways, however alike they are."
        )
        self.terms = {"seed": self.tr("The number that the draws begin with: the same seed draws the same text again.")}
        self.other = ItemPicker(self.tr("Beside it"), has_menu=False, above=True)
        self.form = Form(GenerationConfig(max_new_tokens=100), paths=("seed", "temperature", "max_new_tokens"))
        self.settings = QWidget()
        left = QVBoxLayout(self.settings)
        left.setContentsMargins(0, 0, 0, 0)
        scaled(self, lambda: left.setSpacing(space(2)))
        left.addWidget(self.other)
        left.addWidget(self.form)
        self.prompt = QLineEdit(accessibleName=self.tr("Prompt"))
        self.prompt.setPlaceholderText(self.tr("The words that both go on from; none lets them begin a text"))
        self.prompt.returnPressed.connect(self._on_return)
        label = Label(self.tr("Prompt"))
        label.setBuddy(self.prompt)
        self.sides = SideBySide()
        self.column.addWidget(label)
        self.column.addWidget(self.prompt)
        self.column.addWidget(self.sides)
        self.column.addStretch(1)
        scaled(self, lambda: self.column.setSpacing(space(1.5)))
        self._texts: list[str] = []
        self._paces: list[float | None] = []
        self._asked, self._at = "", 0
        self._children: set[str] = set()  # what was made of the model
        self.other.picked.connect(self._forget)

    @property
    def is_ready(self) -> bool:
        """Whether there are two."""
        return bool(self.other.current())

    @property
    def models(self) -> tuple[str, str]:
        """The two, that which was made of the other at the right."""
        other = self.other.current()
        return (self.model, other) if other in self._children else (other, self.model)

    @Slot()
    def _on_return(self) -> None:
        if self.is_ready and not self.jobs.are_running:
            self.run()

    def run(self) -> None:
        """Let both write."""
        if not self.may_start():
            return
        project, models, config, prompt = self._session.project, self.models, self.form.config, self.prompt.text()
        self._texts, self._paces, self._asked = ["", ""], [None, None], prompt
        self.start(
            Task("both", self.model, models, "talk"),
            self.tr("Writing with “{first}” and “{second}”").format(first=models[0], second=models[1]),
            lambda stop: write_both(project, models, prompt=prompt, config=config, stop=stop),
        )
        self._show()

    def hear(self, task: Task, event: Event) -> None:
        """A piece of what one of them writes."""
        if task.config != self.models or not self._texts:
            return
        if isinstance(event, Started) and event.job == "generate":
            self._at = self.models.index(event.item)
        elif isinstance(event, Piece):
            self._texts[self._at] += event.text
            self._paces[self._at] = event.tokens_per_second
            self._show()

    def finished(self, task: Task, result: Mapping[str, Any]) -> None:
        """Both have written."""
        if task.config == self.models:
            self._texts = [str(answer["text"]) for answer in result["answers"]]
            self._paces = [answer.get("tokens_per_second") for answer in result["answers"]]
            self._show()

    # the models

    def show_model(self) -> None:
        """Beside it stands what it was made of, else what was made of it, else another one."""
        self._fill()
        project, items = self._session.project, self._session.items.models()
        own = next((item for item in items if item.name == self.model), None)
        if own is not None:
            parent = made_of(project, own)
            self.other.pick(
                parent if parent != own.name else next((item.name for item in items if item.name in self._children), "")
            )
        self._forget()

    def refresh(self) -> None:
        """Others may have come, or gone."""
        before = self.models
        self._fill()
        if self.models != before:
            self._forget()
        self.ready_changed.emit()

    def _fill(self) -> None:
        project, items = self._session.project, self._session.items.models()
        self._children = {item.name for item in items if item.name != self.model and made_of(project, item) == self.model}
        names = [item.name for item in items if item.name != self.model]
        self.other.set_names(names if self.model else [], self._session.items.ids("model"))

    def clear(self) -> None:
        """Nothing of another project."""
        super().clear()
        self.other.forget()
        self._forget()

    @Slot()
    def _forget(self) -> None:
        """What others wrote goes."""
        self._texts, self._paces = [], []
        self._show()
        self.ready_changed.emit()

    def _show(self) -> None:
        sides = []
        for at, model in enumerate(self.models):
            pace = self._paces[at] if self._paces else None
            figures = (Figure(f"{pace:,.0f}" if pace else NONE, self.tr("tokens/s")),)
            text = self._texts[at] if self._texts else ""
            remark = self.tr("There is no other model to put beside it.") if not model and self.model else ""
            sides.append(Side(model, figures, self._asked if self._texts else "", text, remark, keeps_lines=True))
        self.sides.set_sides(*sides)
        self.sides.setVisible(bool(self.model))
