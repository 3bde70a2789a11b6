"""Rename and delete: the verbs that change what an item is called, or that there is one.

Both take the project as every writer does, and are one step on the disk: whatever happens, an item has its old name, its new
one, or none.
"""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.app.locks import writing
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted
from llmstudio.core.words import Words, nearest, words
from llmstudio.store.project import FOLDERS, Project


def rename(project: Project, item: str, new_name: str) -> Iterator[Event]:
    """Give an item another name; whatever was made from it still knows it. Result: kind, name, old_name.

    Args:
        project: Where it is.
        item: Its name, or KIND/NAME where two share a name.
        new_name: Any that is free.

    Raises:
        StudioError: There is no such item, the name is taken or no name, or a run is at work on it.
    """
    from llmstudio.app.looking import locate  # the window has this module from its first moment, and needs no verb then

    kind, name = locate(project, item)
    if moved := rename_item(project, kind, name, new_name):
        yield Noted(job="rename", message=moved)
    yield Finished(job="rename", result={"kind": kind, "name": new_name, "old_name": name})


def delete(project: Project, item: str) -> Iterator[Event]:
    """Remove an item for good; what was made from it stays, and is told. Result: kind, name, children.

    Raises:
        StudioError: There is no such item, or a run is at work on it.
    """
    from llmstudio.app.looking import locate

    kind, name = locate(project, item)
    children = made_of(project, kind, name)
    delete_item(project, kind, name)
    if children:
        told = words("What was made from {name} stays: {names}.", name=name, names=nearest("", children))
        yield Noted(job="delete", message=told)
    yield Finished(job="delete", result={"kind": kind, "name": name, "children": children})


def rename_item(project: Project, kind: str, name: str, new_name: str) -> Words | None:
    """Give an item another name. Returns what was moved out of the way, if something that is no item held the name.

    Raises:
        StudioError: As `rename`, or another program is writing in the project.
    """
    with writing(project):
        _refuse_at_work(project, kind, name)
        moved = None
        if not project.exists(kind, new_name):
            project.about(kind, name)
            moved = project.make_room(kind, new_name)
        project.rename(kind, name, new_name)
    return moved


def delete_item(project: Project, kind: str, name: str) -> None:
    """Remove an item for good, also from a full disk.

    Raises:
        StudioError: As `delete`, or another program is writing in the project.
    """
    with writing(project, frees_space=True):
        _refuse_at_work(project, kind, name)
        project.delete(kind, name)


def made_of(project: Project, kind: str, name: str) -> list[str]:
    """KIND/NAME of every item that was made from this one, as far as it can be read."""
    try:
        own = project.about(kind, name).id
    except StudioError:  # damaged: nobody can tell any more
        return []
    items = (item for child in FOLDERS for item in project.items(child))
    return [f"{item.kind}/{item.name}" for item in items if any(parent.id == own for parent in item.parents.values())]


def _refuse_at_work(project: Project, kind: str, name: str) -> None:
    from llmstudio.app.run_summary import is_at_work

    if is_at_work(project.path(kind, name)):
        raise StudioError("{name} is being trained: stop its run first.", name=name)
