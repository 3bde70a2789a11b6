"""How the bytes of a file spell letters: found out from its head, and decoded in a stream.

The ladder: byte order mark, what the file says of itself, strict UTF-8, UTF-16 by where the zero bytes lie, UTF-8 with a few
broken places, then the least surprising reading among all encodings of `plausibility`.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Protocol

from llmstudio.core.corpus.reading.encodings.file_kinds import is_full_of_control_signs, name_by_mark
from llmstudio.core.corpus.reading.encodings.names import ENCODINGS, SURE, called, canonical, codec_of, is_guess, read_as
from llmstudio.core.corpus.reading.encodings.plausibility import CANDIDATES, EVERYDAY, sample_of, surprise
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import Words, words

HEAD_BYTES = 1 << 16
CHUNK_BYTES = 1 << 20
BROKEN_SHARE = 0.01
"""Share of unreadable places up to which a file is taken: with more of them, the encoding is simply another one."""
_MARGIN = 5.0  # nats between two readings, of which a guess is worth about two thirds
_STRANGE, _PLAIN = 6.0, 4.0  # nats a byte beyond ASCII, and of ASCII: dearer texts are in no language that is known here
_FEW_LETTERS = 4  # beyond ASCII, in different words; from fewer, nobody can be sure
_USUAL, _DOUBT = "cp1252", 6.0  # then this one is taken, unless another is better by more nats
_LINE_CHARACTERS = 80  # of a line that shows how a file was read

_MARKS = (  # the longer mark first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHOOSE = Remedy("set", words("Choose the encoding"), "reading.encoding")
_ALL_EVERYDAY = frozenset("".join(EVERYDAY.values()))
_MANY_BYTES = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_JAPANESE_MAIL = re.compile(rb"\x1b\$[@B]|\x1b\(I|\x1b\$\([DOPQ]")
_KOREAN_MAIL = b"\x1b$)C"
_DECLARED = (
    re.compile(rb"""<meta\b[^>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE),
    re.compile(rb"""\A\s*<\?xml\b[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_:.-]+)""", re.IGNORECASE),
    re.compile(rb"""\A(?:[^\n]*\n)?[ \t]*(?:#|//|%|\\|;|<!--).{0,40}?coding[:=][ \t]*([A-Za-z0-9_.-]+)"""),
    re.compile(rb"\A\{\\rtf[^{}]{0,200}?\\ansicpg(\d+)"),
    re.compile(rb"""\A@charset\s+"([A-Za-z0-9_.-]+)\""""),
)


