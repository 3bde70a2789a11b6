"""One message of a conversation, whatever a program calls its speaker and its words."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmstudio.core.corpus.reading.chats.exports import slack
from llmstudio.core.corpus.reading.chats.pieces import THOUGHT_KINDS, call_text, is_result, words_of
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.told import (
    BRANCHES,
    DELETED,
    PARTS,
    SERVICE,
    THOUGHTS,
    TOOLS,
    UNLEARNED,
    Told,
    is_deleted,
)
from llmstudio.core.corpus.reading.columns.prose import is_date

WHO = (
    "who", "role", "from", "speaker", "author", "sender", "sender_name", "sendername", "from_name", "username", "user",
    "name", "src", "displayname", "display_name", "creator", "agent", "character", "nickname", "handle", "party",
    "participant", "spk", "spkr", "senderusername", "sender_username", "speaker_id", "speakerid", "agent_id", "sender_id",
    "senderid", "sender_type", "角色",
)  # fmt: skip
"""Keys that hold the speaker, the surest first."""
WHAT = (
    "what", "content", "value", "text", "message", "utterance", "contents", "mes", "body", "msg", "parts", "said", "utt",
    "contentparts", "content_parts", "raw_content", "内容",
)  # fmt: skip
"""Keys that hold the words, the surest first."""
_IS_USER = ("is_user", "iscreatedbyuser", "isuser", "is_human", "ishuman", "from_user", "fromuser")
_IS_ASSISTANT = ("is_bot", "isbot", "is_ai", "isai", "is_assistant")
OWN = (
    "issend", "is_send", "is_sender", "issender", "is_self", "isself", "from_me", "fromme", "is_from_me", "isfromme",
    "is_outgoing", "isoutgoing", "outgoing", "sent_by_me", "sentbyme", "is_me", "isme", "is_sent", "issent",
)  # fmt: skip
"""Keys of yes or no that tell whether the owner of a chat wrote a message."""
_CALLS = ("tool_calls", "function_call")
_NOTICES = frozenset(("service", "system_notification", "notice"))
_WRITTEN = ("richtext", "text", "message", "regular")
_MACHINES = frozenset(("tool", "function", "observation", "ipython", "function_call", "tool_call", "tool_response"))
_EVENTS = ("_join", "_leave", "_topic", "_purpose", "_name")
_MARKS = re.compile(r"^\s*<\|[A-Za-z ]{1,20}\|>:?\s*|\s*<eo[a-z]>\s*$")  # of speakers and ends of turns, as MOSS has them
_SKYPE = re.compile(r"</?[A-Za-z_]\w*(?:\s[^<>]*)?/?>")
_QUOTED = re.compile(r"<legacyquote>[^<]*</legacyquote>")
_INNER = ("message", "payload", "data", "kwargs", "msg")
_DRAFTS = ("candidates", "alternatives", "drafts")
_CHOSEN = ("primary_candidate_id", "chosen_id", "selected_id", "current_candidate_id")
_LEARNED = ("weight", "train", "training", "train_on_turn", "loss", "trainable")
_CLASS = re.compile(r"([A-Z][a-z]+|AI)Message(?:Chunk)?")
_OWNERS = {"1": "me", "true": "me", "yes": "me", "0": "other", "false": "other", "no": "other"}
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
        is_unlearned: True for an answer that is marked as one not to learn from; its words are left out.
    """

    name: str
    role: str
    what: str
    is_prompt: bool = False
    is_notice: bool = False
    is_unlearned: bool = False


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
    keys = _keys(item)
    name, role = _speaker(item, keys)
    places = [keys[key] for key in WHAT if key in keys]
    calls = next((item[keys[key]] for key in _CALLS if item.get(keys.get(key, ""))), None)
    if not (name or role) or not (places or calls):
        if (inner := unwrapped(item, told)) is not None:
            return message_of(inner, told)
        if not (name or role):
            role = role_of(str(item.get(keys.get("type", ""), ""))) or role_of_class(item.get("id"))
        if not (name or role) or not (places or calls):
            return None
    if item.get("isThought") is True or item.get("is_thought") is True:
        told.add(THOUGHTS)
        return Message(name, role, "", is_notice=True)
    if role == "assistant" and any(_is_no(item.get(keys.get(key, ""))) for key in _LEARNED):
        told.add(UNLEARNED)
        return Message(name, role, "", is_unlearned=True)
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
    if is_deleted(what):
        told.add(DELETED)
        return Message(name, role, "", is_notice=True)
    _tell_unread(item, what, told)
    told.add(TOOLS, bool(what.strip() and calls))
    if item.get("type") == "message" and "ts" in item:
        what = slack.shown(what, told.names)
    elif str(item.get(keys.get("messagetype", ""), "")).casefold().startswith("richtext"):
        what = _of_skype(what)
    if is_result(item[places[0]] if places else None):
        return Message("", "story", what)
    if not what and calls:
        return Message("", "assistant", call_text(calls))
    return Message(name, role, what, is_prompt=word == "system")


