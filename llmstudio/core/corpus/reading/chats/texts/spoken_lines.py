"""Conversations in a text whose lines say who speaks, without a colon that is enough: as headings, in bold, numbered.

Known are headings and bold names for user and assistant (## User, **Assistant:**), what a page shows when it is copied (You
said: ... ChatGPT said:), numbered people (Human 1:), numbered questions and answers (Q1. ... A1.), and iMessage's exports (a
line with the time, then the name). Bold names that stand for no role are only offered: Title and Author look alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from llmstudio.core.corpus.reading.chats.chat_rows import LIMIT
from llmstudio.core.corpus.reading.chats.exports.exports import Row
from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.roles import role_of
from llmstudio.core.corpus.reading.chats.speakers import Speakers
from llmstudio.core.corpus.reading.chats.told import ABOVE, CUT, FAILED, Told

_HEADING = re.compile(
    r"#{1,6}[ \t]+(?!Instruction)(?P<name>.{1,40}?)[ \t]*$"
)  # with instructions a layout of its own begins
_BOLD = re.compile(
    r"(?:\*\*|__)(?P<name>[^*_:\n]{1,40}?)(?:[:：](?:\*\*|__)|(?:\*\*|__)[ \t]*[:：]|(?:\*\*|__)[ \t]*$)[ \t]*(?P<rest>.*)"
)
_SAID = re.compile(
    r"(?:(?P<name>[\w.-]{1,30}) (?:said|a dit|dijo|ha detto|disse|hat gesagt|说|說)"
    r"|(?:Vous avez dit|Has dicho|Dijiste|Hai detto|Você disse|Du hast gesagt|你说|您说|你說))[ \t]*[:：][ \t]*$"
)
_PERSON = re.compile(
    r"(?P<name>(?:Human|Person|Speaker|User|Agent|Bot|Participant|Guest|Caller)[ _]?\d{1,2})[ \t]?[:.][ \t]+(?P<rest>\S.*)"
)
_NUMBERED = re.compile(r"(?P<name>Q|A|Question|Answer)[ \t]?(?P<number>\d{1,4})[ \t]?[.:)][ \t]*(?P<rest>.*)")
_IMESSAGE = re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4}\s+\d{1,2}:\d{2}:\d{2}\s[AP]M(?: \(.*\))?[ \t]*$")
_RULE = re.compile(r"\n\s*(?:-{3,}|\*{3,}|_{3,})\s*\Z")
_SIGNS = re.compile(r"[^\w .-]")
_ROLES = {"prompt": "user", "a": "assistant", "q": "user", "": "user"}  # "": whom a page calls "you"
_LINES = 400  # that show the layout
_ABOVE = 12  # lines above the first speaker, such as a title and a date
_FEWEST = 4  # times that somebody speaks, where no role is named
_MOST_PEOPLE = 8


@dataclass(frozen=True)
class Layout:
    """How a text says who speaks.

    Attributes:
        begin: What a line is that names a speaker.
        names: Of those who speak, as the first lines tell.
        is_sure: False if it may be something else than a conversation.
    """

    begin: re.Pattern[str]
    names: tuple[str, ...]
    is_sure: bool = True


def layout_of(lines: Sequence[str]) -> Layout | None:
    """The layout of a text that begins with these lines; None for any other text."""
    told = [line.strip() for line in lines[:_LINES] if line.strip()]
    for begin in (_HEADING, _SAID, _BOLD):
        found = [(n, _name(at)) for n, line in enumerate(told) if (at := begin.match(line))]
        speaking = [(n, name) for n, name in found if _role(name) in ("user", "assistant")]
        if {_role(name) for _, name in speaking} == {"user", "assistant"} and speaking[0][0] <= _ABOVE:
            return Layout(begin, _different(name for _, name in speaking))
        if begin is _BOLD and found and found[0][0] <= _ABOVE and _are_people([name for _, name in found], len(told)):
            return Layout(begin, _different(name for _, name in found), is_sure=False)
    people = [_name(at) for line in told if (at := _PERSON.match(line))]
    if told and _PERSON.match(told[0]) and _are_people(people, len(told)):
        return Layout(_PERSON, _different(people))
    asked = [at for line in told if (at := _NUMBERED.match(line))]
    pairs = list(zip(asked[::2], asked[1::2], strict=False))
    if len(pairs) > 1 and all(q["name"][0] == "Q" and a["name"][0] == "A" and q[2] == a[2] for q, a in pairs):
        return Layout(_NUMBERED, _different(at["name"] for at in asked))
    senders = [told[n + 1] for n, line in enumerate(told[:-1]) if _IMESSAGE.match(line)]
    if told and _IMESSAGE.match(told[0]) and _are_people(senders, len(told)):
        return Layout(_IMESSAGE, _different(senders))
    return None


def read_spoken_lines(lines: Iterable[str | None], layout: Layout, told: Told) -> Iterator[Row]:
    """The conversations in a text: one, or one for each of its numbered questions."""
    speakers = Speakers(told)
    held: list[Message] = []
    for message in _messages(lines, layout, told):
        is_next = layout.begin is _NUMBERED and message.role == "user"
        if held and (is_next or len(held) >= LIMIT):
            told.add(CUT, not is_next)
            if turns := speakers.turns(held):
                yield {"turns": turns}
            held, speakers = [], Speakers(told) if is_next else speakers
        held.append(message)
    if turns := speakers.turns(held):
        yield {"turns": turns}


def _messages(lines: Iterable[str | None], layout: Layout, told: Told) -> Iterator[Message]:
    name: str | None = None
    said: list[str] = []
    is_dated = False
    for line in lines:
        if line is None:
            told.add(FAILED)
        elif is_dated and line.strip():  # the line below a time is its sender
            name, is_dated = line.strip(), False
        elif (at := layout.begin.match(line.strip())) and (layout.begin is _IMESSAGE or _is_speaker(_name(at), layout)):
            if name is not None:
                yield _message(name, said, layout)
            is_dated = layout.begin is _IMESSAGE
            name, said = "" if is_dated else _name(at), [at["rest"]] if "rest" in at.re.groupindex else []
        elif name is None:
            told.add(ABOVE, bool(line.strip()))
        else:
            said.append(line)
    if name is not None:
        yield _message(name, said, layout)


def _message(name: str, said: Sequence[str], layout: Layout) -> Message:
    text = _RULE.sub("", "\n".join(said).rstrip()).strip()
    role = "" if layout.begin in (_PERSON, _IMESSAGE) else _role(name)
    return Message("" if role else name, role, text)


def _is_speaker(name: str, layout: Layout) -> bool:
    """True if a name is of somebody who speaks, and not a heading or bold words inside what is said."""
    return name in layout.names or (layout.is_sure and bool(_role(name))) or layout.begin is _PERSON


def _name(found: re.Match[str]) -> str:
    return _SIGNS.sub("", found["name"] or "").strip()


def _role(name: str) -> str:
    return _ROLES.get(name.casefold()) or role_of(name)


def _different(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _are_people(names: Sequence[str], num_lines: int) -> bool:
    """True if a few names come again and again, before lines that are a good part of all."""
    counts = Counter(names)
    are_few = 2 <= len(counts) <= _MOST_PEOPLE and len(names) >= _FEWEST and min(counts.values()) > 1
    return are_few and 4 * len(names) >= num_lines
