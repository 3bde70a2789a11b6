"""Slack's export: a folder a channel with a file a day, and beside them the people and channels that these speak of by id.

In: users.json and channels.json. Out: names by id; and a message's text without Slack's marks.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from llmstudio.core.corpus.reading.files.archives import Entry
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import words

_NAMED = ("users.json", "org_users.json", "channels.json", "groups.json")
BESIDE = frozenset(
    (*_NAMED, "dms.json", "mpims.json", "integration_logs.json", "canvases.json", "lists.json", "file_conversations.json")
)
"""Files of an export that hold no messages."""
_ID = re.compile(r"[UWCG][A-Z0-9]{4,}")
_MARK = re.compile(r"<([@#!]?)([^<>|\n]+)(?:\|([^<>\n]*))?>")
_ALL = ("here", "channel", "everyone")  # whom a message calls
_MOST_BYTES = 64 << 20


@dataclass
class SlackNames:
    """The names in the exports among some files.

    Attributes:
        names: Of people and channels, by id.
    """

    names: dict[str, str] = field(default_factory=dict)
    _folders: set[str] = field(default_factory=set)

    def add(self, entry: Entry) -> None:
        """Take the names in one of the files `BESIDE`, if it is Slack's."""
        path = PurePosixPath(entry.name)
        if path.name in _NAMED and (found := _names_in(entry)):
            self.names |= found
            if path.name.endswith("users.json"):
                self._folders.add(str(path.parent))

    def has_read(self, name: str) -> bool:
        """True for a file that belongs to an export and holds no messages."""
        path = PurePosixPath(name)
        return path.name in BESIDE and str(path.parent) in self._folders

    def remarks(self, name: str) -> list[Remark]:
        """What is said of a file of messages."""
        is_in_one = any(str(folder) in self._folders for folder in PurePosixPath(name).parents)
        message = words("Names of people and channels are those in users.json and channels.json beside the messages.")
        return [Remark(message)] if is_in_one else []


def shown(text: str, names: Mapping[str, str]) -> str:
    """A text without Slack's marks: <https://x.org|the page> is the page, <@U2|ann> is @ann, &amp; is &.

    Of an id alone, the name is looked up.
    """

    def word(found: re.Match[str]) -> str:
        sign, what, label = found.groups()
        is_called = sign == "@" or (sign == "!" and what in _ALL)
        return ("@" if is_called else "") + (label or (names.get(what, what) if sign in ("@", "#") else what))

    return html.unescape(_MARK.sub(word, text))


def _names_in(entry: Entry) -> dict[str, str]:
    """Nothing if the file is none of Slack's; whatever else is wrong with it is for its reader to say."""
    if entry.num_bytes > _MOST_BYTES:
        return {}
    with suppress(StudioError, OSError, ValueError, RecursionError), entry.open() as raw:
        items = json.loads(raw.read(_MOST_BYTES))
        if isinstance(items, list):
            return {item["id"]: name for item in items if _is_own(item) and (name := _name(item))}
    return {}


def _is_own(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("id"), str) and _ID.fullmatch(item["id"]) is not None


def _name(item: Mapping[str, Any]) -> str:
    profile = item.get("profile")
    profile = profile if isinstance(profile, dict) else {}
    given = (item.get("real_name"), *(profile.get(key) for key in ("real_name", "display_name")), item.get("name"))
    return next((name.strip() for name in given if isinstance(name, str) and name.strip()), "")