def unwrapped(item: Mapping[str, Any], told: Told) -> Mapping[str, Any] | None:
    """The message with what stands one level deeper beside its own keys; None if nothing there is what somebody said.

    Programs that write logs put speaker and words into an object of their own, {"type", "payload": {"role", "content"}},
    which in a row of a table is "payload.role" and "payload.content". Of several drafts of a message the chosen one is it.
    """
    keys = _keys(item)
    for name in _INNER:
        inner = item.get(keys.get(name, ""))
        within = f"{name}."
        if not isinstance(inner, Mapping):
            inner = {key[len(within) :]: value for key, value in item.items() if str(key).casefold().startswith(within)}
        found = _keys(inner)
        if any(key in found for key in WHAT) or any(inner.get(found.get(key, "")) for key in _CALLS):
            outer = {key: value for key, value in item.items() if not f"{key}.".casefold().startswith(within)}
            return {**outer, **inner}
    for name in (keys[name] for name in _DRAFTS if name in keys):
        drafts = [draft for draft in _list(item[name]) if isinstance(draft, Mapping)]
        chosen = next((item[keys[key]] for key in _CHOSEN if key in keys), None)
        if drafts:
            shown = next((draft for draft in drafts if chosen is not None and chosen in draft.values()), drafts[0])
            told.add(BRANCHES, len(drafts) - 1)
            return {**{key: value for key, value in item.items() if key != name}, **shown}
    return None


def role_of_class(path: Any) -> str:
    """The role that LangChain's name of a class tells: ["langchain", "schema", "HumanMessage"]."""
    name = path[-1] if isinstance(path, list) and path else ""
    found = _CLASS.fullmatch(name) if isinstance(name, str) else None
    return role_of(found[1]) if found else ""


def _keys(item: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of an object as it spells them, by their small letters."""
    return {str(key).casefold(): key for key in reversed(list(item))}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_no(value: Any) -> bool:
    """True for a weight of nothing; what is missing weighs what all others do."""
    return value is False or (isinstance(value, int | float) and value == 0)


def _tell_unread(item: Mapping[str, Any], what: str, told: Told) -> None:
    """Tell of what else was said in a message than its words: thinking, and texts under keys of other programs."""
    for key, value in item.items():
        folded = str(key).casefold()
        if folded in THOUGHT_KINDS:
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
    asked, answered = item.get("message"), item.get("response")
    if isinstance(asked, Mapping) and isinstance(answered, list):  # a request and its response, as editors keep them
        pair = [Message("", "user", words_of(asked, told)), Message("", "assistant", words_of(answered, told))]
        return pair if pair[0].what.strip() else None
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


def _speaker(item: Mapping[str, Any], keys: Mapping[str, str]) -> tuple[str, str]:
    """The speaker's own name and role; a word for a role is no name."""
    name = role = ""
    for key in (keys[key] for key in WHO if key in keys):
        value = item[key]
        if isinstance(value, Mapping):
            name, role = _speaker(value, _keys(value))
        elif isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
            role = role_of(str(value))
            name = "" if role else str(value).strip()
        if name or role:
            break
    for flags, meant, other in ((_IS_USER, "user", "assistant"), (_IS_ASSISTANT, "assistant", "")):
        for key in (keys[flag] for flag in flags if flag in keys):
            if isinstance(item[key], bool):
                return name, (meant if item[key] else other) or role or ("" if name else "user")
    if not (name or role):
        name = next((own for key in OWN if (own := _owner(item.get(keys.get(key, ""))))), "")
    return name, role


def _owner(value: Any) -> str:
    """Who wrote a message by a yes or a no: "me", or "other"; empty for another value."""
    return _OWNERS.get(str(value).strip().casefold().removesuffix(".0"), "")
