"""Marks that part one document from the next inside a file of running text, as text for language models often has them.

`<|endoftext|>` and its kin mean nothing else, so they part documents wherever they stand; `</s>` and its kin also occur in
other texts, so they do only on lines of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

_ANYWHERE = ("<|endoftext|>", "<|end_of_text|>", "<|endofdocument|>", "<|eot_id|>", "<|im_end|>")
_ON_A_LINE = re.compile(r"\r?\n(?:</s>|<eos>|<EOS>|\[EOS\]|<EOD>|<eod>|<\|end\|>|<\|eos\|>)[ \t]*\r?\n")


def separator(head: str) -> str:
    """The mark that parts the documents of a text that begins with `head`, line ends around it included; empty for none."""
    found = [(head.index(mark), mark) for mark in _ANYWHERE if mark in head]
    if found:
        return min(found)[1]
    if on_lines := _ON_A_LINE.findall(head):
        return str(max(set(on_lines), key=on_lines.count)) if len(on_lines) > 1 else ""
    return ""


def documents(chunks: Iterable[str], mark: str) -> Iterator[Iterator[str]]:
    """The text of each document in pieces, without the marks and the line ends behind them. Each must be read in turn."""
    for _, pieces in groupby(_numbered(chunks, mark), key=lambda piece: piece[0]):
        yield _without_leading_line_ends(text for _, text in pieces)


def _numbered(chunks: Iterable[str], mark: str) -> Iterator[tuple[int, str]]:
    """Pieces of text with the number of their document; a mark that two chunks share is held together."""
    number, rest = 0, ""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(mark)
        for text in whole:
            yield number, text
            number += 1
        if (safe := len(rest) - len(mark)) > 0:
            yield number, rest[:safe]
            rest = rest[safe:]
    yield number, rest.removesuffix(mark.rstrip("\r\n"))  # at the very end of a file, its own line end may be missing


def _without_leading_line_ends(pieces: Iterator[str]) -> Iterator[str]:
    for text in pieces:
        if shown := text.lstrip("\r\n"):
            yield shown
            break
    yield from pieces
