"""Files that hold no plain text, told by their first bytes: what they are, and the way from there to text.

A name's ending is not asked: it may be wrong or missing. A mark that could also begin a text counts only if what follows is
no text either.
"""

from __future__ import annotations

import re

from llmstudio.core.words import Words, words

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_END_OF_DOS_TEXT = re.compile(rb"\x1a[\x1a\x00]*\Z")
_FEW = 2  # control signs that a text may hold by accident, however short it is

_PICTURE = "a picture ({name})"
_SOUND = words("a sound: write down what is said in it first")
_FILM = words("a film: write down what is said in it first")
_PACKED = words("an archive or packed file ({name}): unpack it first")
_TABLE = words("a table for programs ({name}): save it as jsonl or csv first")
_NUMBERS = words("numbers for programs ({name})")
_OFFICE = words("a document or table of an office program: save it as plain text, a table as csv, first")
_BOOK = words("an electronic book ({name}): save it as plain text first")
_PROGRAM = words("a program")


def _named(what: str | Words, name: str) -> Words:
    return words(what if isinstance(what, str) else what.template, name=name)


_MARKS: tuple[tuple[int, bytes, Words], ...] = (
    (0, b"\xff\xd8\xff", _named(_PICTURE, "JPEG")),
    (0, b"\x89PNG", _named(_PICTURE, "PNG")),
    (0, b"GIF8", _named(_PICTURE, "GIF")),
    (0, b"II*\x00", _named(_PICTURE, "TIFF")),
    (0, b"MM\x00*", _named(_PICTURE, "TIFF")),
    (0, b"8BPS\x00\x01", _named(_PICTURE, "Photoshop")),
    (0, b"BM", _named(_PICTURE, "BMP")),
    (0, b"%PDF-", words("a PDF document: save its text first")),
    (0, b"AT&TFORM", words("a scanned document (DjVu): save its text first")),
    (0, b"\xd0\xcf\x11\xe0", _OFFICE),
    (0, b"\xffWPC", _OFFICE),
    (60, b"BOOKMOBI", _named(_BOOK, "Mobipocket")),
    (0, b"ITSF\x03", _named(_BOOK, "CHM")),
    (0, b"\x1f\x8b\x08", _named(_PACKED, "gzip")),
    (0, b"7z\xbc\xaf\x27\x1c", _named(_PACKED, "7z")),
    (0, b"Rar!\x1a", _named(_PACKED, "RAR")),
    (0, b"\x28\xb5\x2f\xfd", _named(_PACKED, "Zstandard")),
    (0, b"\xfd7zXZ\x00", _named(_PACKED, "xz")),
    (0, b"BZh", _named(_PACKED, "bzip2")),
    (0, b"\x04\x22\x4d\x18", _named(_PACKED, "LZ4")),
    (257, b"ustar", _named(_PACKED, "tar")),
    (0, b"PAR1", _named(_TABLE, "Parquet")),
    (0, b"ARROW1", _named(_TABLE, "Arrow")),
    (0, b"FEA1", _named(_TABLE, "Feather")),
    (0, b"\xff\xff\xff\xff", _named(_TABLE, "Arrow")),
    (0, b"ORC", _named(_TABLE, "ORC")),
    (0, b"Obj\x01", _named(_TABLE, "Avro")),
    (0, b"SQLite format 3\x00", words("a database: save its tables as csv first")),
    (0, b"\x89HDF", _named(_NUMBERS, "HDF5")),
    (0, b"\x93NUMPY", _named(_NUMBERS, "NumPy")),
    (0, b"GGUF", _named(_NUMBERS, "GGUF: the weights of a model")),
    (0, b"\x80\x02", _named(_NUMBERS, "pickle")),
    (0, b"\x80\x03", _named(_NUMBERS, "pickle")),
    (0, b"\x80\x04\x95", _named(_NUMBERS, "pickle")),
    (0, b"\x80\x05\x95", _named(_NUMBERS, "pickle")),
    (0, b"\x7fELF", _PROGRAM),
    (0, b"MZ", _PROGRAM),
    (0, b"\xca\xfe\xba\xbe", _PROGRAM),
    (0, b"\xcf\xfa\xed\xfe", _PROGRAM),
    (0, b"\x00asm", _PROGRAM),
    (0, b"OggS", _SOUND),
    (0, b"ID3", _SOUND),
    (0, b"\xff\xfb", _SOUND),
    (0, b"fLaC", _SOUND),
    (0, b"#!AMR", _SOUND),
    (8, b"WAVE", _SOUND),
    (8, b"WEBP", _named(_PICTURE, "WebP")),
    (8, b"AVI ", _FILM),
    (4, b"ftypheic", _named(_PICTURE, "HEIC")),
    (4, b"ftypM4A", _SOUND),
    (4, b"ftyp", _FILM),
    (0, b"\x1a\x45\xdf\xa3", _FILM),
)
_CERTAIN = (b"%PDF-",)  # in plain letters, and yet no text begins so
_IN_ZIP: tuple[tuple[bytes, Words], ...] = (
    (b"word/", words("a Word document: save it as plain text first")),
    (b"xl/", words("an Excel workbook: save it as csv first")),
    (b"ppt/", words("slides of PowerPoint: save their text first")),
    (b"application/epub+zip", _named(_BOOK, "EPUB")),
    (b"opendocument.spreadsheet", words("a table of LibreOffice: save it as csv first")),
    (b"opendocument", words("a document of LibreOffice: save it as plain text first")),
    (b".iwa", words("a document of Apple's Pages, Numbers or Keynote: save it as plain text, a table as csv, first")),
    (b"[Content_Types].xml", _OFFICE),
)


def name_by_mark(head: bytes) -> Words | None:
    """What a file is that begins with the mark of another kind than text; None if it bears no such mark."""
    if head.startswith(b"PK\x03\x04"):
        return next((name for mark, name in _IN_ZIP if mark in head), _named(_PACKED, "zip"))
    for place, mark, name in _MARKS:
        if head[place : place + len(mark)] == mark and (mark in _CERTAIN or _is_no_text(head, mark)):
            return name
    return None


def is_full_of_control_signs(sample: bytes) -> bool:
    """True for bytes that no text holds in such number. What DOS puts behind a text does not count."""
    sample = _END_OF_DOS_TEXT.sub(b"", sample)
    zeros, others = sample.count(0), len(_CONTROL.findall(sample))
    if max(zeros, others) <= _FEW and len(sample) >= 16 * max(zeros, others):
        return False
    return zeros * 1000 > len(sample) or others * 50 > len(sample)


def _is_no_text(head: bytes, mark: bytes) -> bool:
    if not mark.isascii() or _CONTROL.search(mark):
        return True
    return is_full_of_control_signs(head)
