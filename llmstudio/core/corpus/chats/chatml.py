"""Conversations spelled with the marks of a chat layout: <|im_start|>user ... <|im_end|>, or [INST] ... [/INST]."""

from __future__ import annotations

import re

from llmstudio.core.corpus.chats.messages import Message
from llmstudio.core.corpus.chats.roles import role_of

_BEGIN = re.compile(
    r"<\|im_start\|>[ \t]*([^\W\d_]{1,20})[ \t]*\r?\n?|<\|start_header_id\|>([^\W\d_]{1,20})<\|end_header_id\|>\s*"
)
_END = re.compile(r"\s*(?:<\|im_end\|>|<\|eot_id\|>|<\|endoftext\|>|<\|end_of_text\|>)\s*")
_INST = re.compile(r"\[INST\](.*?)\[/INST\](.*?)(?=\[INST\]|\Z)", re.DOTALL)
_SYSTEM = re.compile(r"\s*<<SYS>>(.*?)<</SYS>>", re.DOTALL)
_STREAM = re.compile(r"\s*</?s>\s*")


def inst_messages(text: str) -> list[Message]:
    """The messages of a text in Llama's first layout; empty for any other text."""
    text = text.strip()
    if not text.removeprefix("<s>").lstrip().startswith("[INST]"):
        return []
    messages = []
    for found in _INST.finditer(text):
        asked = found[1]
        if system := _SYSTEM.match(asked):
            messages.append(Message("", "story", system[1].strip()))
            asked = asked[system.end() :]
        messages.append(Message("", "user", asked.strip()))
        if answer := _STREAM.sub("", found[2]).strip():
            messages.append(Message("", "assistant", answer))
    return messages


def chatml_messages(text: str) -> list[Message]:
    """The messages of a text in such a layout; empty for any other text, or if a speaker's role is not known."""
    begins = list(_BEGIN.finditer(text))
    if not begins or text[: begins[0].start()].replace("<|begin_of_text|>", "").strip():
        return []
    ends = [found.start() for found in begins[1:]] + [len(text)]
    messages = []
    for found, end in zip(begins, ends, strict=True):
        if not (role := role_of(found[1] or found[2])):
            return []
        messages.append(Message("", role, _END.split(text[found.end() : end])[0]))
    return messages
