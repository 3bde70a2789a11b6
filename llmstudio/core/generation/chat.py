"""A chat as a tree of messages. Editing or answering anew adds a sibling; nothing that was said is ever lost.

Every message knows its parent; the chat knows which leaf is shown. A passage ("story") to talk about is the root message.
Messages are only ever appended, so a message's id is its place in the list and its parent has a smaller one.

The shown branch becomes what the model reads, cut to its context. Chat mode uses the template of the training rows,

    STORY passage USER question ASSISTANT answer END USER question ASSISTANT

and drops the oldest whole turns first, never the passage. Completion mode is the bare text, of which the newest tokens stay.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from llmstudio.core.dataset.encoding import encode_turns
from llmstudio.core.errors import StudioError
from llmstudio.core.tokenizer import config as tokens
from llmstudio.core.tokenizer.tokenizer import Tokenizer

FORMAT = 1
STORY, USER, ASSISTANT = SPEAKERS = ("story", "user", "assistant")
# A base model goes on writing where the text ends; a chat model answers turns laid out by its template.
MODES = ("chat", "completion")


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
        stop_reason: Why it ended: `end`, `length`, `context`, `stopped`.
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

    @property
    def story(self) -> str:
        """The passage that the shown branch is about; empty if there is none."""
        return next((message.text for message in self.path() if message.who == STORY), "")

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        messages = [{**asdict(message), "settings": dict(message.settings)} for message in self.messages]
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
            messages = tuple(Message(**{k: v for k, v in m.items() if k in known}) for m in data["messages"])
            chat = cls(messages, data["leaf"], data["mode"])
        except (KeyError, TypeError, AttributeError):
            raise StudioError("This chat is damaged and cannot be read.") from None
        if not _is_whole(chat):
            raise StudioError("This chat is damaged and cannot be read.")
        return chat


def prompt_ids(tokenizer: Tokenizer, chat: Chat, context_length: int, *, room: int = 64) -> tuple[list[int], int]:
    """What the model reads before it answers the shown branch.

    Args:
        tokenizer: The model's own.
        chat: Its shown branch ends in what is to be answered or continued.
        context_length: Tokens the model can look back on.
        room: Tokens to keep free for the answer; at most a quarter of the context is kept free.

    Returns:
        The ids, at least one; and how many messages of the branch the model does not see whole.
    """
    limit = max(1, context_length - min(room, context_length // 4))
    if chat.mode == "completion":
        return _completion(tokenizer, [message.text for message in chat.path()], limit)
    return _conversation(tokenizer, [{"who": m.who, "what": m.text} for m in chat.path()], limit)


def _completion(tokenizer: Tokenizer, texts: Sequence[str], limit: int) -> tuple[list[int], int]:
    # An empty page: after END a text begins.
    ids = tokenizer.encode("".join(texts)) or [tokens.END]
    if len(ids) <= limit:
        return ids, 0
    ids = ids[-limit:]
    left, seen = len(tokenizer.decode(ids)), 0
    for text in reversed(texts):
        left -= len(text)
        seen += left >= 0
    return ids, len(texts) - seen


def _conversation(tokenizer: Tokenizer, turns: Sequence[Mapping[str, str]], limit: int) -> tuple[list[int], int]:
    head = [turn for turn in turns if turn["who"] == STORY]
    spoken = [turn for turn in turns if turn["who"] != STORY]
    opening = _encode(tokenizer, head)
    groups = _exchanges(spoken)
    exchanges = [_encode(tokenizer, group) for group in groups]
    used = 1 + len(opening)  # one for the sign that the assistant speaks next
    kept: list[int] = []
    first = len(exchanges)
    while first and used + len(exchanges[first - 1]) <= limit:
        first -= 1
        used += len(exchanges[first])
        kept = exchanges[first] + kept
    if exchanges and not kept:
        # Not even the newest exchange fits beside the passage: the passage loses its beginning, then so does the question.
        kept = exchanges[-1]
        room = max(limit - 1 - len(kept), 0)
        cut = opening[:1] + opening[len(opening) - room + 1 :] if room > 1 else []
        ids = (cut + kept)[-(limit - 1) :] if limit > 1 else []
        lost = len(head) + len(spoken) - len(groups[-1]) + (len(groups[-1]) if len(kept) >= limit else 0)
        return [*ids, tokens.ASSISTANT], lost
    return [*opening, *kept, tokens.ASSISTANT][-limit:], sum(map(len, groups[:first]))


def _exchanges(turns: Sequence[Mapping[str, str]]) -> list[list[Mapping[str, str]]]:
    """Turns grouped so that each group begins where a person begins to speak."""
    groups: list[list[Mapping[str, str]]] = []
    for turn in turns:
        if groups and (turn["who"] == ASSISTANT or groups[-1][-1]["who"] != ASSISTANT):
            groups[-1].append(turn)
        else:
            groups.append([turn])
    return groups


def _encode(tokenizer: Tokenizer, turns: Sequence[Mapping[str, str]]) -> list[int]:
    return encode_turns(tokenizer, turns)[0] if turns else []


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
            for place, message in enumerate(chat.messages)
        )
    )
