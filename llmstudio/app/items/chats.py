"""Chats on disk: kept under a name, found again, and open in several programs at once.

A chat is saved after each message, also while another program trains in the project, so it takes no lock of the project.
What two programs do at the same moment comes one after the other: nothing that either has said is lost.
"""

from __future__ import annotations

import re
import time
import unicodedata
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from llmstudio.core.errors import StudioError
from llmstudio.core.generation.chat import USER, Chat
from llmstudio.core.words import Words, words
from llmstudio.store.files import write_json
from llmstudio.store.item_files import FORMAT
from llmstudio.store.lineage import Parent
from llmstudio.store.project import Project, safe_name
from llmstudio.store.reading import file_told, read_json
from llmstudio.store.turns import in_turn


@dataclass(frozen=True)
class Place:
    """Where a chat is kept: its name, which anyone may change, and its id, which stays. Both are empty if it is not yet."""

    name: str = ""
    id: str = ""


@dataclass(frozen=True)
class Kept:
    """How a chat was kept.

    Attributes:
        place: Where it lies now.
        chat: As it is kept: with what another program, which had it open too, has added to it meanwhile.
        told: Why it has another place than before, in a sentence; None if it has not.
    """

    place: Place
    chat: Chat
    told: Words | None = None


def keep_chat(project: Project, place: Place, chat: Chat, *, model: str = "", model_id: str = "") -> Kept:
    """Keep a chat that is open: where it lies now, whatever it is called by now, or under a free name if it is gone.

    A name alone says nothing: another program may have deleted the chat and begun another with the same first words. So may
    it have renamed the model; with `model_id` the chat is that model's, whatever it is called now.

    Raises:
        StudioError: The name is unusable, the project may not be written, or the chat of this name is damaged.
    """
    if not place.name:
        asked = next((message.text for message in chat.path() if message.who == USER), "")
        return Kept(_begin(project, chat_name(asked), chat, model, model_id), chat)
    with in_turn(_folder(project, place.name)):
        if found := _found(project, place):
            return Kept(replace(place, name=found), _save(project, found, chat, model, model_id=model_id))
        name = project.free_name("chat", place.name)
        told = words(
            "The chat {old} that was open here is gone or was replaced elsewhere: what is in sight here is kept as {name}.",
            old=place.name,
            name=name,
        )
        kept = _save(project, name, chat, model, model_id=model_id, chat_id=place.id)
        return Kept(replace(place, name=name), kept, told)


def _found(project: Project, place: Place) -> str:
    """What a chat is called now; empty if it is gone."""
    if project.exists("chat", place.name) and project.about("chat", place.name).id == place.id:
        return place.name
    item = project.by_id("chat", place.id)
    return item.name if item is not None else ""


def begin_chat(project: Project, wish: str, chat: Chat, *, model: str = "") -> str:
    """Keep a new chat under the name `wish`, or, if that is taken, under one like it; returns the name.

    Raises:
        StudioError: The name is unusable, or the project may not be written.
    """
    return _begin(project, wish, chat, model).name


def save_chat(project: Project, name: str, chat: Chat, *, model: str = "") -> Chat:
    """Keep a chat under a name; one of this name is updated and keeps its id.

    Returns:
        The chat as it is kept: with what another program, which had it open too, has added to it meanwhile.

    Raises:
        StudioError: The name is unusable, the project may not be written, or the chat of this name is damaged.
    """
    with in_turn(_folder(project, name)):
        return _save(project, name, chat, model)


def load_chat(project: Project, name: str) -> Chat:
    """A kept chat. Raises StudioError if there is none or it is damaged."""
    path = project.about("chat", name).path
    data = read_json(path, dict)
    with file_told(path):
        return Chat.from_dict(data.get("chat", {}))


def _folder(project: Project, name: str) -> Path:
    folder = project.path("chat", name).parent
    project.prepare()
    folder.mkdir(exist_ok=True)
    return folder


def _begin(project: Project, wish: str, chat: Chat, model: str, model_id: str = "") -> Place:
    with in_turn(_folder(project, wish)):
        place = Place(project.free_name("chat", wish), uuid.uuid4().hex)
        _save(project, place.name, chat, model, model_id=model_id, chat_id=place.id)
    return place


def _save(project: Project, name: str, chat: Chat, model: str, *, model_id: str = "", chat_id: str = "") -> Chat:
    """`chat_id`: of one that is new under this name."""
    path = project.path("chat", name)
    old = read_json(path, dict) if path.exists() else {}
    with file_told(path):
        kept = chat.joined(Chat.from_dict(old["chat"])) if "chat" in old else chat
    head = {
        "format": FORMAT,
        "kind": "chat",
        "id": old.get("id", chat_id or uuid.uuid4().hex),
        "name": name,
        "created": old.get("created", time.time()),
    }
    # A model that has another name by now, or is gone: the chat stays with the one that it was held with, known by its id.
    parents, named = dict(old.get("made_from", {})), old.get("facts", {}).get("model", "") or model
    if held := _held_with(project, model, model_id):
        parents, named = {"model": held.to_file()}, held.name
    facts = {"messages": len(kept.messages), "model": named}
    write_json(path, head | {"made_from": parents, "facts": facts, "chat": kept.to_dict()})
    return kept


def _held_with(project: Project, model: str, model_id: str) -> Parent | None:
    """The model of this id as it is called now, or as it was if it is gone; without an id the one of that name, if any."""
    there = project.about("model", model) if model and project.exists("model", model) else None
    if not model_id or (there is not None and there.id == model_id):
        return there.as_parent if there is not None else None
    found = project.by_id("model", model_id)
    return found.as_parent if found is not None else Parent(model_id, model)


def chat_name(text: str) -> str:
    """A name for a chat that begins with `text`: its first words, as far as a file may be called so."""
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in "-'" else " " for c in text)
    wish = re.sub(r"\s+", " ", kept)[:32].strip(" .-'")
    try:
        return safe_name(wish)
    except StudioError:  # no words at all, or one of the few that some systems keep for themselves
        return "chat"
