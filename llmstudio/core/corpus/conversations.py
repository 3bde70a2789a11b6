"""Conversations as the tools of the field write them, brought to one shape: turns of story, user and assistant."""

from __future__ import annotations

from typing import Any

Turn = dict[str, str]
_WHO = ("who", "role", "from", "speaker", "author", "sender")
_WHAT = ("what", "content", "value", "text", "message", "utterance")
_ROLES = {
    "story": ("story", "system", "context", "passage", "background"),
    "user": ("user", "human", "prompter", "question", "customer", "student", "instruction"),
    "assistant": ("assistant", "gpt", "bot", "model", "ai", "answer", "chatgpt", "agent", "teacher", "response"),
}
_ROLE_OF = {name: role for role, names in _ROLES.items() for name in names}


def turns_of(value: Any) -> list[Turn] | None:
    """The turns that a JSON value holds, or None if it is no conversation.

    Understood: a list of objects with a speaker (role, from, who, ...) and words (content, value, what, ...), or a list of
    texts, which user and assistant say in turn. Speakers of other names become user and assistant in the order they appear.
    """
    if not isinstance(value, list) or not value:
        return None
    if all(isinstance(item, str) for item in value):
        return [{"who": ("user", "assistant")[n % 2], "what": text} for n, text in enumerate(value) if text.strip()]
    turns: list[Turn] = []
    strangers: dict[str, str] = {}
    for item in value:
        if not isinstance(item, dict):
            return None
        who = next((str(item[key]) for key in _WHO if key in item), None)
        what = next((said for key in _WHAT if (said := _said(item.get(key))) is not None), None)
        if who is None or what is None:
            return None
        role = _ROLE_OF.get(who.casefold()) or strangers.setdefault(who, "assistant" if len(strangers) % 2 else "user")
        if what.strip():
            turns.append({"who": role, "what": what})
    return turns or None


def _said(value: Any) -> str | None:
    """The words of a message, which some tools write as a list of typed pieces."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        pieces = [piece.get("text") if isinstance(piece, dict) else piece for piece in value]
        return "".join(piece for piece in pieces if isinstance(piece, str))
    return None
