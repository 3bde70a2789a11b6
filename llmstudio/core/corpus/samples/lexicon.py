"""The words as the grammar takes them: kind, then word, then its cases in English and in Chinese.

The tables in ``words_*`` say a word once; this module gives it its cases ("kite", "a kite", "kites"; 风筝 with 只).
A word is known by its English base form in both languages, so one draw of a word writes a sentence in either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from llmstudio.core.corpus.samples import words_actions, words_nature, words_people, words_things
from llmstudio.core.corpus.samples.grammar import Cases

Lexicon = Mapping[str, Mapping[str, Cases]]
LANGUAGES = ("en", "zh")

# Roles whose name is not their kind: people above all, for a story has several of them.
ROLES = {"who": "person", "friend": "person", "third": "person", "fourth": "person"}

_VOWELS = tuple("aeiou")
_DAYTIMES = "morning 早晨|day 日子|afternoon 下午|evening 傍晚|weekend 周末|holiday 假日"
_MONTHS = (
    "January 一月|February 二月|March 三月|April 四月|May 五月|June 六月|July 七月|August 八月|September 九月|"
    "October 十月|November 十一月|December 十二月"
)


def with_article(noun: str) -> str:
    """``"apple"`` gives ``"an apple"``."""
    return f"{'an' if noun.startswith(_VOWELS) and not noun.startswith('use') else 'a'} {noun}"


def plural(noun: str) -> str:
    """The regular plural: ``"kite"`` gives ``"kites"``, ``"bus"`` ``"buses"``."""
    return f"{noun}es" if noun.endswith(("s", "x", "ch", "sh")) else f"{noun}s"


def _rows(table: str) -> Iterator[list[str]]:
    for line in table.strip().splitlines():
        yield [cell.replace("_", " ") for cell in line.split()]


def _noun(word: str) -> tuple[str, Cases]:
    """Cases of an English noun: bare, ``a``, ``pl``; what is not counted takes "some" and has no plural of its own."""
    base, _, special = word.partition("/")
    if special == "-":
        return base, {"": base, "a": f"some {base}", "pl": base}
    return base, {"": base, "a": with_article(base), "pl": special or plural(base)}


def _people() -> dict[str, tuple[Cases, Cases]]:
    found: dict[str, tuple[Cases, Cases]] = {}
    for table, she, her, obj, girl, ta, nyu in (
        (words_people.WOMEN, "she", "her", "her", "girl", "她", "女孩"),
        (words_people.MEN, "he", "his", "him", "boy", "他", "男孩"),
    ):
        for name, chinese in _rows(table):
            english = {"": name, "she": she, "her": her, "obj": obj, "girl": girl}
            found[name] = (english, {"": chinese, "she": ta, "her": ta, "obj": ta, "girl": nyu})
    return found


def _nouns(table: str) -> dict[str, tuple[Cases, Cases]]:
    found: dict[str, tuple[Cases, Cases]] = {}
    for word, chinese, *measure in _rows(table):
        base, english = _noun(word)
        found[base] = (english, {"": chinese, "m": measure[0]} if measure else {"": chinese})
    return found


def _places(table: str) -> dict[str, tuple[Cases, Cases]]:
    found: dict[str, tuple[Cases, Cases]] = {}
    for word, chinese, preposition, locative in _rows(table):
        going = chinese if locative == "里" else chinese + locative
        english = {"": word, "at": f"{preposition} the {word}", "to": f"to the {word}"}
        found[word] = (english, {"": chinese, "at": chinese + locative, "to": going})
    return found


def _weather() -> dict[str, tuple[Cases, Cases]]:
    found: dict[str, tuple[Cases, Cases]] = {}
    for clause, chinese, noun, chinese_noun, day, chinese_day in _rows(words_nature.WEATHER):
        found[clause] = (
            {"": clause, "noun": noun, "day": day},
            {"": chinese, "noun": chinese_noun, "day": chinese_day},
        )
    return found


def _doings(table: str) -> dict[str, tuple[Cases, Cases]]:
    return {
        base: ({"": base, "past": past, "ing": ing}, {"": chinese, "past": chinese, "ing": chinese})
        for base, past, ing, chinese in _rows(table)
    }


def _plain(table: str) -> dict[str, tuple[Cases, Cases]]:
    return {row[0]: ({"": row[0]}, {"": row[-1]}) for row in _rows(table)}


def _with_a(table: str) -> dict[str, tuple[Cases, Cases]]:
    return {row[0]: ({"": row[0], "a": with_article(row[0])}, {"": row[-1], "a": row[-1]}) for row in _rows(table)}


@cache
def _entries() -> dict[str, dict[str, tuple[Cases, Cases]]]:
    glad, sorry, bodily = (_plain(table) for table in (words_people.GLAD, words_people.SORRY, words_people.BODILY))
    return {
        "person": _people(),
        "kin": _plain(words_people.KIN),
        "job": _nouns(words_people.JOBS),
        "glad": glad,
        "sorry": sorry,
        "bodily": bodily,
        "mood": {**glad, **sorry, **bodily, **_plain(words_people.MOODS)},
        "part": _plain(words_people.BODY_PARTS),
        "thing": _nouns(words_things.THINGS),
        "food": _nouns(words_things.FOODS),
        "drink": _nouns(words_things.DRINKS),
        "color": _with_a(words_things.COLORS),
        "quality": _with_a(words_things.QUALITIES),
        "trait": _with_a(words_things.TRAITS),
        "material": _plain(words_things.MATERIALS),
        "number": _plain(words_things.NUMBERS),
        "pet": _nouns(words_nature.PETS),
        "beast": _nouns(words_nature.BEASTS),
        "critter": _nouns(words_nature.CRITTERS),
        "flower": _nouns(words_nature.FLOWERS),
        "tree": _nouns(words_nature.TREES),
        "place": {**_places(words_nature.OUTDOORS), **_places(words_nature.INDOORS)},
        "outdoor": _places(words_nature.OUTDOORS),
        "spot": _plain(words_nature.SPOTS),
        "weather": _weather(),
        "time": _plain(words_nature.TIMES),
        "daytime": _plain(_DAYTIMES.replace("|", "\n")),
        "month": _plain(_MONTHS.replace("|", "\n")),
        "activity": _doings(words_actions.ACTIVITIES),
        "chore": _doings(words_actions.CHORES),
        "move": _plain(words_actions.MOVES),
        "manner": _plain(words_actions.MANNERS),
        "speech": _plain(words_actions.SPEECH),
    }


@cache
def lexicon(language: str) -> Lexicon:
    """Kind to word to cases in ``language`` (``"en"`` or ``"zh"``)."""
    at = LANGUAGES.index(language)
    return {kind: {word: cases[at] for word, cases in words.items()} for kind, words in _entries().items()}


@cache
def words_of(kind: str) -> tuple[str, ...]:
    """The words of a kind, by their English base form."""
    return tuple(_entries()[kind])
