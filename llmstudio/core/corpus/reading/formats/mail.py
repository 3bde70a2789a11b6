"""Mail, one message (.eml) or many (mbox): of each its subject and its text; headers and attachments are left out.

In: the bytes of a file, spelled as Latin-1 so that they pass through text unharmed. Out: a text a message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email import message_from_bytes, policy
from email.errors import MessageError
from email.header import decode_header
from email.message import Message

from llmstudio.core.corpus.reading.encodings.encodings import detect
from llmstudio.core.corpus.reading.encodings.names import ENCODINGS, canonical, codec_of
from llmstudio.core.corpus.reading.formats.web_pages import page_text
from llmstudio.core.errors import StudioError

MESSAGE_BYTES = 64 << 20
"""A message is held in memory, with all that is attached to it: longer ones are refused."""
_HEADERS = re.compile(r"\A(?:From [^\n]*\n)?((?:[A-Za-z][A-Za-z0-9-]*:[^\n]*\n(?:[ \t][^\n]*\n)*){3,})")
_FIRST = re.compile(r"From \S+.*\d{4}\s*$")


def is_mail(head: str) -> bool:
    """True if a text begins as mail does: with lines of headers, who it is from and when or about what among them."""
    if not (found := _HEADERS.match(head.replace("\r\n", "\n").lstrip("\ufeff"))):
        return False
    names = {line.partition(":")[0].lower() for line in found[1].splitlines() if not line[:1].isspace()}
    return "from" in names and len(names & {"date", "subject", "message-id", "received", "mime-version", "to"}) >= 2


def mail_texts(chunks: Iterable[str], name: str) -> Iterator[str]:
    """Subject and text of each message.

    Raises:
        StudioError: A message is longer than `MESSAGE_BYTES`, or holds others to a depth that nobody sends.
    """
    for source in _messages(chunks, name):
        try:
            message = message_from_bytes(source.encode("latin-1"), policy=policy.compat32)
            subject, text = _header(message["Subject"]), _text(message, name)
        except RecursionError:
            raise StudioError("{name} holds a message that is nested too deeply: save its text first.", name=name) from None
        yield "\n\n".join(part for part in (subject.strip(), text.strip("\r\n")) if part) + "\n"


def _messages(chunks: Iterable[str], name: str) -> Iterator[str]:
    """The source of each message: a new one begins at a line "From someone, then" below an empty line."""
    lines: list[str] = []
    rest, size, is_blank = "", 0, True
    for chunk in chunks:
        *whole, rest = (rest + chunk).split("\n")
        for line in whole:
            if is_blank and line.startswith("From ") and _FIRST.match(line):
                if lines:
                    yield "\n".join(lines)
                lines, size = [], 0
            else:
                lines.append(line[1:] if re.match(r">+From ", line) else line)
                size += len(line)
            is_blank = not line.strip()
        if size + len(rest) > MESSAGE_BYTES:
            raise StudioError("{name} holds a message that is too large: save its text first.", name=name)
    lines.append(rest)
    if any(line.strip() for line in lines):
        yield "\n".join(lines)


def _text(message: Message, name: str) -> str:
    """The texts of a message, one after another; of several spellings of one text the plain one, else its web page."""
    parts = message.get_payload()
    if message.is_multipart() and isinstance(parts, list):
        texts = [(part, text) for part in parts if isinstance(part, Message) and (text := _text(part, name)).strip()]
        if message.get_content_subtype() != "alternative":
            return "\n\n".join(text.strip("\r\n") for _, text in texts)
        plain = (text for part, text in texts if part.get_content_type() == "text/plain")
        return next(plain, texts[0][1] if texts else "")
    kind = message.get_content_type()
    if kind not in ("text/plain", "text/html") or message.get_content_disposition() == "attachment":
        return ""
    payload = message.get_payload(decode=True)
    text = _decoded(payload if isinstance(payload, bytes) else b"", message.get_content_charset() or "")
    text = text.replace("\r\n", "\n")
    return text if kind == "text/plain" else page_text([text], name)


def _decoded(data: bytes, charset: str) -> str:
    encoding = canonical(charset) if charset else ""
    if encoding not in ENCODINGS or not encoding:
        encoding = detect(data)[0] or "utf-8"
    return data.decode(codec_of(encoding), "replace")


def _header(value: object) -> str:
    """A header's words; each stretch of it may be spelled in an encoding of its own."""
    try:
        pieces = decode_header(str(value)) if value else []
    except MessageError:  # spelled wrongly: shown as it stands
        pieces = [(str(value), None)]
    return "".join(_decoded(p, c or "") if isinstance(p, bytes) else p for p, c in pieces).replace("\n", "")
