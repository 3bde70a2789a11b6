"""One message of a conversation, whatever a program calls its speaker and its words."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmstudio.core.corpus.chats import slack
from llmstudio.core.corpus.chats.roles import role_of
from llmstudio.core.corpus.chats.told import BRANCHES, PARTS, SERVICE, THOUGHTS, TOOLS, Told
from llmstudio.core.corpus.prose import is_date

WHO = (
    "who", "role", "from", "speaker", "author", "sender", "sender_name", "sendername", "from_name", "username", "user",
    "name", "src", "displayname", "display_name", "creator", "agent", "character", "nickname", "handle", "party", "角色",
)  # fmt: skip
"""Keys that hold the speaker, the surest first."""
WHAT = (
    "what", "content", "value", "text", "message", "utterance", "contents", "mes", "body", "msg", "parts", "said", "内容",
)  # fmt: skip
"""Keys that hold the words, the surest first."""
_IS_USER = ("is_user", "iscreatedbyuser", "isuser", "is_human", "ishuman", "from_user", "fromuser")
_IS_ASSISTANT = ("is_bot", "isbot", "is_ai", "isai", "is_assistant")
_CALLS = ("tool_calls", "function_call")
_THOUGHTS = frozenset((
    "thinking", "reasoning", "redacted_thinking", "thought", "thoughts", "reasoning_content", "reasoning_details",
    "reasoning_text", "thinking_content", "chain_of_thought", "cot", "rationale",
))  # fmt: skip
_SPEECH = frozenset(("text", "input_text", "output_text", "audio_transcription", ""))
_NOTICES = frozenset(("service", "system_notification", "notice"))
_WRITTEN = ("richtext", "text", "message", "regular")
_MACHINES = frozenset(("tool", "function", "observation", "ipython", "function_call", "tool_call", "tool_response"))
_EVENTS = ("_join", "_leave", "_topic", "_purpose", "_name")
_MARKS = re.compile(r"^\s*<\|[A-Za-z ]{1,20}\|>:?\s*|\s*<eo[a-z]>\s*$")  # of speakers and ends of turns, as MOSS has them
_SKYPE = re.compile(r"</?[A-Za-z_]\w*(?:\s[^<>]*)?/?>")
_QUOTED = re.compile(r"<legacyquote>[^<]*</legacyquote>")
_USUAL = (("role", "content"), ("from", "value"), ("who", "what"))


@dataclass(frozen=True)
class Message:
    """Who said what.

    Attributes:
        name: The speaker's own name; empty if only a role is known.
        role: story, user or assistant as far as it is known, else empty.
        what: The words; empty if there were none.
        is_prompt: True for the word "system" itself, which some programs use for the side that answers.
        is_notice: True for what a program says and nobody else; it has no words.
    """

    name: str
    role: str
    what: str
    is_prompt: bool = False
    is_notice: bool = False


def message_of(item: Any, told: Told) -> Message | None:
    """The message that an object holds, or None if it is none: it lacks a speaker, or a place for words."""
    if not isinstance(item, Mapping):
        return None
    if isinstance(item.get("versions"), list) and "currentlySelected" in item:
        return _selected(item["versions"], item["currentlySelected"], told)
    if len(item) == 2:  # the usual case, quickly
        for who, what in _USUAL:
            if isinstance(name := item.get(who), str) and isinstance(words := item.get(what), str) and name.strip():
                role = role_of(name)
                return Message("" if role else name.strip(), role, words, is_prompt=name.strip().casefold() == "system")
    keys = {str(key).casefold(): key for key in reversed(list(item))}
    name, role = _speaker(item, keys)
    places = [keys[key] for key in WHAT if key in keys]
    calls = next((item[keys[key]] for key in _CALLS if item.get(keys.get(key, ""))), None)
    if not (name or role) or not (places or calls):
        return None
    if _is_notice(item, keys):
        told.add(SERVICE)
        return Message(name, role, "", is_notice=True)
    for key in ("attachments", "files"):
        things = item.get(keys.get(key, ""))
        told.add(PARTS, len(things) if isinstance(things, list) else 0)
    word = "" if name else str(item.get(keys.get("role", keys.get("from", keys.get("speaker", ""))), "")).strip().casefold()
    if word in _MACHINES and (spelled := next((said for place in places if (said := _spelled(item[place]))), "")):
        return Message("", role, spelled)
    what = next((said for place in places if (said := words_of(item[place], told)).strip()), "")
    _tell_unread(item, what, told)
    told.add(TOOLS, bool(what.strip() and calls))
    if item.get("type") == "message" and "ts" in item:
        what = slack.shown(what, told.names)
    elif str(item.get(keys.get("messagetype", ""), "")).casefold().startswith("richtext"):
        what = _of_skype(what)
    if _is_result(item, places):
        return Message("", "story", what)
    if not what and calls:
        return Message("", "assistant", _call(calls))
    return Message(name, role, what, is_prompt=word == "system")


def _tell_unread(item: Mapping[str, Any], what: str, told: Told) -> None:
    """Tell of what else was said in a message than its words: thinking, and texts under keys of other programs."""
    for key, value in item.items():
        folded = str(key).casefold()
        if folded in _THOUGHTS:
            told.add(THOUGHTS, bool(value))
        elif (
            isinstance(value, str)
            and len(value.split()) > 1
            and value.strip() not in what
            and folded.rsplit(".", 1)[-1] not in WHO
            and not folded.endswith(("name", "time", "date", "type"))
            and not is_date(value.strip())
        ):
            told.unread(str(key))


def _of_skype(text: str) -> str:
    """The words of Skype's XML: <b raw_pre="*">so</b> &amp; on is so & on; the frame around a quotation is left out."""
    return html.unescape(_SKYPE.sub("", _QUOTED.sub("", text)))


