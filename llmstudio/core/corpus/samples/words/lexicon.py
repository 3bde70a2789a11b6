"""The words as the grammar takes them: kind, then word, then its cases in English and in Chinese.

The tables in this folder say a word once; this module gives it its cases ("kite", "a kite", "kites"; 风筝 with 只).
A word is known by its English base form in both languages, so one draw of a word writes a sentence in either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from llmstudio.core.corpus.samples.grammar import Cases
from llmstudio.core.corpus.samples.words import actions, nature, people, things

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
        (people.WOMEN, "she", "her", "her", "girl", "她", "女孩"),
        (people.MEN, "he", "his", "him", "boy", "他", "男孩"),
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
    for clause, chinese, noun, chinese_noun, day, chinese_day in _rows(nature.WEATHER):
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
    glad, sorry, bodily = (_plain(table) for table in (people.GLAD, people.SORRY, people.BODILY))
    return {
        "person": _people(),
        "kin": _plain(people.KIN),
        "job": _nouns(people.JOBS),
        "glad": glad,
        "sorry": sorry,
        "bodily": bodily,
        "mood": {**glad, **sorry, **bodily, **_plain(people.MOODS)},
        "part": _plain(people.BODY_PARTS),
        "thing": _nouns(things.THINGS),
        "food": _nouns(things.FOODS),
        "drink": _nouns(things.DRINKS),
        "color": _with_a(things.COLORS),
        "quality": _with_a(things.QUALITIES),
        "trait": _with_a(things.TRAITS),
        "material": _plain(things.MATERIALS),
        "number": _plain(things.NUMBERS),
        "pet": _nouns(nature.PETS),
        "beast": _nouns(nature.BEASTS),
        "critter": _nouns(nature.CRITTERS),
        "flower": _nouns(nature.FLOWERS),
        "tree": _nouns(nature.TREES),
        "place": {**_places(nature.OUTDOORS), **_places(nature.INDOORS)},
        "outdoor": _places(nature.OUTDOORS),
        "spot": _plain(nature.SPOTS),
        "weather": _weather(),
        "time": _plain(nature.TIMES),
        "daytime": _plain(_DAYTIMES.replace("|", "\n")),
        "month": _plain(_MONTHS.replace("|", "\n")),
        "activity": _doings(actions.ACTIVITIES),
        "chore": _doings(actions.CHORES),
        "move": _plain(actions.MOVES),
        "manner": _plain(actions.MANNERS),
        "speech": _plain(actions.SPEECH),
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
