"""What counts as a word when texts are searched: words in small letters; of Chinese, Japanese and Thai every two neighbours.

Those are written without spaces, and two neighbouring characters tell more than each alone, with no list of words needed.
Frequent words stay in: BM25 counts them for next to nothing by itself. Only words that ask are left out of a question: a
text that asks, too, would be found instead of one that answers.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

# Thai, Lao, Burmese, Khmer, Han and kana.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
_UNSPACED += "\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_UNSPACED}]+|[^\W{_UNSPACED}]+")
_LENGTH = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_ASKING = frozenset((
    "who", "whom", "whose", "what", "which", "where", "when", "why", "how", "do", "does", "did", "is", "are", "was", "were",
    "can", "什么", "哪里", "哪儿", "怎么", "怎样", "为什", "多少", "几个",
))  # fmt: skip
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")


def terms(text: str) -> list[str]:
    """The terms of a text in order, repeated ones too.

    Example:
        terms("Ann's lamp, 红色的灯") # ["ann", "s", "lamp", "红色", "色的", "的灯"]
    """
    found: list[str] = []
    for run in _RUN.findall(text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()):
        if len(run) > 1 and _IS_UNSPACED.match(run):
            found += (first + second for first, second in pairwise(run))
        else:
            found.append(run)
    return found


def question_terms(question: str) -> list[str]:
    """The different terms of a question that are looked for; all of them where it has none but words that ask."""
    found = list(dict.fromkeys(terms(question)))
    return [term for term in found if term not in _ASKING] or found


def num_words(text: str, start: int, end: int) -> int:
    """How long the stretch of a text from `start` to `end` is: in words, or in characters of scripts without spaces."""
    return len(_LENGTH.findall(text, start, end))


def word_ends(text: str, start: int, end: int) -> list[int]:
    """Where the words of a stretch of text end, in characters of the text."""
    return [word.end() for word in _LENGTH.finditer(text, start, end)]
