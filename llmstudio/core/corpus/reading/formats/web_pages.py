"""The text of a web page: what a reader sees, each block on its own line; scripts, styles and menus of code dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmstudio.core.errors import StudioError

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

PAGE_CHARACTERS = 1 << 23
"""A page is parsed as a whole, and its tree takes many times its size: longer ones are refused."""
_UNSEEN = "script, style, noscript, template, head, svg, iframe"
_BLOCKS = (
    "p, div, section, article, header, footer, main, aside, nav, h1, h2, h3, h4, h5, h6, li, ul, ol, dl, dt, dd, tr, table, "
    "caption, blockquote, figure, figcaption, form, fieldset, address, details, summary, hr, pre"
)
_BREAK, _BLANK = "\x01", "\x02"  # stand for what is meant while the page's own line ends and spaces are folded


def page_tree(chunks: Iterable[str], name: str) -> LexborHTMLParser:
    """The parsed page in `chunks`. Raises StudioError if it is too large to be parsed."""
    from selectolax.lexbor import LexborHTMLParser  # native; loaded only when there is a page

    html: list[str] = []
    length = 0
    for chunk in chunks:
        length += len(chunk)
        if length > PAGE_CHARACTERS:
            raise StudioError("{name} is too large for a web page: save its text first.", name=name)
        html.append(chunk)
    return LexborHTMLParser("".join(html).replace(_BREAK, "").replace(_BLANK, ""))


def page_text(chunks: Iterable[str], name: str) -> str:
    """The text of the page in `chunks`. Raises StudioError if it is too large to be parsed."""
    tree = page_tree(chunks, name)
    if tree.body is None:
        return ""
    for node in tree.css(_UNSEEN):
        node.decompose()
    for node in tree.css("pre"):
        kept = (node.text() or "").strip("\n").replace("\n", _BREAK).replace(" ", _BLANK)
        node.replace_with(f"{_BREAK}{kept}{_BREAK}")
    for node in tree.css("br"):
        node.replace_with(_BREAK)
    for node in tree.css("td, th"):
        node.insert_after("\t")
    for node in tree.css(_BLOCKS):
        node.insert_before(_BREAK)
        node.insert_after(_BREAK)
    folded = re.sub(r"[^\S\xa0]+", " ", tree.body.text()).split(_BREAK)
    return "\n".join(line for line in (piece.strip() for piece in folded) if line).replace(_BLANK, " ")
