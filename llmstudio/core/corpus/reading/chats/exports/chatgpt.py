"""ChatGPT's and DeepSeek's exports: a tree of messages for each conversation, read along the branch that was shown last."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.pieces import words_of
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.told import BRANCHES, CITATIONS, HIDDEN, THOUGHTS, TOOLS, Told

_SPOKEN = ("text", "multimodal_text", "code", "")
_THOUGHT = ("thoughts", "reasoning_recap")
_FRAGMENTS = {"REQUEST": "user", "RESPONSE": "assistant"}
_CITATION = re.compile(r"[ \t]*(?:\ue200[^\ue200\ue201\n]*\ue201|\u3010\d+(?::\d+)?\u2020[^\u3011\n]*\u3011)")
_STRAY = re.compile("[\ue200-\ue206]")
_OWN_NOTES = ("user_editable_context", "model_editable_context")


def is_tree(value: Mapping[str, Any]) -> bool:
    """True for a conversation of this export: nodes by id, each with a message and the id of its parent."""
    nodes = value.get("mapping")
    if nodes == {} and "current_node" in value:
        return True
    return isinstance(nodes, Mapping) and any(
        isinstance(node, Mapping) and "message" in node and "parent" in node for node in nodes.values()
    )


def messages(value: Mapping[str, Any], told: Told) -> list[Message]:
    """The messages from the first to `current_node`; without that, to the newest one."""
    nodes = {key: node for key, node in value["mapping"].items() if isinstance(node, Mapping)}
    path = _path(nodes, str(value.get("current_node")))
    on_path = set(path)
    unheard = Told()
    others = (_message(node.get("message"), unheard) for key, node in nodes.items() if key not in on_path)
    told.add(BRANCHES, sum(message is not None and bool(message.what.strip()) for message in others))
    spoken = [message for key in path if (message := nodes[key].get("message")) is not None]
    if any(map(_is_bare, spoken)):
        return _of_bare([message for message in spoken if _is_bare(message)], told)
    found = (_message(message, told) for message in spoken)
    return [message for message in found if message]


def _is_bare(message: Any) -> bool:
    """True for a message of DeepSeek's older exports: its words alone, and nothing of who says them."""
    return isinstance(message, Mapping) and isinstance(message.get("content"), str) and not {"author", "role"} & set(message)


def _of_bare(found: list[Mapping[str, Any]], told: Told) -> list[Message]:
    """The messages of such a branch, in which user and assistant take turns."""
    told.add(THOUGHTS, sum(bool(message.get("reasoning_content")) for message in found))
    return [Message("", ("user", "assistant")[n % 2], message["content"]) for n, message in enumerate(found)]


def _path(nodes: Mapping[str, Mapping[str, Any]], last: str) -> list[str]:
    """Ids from the root to `last`, or to the newest leaf if there is no such node.

    A leaf is a node that has no child in the file; where all nodes stand in circles, the newest node is one.
    """
    parents = _parents(nodes)
    if last not in nodes:
        leaves = nodes.keys() - parents.values()
        found = enumerate(key for key in nodes if key in leaves or not leaves)
        # Answers that are made anew stand behind those that they replace, with the same time or none.
        last = max(found, key=lambda place: (_time(nodes[place[1]]), place[0]), default=(0, ""))[1]
    path: dict[str, None] = {}
    here = last
    while here in nodes and here not in path:
        path[here] = None
        here = parents.get(here, "")
    return list(reversed(path))


def _parents(nodes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The parent of each node that has one in the file, by what it says itself, or else by whose child it is."""
    parents: dict[str, str] = {}
    for key, node in nodes.items():
        children = node.get("children")
        for child in children if isinstance(children, list) else ():
            if isinstance(child, str) and child in nodes:
                parents.setdefault(child, key)
    own = {key: parent for key, node in nodes.items() if isinstance(parent := node.get("parent"), str) and parent in nodes}
    return parents | own


def _time(node: Mapping[str, Any]) -> float:
    message = node.get("message")
    time = message.get("create_time", message.get("inserted_at")) if isinstance(message, Mapping) else None
    if isinstance(time, str):
        try:
            return datetime.fromisoformat(time).timestamp()
        except (ValueError, OverflowError):
            return 0.0
    return float(time) if isinstance(time, int | float) else 0.0


def _message(message: Any, told: Told) -> Message | None:
    """A message that was to be seen; None for all else."""
    if not isinstance(message, Mapping):
        return None
    if isinstance(fragments := message.get("fragments"), list):
        return _of_fragments(fragments, told)
    author, content, about = (_mapping(message.get(key)) for key in ("author", "content", "metadata"))
    kind, role = str(content.get("content_type", "")), role_of(str(author.get("role", "")))
    is_for_tools = message.get("recipient") not in (None, "", "all")
    if kind in _THOUGHT:
        told.add(THOUGHTS)
    elif kind in _OWN_NOTES or about.get("is_visually_hidden_from_conversation") or message.get("weight") == 0:
        told.add(HIDDEN, bool(_words(content, Told()).strip()))
    elif author.get("role") in ("tool", "function") or is_for_tools or kind not in _SPOKEN:
        told.add(TOOLS)
    else:
        what = _words(content, told)
        return Message("", role, what) if what.strip() or role != "story" else None
    return None


def _of_fragments(fragments: list[Any], told: Told) -> Message | None:
    """The message of DeepSeek's pieces: what was asked, thought, looked up and answered."""
    role, said = "", []
    for fragment in map(_mapping, fragments):
        kind = str(fragment.get("type")).upper()
        if kind in _FRAGMENTS:
            role = _FRAGMENTS[kind]
            said.append(words_of(fragment.get("content"), told))
        else:
            told.add(THOUGHTS if kind == "THINK" else TOOLS)
    return Message("", role, "\n".join(said)) if role else None


def _words(content: Mapping[str, Any], told: Told) -> str:
    parts = content.get("parts")
    if not isinstance(parts, list):
        said = words_of(content.get("text"), told)
    else:
        said = "\n".join(said for part in parts if (said := words_of([part], told)))
    cleared, count = _CITATION.subn("", said)
    told.add(CITATIONS, count)
    return cleared if not count else _STRAY.sub("", cleared)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
