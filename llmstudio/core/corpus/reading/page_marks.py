"""Signs of web pages inside the texts of a table, such as <p> or &amp;, counted so that they can be said."""

from __future__ import annotations

import re
from collections.abc import Iterable

from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy
from llmstudio.core.words import words

_MARKS = re.compile(
    r"</?(?:p|br|div|span|b|i|em|strong|a|li|ul|ol|h[1-6]|td|tr)(?:\s[^<>]*)?/?>|&(?:amp|lt|gt|nbsp|quot|#\d+);",
    re.IGNORECASE,
)
_FEWEST = 3


def holds_page_marks(texts: Iterable[str]) -> bool:
    """True if one of the texts holds such a sign."""
    return any(map(_MARKS.search, texts))


def page_marks_remark(count: int, num_documents: int) -> Remark | None:
    """What to say of `count` documents that hold some; None if they are few."""
    if count < _FEWEST or count * 10 < num_documents:
        return None
    remedy = Remedy("set", words("Remove markup"), "cleaning.markup", "true")
    message = words("Texts with HTML signs, such as <p> or &amp;: {n:,}. The cleaning step “Markup” removes them.", n=count)
    return Remark(message, "warning", (remedy,))
