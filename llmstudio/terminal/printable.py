"""What may be printed: text of files, names and models with its control characters shown as signs.

A terminal obeys control characters: an ESC in a name or in what a model writes could colour it, clear it, rename its window
or send what it holds. Only the program's own may do that; everybody else's become pictures of themselves (␛, ␇).
"""

from __future__ import annotations

import re

# Signs that turn the order of what follows round, so that a line reads as another one than it is; the two marks that only
# say which way a neighbour runs (U+200E, U+200F) turn nothing else and belong to Arabic and Hebrew text.
_BIDI = "\u202a-\u202e\u2066-\u2069"
# C0 but for line ends and tabulators, DEL, and C1, among which U+009B begins a sequence as ESC [ does.
_CONTROLS = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_BIDI}]")
_UNESCAPED = re.compile(f"[\x7f-\x9f{_BIDI}]")  # what JSON need not escape


def printable(text: str) -> str:
    """`text` without a single control character but line ends and tabulators, nor any that turns a line round."""
    return _CONTROLS.sub(_picture, text.replace("\r\n", "\n"))


def printable_json(line: str) -> str:
    """One line of JSON, of the same meaning, in which control characters and those that turn a line round are escaped."""
    return _UNESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _picture(found: re.Match[str]) -> str:
    code = ord(found[0])
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else "\ufffd"
