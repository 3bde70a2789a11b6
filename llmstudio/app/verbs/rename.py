"""Rename: another name for an item."""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.app.items.changing import rename_item
from llmstudio.app.items.locate import locate
from llmstudio.app.verbs.options import ITEM
from llmstudio.app.verbs.verb import Verb, argument
from llmstudio.core.events import Event, Finished, Noted
from llmstudio.store.project import Project


def rename(project: Project, item: str, new_name: str) -> Iterator[Event]:
    """Give an item another name; whatever was made from it still knows it. Result: kind, name, old_name.

    Args:
        project: Where it is.
        item: Its name, or KIND/NAME where two share a name.
        new_name: Any that is free.

    Raises:
        StudioError: There is no such item, the name is taken or no name, or a run is at work on it.
    """
    kind, name = locate(project, item)
    if moved := rename_item(project, kind, name, new_name):
        yield Noted(job="rename", message=moved)
    yield Finished(job="rename", result={"kind": kind, "name": new_name, "old_name": name})


VERB = Verb(
    name="rename",
    help="give an item another name",
    arguments=(ITEM, argument("new", metavar="NEW", help="its new name")),
    begin=lambda project, typed: lambda stop: rename(project, typed.item, typed.new),
)
