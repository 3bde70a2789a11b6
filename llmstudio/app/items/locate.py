"""Which item is meant by a name, or by KIND/NAME where two share a name."""

from __future__ import annotations

from typing import Any

from llmstudio.core.errors import StudioError
from llmstudio.core.words import nearest
from llmstudio.store.project import FOLDERS, About, Project


def find(project: Project, item: str) -> About:
    """The item of this name or KIND/NAME. Raises StudioError if there is none, there are several, or it is damaged."""
    return project.about(*locate(project, item))


def locate(project: Project, item: str) -> tuple[str, str]:
    """Kind and name of the item of this name or KIND/NAME; it may be damaged. Raises StudioError if none or several are."""
    kind, _, name = item.rpartition("/")
    kinds = {folder: kind for kind, folder in FOLDERS.items()} | {kind: kind for kind in FOLDERS}
    if kind and kind not in kinds:
        raise StudioError("{kind} is not a kind of item. There are: {kinds}.", kind=kind, kinds=", ".join(FOLDERS))
    searched = [kinds[kind]] if kind else list(FOLDERS)
    found = [kind for kind in searched if project.exists(kind, name)]
    if len(found) == 1:
        return found[0], name
    if found:
        names = ", ".join(f"{kind}/{name}" for kind in found)
        raise StudioError("Several items are named {name}: say which, {names}.", name=name, names=names)
    known = list(dict.fromkeys(about.name for kind in searched for about in project.items(kind)))
    if not known:
        raise StudioError("There is nothing named {name}: the project holds nothing of the kind yet.", name=name)
    near = nearest(name, known)
    raise StudioError("There is nothing named {name}. There are: {names}.", name=name, names=near)


def brief(item: About) -> dict[str, Any]:
    """What tells an item from all others."""
    return {"kind": item.kind, "name": item.name, "id": item.id, "created": item.created}
