r"""The words of a formatted text (RTF): letters and line ends; fonts, colours, pictures, headers and notes are left out.

A letter beyond ASCII is spelled `\'e9`, in the page of the document or of the font in use, or `\u8217?` with a stand-in for
programs that know no Unicode.

Source: Microsoft, Rich Text Format Specification 1.9.1, 2008.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\\([a-zA-Z]{1,32})(-?\d{1,9})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z'])|([{}])|([^\\{}]+)|\\", re.DOTALL)
_UNSEEN = frozenset(
    (
        "fonttbl", "colortbl", "stylesheet", "info", "pict", "header", "footer", "headerl", "headerr",
        "headerf", "footerl", "footerr", "footerf", "fldinst", "object", "objdata", "themedata", "listtable",
        "listoverridetable", "rsidtbl", "generator", "xmlnstbl", "datastore", "latentstyles", "footnote",
        "annotation", "filetbl", "revtbl", "bkmkstart", "bkmkend", "shppict", "nonshppict",
    )
)  # fmt: skip
_SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "cell": "\t", "tab": "\t", "emdash": "—",
    "endash": "–",
    "emspace": " ", "enspace": " ", "qmspace": " ", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“",
    "rdblquote": "”",
}  # fmt: skip
_OF_FONT = {  # pages by the number a font gives its set of letters
    77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip


@dataclass
class _Group:
    """What holds between two braces: whether its text is seen, how long a stand-in is, the page of its font."""

    is_seen: bool = True
    num_stand_ins: int = 1
    page: str = ""


def rich_text(source: str) -> str:
    """The words of an RTF document."""
    pages = _pages_of_fonts(source)
    group, outer = _Group(page="cp1252"), list[_Group]()
    pieces: list[str] = []
    letters = bytearray()  # bytes in the page in use, of which two may make a letter
    skip = 0
    default = "cp1252"

    def spell() -> None:
        if letters:
            pieces.append(letters.decode(group.page or default, "replace"))
            letters.clear()

    for match in _TOKEN.finditer(source):
        word, number, byte, sign, brace, plain = match.groups()
        if byte and group.is_seen:
            if skip:
                skip -= 1
            else:
                letters.append(int(byte, 16))
            continue
        spell()
        if brace == "{":
            outer.append(group)
            group = _Group(group.is_seen, group.num_stand_ins, group.page)
            skip = 0
        elif brace == "}":
            group = outer.pop() if outer else group
            skip = 0
        elif plain and group.is_seen:
            text = plain.replace("\r", "").replace("\n", "")
            pieces.append(text[skip:])
            skip = max(0, skip - len(text))
        elif sign == "*" or word in _UNSEEN:
            group.is_seen = False
        elif word == "ansicpg" and number:
            group.page = default = _known(f"cp{number}")
        elif word == "uc" and number:
            group.num_stand_ins = int(number)
        elif word == "f" and number:
            group.page = pages.get(int(number), default)
        elif word == "u" and number and group.is_seen:
            pieces.append(chr(int(number) % 65536))
            skip = group.num_stand_ins
        elif group.is_seen:
            pieces.append(
                _SIGNS.get(word or "", "") if word else {"~": "\u00a0", "_": "-", "\n": "\n"}.get(sign or "", sign or "")
            )
    spell()
    return "".join(pieces).encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip("\n") + "\n"


def _pages_of_fonts(source: str) -> dict[int, str]:
    """The page of each font that has one of its own, by the font's number."""
    found = re.findall(r"\\f(\d{1,4})(?:\\[a-z]+\d*|\s)*?\\fcharset(\d{1,3})", source[: 1 << 18])
    return {int(font): page for font, number in found if (page := _OF_FONT.get(int(number)))}


def _known(page: str) -> str:
    try:
        return codecs.lookup(page).name
    except LookupError:
        return "cp1252"
