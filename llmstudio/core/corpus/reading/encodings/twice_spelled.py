"""Text that was turned into UTF-8 twice: a program took its bytes for Windows' letters, and "Café" became "CafÃ©"."""

from __future__ import annotations

import re

from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_FOLLOWING = "[\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]"
_TWICE = re.compile(rf"[\u00c2-\u00c5]{_FOLLOWING}|\u00e2{_FOLLOWING}{{1,2}}")
_FEWEST = 3  # such places: fewer may be a text about them


def twice_spelled(head: str) -> Remark | None:
    """What to say of a text that begins with `head` and has letters spelled as two or three others; None for any other."""
    found = [place[0] for place in _TWICE.finditer(head)]
    if len(found) < _FEWEST:
        return None
    message = words(
        "Its letters seem to have been turned into UTF-8 twice: “{example}” stands where one letter should. It is read as "
        "it is; mend the file with the program that wrote it.",
        example=found[0],
    )
    return Remark(message, "warning")
