"""A chat as a tree of messages. Editing or answering anew adds a sibling; nothing that was said is ever lost.

Every message knows its parent; the chat knows which leaf is shown. A passage ("story") to talk about is the root message.
Messages are only ever appended, so a message's id is its place in the list and its parent has a smaller one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from llmstudio.core.corpus.records import ANSWERED
from llmstudio.core.errors import StudioError
from llmstudio.core.typed import made

FORMAT = 1
STORY, USER, ASSISTANT = SPEAKERS = ("story", "user", "assistant")
# A base model goes on writing where the text ends; a chat model answers what is laid out as in the rows it learned from.
MODES = ("chat", "completion")


def mode_for(record_kind: str) -> str:
    """The way of talking that suits a model of such records: answers where its rows have answers, else text that goes on."""
    return "chat" if record_kind in ANSWERED else "completion"


@dataclass(frozen=True)
class Message:
    """One thing said.

    Attributes:
        id: Its place in the chat's list.
        parent: What it answers or follows; None for a first message.
        who: One of `SPEAKERS`.
        text: The words.
        model: Name of the model that wrote it; empty for a person's message.
        settings: How it was drawn (the generation settings as plain values, the seed among them).
        tokens: Tokens written.
        tokens_per_second: Its pace; 0 if not measured.
        first_token_s: Seconds until its first token.
        prompt_tokens: Tokens the model read before it.
        num_dropped: Earlier messages that no longer fitted its context.
        stop_reason: Why it ended: `end`, `length`, `stop string`, `stopped`, `edited`.
        ids: The tokens of a model's text, half a character at its end included, so that it can go on where it was; none if
            the text is not what they spell.
        sources: Passages of a person's files that it was answered from, the best first: file, path (empty in an archive),
            place, passage, and read, what of it the model read.
        time: Seconds since the epoch.
    """

    id: int
    parent: int | None
    who: str
    text: str
    model: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    tokens: int = 0
    tokens_per_second: float = 0.0
    first_token_s: float = 0.0
    prompt_tokens: int = 0
    num_dropped: int = 0
    stop_reason: str = ""
    time: float = 0.0
    ids: tuple[int, ...] = ()
    sources: tuple[Mapping[str, str], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", tuple(self.ids))  # an event brings a list
        object.__setattr__(self, "sources", tuple(self.sources))


@dataclass(frozen=True)
class Chat:
    """A tree of messages and the leaf that is shown. Every change gives a new chat, so a job may keep the one it was given.

    Attributes:
        messages: Every message ever said, parents before children.
        leaf: Id of the last message shown; None if nothing is.
        mode: One of `MODES`.
    """

    messages: tuple[Message, ...] = ()
    leaf: int | None = None
    mode: str = "chat"

    def path(self, leaf: int | None = None) -> list[Message]:
        """From the first message to `leaf` (to the shown one if None is given)."""
        at = self.leaf if leaf is None else leaf
        found = []
        while at is not None:
            found.append(self.messages[at])
            at = self.messages[at].parent
        return found[::-1]

    def children(self, parent: int | None) -> list[Message]:
        """What was said after a message, oldest first; the first messages if `parent` is None."""
        return [message for message in self.messages if message.parent == parent]

    def siblings(self, message_id: int) -> list[Message]:
        """The versions of a message, itself included, oldest first: what was said in its place by the same speaker."""
        message = self.messages[message_id]
        return [other for other in self.children(message.parent) if other.who == message.who]

    def say(self, who: str, text: str, *, parent: int | None = None, **facts: Any) -> Chat:
        """This chat with one more message under `parent` (a first one if None), which becomes the shown leaf."""
        assert who in SPEAKERS, who
        assert parent is None or parent in range(len(self.messages)), parent
        message = Message(len(self.messages), parent, who, text, **facts)
        return replace(self, messages=(*self.messages, message), leaf=message.id)

    def ask(self, text: str, *, story: str = "", **facts: Any) -> Chat:
        """This chat with `text` said by the person at the end of the shown branch, which is about `story`.

        Another story than the branch's begins another branch; one told before is gone back to rather than told twice.
        An empty `text` only tells the story.
        """
        chat = self
        if story != self.story:
            told = next((m for m in self.children(None) if m.who == STORY and m.text == story), None)
            if story and told is None:
                chat = self.say(STORY, story, **facts)
            else:
                chat = replace(self, leaf=told.id if told else None)
        return chat.say(USER, text, parent=chat.leaf, **facts) if text else chat

    def edit(self, message_id: int, text: str, **facts: Any) -> Chat:
        """This chat with another version of a message beside it; what followed the old one stays with the old one."""
        message = self.messages[message_id]
        return self.say(message.who, text, parent=message.parent, **facts)

    def show(self, message_id: int) -> Chat:
        """This chat with the branch through a message shown, down to its newest end."""
        leaf = message_id
        while below := self.children(leaf):
            leaf = below[-1].id
        return replace(self, leaf=leaf)

    def joined(self, other: Chat) -> Chat:
        """This chat and what only `other` holds, which went on elsewhere from what both have; this one's leaf is shown.

        Messages of `other` keep their ids. Those that both hold are there once, also after an earlier join.
        """
        if other.messages == self.messages[: len(other.messages)]:
            return self
        messages, ids = list(other.messages), dict[int | None, int | None]({None: None})
        free: dict[int | None, list[Message]] = {}
        for message in other.messages:
            free.setdefault(message.parent, []).append(message)
        for message in self.messages:
            parent = ids[message.parent]
            moved = replace(message, id=len(messages), parent=parent)
            same = next((m for m in free.get(parent, ()) if m.text == moved.text and replace(moved, id=m.id) == m), None)
            if same is not None:
                free[parent].remove(same)
            else:
                messages.append(moved)
            ids[message.id] = moved.id if same is None else same.id
        return replace(self, messages=tuple(messages), leaf=ids[self.leaf])

    @property
    def story(self) -> str:
        """The passage that the shown branch is about; empty if there is none."""
        return next((message.text for message in self.path() if message.who == STORY), "")

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        messages = [
            {**asdict(message), "settings": dict(message.settings), "ids": " ".join(map(str, message.ids))}
            for message in self.messages
        ]
        return {"format": FORMAT, "mode": self.mode, "leaf": self.leaf, "messages": messages}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Chat:
        """Inverse of `to_dict`.

        Raises:
            StudioError: The chat was made by a newer version, or is damaged.
        """
        if isinstance(data, Mapping) and isinstance(version := data.get("format"), int) and version > FORMAT:
            raise StudioError("This chat was made by a newer version of this program: update the program to open it.")
        known = {entry.name for entry in fields(Message)}
        try:
            messages = tuple(_message({k: v for k, v in m.items() if k in known}) for m in data["messages"])
            chat = cls(messages, data["leaf"], data["mode"])
        except (KeyError, TypeError, AttributeError, ValueError):
            raise StudioError("This chat is damaged and cannot be read.") from None
        if not _is_whole(chat):
            raise StudioError("This chat is damaged and cannot be read.")
        return chat


def _message(data: dict[str, Any]) -> Message:
    """From a file, where ids are text: a number a line would be most of it."""
    ids, sources = tuple(map(int, data.get("ids", "").split())), tuple(data.get("sources", ()))
    return made(Message, data | {"ids": ids, "sources": sources})


def _is_whole(chat: Chat) -> bool:
    places = range(len(chat.messages))
    return (
        chat.mode in MODES
        and (chat.leaf is None or chat.leaf in places)
        and all(
            message.id == place
            and (message.parent is None or message.parent in range(place))
            and message.who in SPEAKERS
            and isinstance(message.text, str)
            and all(id >= 0 for id in message.ids)
            for place, message in enumerate(chat.messages)
        )
    )
