"""Delete: an item that is no longer wanted."""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.app.items.changing import delete_item, made_of
from llmstudio.app.items.locate import locate
from llmstudio.app.verbs.options import ITEM
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted
from llmstudio.core.words import nearest, words
from llmstudio.store.project import Project


def delete(project: Project, item: str) -> Iterator[Event]:
    """Remove an item for good; what was made from it stays, and is told. Result: kind, name, children.

    Raises:
        StudioError: There is no such item, or a run is at work on it.
    """
    kind, name = locate(project, item)
    children = made_of(project, kind, name)
    if (told := delete_item(project, kind, name)) is not None:
        yield Noted(job="delete", message=told)
    if children:
        told = words("What was made from {name} stays: {names}.", name=name, names=nearest("", children))
        yield Noted(job="delete", message=told)
    yield Finished(job="delete", result={"kind": kind, "name": name, "children": children})


def _begin(project: Project, typed: Typed) -> Job:
    if not typed.yes:
        raise StudioError("Deleting {item} cannot be undone: add --yes if you mean it.", item=typed.item)
    return lambda stop: delete(project, typed.item)


VERB = Verb(
    name="delete",
    help="remove an item for good; what was made from it stays",
    arguments=(ITEM, argument("--yes", action="store_true", help="you mean it: this cannot be undone")),
    begin=_begin,
)
