"""Books of Project Gutenberg come in a frame of their own: a header and a licence, which are told and not removed."""

from __future__ import annotations

import re

from llmstudio.core.corpus.taken import Remark
from llmstudio.core.words import words

_FRAME = re.compile(
    r"^\W{0,20}(?:The )?Project Gutenberg(?:['’]s)? E-?(?:Book|text)"
    r"|^\*{3} ?START OF (?:THE|THIS) PROJECT GUTENBERG E-?BOOK",
    re.IGNORECASE | re.MULTILINE,
)


def gutenberg_frame(head: str) -> Remark | None:
    """What a person should know if a text begins with Project Gutenberg's header."""
    if not _FRAME.search(head):
        return None
    message = words(
        "Project Gutenberg's header and licence stand around the book, and a model would learn them too. The book itself "
        "lies between the lines “*** START OF” and “*** END OF”: delete the rest before the import."
    )
    return Remark(message, "warning")
