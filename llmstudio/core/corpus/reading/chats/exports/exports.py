"""Which program's conversations a JSON object holds, and the rows that they become: {..., key: turns}."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from llmstudio.core.corpus.reading.chats.chat_rows import LIMIT
from llmstudio.core.corpus.reading.chats.exports import chatgpt, discord, messenger, telegram, trees
from llmstudio.core.corpus.reading.chats.messages import Message, message_of, pair_of
from llmstudio.core.corpus.reading.chats.order import in_order, shown
from llmstudio.core.corpus.reading.chats.speakers import Speakers
from llmstudio.core.corpus.reading.chats.told import CUT, EMPTY, STRANGERS, Told
from llmstudio.core.corpus.reading.chats.utterances import is_unnamed, unnamed

Row = dict[str, Any]
Read = Callable[[Iterable[Any], Told], list[Message]]

"""Messages of one record; a longer conversation comes in several."""
TURNS = (
    "turns", "messages", "conversations", "conversation", "dialog", "dialogue", "dialogs", "chat", "chat_messages",
    "utterances", "contents", "msgs", "message_list", "messagelist", "chat_history", "transcript", "thread", "history",
    "对话", "对话内容", "消息",
)  # fmt: skip
"""Keys that hold the messages of a conversation, the surest first."""
CONTINUATIONS = ("chosen", "completion", "response", "output", "answer", "target")
"""Keys of the answer to a prompt that stands under a key of its own, the surest first."""
_SPEAKS = frozenset(("role", "who", "from", "speaker", "sender", "sender_name", "is_user"))
_ASKED = frozenset(("question", "query", "instruction", "prompt", "q"))  # one such row is whole: no exchange of many
_AGENT = re.compile(r"(?:agent|speaker|participant|person)[_ -]?\w{1,4}", re.IGNORECASE)  # and no browser's name
_LETTER = frozenset(("to", "subject"))
_EXPORTS: tuple[tuple[Callable[[Any], bool], Read], ...] = (
    (telegram.is_message, telegram.messages),
    (messenger.is_message, messenger.messages),
    (discord.is_message, discord.messages),
)


def rows_of(value: Any, told: Told) -> list[Row] | None:
    """The conversations in a JSON value, if it is one of an export that must be taken apart; else None."""
    if not isinstance(value, Mapping):
        return None
    if chatgpt.is_tree(value):
        turns = Speakers(told).turns(chatgpt.messages(value, told))
        told.add(EMPTY, not turns)
        return [{"title": value.get("title"), "turns": turns}] if turns else []
    if (story := _story(value)) is not None:
        return [story]
    if (numbered := _numbered(value)) is not None:
        return [numbered]
    if roots := _roots(value):
        paths = (path for root in roots for path in trees.paths(root, told))
        return [{"turns": turns} for path in paths if (turns := Speakers(told).turns(path))]
    for key, items in value.items():
        if isinstance(items, list) and items and (chat := Chat.of(str(key), items[0], value, told)):
            if not chat.is_export and len(items) <= LIMIT:
                return None
            own = {name: item for name, item in value.items() if name != key}
            return [*chat.take(items, own), *chat.rest(own)]
    return None


def _roots(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The prompts of the trees in an object: itself, or the messages in it that have their replies in them."""
    if root := trees.root_of(value):
        return [root]
    lists = (items for key, items in value.items() if str(key).casefold() in TURNS and isinstance(items, list))
    return next(([*items] for items in lists if items and all(map(trees.is_node, items))), [])


def _story(value: Mapping[str, Any]) -> Row | None:
    """The text of a story that KoboldAI saved: how it begins, and what was written on."""
    begin, actions = value.get("prompt"), value.get("actions")
    if not isinstance(begin, str) or not isinstance(actions, list) or not value.keys() & {"gamestarted", "authorsnote"}:
        return None
    return {"text": "".join([begin, *(action for action in actions if isinstance(action, str))])}


def _numbered(value: Mapping[str, Any]) -> Row | None:
    """The row of an object whose messages are the values of an object: {"chat": {"turn_1": {"human", "assistant"}}}."""
    for key, items in value.items():
        if isinstance(items, Mapping) and str(key).casefold() in TURNS and items:
            unheard = Told()
            if all(pair_of(item, unheard) or message_of(item, unheard) for item in items.values()):
                return dict(value) | {key: list(items.values())}
    return None


class Chat:
    """A conversation whose messages arrive one after another, as rows of at most `LIMIT` messages."""

    def __init__(self, key: str, read: Read, told: Told, *, is_export: bool) -> None:
        self.key, self.is_export = key, is_export
        self._read, self._told = read, told
        self._speakers = Speakers(told)
        self._held: list[Any] = []
        self._is_cut = False

    @classmethod
    def of(cls, key: str, first: Any, own: Mapping[str, Any], told: Told) -> Chat | None:
        """The conversation that a list under `key` with this first element is, or None if it is none."""
        for is_message, read in _EXPORTS:
            if is_message(first):
                return cls(key, read, told, is_export=True)
        return cls(key, read_messages, told, is_export=False) if is_turn(key, first) else None

    def take(self, items: Iterable[Any], own: Mapping[str, Any]) -> Iterator[Row]:
        """Take messages, and give the rows that are full; `own` are the other keys of the object so far."""
        for item in items:
            if len(self._held) >= LIMIT:
                self._told.add(CUT, not self._is_cut)
                self._is_cut = True
                yield from self.rest(own)
            self._held.append(item)

    def rest(self, own: Mapping[str, Any]) -> Iterator[Row]:
        """What has been taken since the last full row."""
        held, self._held = self._held, []
        if self.is_export and telegram.is_monologue(own):
            posts = (message.what for message in self._read(held, self._told))
            yield from ({"text": post} for post in posts if post.strip())
            return
        if not (self.is_export or self._is_cut):
            held = shown({**own, self.key: held}, self._told)[self.key]
        turns = self._speakers.turns(self._read(held, self._told))
        if turns:
            yield dict(own) | {self.key: turns}


def is_turn(key: str, item: Any) -> bool:
    """True if an element of a list under `key` is a message of a conversation, rather than a text with an author."""
    unheard = Told()
    if trees.is_node(item):
        return False
    is_named = key.rsplit(".", 1)[-1].casefold() in TURNS
    names = {str(name).casefold() for name in item} if isinstance(item, Mapping) else set()
    if pair_of(item, unheard):
        return is_named or not names & _ASKED
    message = message_of(item, unheard)
    if message is None:
        return is_unnamed(key, item)
    if is_named:
        return True
    is_agent = isinstance(agent := item.get("agent"), str) and bool(_AGENT.fullmatch(agent))
    return (bool(names & _SPEAKS) or is_agent) and not names & _LETTER


def read_messages(items: Iterable[Any], told: Told) -> list[Message]:
    """Messages of no particular program; what is none among them is passed over."""
    found: list[Message] = []
    items = list(items)
    for item in in_order(items, told):
        if pair := pair_of(item, told):
            found += pair
        elif message := message_of(item, told):
            found.append(message)
    if not found and (said := unnamed(items)):
        told.add(STRANGERS)
        return said
    return found
