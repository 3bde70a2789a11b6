"""The words in a message's content, which may be a text or a list of typed pieces: speech, thinking, pictures, tools' work.

In: the value under a message's key. Out: what was said; what tools were asked and what they answered is no word of anybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from llmstudio.core.corpus.reading.chats.told import HIDDEN, PARTS, THOUGHTS, TOOLS, Told

THOUGHT_KINDS = frozenset((
    "thinking", "reasoning", "redacted_thinking", "thought", "thoughts", "reasoning_content", "reasoning_details",
    "reasoning_text", "thinking_content", "chain_of_thought", "cot", "rationale",
))  # fmt: skip
"""Kinds of pieces that hold hidden thinking, and keys of it beside the words."""
_SPEECH = frozenset(("text", "input_text", "output_text", "audio_transcription", ""))
_CALLS = frozenset(("tool_use", "tool_call", "tool-call", "tool-invocation", "function_call", "functioncall"))
_RESULTS = frozenset(("tool-result", "tool_response", "tool_output", "function_call_output", "function_result"))
_INJECTED = ("injected_prompt_block", "system_reminder", "system_prompt")  # what a program puts beside what somebody says
_OTHER_PLACES = ("text", "parts", "content", "value", "body")


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
            return _joined(value, told)
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
    if kind in THOUGHT_KINDS or piece.get("thought") is True:
        told.add(THOUGHTS)
        return ""
    if kind in _INJECTED:
        told.add(HIDDEN)
        return ""
    for key in _OTHER_PLACES:
        if (inner := piece.get(key)) is not None and (words := words_of(inner, told)):
            return words
    if kind not in _SPEECH or not piece.keys() & {"text", "parts", "content"}:
        told.add(PARTS)
    return ""


def _joined(pieces: list[Any], told: Told) -> str:
    """The speech in a list of pieces; what is said before a tool works and after it are paragraphs.

    A list of nothing but calls is what was called, and one of nothing but results is what they are.
    """
    calls, results = list(filter(_is_call, pieces)), list(filter(_is_result, pieces))
    said = [""]
    for piece in pieces:
        if _is_call(piece) or _is_result(piece):
            said += [""] if said[-1] else []
        else:
            said[-1] += _piece(piece, told)
    speech = "\n\n".join(text.strip("\n") for text in said if text.strip()) if len(said) > 1 else said[0]
    if speech.strip() or not (calls or results):
        told.add(TOOLS, len(calls) + len(results))
        return speech
    if calls:
        told.add(TOOLS, len(results))
        return call_text([call.get("functionCall", call) for call in calls])
    return "".join(_piece(piece, told) for piece in results)


def _kind(piece: Any) -> str:
    return str(piece.get("type", "")).casefold() if isinstance(piece, Mapping) else ""


def _is_call(piece: Any) -> bool:
    """True for a piece in which a tool is called."""
    kind = _kind(piece)
    return kind in _CALLS or kind.endswith("_tool_use") or (isinstance(piece, Mapping) and "functionCall" in piece)


def _is_result(piece: Any) -> bool:
    """True for a piece that holds what a tool answered."""
    kind = _kind(piece)
    return kind in _RESULTS or kind.endswith("tool_result") or (isinstance(piece, Mapping) and "functionResponse" in piece)


def is_work(item: Any, told: Told) -> bool:
    """True for an object among messages that holds thinking or the work of a tool, which is counted, and nothing said."""
    kind = _kind(item)
    if kind in THOUGHT_KINDS:
        told.add(THOUGHTS)
    elif kind.endswith(("_call", "_call_output")) or _is_call(item) or _is_result(item):
        told.add(TOOLS)
    else:
        return False
    return True


def is_result(value: Any) -> bool:
    """True if all pieces of a message are results of tools, which some programs let the user say."""
    return isinstance(value, list) and bool(value) and all(map(_is_result, value))


def call_text(call: Any) -> str:
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