class Bytes(Protocol):
    """Anything that gives bytes: a file, a member of an archive."""

    def read(self, num_bytes: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


def detect(sample: bytes) -> tuple[str, float]:
    """The encoding of a text that begins with `sample`, and how sure that is (0 to 1); 1 is for what needs no guess.

    A character that the end of the sample cuts in two does no harm.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name, 1.0
    if sample.isascii() and (mail := _mail(sample)):
        return mail, 0.95
    if _decodes(
        sample, "utf-8", may_be_cut=len(sample) > 500 or _MANY_BYTES.search(sample) is not None
    ) and not is_full_of_control_signs(sample):  # UTF-16 of plain letters is UTF-8 as well
        return "utf-8", 1.0
    if wide := _utf32(sample) or _utf16(sample):
        return wide, 0.9
    if (named := declared(sample)) and _fits(sample, named):
        return named, 1.0
    num_letters, num_broken = _as_utf8(sample)
    are_few = num_broken <= BROKEN_SHARE * len(sample)
    if num_letters > 20 * num_broken or (are_few and num_letters > num_broken):
        return "utf-8", 0.8
    return _guess(sample, may_be_utf8=are_few)


def declared(head: bytes) -> str:
    """The encoding that a page, an XML file or a program says it is written in; empty if it says none that we know."""
    for pattern in _DECLARED:
        if found := pattern.search(head[:4096]):
            name = canonical(found[1].decode("ascii"))
            return name if name in ENCODINGS and not name.startswith(("utf-16", "utf-32")) else ""
    return ""


def name_binary(head: bytes) -> Words | None:
    """What a file is that holds no text, told from its first bytes; None for text."""
    if any(head.startswith(mark) for mark, _ in _MARKS):
        return None
    if name := name_by_mark(head):
        return name
    if _utf32(head) or _utf16(head):
        return None
    return words("a binary file") if is_full_of_control_signs(head) else None


class TextFile:
    """A file's bytes as a stream of text.

    Attributes:
        name: For messages.
        encoding: As it was found or chosen; may still change while all that was read is ASCII.
        confidence: How sure the finding is, 0 to 1.
        num_bytes: Bytes read so far.
        num_replaced: Places so far where bytes meant no letter and U+FFFD stands instead.
        head: The first bytes.
        line: The first line that holds a letter beyond ASCII, as it was read so far; a long one is shortened.
    """

    def __init__(
        self,
        raw: Bytes,
        name: str,
        encoding: str = "",
        *,
        on_bytes: Callable[[int], None] | None = None,
        is_alone: bool = True,
    ) -> None:
        """Read the head and find the encoding.

        `is_alone`: False if `encoding` was chosen for several files; one that leaves no doubt then keeps its own.

        Raises:
            StudioError: The file is empty, holds no text, or its encoding cannot be found.
        """
        self.name, self._raw, self._on_bytes = name, raw, on_bytes
        encoding = canonical(encoding)
        self.line = ""
        self.num_bytes = self.num_replaced = self._num_characters = 0
        self.head = b""
        while len(self.head) < HEAD_BYTES and (block := raw.read(HEAD_BYTES - len(self.head))):
            self.head += block
        if not self.head:
            raise StudioError("{name} is empty.", name=name)
        if not encoding.startswith("utf-16") and (binary := name_binary(self.head)):
            raise StudioError("{name} holds no text: it looks like {what}.", name=name, what=binary)
        self._chosen = ""  # for what comes, where nothing so far leaves a doubt
        if encoding and not is_alone and _leaves_no_doubt(self.head, encoding):
            self._chosen, encoding = encoding, ""
        self._is_open = not encoding
        self.encoding, self.confidence = (encoding, 1.0) if encoding else detect(self.head)
        if self.encoding == "utf-16" and not self.head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self.encoding = _utf16(self.head) or "utf-16-le"
        if not self.encoding:
            raise self._unreadable()

    def chunks(self) -> Iterator[str]:
        """The text in pieces of at most about a megabyte. Reads the file, so only once.

        Raises:
            StudioError: More than `BROKEN_SHARE` of the text cannot be read in this encoding.
        """
        self._decoder = _decoder(self.encoding)
        block = self.head
        while block:
            self.num_bytes += len(block)
            if self._on_bytes:
                self._on_bytes(len(block))
            if text := self._decode(block):
                yield text
            block = self._raw.read(CHUNK_BYTES)
        if text := self._decode(b"", final=True):
            yield text

    def head_text(self) -> str:
        """The head, decoded; a character that its end cuts in two is missing."""
        return _decoder(self.encoding, "replace").decode(self.head)

    def _decode(self, block: bytes, *, final: bool = False) -> str:
        state = self._decoder.getstate()
        try:
            text = self._decoder.decode(block, final)
        except UnicodeError:
            found, confidence = self._found_later(block)
            if self._chosen and confidence < 1:
                found, confidence = self._chosen, 1.0
            if self._is_open and self._num_characters and found not in ("", "utf-8"):
                # All so far was ASCII, which nearly every encoding spells alike: the choice is still open.
                self.encoding, self.confidence = found, confidence
                self._is_open = False
                self._decoder = _decoder(self.encoding)
                return self._decode(block, final=final)
            text = self._decode_leniently(block, state, final)
        if not self.line and not text.isascii():
            self.line = _telling_line(text)
        self._is_open = self._is_open and text.isascii()
        self._num_characters += len(text)
        return text

    def _found_later(self, block: bytes) -> tuple[str, float]:
        named = declared(self.head)
        return (named, 1.0) if named and _fits(block, named) else detect(block)

    def _decode_leniently(self, block: bytes, state: tuple[bytes, int], final: bool) -> str:
        lenient = _decoder(self.encoding, "replace")
        lenient.setstate(state)
        text = lenient.decode(block, final)
        self._decoder.setstate(lenient.getstate())
        self.num_replaced += text.count("\ufffd")
        if self.num_replaced > max(3, BROKEN_SHARE * (self._num_characters + len(text))):
            raise self._unreadable()
        return text

    def remark(self) -> Remark | None:
        """What to say if the encoding is a guess: which it is, with a line to judge it by, and how to choose another.

        A file that keeps its own where another one was chosen is told, too.
        """
        if self._chosen and self.line and self.encoding != self._chosen:
            message = words(
                "It is {encoding} without doubt and is read so: the chosen encoding is for files that leave a doubt.",
                encoding=called(self.encoding),
            )
            return Remark(message, key=f"kept {self.encoding}")
        if self.confidence >= 1 or self.encoding == "utf-8" or not self.line:
            return None
        level = "warning" if is_guess(self.confidence) else "info"
        message = words(
            "It is read as {encoding}: “{line}”. If it looks wrong, choose another.",
            encoding=read_as(self.encoding, self.confidence),
            line=self.line,
        )
        return Remark(message, level, (_CHOOSE,), f"encoding {self.encoding} {level}")

    def _unreadable(self) -> StudioError:
        if self.encoding:
            return StudioError(
                "{name} cannot be read as {encoding}: choose another encoding.",
                name=self.name,
                encoding=called(self.encoding),
                remedies=(_CHOOSE,),
            )
        return StudioError("The encoding of {name} cannot be found: choose it.", name=self.name, remedies=(_CHOOSE,))


def _leaves_no_doubt(head: bytes, chosen: str) -> bool:
    """True if a text says itself how it is written, so that an encoding chosen for others is not meant for it.

    One that is all ASCII reads alike in nearly every encoding.
    """
    found, confidence = detect(head)
    if head.isascii() and found == "utf-8":
        return chosen.startswith(("utf-16", "utf-32")) or _decoder(chosen, "replace").decode(head) == head.decode()
    return confidence >= 1 or found.startswith(("utf-", "iso-2022-"))


def _telling_line(text: str) -> str:
    at = next(place for place, sign in enumerate(text) if not sign.isascii())
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)]
    begin = max(0, min(at - start - _LINE_CHARACTERS // 2, len(line) - _LINE_CHARACTERS))
    return " ".join(line[begin : begin + _LINE_CHARACTERS].split())


def _decoder(encoding: str, errors: str = "strict") -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(codec_of(encoding))(errors)


def _decodes(sample: bytes, encoding: str, *, may_be_cut: bool = True) -> bool:
    try:
        _decoder(encoding).decode(sample, not may_be_cut)
    except UnicodeError:
        return False
    return True


def _utf16(sample: bytes) -> str:
    """Which UTF-16 a sample without byte order mark is, or an empty string.

    ASCII signs (a line end at least) leave every second byte zero; which half they lie in does not decide alone, since a
    frequent letter such as U+4E00 has its zero in the other one. So both readings are tried, and the plainer one taken.
    Without any ASCII, small bytes make it look like no text at all: then its letters must be everyday ones, or one script's.
    """
    has_zeros = max(sample[0::2].count(0), sample[1::2].count(0)) * 200 >= len(sample)
    if not has_zeros and not is_full_of_control_signs(sample):
        return ""
    shares = {name: _plain_share(sample, name) for name in ("utf-16-le", "utf-16-be")}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] > (0.05 if has_zeros else 0.4) else ""


def _plain_share(sample: bytes, encoding: str) -> float:
    """Share of ASCII, of everyday letters and of the script most used in a sample read in this way; 0 if it is no prose."""
    if not _decodes(sample, encoding):
        return 0.0
    text = _decoder(encoding).decode(sample)[:4000]
    odd_signs = sum(not (c.isprintable() or c.isspace()) for c in text)
    if odd_signs * 20 > len(text):
        return 0.0
    plain = sum(" " <= c <= "~" or c in "\n\r\t" or c in _ALL_EVERYDAY for c in text)
    blocks = Counter(ord(c) >> 8 for c in text if c.isalpha() and not c.isascii() and c not in _ALL_EVERYDAY)
    block = blocks.most_common(1)[0][1] if blocks else 0
    return (plain + (block if block * 10 >= 7 * blocks.total() else 0)) / max(1, len(text))


def _as_utf8(sample: bytes) -> tuple[int, int]:
    """Letters beyond ASCII that a sample read as UTF-8 holds, and the places in it that are none."""
    text = _decoder("utf-8", "replace").decode(sample)
    num_broken = text.count("\ufffd")
    return sum(ord(c) > 127 for c in text) - num_broken, num_broken


def _fits(sample: bytes, encoding: str) -> bool:
    """True if hardly anything in the sample means nothing in this encoding."""
    broken = _decoder(encoding, "replace").decode(sample).count("\ufffd")
    return broken <= max(3, BROKEN_SHARE * len(sample))


def _guess(sample: bytes, *, may_be_utf8: bool) -> tuple[str, float]:
    """The reading that surprises least, and how much less than the next one that reads anything else."""
    telling = sample_of(sample)
    costs = {
        name: surprise(telling, name, codec_of(name))
        for name in CANDIDATES
        if (may_be_utf8 if name == "utf-8" else _fits(sample, name))
    }
    if not costs:
        return "", 0.0
    best, *others = sorted(costs, key=lambda name: costs[name])
    num_high = sum(byte > 127 for byte in telling)
    is_doubtful = best != "utf-8" and _tells_little(telling, _USUAL)
    if is_doubtful and _USUAL in costs and (_reads_alike(telling, best) or costs[_USUAL] <= costs[best] + _DOUBT):
        others, best = [best, *(name for name in others if name != _USUAL)] if best != _USUAL else others, _USUAL
    read = _decoder(best, "replace").decode(telling)
    other = next((name for name in others if _decoder(name, "replace").decode(telling) != read), "")
    margin = costs[other] - costs[best] if other else _MARGIN * 4
    is_strange = costs[best] > _STRANGE * num_high + _PLAIN * (len(telling) - num_high)
    sure = (1 - math.exp(-max(0.0, margin) / _MARGIN)) * (0.95 if not is_strange else SURE - 0.05)
    return best, round(min(sure, SURE - 0.05) if _tells_little(telling, best) else sure, 2)


def _reads_alike(telling: bytes, encoding: str) -> bool:
    return _decoder(encoding, "replace").decode(telling) == _decoder(_USUAL, "replace").decode(telling)


def _tells_little(telling: bytes, encoding: str) -> bool:
    """True if a text so read has only a few letters beyond ASCII: signs of money and degrees say nothing of a language.

    Quotes and dashes do, for what is none of them has other signs in their place.
    """
    read = _decoder(encoding, "replace").decode(telling)
    return sum((sign.isalpha() or sign in "“”‘’–—…") and not sign.isascii() for sign in read) < _FEW_LETTERS


def _mail(sample: bytes) -> str:
    """The encoding of seven-bit mail, which spells its letters in ASCII between escape sequences; empty if it is none."""
    if _KOREAN_MAIL in sample and _decodes(sample, "iso-2022-kr"):
        return "iso-2022-kr"
    if _JAPANESE_MAIL.search(sample) and _fits(sample, "iso-2022-jp"):
        return "iso-2022-jp"
    return ""


def _utf32(sample: bytes) -> str:
    """Which UTF-32 a sample without byte order mark is, or an empty string: three of four bytes, or nearly, are small."""
    whole = sample[: len(sample) // 4 * 4]
    for name, high, low in (("utf-32-le", 3, 0), ("utf-32-be", 0, 3)):
        tops = whole[high::4]
        if len(tops) >= 2 and not any(tops) and any(whole[low::4]) and _plain_share(sample, name) > 0.3:
            return name
    return ""
