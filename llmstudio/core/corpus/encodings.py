"""How the bytes of a file spell letters: found out from its head, and decoded in a stream.

The ladder: byte order mark, strict UTF-8, UTF-16 by where the zero bytes lie, UTF-8 with a few broken places, then
charset-normalizer among the encodings that text files really use, with a vote of everyday letters where it wavers.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from typing import Protocol

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import Words, words

HEAD_BYTES = 1 << 16
CHUNK_BYTES = 1 << 20
BROKEN_SHARE = 0.01
"""Share of unreadable places up to which a file is taken: with more of them, the encoding is simply another one."""
_COIN = 0.5  # a guess no surer than this found no language in the text

# Files that call themselves Shift-JIS, EUC-KR or Big5 use the larger sets that Windows made of them.
_CODECS = {"shift_jis": "cp932", "euc_kr": "cp949", "big5": "cp950", "utf-8": "utf-8-sig"}
_NAMES = {"cp932": "shift_jis", "cp949": "euc_kr", "cp950": "big5", "latin_1": "latin-1"}
_WESTERN = ["cp1252", "latin_1"]
_CANDIDATES = ["gb18030", "big5", "cp932", "euc_jp", "cp949", *_WESTERN, "cp1251", "koi8_r"]
_MARKS = (  # the longer mark first: UTF-32's begins like UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_KANA = "".join(map(chr, range(0x3041, 0x30FF)))
_EVERYDAY = {
    "gb18030": "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然"
    "于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无情己面最女但现前些所同日手又行意动方期它头经长儿回"
    "位分爱老因很给名法间知世什两次使身者被高已其进此话常与活正感本民市新员公司业部区体电工",
    "big5": "的一是了我不人在他有這個上們來到時大地為子中你說生國年著就那和要她出也得裡後自以會家可下而過天去能對小多然"
    "於心學麼之都好看起發當沒成只如事把還用第樣道想作種開美總從無情己面最女但現前些所同日手又行意動方期它頭經長兒回"
    "位分愛老因很給名法間知世什兩次使身者被高已其進此話常與活正感本民市新員公司業部區體電工",
    "cp932": _KANA,
    "euc_jp": _KANA,
    "cp949": "이다는에가을를의은한고지도로하사서기대어시자인리나아정보일그전수해스안여라만들부있상것제과조장주원면게우했",
}
_ALL_EVERYDAY = frozenset("".join(_EVERYDAY.values()))
_ALONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")  # as accents stand between plain letters
_MANY_BYTES = re.compile(rb"[\xc2-\xf4][\x80-\xbf]")
_IS_HIGH = bytes(byte > 127 for byte in range(256))
_C1 = re.compile(rb"[\x80-\x9f]")  # control signs in Latin-1, which no text holds
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_MAGIC: tuple[tuple[bytes, Words], ...] = (
    (b"\xff\xd8\xff", words("a picture (JPEG)")),
    (b"\x89PNG", words("a picture (PNG)")),
    (b"GIF8", words("a picture (GIF)")),
    (b"%PDF-", words("a PDF document: save its text first")),
    (b"PK\x03\x04", words("an archive or an office document: save its text first")),
    (b"\x1f\x8b\x08", words("a compressed file")),
    (b"7z\xbc\xaf\x27\x1c", words("an archive")),
    (b"Rar!\x1a", words("an archive")),
    (b"\xd0\xcf\x11\xe0", words("an office document: save its text first")),
    (b"SQLite format 3\x00", words("a database")),
    (b"\x7fELF", words("a program")),
    (b"OggS", words("a sound")),
    (b"ID3", words("a sound")),
)


class Bytes(Protocol):
    """Anything that gives bytes: a file, a member of an archive."""

    def read(self, num_bytes: int, /) -> bytes:
        """At most so many bytes; none at the end."""
        ...


def detect(sample: bytes) -> tuple[str, float]:
    """The encoding of a text that begins with `sample`, and how sure that is (0 to 1); `("", 0.0)` if none fits.

    A character that the end of the sample cuts in two does no harm.
    """
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name, 1.0
    if _decodes(
        sample, "utf-8", may_be_cut=len(sample) > 500 or _MANY_BYTES.search(sample) is not None
    ) and not _is_full_of_control_signs(sample):  # UTF-16 of plain letters is UTF-8 as well
        return "utf-8", 1.0
    if wide := _utf16(sample):
        return wide, 0.9
    num_letters, num_broken = _as_utf8(sample)
    are_few = num_broken <= BROKEN_SHARE * len(sample)
    if num_letters > 20 * num_broken or (are_few and num_letters > num_broken):
        return "utf-8", 0.8
    name, confidence = _guess(sample)
    # Letters of another encoding hardly ever make up those of UTF-8. Without any the guess decides, if it is worth more
    # than a coin: what is lost as UTF-8 is seen and told, a wrong letter is not.
    is_doubtful = confidence <= _COIN or (name == "latin-1" and _C1.search(sample))
    return ("utf-8", _COIN) if are_few and is_doubtful else (name, confidence)


def name_binary(head: bytes) -> Words | None:
    """What a file is that holds no text, told from its first bytes; None for text."""
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if any(head.startswith(mark) for mark, _ in _MARKS) or _utf16(head):
        return None
    return words("a binary file") if _is_full_of_control_signs(head) else None


class TextFile:
    """A file's bytes as a stream of text.

    Attributes:
        name: For messages.
        encoding: As it was found or chosen; may still change while all that was read is ASCII.
        confidence: How sure the finding is, 0 to 1.
        num_bytes: Bytes read so far.
        num_replaced: Places so far where bytes meant no letter and U+FFFD stands instead.
        head: The first bytes.
    """

    def __init__(self, raw: Bytes, name: str, encoding: str = "", *, on_bytes: Callable[[int], None] | None = None) -> None:
        """Read the head and find the encoding.

        Raises:
            StudioError: The file is empty, holds no text, or its encoding cannot be found.
        """
        self.name, self._raw, self._on_bytes = name, raw, on_bytes
        self.num_bytes = self.num_replaced = self._num_characters = 0
        self.head = b""
        while len(self.head) < HEAD_BYTES and (block := raw.read(HEAD_BYTES - len(self.head))):
            self.head += block
        if not self.head:
            raise StudioError("{name} is empty.", name=name)
        if not encoding.startswith("utf-16") and (binary := name_binary(self.head)):
            raise StudioError("{name} holds no text: it looks like {what}.", name=name, what=binary)
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
            if self._is_open and self._num_characters and detect(block)[0] not in ("", "utf-8"):
                # All so far was ASCII, which nearly every encoding spells alike: the choice is still open.
                self.encoding, self.confidence = detect(block)
                self._is_open = False
                self._decoder = _decoder(self.encoding)
                return self._decode(block, final=final)
            text = self._decode_leniently(block, state, final)
        self._is_open = self._is_open and text.isascii()
        self._num_characters += len(text)
        return text

    def _decode_leniently(self, block: bytes, state: tuple[bytes, int], final: bool) -> str:
        lenient = _decoder(self.encoding, "replace")
        lenient.setstate(state)
        text = lenient.decode(block, final)
        self._decoder.setstate(lenient.getstate())
        self.num_replaced += text.count("\ufffd")
        if self.num_replaced > max(3, BROKEN_SHARE * (self._num_characters + len(text))):
            raise self._unreadable()
        return text

    def _unreadable(self) -> StudioError:
        remedy = Remedy("set", words("Choose the encoding"), "reading.encoding")
        if self.encoding:
            return StudioError(
                "{name} cannot be read as {encoding}: choose another encoding.",
                name=self.name,
                encoding=self.encoding.upper(),
                remedies=(remedy,),
            )
        return StudioError("The encoding of {name} cannot be found: choose it.", name=self.name, remedies=(remedy,))


def _is_full_of_control_signs(sample: bytes) -> bool:
    return sample.count(0) * 1000 > len(sample) or len(_CONTROL.findall(sample)) * 50 > len(sample)


def _decoder(encoding: str, errors: str = "strict") -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder(_CODECS.get(encoding, encoding))(errors)


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
    """
    if max(sample[0::2].count(0), sample[1::2].count(0)) * 200 < len(sample):
        return ""
    plain = {name: _plain_share(sample, name) for name in ("utf-16-le", "utf-16-be")}
    best = max(plain, key=lambda name: plain[name])
    return best if plain[best] > 0.05 else ""


