"""Marks that part one document from the next inside a file of running text, as text for language models often has them.

`<|endoftext|>` and its kin mean nothing else, so they part documents wherever they stand; `</s>` and its kin also occur in
other texts, so they do only on lines of their own, or where all of a text stands between `<s>` and `</s>`. A mark that opens
a document goes with the one that closes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

_ANYWHERE = ("<|endoftext|>", "<|end_of_text|>", "<|endofdocument|>", "<|eot_id|>", "<|im_end|>")
_CHAT_ENDS = ("<|eot_id|>", "<|im_end|>")  # of a message, where the text is a conversation
_OPENINGS = ("<|startoftext|>", "<|start_of_text|>", "<|beginoftext|>", "<|begin_of_text|>", "<|bos|>")
_PAIRS = (
    ("<s>", "</s>"), ("<bos>", "<eos>"), ("<BOS>", "<EOS>"), ("[BOS]", "[EOS]"), ("<sos>", "<eos>"), ("<SOS>", "<EOS>"),
    ("<|bos|>", "<|eos|>"), ("<|start|>", "<|end|>"),
)  # fmt: skip
_LONGEST_OPENING = 64  # characters at a document's start in which its opening marks lie, white space included
_FEWEST_TEXTS = 2  # one text between <s> and </s> may be struck out
_ON_A_LINE = re.compile(r"\r?\n(?:</s>|<eos>|<EOS>|\[EOS\]|<EOD>|<eod>|<\|end\|>|<\|eos\|>)[ \t]*\r?\n")


def separator(head: str) -> str:
    """The mark that parts the documents of a text that begins with `head`, line ends around it included; empty for none."""
    found = [(head.index(mark), mark) for mark in _ANYWHERE if mark in head]
    if found:
        return min(found)[1]
    if closing := next((closing for opening, closing in _PAIRS if _is_wrapped(head, opening, closing)), ""):
        return closing
    if on_lines := _ON_A_LINE.findall(head):
        return str(max(set(on_lines), key=on_lines.count)) if len(on_lines) > 1 else ""
    return next((mark for mark in _OPENINGS if head.count(mark) > 1), "")


def shared_mark(texts: Sequence[str]) -> str:
    """The mark that ends documents inside most of the texts of a column, or all of them; empty for none."""
    for opening, closing in _PAIRS if len(texts) >= _FEWEST_TEXTS else ():
        if all(text.rstrip().endswith(closing) and _is_wrapped(text, opening, closing) for text in texts):
            return closing
        if all(text.count(closing) == 1 and opening not in text and text.rstrip().endswith(closing) for text in texts):
            return closing
    sure = [mark for mark in (*_ANYWHERE, *_OPENINGS) if mark not in _CHAT_ENDS]
    return next((mark for mark in sure if texts and 2 * sum(mark in text for text in texts) >= len(texts)), "")


def opening_in(text: str, mark: str) -> str:
    """The mark that opens the documents of a text which `mark` closes; empty if none does."""
    return next((opening for opening in _openings(mark) if opening != mark and opening in text), "")


def documents(chunks: Iterable[str], mark: str) -> Iterator[Iterator[str]]:
    """The text of each document in pieces, without the marks and the line ends behind them. Each must be read in turn."""
    opening = re.compile(rf"(?:\s*(?:{'|'.join(map(re.escape, _openings(mark)))})[ \t]*)+")
    for _, pieces in groupby(_numbered(chunks, mark), key=lambda piece: piece[0]):
        yield _without_beginning((text for _, text in pieces), opening)


def texts_in(head: str) -> list[str]:
    """The documents that a text begins with, without the marks that part them; the text itself where none does."""
    mark = separator(head)
    return ["".join(pieces) for pieces in documents([head], mark)] if mark else [head]


def _openings(mark: str) -> tuple[str, ...]:
    """Marks that can open a document which `mark` closes."""
    return (*_OPENINGS, *(opening for opening, closing in _PAIRS if closing == mark.strip()))


def _is_wrapped(head: str, opening: str, closing: str) -> bool:
    """True if a text is nothing but documents between two marks; the last one may be cut off."""
    *whole, rest = [piece.lstrip() for piece in head.split(closing)]
    is_rest = not rest or rest.startswith(opening) or opening.startswith(rest)
    return bool(whole) and is_rest and all(piece.startswith(opening) and piece.count(opening) == 1 for piece in whole)


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


def _without_beginning(pieces: Iterator[str], opening: re.Pattern[str]) -> Iterator[str]:
    """A document without line ends before it and without its opening mark, which two pieces may share."""
    begun = ""
    for text in pieces:
        begun += text
        if len(begun.lstrip()) > _LONGEST_OPENING:
            break
    if found := opening.match(begun):
        begun = begun[found.end() :]
    if shown := begun.lstrip("\r\n"):
        yield shown
    elif begun := next((kept for text in pieces if (kept := text.lstrip("\r\n"))), ""):
        yield begun
    yield from pieces
