"""Conversations spelled with the marks of a model's chat template: <|im_start|>user ... <|im_end|>, or [INST] ... [/INST].

In: a text. Out: its messages. A template has a mark that names who speaks, in one of four forms, and mostly one that ends
what is said: <|im_start|>user (ChatML, Gemma), <|start_header_id|>user<|end_header_id|> (Llama 3, Granite),
<|start|>assistant<|channel|>final<|message|> (gpt-oss), and <|user|> (Zephyr, Phi, DeepSeek, Cohere).
Source: the `chat_template` of the tokenizers that these models come with.
"""

from __future__ import annotations

import re

from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.told import THOUGHTS, TOOLS, Told

_WHO = r"([^\W\d_]{1,20})"
_OPENS = (
    r"<\|(?:endoftext|startoftext|begin_of_text|bos)\|>|<[|｜]begin[▁_]of[▁_]sentence[|｜]>|<bos>|<BOS_TOKEN>|<s>"
    r"|\[gMASK\]|<sop>"
)
_BEGIN = re.compile(
    rf"<\|im_{_WHO}\|>[\w -]{{0,40}}<\|im_middle\|>"
    rf"|(?:<\|im_start\|>|<start_of_turn>|<\|turn>|<seed:bos>)[ \t]*{_WHO}[ \t]*(?:<\|im_sep\|>)?\r?\n?"
    rf"|<\|(?:start_header_id|header_start|start_of_role|begin)\|>{_WHO}<\|(?:end_header_id|header_end|end_of_role|content)\|>\s*"
    r"|<\|start\|>(?P<sender>[\w.-]{1,80})(?P<to>[^<>\n]{0,80})(?:<\|channel\|>(?P<channel>[a-z]+)(?P<tool>[^<>\n]{0,80}))?"
    r"(?:<\|constrain\|>[^<>\n]{0,40})?<\|message\|>"
    rf"|(?:<\|START_OF_TURN_TOKEN\|>)?<\|{_WHO}_TOKEN\|>"
    rf"|<[|｜](?:hy_)?{_WHO}(?:_start)?[|｜]>:?[ \t]*\r?\n?"
    rf"|\[\|{_WHO}\|\]:?[ \t]*\r?\n?"
    rf"|(?:\A|(?<=\n))<{_WHO}>:[ \t]?"
)  # fmt: skip
_END = re.compile(
    r"\s*(?:<\|(?:im_end|eot_id|eom_id|eot|endoftext|end_of_text|end|return|call|END_OF_TURN_TOKEN|eos|[a-z]{1,20}_end)\|>"
    r"|<end_of_turn>|<turn\|>|<[|｜]end[▁_]of[▁_]sentence[|｜]>|<seed:eos>|\[\|endofturn\|\]|<eo[amhtuc]>)\s*"
)
_LAST = re.compile(r"\s*(?:</s>|<eos>)\s*\Z")  # these may also stand inside a text
_INST = re.compile(r"\[INST\](.*?)\[/INST\](.*?)(?=\[INST\]|\Z)", re.DOTALL)
_SYSTEM = re.compile(r"\s*<<SYS>>(.*?)<</SYS>>", re.DOTALL)
_SYSTEM_PROMPT = re.compile(r"\[SYSTEM_PROMPT\](.*?)\[/SYSTEM_PROMPT\]\s*", re.DOTALL)
_STREAM = re.compile(r"\s*</?s>\s*")
_PREFIX = re.compile(rf"\s*(?:(?:{_OPENS})\s*)*")
_STARTS = re.compile(rf"\s*(?:{_OPENS})")


def inst_messages(text: str) -> list[Message]:
    """The messages of a text in the layout of Llama 2 and Mistral; empty for any other text."""
    text = text.strip().removeprefix("<s>").lstrip()
    messages = []
    if system := _SYSTEM_PROMPT.match(text):
        messages.append(Message("", "story", system[1].strip()))
        text = text[system.end() :]
    if not text.startswith("[INST]"):
        return []
    for found in _INST.finditer(text):
        asked = found[1]
        if system := _SYSTEM.match(asked):
            messages.append(Message("", "story", system[1].strip()))
            asked = asked[system.end() :]
        messages.append(Message("", "user", asked.strip()))
        if answer := _STREAM.sub("", found[2]).strip():
            messages.append(Message("", "assistant", answer))
    return messages


def template_messages(text: str, told: Told | None = None) -> list[Message]:
    """The messages of a text in any other template; empty for any other text, or if a speaker's role is not known.

    `told` counts the thinking and the work of tools that are left out.
    """
    told = told or Told()
    begins = [found for found in _BEGIN.finditer(text) if found["sender"] or _role(found) or _is_sure(found)]
    if not begins:
        return []
    above = text[: begins[0].start()]
    story = above[_PREFIX.match(above).end() :].strip()  # type: ignore[union-attr]
    if story and not _STARTS.match(above):
        return []
    messages = [Message("", "story", story)] if story else []
    ends = [found.start() for found in begins[1:]] + [len(text)]
    for found, end in zip(begins, ends, strict=True):
        said = _LAST.sub("", _END.split(text[found.end() : end])[0]).strip("\r\n")
        if found["channel"] not in (None, "final") or "to=" in f"{found['to']}{found['tool']}":
            told.add(TOOLS if "to=" in f"{found['to']}{found['tool']}" else THOUGHTS)
            continue
        if not (role := _role(found)):
            return []
        if said.strip() or role != "story":
            messages.append(Message("", role, said))
    return messages


def begins_conversation(line: str) -> bool:
    """True for a line that begins a conversation, whatever stands before: with a text's beginning or a system message."""
    opening = _STARTS.match(line)
    found = _BEGIN.match(line.lstrip(), 0) if not opening else _BEGIN.search(line)
    if found is None:
        return opening is not None and "begin" in opening[0]
    return opening is not None or (_role(found) == "story" and not _is_work(found))


def role_at(line: str) -> str:
    """Whose words begin with this line: story, user or assistant; empty if nobody's do."""
    found = _BEGIN.match(line.lstrip())
    return _role(found) if found else ""


def answers_in(line: str) -> bool:
    """True if an assistant begins to speak in this line."""
    return any(_role(found) == "assistant" for found in _BEGIN.finditer(line))


def _name(found: re.Match[str]) -> str:
    beside = (found["to"], found["channel"], found["tool"])
    return next(name for name in found.groups() if name and name not in beside)


def _role(found: re.Match[str]) -> str:
    return role_of(_name(found))


def _is_work(found: re.Match[str]) -> bool:
    return _name(found).casefold() in ("tool", "function", "observation", "ipython")


def _is_sure(found: re.Match[str]) -> bool:
    """True for a mark behind which somebody speaks, even if it is not known who."""
    return found[0].startswith(("<|im_start|>", "<start_of_turn>", "<|turn>", "<|start_header_id|>", "<|header_start|>"))
