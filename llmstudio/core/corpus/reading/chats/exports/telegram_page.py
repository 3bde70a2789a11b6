"""Telegram's export as web pages (messages.html): who speaks and what is said; dates, pictures and notices are left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from llmstudio.core.corpus.reading.chats.chat_rows import chat_rows
from llmstudio.core.corpus.reading.chats.exports.exports import Row
from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.told import PARTS, SERVICE, Told
from llmstudio.core.corpus.reading.formats.web_pages import page_tree

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MESSAGE = re.compile(r"""<div class="message (?:default|service)""")
_NAME = re.compile(r"""<div class="from_name">""")


def is_telegram_page(head: str) -> bool:
    """True if a web page begins as such an export."""
    return bool(_MESSAGE.search(head) and _NAME.search(head))


def read_telegram_page(chunks: Iterable[str], name: str, told: Told) -> Iterator[Row]:
    """The conversation on a page; where only one speaks, as in a channel, each post is a text.

    Raises:
        StudioError: The page is too large to be parsed.
    """
    tree = page_tree(chunks, name)
    messages = list(_messages(tree.css("div.message"), told))
    if len({message.name for message in messages}) == 1:
        yield from ({"text": message.what} for message in messages)
        return
    yield from chat_rows(messages, told)


def _messages(nodes: Iterable[LexborNode], told: Told) -> Iterator[Message]:
    speaker = ""  # who goes on speaking is not named again
    for node in nodes:
        if "service" in (node.attributes.get("class") or "").split():
            told.add(SERVICE)
            continue
        named = next((each for each in node.css("div.from_name") if not _is_forwarded(each)), None)
        if named is not None:
            speaker = " ".join((named.text(deep=False) or "").split()) or speaker
        told.add(PARTS, len(node.css("div.media_wrap")))
        texts = []
        for each in node.css("div.text"):
            for gap in each.css("br"):
                gap.replace_with("\n")
            texts.append("\n".join(line.strip() for line in (each.text() or "").strip().split("\n")))
        if what := "\n".join(filter(None, texts)):
            yield Message(speaker or "?", "", what)


def _is_forwarded(node: LexborNode) -> bool:
    """True for the name of somebody whose words were passed on."""
    return node.parent is not None and "forwarded" in (node.parent.attributes.get("class") or "").split()
