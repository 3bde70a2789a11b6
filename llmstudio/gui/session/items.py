"""The items of the open project as the window knows them: read once, and again when anyone has changed them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from llmstudio.app.items.changing import delete_item, rename_item
from llmstudio.app.runs.at_work import has_learned
from llmstudio.core.events import Failed
from llmstudio.store.project import About, Project


class Items(QObject):
    """What the project holds, by kind.

    Signals:
        changed: Items of this kind were renamed or deleted.
        told: A `Failed` that is worth saying: what has moved, or got a copy.
    """

    changed = Signal(str)
    told = Signal(object)

    def __init__(self, project: Project, parent: QObject) -> None:
        super().__init__(parent)
        self._project = project
        self._known: dict[str, tuple[int, list[About]]] = {}

    def open(self, project: Project) -> None:
        """Another project is open."""
        self._project = project
        self.forget()

    def of(self, kind: str) -> list[About]:
        """The project's items of a kind, newest first; read from the disk again when anyone has added or removed one."""
        changed = self._project.changed(kind)
        if kind not in self._known or self._known[kind][0] != changed:
            self._known[kind] = (changed, self._project.items(kind))
        return list(self._known[kind][1])

    def find(self, kind: str, name: str) -> About | None:
        """The item of this name; None if there is none that can be read."""
        return next((item for item in self.of(kind) if item.name == name), None)

    def ids(self, kind: str) -> dict[str, str]:
        """The ids of a kind's items by their names: an item keeps its id when it is renamed."""
        return {item.name: item.id for item in self.of(kind)}

    def models(self) -> list[About]:
        """The project's models, newest first, without those that have learned nothing: whose run has just begun, or died or
        left all bounds so.

        One that has lost what it learned is among them: whoever asks for it is told.
        """
        return [model for model in self.of("model") if has_learned(model)]

    def ready(self) -> dict[str, bool]:
        """By the name of the tab: whether there is something it has made, or (chat) something to use in it."""
        models = self.models()
        return {
            "corpus": bool(self.of("corpus")),
            "tokenizer": bool(self.of("tokenizer")),
            "train": bool(models),
            "prune": any(model.model_card.is_pruned for model in models),
            "chat": bool(models),
            "inspect": bool(models),
        }

    def rename(self, kind: str, name: str, new_name: str) -> None:
        """Give an item another name. Raises StudioError if it is taken, or a run is at work on the item."""
        if moved := rename_item(self._project, kind, name, new_name):
            self.told.emit(Failed(message=moved))
        self.changed.emit(kind)

    def delete(self, kind: str, name: str) -> None:
        """Remove an item for good. Raises StudioError if there is none, or a run is at work on it."""
        if told := delete_item(self._project, kind, name):
            self.told.emit(Failed(message=told))
        self.changed.emit(kind)

    @Slot()
    def forget(self, _kind: str = "") -> None:
        """Read the disk anew when next asked."""
        self._known.clear()
