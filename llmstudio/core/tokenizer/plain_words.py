"""What counts as a word where texts are compared: words of small letters, and each character of scripts without spaces."""

from __future__ import annotations

import re
import string
import unicodedata

# Han, kana, Thai, Lao, Burmese and Khmer are written without spaces between words.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff"
_UNSPACED += "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CHARACTER = re.compile(f"[{_UNSPACED}]")
_PART = re.compile(rf"[{_UNSPACED}]|[^\s{_UNSPACED}]+")
_ARTICLES = re.compile(r"\b(a|an|the)\b")
_SIGNS = frozenset(string.punctuation)


def is_without_spaces(letter: str) -> bool:
    """Whether a letter is of a script whose words are not parted by spaces, as Chinese."""
    return _CHARACTER.match(letter) is not None


def words_in(text: str) -> list[str]:
    """Words in small letters and numbers, without signs; of Chinese each character.

    Example:
        words_in("Don't say 你好!")  # ["don", "t", "say", "你", "好"]
    """
    return _PART.findall("".join(c if _is_of_words(c) else " " for c in text.lower()))


def words_and_signs(text: str) -> list[str]:
    """The same with every sign between them: "Why, Ann?" is `["why", ",", "ann", "?"]`."""
    return _PART.findall("".join(c if _is_of_words(c) or c.isspace() else f" {c} " for c in text.lower()))


def answer_words(text: str) -> list[str]:
    """Words of a short answer, without articles and signs: "The U.S. army" is `["us", "army"]`; of Chinese each character.

    Source: Rajpurkar et al. 2016, arXiv:1606.05250, the official evaluation; signs beyond ASCII are left out as well.
    """
    bare = "".join(c for c in text.lower() if c not in _SIGNS and not unicodedata.category(c).startswith("P"))
    return _PART.findall(_ARTICLES.sub(" ", bare))


def _is_of_words(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character)[0] == "M"  # a mark above or below a letter