def pair_of(item: Any, told: Told) -> list[Message] | None:
    """The messages of an object whose keys are the speakers, {"human": ..., "assistant": ...}, or None."""
    if not isinstance(item, Mapping) or len(item) < 2:
        return None
    spoken = [(role_of(str(key)), value) for key, value in item.items() if isinstance(value, str)]
    if not {"user", "assistant"} <= {role for role, _ in spoken}:
        return None
    return [Message("", role, _MARKS.sub("", value)) for role, value in spoken if role]


def _selected(versions: Sequence[Any], place: Any, told: Told) -> Message | None:
    """The version of a message that LM Studio shows; its steps are joined, and those of thinking left out."""
    shown = versions[place] if isinstance(place, int) and 0 <= place < len(versions) else (versions or [None])[-1]
    if not isinstance(shown, Mapping):
        return None
    told.add(BRANCHES, len(versions) - 1)
    if not isinstance(steps := shown.get("steps"), list):
        return message_of({key: value for key, value in shown.items() if key != "type"}, told)
    said = []
    for step in steps:
        if not isinstance(step, Mapping) or step.get("type") != "contentBlock":
            continue
        style = step.get("style")
        if isinstance(style, Mapping) and style.get("type") == "thinking":
            told.add(THOUGHTS)
        else:
            said.append(words_of(step.get("content"), told))
    return Message("", role_of(str(shown.get("role", "assistant"))), "\n".join(filter(None, said)))


def words_of(value: Any, told: Told) -> str:
    """The words in a message's content: a text, a list of typed pieces, or an object around either; else empty."""
    match value:
        case str():
            return value
        case bool() | None:
            return ""
        case int() | float():
            return str(value)
        case list():
            said = "".join(_piece(piece, told) for piece in value if not _is_call(piece))
            calls = list(filter(_is_call, value))
            told.add(TOOLS, len(calls) if said.strip() else 0)
            return said if said.strip() or not calls else _call([call.get("functionCall", call) for call in calls])
        case Mapping():
            return _piece(value, told)
        case _:
            return ""


def _piece(piece: Any, told: Told) -> str:
    if isinstance(piece, str):
        return piece
    if not isinstance(piece, Mapping):
        return ""
    kind = str(piece.get("type", piece.get("content_type", ""))).casefold()
    if kind in _THOUGHTS or piece.get("thought") is True:
        told.add(THOUGHTS)
        return ""
    for key in ("text", "parts", "content", "value", "body"):
        if (inner := piece.get(key)) is not None and (words := words_of(inner, told)):
            return words
    if kind not in _SPEECH or not piece.keys() & {"text", "parts", "content"}:
        told.add(PARTS)
    return ""


def _is_notice(item: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    """True for what a program says about a conversation: somebody called, joined or left."""
    kind, written = (str(item.get(keys.get(key, ""), "")).casefold() for key in ("type", "messagetype"))
    is_event = kind == "message" and str(item.get("subtype", "")).endswith(_EVENTS)
    return kind in _NOTICES or is_event or (bool(written) and not written.startswith(_WRITTEN))


def _spelled(value: Any) -> str:
    """A call or a result that is no text but an object, as JSON."""
    if not isinstance(value, Mapping) or not value or value.keys() & {"type", "text", "parts", "content", "content_type"}:
        return ""
    return json.dumps(value, ensure_ascii=False)


def _is_call(piece: Any) -> bool:
    return isinstance(piece, Mapping) and (piece.get("type") == "tool_use" or "functionCall" in piece)


def _is_result(item: Mapping[str, Any], places: Sequence[str]) -> bool:
    """True if all pieces of a message are results of tools, which some programs let the user say."""
    value = item[places[0]] if places else None
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(one, Mapping) and (one.get("type") == "tool_result" or "functionResponse" in one) for one in value)


def _speaker(item: Mapping[str, Any], keys: Mapping[str, str]) -> tuple[str, str]:
    """The speaker's own name and role; a word for a role is no name."""
    name = role = ""
    for key in (keys[key] for key in WHO if key in keys):
        value = item[key]
        if isinstance(value, Mapping):
            name, role = _speaker(value, {str(inner).casefold(): inner for inner in reversed(list(value))})
        elif isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            role = role_of(str(value))
            name = "" if role else str(value).strip()
        if name or role:
            break
    for flags, meant, other in ((_IS_USER, "user", "assistant"), (_IS_ASSISTANT, "assistant", "")):
        for key in (keys[flag] for flag in flags if flag in keys):
            if isinstance(item[key], bool):
                return name, (meant if item[key] else other) or role
    return name, role


def _call(call: Any) -> str:
    """What an assistant asks of a tool, as JSON with the name and the arguments alone."""
    if isinstance(call, str):
        return call
    calls = call if isinstance(call, list) else [call]
    found = [_named(each.get("function", each)) for each in calls if isinstance(each, Mapping)]
    return "\n".join(json.dumps(each, ensure_ascii=False) for each in found)


def _named(call: Any) -> Any:
    if not isinstance(call, Mapping):
        return call
    return {
        "name": call.get("name", ""),
        "arguments": call.get("arguments", call.get("args", call.get("input", call.get("parameters", {})))),
    }
