"""Conversations as the tools of the field write them, brought to one shape: turns of story, user and assistant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from llmstudio.core.corpus.reading.chats.exports.exports import CONTINUATIONS, TURNS, is_turn
from llmstudio.core.corpus.reading.chats.messages import WHAT, Message, message_of, pair_of
from llmstudio.core.corpus.reading.chats.order import in_order
from llmstudio.core.corpus.reading.chats.pieces import is_work, words_of
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.speakers import Speakers, Turn
from llmstudio.core.corpus.reading.chats.texts.templates import inst_messages, template_messages
from llmstudio.core.corpus.reading.chats.told import STRANGERS, Told
from llmstudio.core.corpus.reading.chats.utterances import is_unnamed, unnamed
from llmstudio.core.corpus.reading.columns.names import BETTER
from llmstudio.core.corpus.reading.columns.spelled_lists import evaluated, listed

_STORIES = (
    "system", "system_prompt", "system_message", "systemprompt", "systeminstruction", "system_instruction",
    "meta_instruction", "story", "context", "passage", "background", "scenario", "persona", "系统", "系统提示", "背景",
)  # fmt: skip
_GOES_ON = dict.fromkeys(("prompt", "input", "context", "question"), CONTINUATIONS)
_EXCHANGES = (*(name for name in TURNS if name != "history"), "internal")  # a history belongs to the question after it
_BEGIN = "<|BEGIN-VISIBLE-CHAT|>"  # what a web interface lets the user say before a character's greeting
_SPELLED = re.compile(r"\s*\[\s*\{.*\}\s*\]\s*", re.DOTALL)
_SPELLED_CHARACTERS = 1 << 20
_SPEAKER = re.compile(
    r"(?:^|\n)[ \t]*(?:#+ *)?([^\W\d_]{1,12}) ?[:\uff1a][ \t]*|### ?(Human|Assistant|User|System): ?"
    r"|\[\|(?P<marked>Human|AI|User|Assistant|System)\|\]:? ?"
)
_INPUT = re.compile(r"\s*^#{2,4} ?(?:Input|Context): ?\s*", re.MULTILINE | re.IGNORECASE)  # it belongs to the task above
_END = re.compile(r"\s*(?:</s>|<\|endoftext\|>|<\|end_of_text\|>|<eos>|^### ?End)\s*\Z", re.MULTILINE)


def turns_of(value: Any, told: Told | None = None, key: str = "") -> list[Turn] | None:
    """The turns that a JSON value holds, or None if it is no conversation.

    Understood: a list of objects with a speaker (role, from, who, ...) and words (content, value, what, ...), a list of
    objects whose keys are the speakers ({"human", "assistant"}), or a list of texts, which user and assistant say in turn;
    also if it is spelled out in a cell of a table. What is left out is counted in `told`.
    """
    told = told or Told()
    messages = messages_of(value, told, key)
    return (Speakers(told).turns(messages) or None) if messages else None


def holds_turns(key: str, value: Any) -> bool:
    """True if the value under `key` is a conversation rather than a list of texts with authors (reviews, comments)."""
    value = _unspelled(value)
    if not isinstance(value, list) or not value:
        return False
    if all(map(_is_exchange, value)):
        return key.rsplit(".", 1)[-1].casefold() in _EXCHANGES
    return (isinstance(value[0], str) or is_turn(key, value[0])) and turns_of(value, key=key) is not None


def conversation(row: Mapping[str, Any], key: str, told: Told | None = None) -> list[Turn] | None:
    """The turns under `key` of a row, with the story that stands beside them and the answer that is kept apart."""
    told = told or Told()
    messages = messages_of(row.get(key), told, key)
    if not messages:
        return None
    is_open = key not in _GOES_ON and messages[-1].role != "assistant"
    answer = _answer_beside(row, (*BETTER, *_after(key)) if is_open else _GOES_ON.get(key, ()), told)
    messages = answer if len(answer) > 1 and is_open and answer[0].what == messages[0].what else [*messages, *answer]
    stories = (words_of(value, told).strip() for name, value in row.items() if name != key and _is_story(name))
    known = {message.what.strip() for message in messages}
    beside = [Message("", "story", story) for story in stories if story and story not in known]
    return Speakers(told).turns([*beside, *messages]) or None


def _answer_beside(row: Mapping[str, Any], names: Iterable[str], told: Told) -> list[Message]:
    """The answer under the first of some names: a text, messages, or one message whose keys are dotted in a row."""
    for name in names:
        if isinstance(answer := row.get(name), str):
            return [Message("", "assistant", answer)] if answer.strip() or name in CONTINUATIONS else []
        if name in row:
            return messages_of(answer, told) or []
        inner = {key.removeprefix(f"{name}."): value for key, value in row.items() if key.startswith(f"{name}.")}
        if isinstance(choices := inner.get("choices", inner.get("body.choices")), list) and choices:
            inner = choices[0]
        if inner and (message := message_of(inner, told)):
            return [message]
    return []


def _after(key: str) -> tuple[str, ...]:
    """What holds the answer to messages that a log of requests holds."""
    return ("response",) if key.startswith("request.") else ()


def read_along(keys: Iterable[str], key: str) -> list[str]:
    """Of the columns of a table, those that `conversation` reads beside `key`."""
    keys = list(keys)
    names = _GOES_ON.get(key, (*BETTER, *_after(key)))
    goes_on = next((name for name in names if name in keys or any(each.startswith(f"{name}.") for each in keys)), " ")
    return [
        name for name in keys if name != key and (name.split(".", 1)[0] == goes_on or name == goes_on or _is_story(name))
    ]


def spoken_turns(text: str, told: Told | None = None) -> list[Turn] | None:
    r"""The turns of a text that names its speakers, as "\n\nHuman: Hi\n\nAssistant: Hello", or None for any other text.

    `told` counts what is left out of it.
    """
    return Speakers(Told()).turns(spoken_messages(text, told)) or None


def spoken_messages(text: str, told: Told | None = None) -> list[Message]:
    """The messages of such a text, without the empty ones; what stands above "### Instruction:" is the story."""
    text = text.strip()
    if marked := template_messages(text, told) or inst_messages(text):
        return [message for message in marked if message.what.strip()]
    begins = [(found, role) for found in _SPEAKER.finditer(text) if (role := role_of(found[1] or found[2] or found[3]))]
    if not begins or not {role for _, role in begins} >= {"user", "assistant"}:
        return []
    above = text[: begins[0][0].start()].strip()
    if above and not all("###" in found[0] or found["marked"] for found, _ in begins):
        return []
    ends = [found.start() for found, _ in begins[1:]] + [len(text)]
    said = [(role, text[found.end() : end].strip()) for (found, role), end in zip(begins, ends, strict=True)]
    if any("###" in found[0] for found, _ in begins):
        said = [(role, _END.sub("", _INPUT.sub("\n", what)).strip()) for role, what in said]
    return [Message("", role, what) for role, what in [("story", above), *said] if what]


def is_unanswered(text: str, turns: Iterable[Turn]) -> bool:
    """True if a text names somebody who answers, as "Human: ... Assistant: ...", and then has no answer."""
    is_marked = bool(template_messages(text.strip()) or inst_messages(text))
    return not is_marked and not any(turn["who"] == "assistant" for turn in turns)


def messages_of(value: Any, told: Told, key: str = "") -> list[Message] | None:
    """The messages in a list, or in a cell that spells one out; None if it is no conversation."""
    value = _unspelled(value)
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(item, str) for item in value):
        return [Message("", ("user", "assistant")[n % 2], text) for n, text in enumerate(value)]
    if all(map(_is_exchange, value)):
        sides = ("user", "assistant")
        said = [Message("", side, text) for exchange in value for side, text in zip(sides, exchange, strict=True)]
        return [message for message in said if message.what != _BEGIN]
    if is_unnamed(key, value[0]) and (spoken := unnamed(value)):
        told.add(STRANGERS)
        return spoken
    heard = Told()
    messages = []
    for item in in_order(value, heard):
        if (pair := pair_of(item, heard)) is None:
            if (message := message_of(item, heard)) is None:
                if is_work(item, heard):
                    continue
                return None
            pair = [message]
        messages += pair
    told.merge(heard)
    return messages


def _is_exchange(item: Any) -> bool:
    return isinstance(item, list) and len(item) == 2 and all(isinstance(text, str) for text in item)


def _is_story(name: str) -> bool:
    folded = name.casefold()
    first, last = folded.split(".", 1)[0], folded.rsplit(".", 1)[-1]
    return folded in _STORIES or last in _STORIES or (first in _STORIES and last in WHAT)  # and not system.role


def _unspelled(value: Any) -> Any:
    """The list that a cell spells out as JSON, or as Python and numpy do; anything else as it is."""
    if found := listed(value):
        return found
    if not isinstance(value, str) or len(value) > _SPELLED_CHARACTERS or not _SPELLED.fullmatch(value):
        return value
    return evaluated(value)