def _plain_share(sample: bytes, encoding: str) -> float:
    """Share of ASCII and everyday letters in a sample read in this way; 0 if it is no prose."""
    if not _decodes(sample, encoding):
        return 0.0
    text = _decoder(encoding).decode(sample)[:4000]
    odd_signs = sum(not (c.isprintable() or c.isspace()) for c in text)
    if odd_signs * 20 > len(text):
        return 0.0
    return sum(" " <= c <= "~" or c in "\n\r\t" or c in _ALL_EVERYDAY for c in text) / max(1, len(text))


def _as_utf8(sample: bytes) -> tuple[int, int]:
    """Letters beyond ASCII that a sample read as UTF-8 holds, and the places in it that are none."""
    text = _decoder("utf-8", "replace").decode(sample)
    num_broken = text.count("\ufffd")
    return sum(ord(c) > 127 for c in text) - num_broken, num_broken


def _guess(sample: bytes) -> tuple[str, float]:
    from charset_normalizer import from_bytes  # its tables take a moment to load, and most files are UTF-8

    are_alone = len(_ALONE.findall(sample)) * 2 > sum(sample.translate(_IS_HIGH))
    lines = _whole_lines(sample)
    matches = from_bytes(lines, cp_isolation=_WESTERN) if are_alone else None
    found = [m for m in matches or from_bytes(lines, cp_isolation=_CANDIDATES) if _decodes(sample, m.encoding)]
    if not found:
        return "", 0.0
    near = [m for m in found if m.chaos <= found[0].chaos + 0.05]
    everyday = {m.encoding: _everyday_share(str(m), m.encoding) for m in near}
    best = max(near, key=lambda m: everyday[m.encoding]) if max(everyday.values()) > 0.2 else found[0]
    sure = (1 - best.chaos) * (0.5 + 0.5 * max(best.coherence, everyday.get(best.encoding, 0.0)))
    return _NAMES.get(best.encoding, best.encoding), round(min(sure, 0.95), 2)


def _whole_lines(sample: bytes) -> bytes:
    end = sample.rfind(b"\n")
    return sample[: end + 1] if end > len(sample) // 2 else sample


def _everyday_share(text: str, encoding: str) -> float:
    """Share of the non-ASCII letters that everybody writes every day in the language of an encoding."""
    letters = [c for c in text[:4000] if c > "\x7f" and c.isalpha()]
    known = _EVERYDAY.get(encoding, "")
    return sum(c in known for c in letters) / len(letters) if letters else 0.0
