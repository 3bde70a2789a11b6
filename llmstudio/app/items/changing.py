"""What an item is called, and that there is one: both are changed in one step on the disk.

Whatever happens, an item has its old name, its new one, or none.
"""

from __future__ import annotations

from llmstudio.app.items.locks import writing
from llmstudio.app.runs.at_work import is_at_work
from llmstudio.core.errors import StudioError
from llmstudio.core.models.checkpoint.bases import hand_over
from llmstudio.core.words import Words, words
from llmstudio.store.project import FOLDERS, Project


def rename_item(project: Project, kind: str, name: str, new_name: str) -> Words | None:
    """Give an item another name. Returns what was moved out of the way, if something that is no item held the name.

    Raises:
        StudioError: There is no such item, the name is taken or no name, a run is at work on it, or another program is
            writing in the project.
    """
    with writing(project):
        _refuse_at_work(project, kind, name)
        moved = None
        if not project.exists(kind, new_name):
            project.about(kind, name)
            moved = project.make_room(kind, new_name)
        project.rename(kind, name, new_name)
    return moved


def delete_item(project: Project, kind: str, name: str) -> Words | None:
    """Remove an item for good, also from a full disk; models that read their base from it get that first.

    Returns:
        What is to be said of these; None if there are none.

    Raises:
        StudioError: There is no such item, a run is at work on it, another program is writing in the project, or the disk is
            too full for what other models need of it.
    """
    with writing(project, frees_space=True):
        _refuse_at_work(project, kind, name)
        readers = hand_over(project.path(kind, name)) if kind == "model" and project.exists(kind, name) else []
        project.delete(kind, name)
    if not readers:
        return None
    return words(
        "{n|model is|models are} kept as small adapters beside {name}, and got a copy of its weights first: {names}.",
        n=len(readers),
        name=name,
        names=", ".join(sorted(readers)),
    )


def made_of(project: Project, kind: str, name: str) -> list[str]:
    """KIND/NAME of every item that was made from this one, as far as it can be read."""
    try:
        own = project.about(kind, name).id
    except StudioError:  # damaged: nobody can tell any more
        return []
    items = (item for child in FOLDERS for item in project.items(child))
    return [f"{item.kind}/{item.name}" for item in items if any(parent.id == own for parent in item.parents.values())]


def _refuse_at_work(project: Project, kind: str, name: str) -> None:
    if is_at_work(project.path(kind, name)):
        raise StudioError("{name} is being trained: stop its run first.", name=name)
