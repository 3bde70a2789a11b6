"""The small line under a message: how fast it was written and why it ends; on hover, how it was drawn."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from llmstudio.core.generation.chat import ASSISTANT, Message
from llmstudio.gui.look.plural import plural


def pace(tokens: int, tokens_per_second: float) -> str:
    """How much of an answer there is, and how fast it comes."""
    return plural(_tr("{n|token|tokens}, {pace}/s"), n=tokens, pace=f"{tokens_per_second:,.0f}")


def facts(message: Message) -> str:
    """What is said of a message; empty for a person's."""
    if message.who == ASSISTANT and message.stop_reason == "edited":
        return _tr("in your words")
    if message.who == ASSISTANT and message.stop_reason == "end" and not message.tokens:
        return _tr("no word: it ended its turn at once")
    if message.who != ASSISTANT or not message.tokens_per_second:
        return ""
    told = pace(message.tokens, message.tokens_per_second)
    if message.settings.get("temperature") and "seed" in message.settings:  # at 0 nothing is drawn
        told = _tr("{pace} · seed {seed}").format(pace=told, seed=message.settings["seed"])
    reasons = {
        "length": _tr("{pace} · cut at the length you set"),
        "stopped": _tr("{pace} · you stopped it"),
        "stop string": _tr("{pace} · ended where you said"),
    }
    return reasons.get(message.stop_reason, "{pace}").format(pace=told)


def details(message: Message) -> str:
    """What is said of it on hover."""
    if message.who != ASSISTANT or not message.settings:
        return ""
    return plural(
        _tr("It read {read|token|tokens}; the first word came after {first} ms. Seed {seed}, temperature {temperature}."),
        read=f"{message.prompt_tokens:,}",
        first=f"{1000 * message.first_token_s:,.0f}",
        seed=message.settings.get("seed", "–"),
        temperature=message.settings.get("temperature", "–"),
    )


def _tr(text: str) -> str:
    return QCoreApplication.translate("ChatView", text)
