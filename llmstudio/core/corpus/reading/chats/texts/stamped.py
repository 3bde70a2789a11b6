"""Chats as programs save them in a text: a time, who speaks, and what is said, each in the layout of its program.

Known are LINE, KakaoTalk, QQ, WeChat, Discord, Viber, Zoom, Signal (sigtop), WeeChat, Pidgin, transcripts that name a
speaker and a time above what is said (Otter, Teams), and what is copied from a window that shows names with times. In: the
lines of a text. Out: its conversation. A line without such a beginning goes on with the message above it. A layout is known
by its beginning at several lines, and by a few names that come again and again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from llmstudio.core.corpus.reading.chats.chat_rows import chat_rows
from llmstudio.core.corpus.reading.chats.exports.exports import Row
from llmstudio.core.corpus.reading.chats.messages import Message
from llmstudio.core.corpus.reading.chats.texts.stamps import ANY_STAMP, DAY, STAMP, TIME
from llmstudio.core.corpus.reading.chats.texts.whatsapp import LEVELS
from llmstudio.core.corpus.reading.chats.told import ABOVE, FAILED, PARTS, SERVICE, Told

_LINES, _FEWEST = 60, 4
_ABOVE = 14  # lines above the first message: a title, when it was saved
_MOST_PEOPLE = 12  # in the first lines
_MOST_SILENT = 0.3
_NAME = r"(?P<name>[^\s:<>\[\]\t|](?:[^:\t\n\[\]|]{0,38}?[^\s:\t\[\],—–-])??)"
_NUMBER = r"(?:\s?[(<][^()<>\n]{2,60}[)>])?"  # behind a name: of an account, a telephone
_WHAT = r"(?P<what>.*)"
_TO = r"(?:\s+(?:to|To|an|à|a|para)\s+[^:\n]{1,60}?)?"


@dataclass(frozen=True)
class Layout:
    """How a program writes a message.

    Attributes:
        begin: The line in which one begins: `name`, and `what` if that stands in the same line.
        notice: Lines with a time that nobody says; they end the message above.
        dropped: Lines that are neither, such as those with the day alone.
        head: Lines of a message's own header, between the name and what is said.
        needs: What one of the first lines must be.
    """

    begin: re.Pattern[str]
    notice: re.Pattern[str] | None = None
    dropped: re.Pattern[str] | None = None
    head: re.Pattern[str] | None = None
    needs: re.Pattern[str] | None = None

    @property
    def is_below(self) -> bool:
        """True if what is said stands below the name."""
        return "what" not in self.begin.groupindex


_DAY = re.compile(DAY)
_RULE = re.compile(r"\s*[=_*-]{5,}\s*|Exported [\d,.]+ message\(s\)")
_LAYOUTS = (
    Layout(re.compile(rf"{TIME}\t{_NAME}\t{_WHAT}"), re.compile(rf"{TIME}\t[^\t]+"), _DAY),  # LINE
    Layout(re.compile(rf"{STAMP}\t[@+%~&]?(?P<name>[^\t<>-][^\t]{{0,40}})\t{_WHAT}"), re.compile(rf"{STAMP}\t")),  # WeeChat
    Layout(re.compile(rf"\[{_NAME}\] \[{TIME}\] {_WHAT}"), None, re.compile(r"-{5,}.*-{5,}\s*")),  # KakaoTalk on a computer
    Layout(re.compile(rf"{STAMP}, {_NAME} : {_WHAT}"), re.compile(rf"{STAMP}, \S"), _DAY),  # KakaoTalk on a telephone
    Layout(
        re.compile(rf"[(\[]\s?(?:{ANY_STAMP}|{TIME})\s?[)\]] {_NAME}: {_WHAT}"),
        re.compile(rf"[(\[]\s?(?:{STAMP}|{TIME})\s?[)\]]"),
    ),
    Layout(re.compile(rf"{TIME}\s+(?:From|Von|De|Da)\s+{_NAME}{_TO}\s?:(?:\s+{_WHAT}|\s*)$")),  # Zoom
    # A name of a month at the beginning is that of a program's log.
    Layout(re.compile(rf"(?:\d[\d./-]{{5,9}},?[ T]{TIME}|{TIME})\s+{_NAME}: {_WHAT}")),
    Layout(
        re.compile(rf"From: {_NAME}{_NUMBER}$"),
        head=re.compile(r"(?:Type|Sent|Received|Edited|Attachment|Reaction|Quote): "),
    ),
    Layout(re.compile(rf"\[?{STAMP}\]?\s+{_NAME}{_NUMBER}$"), dropped=_RULE),  # QQ, Discord
    Layout(
        re.compile(rf"{_NAME}(?:{_NUMBER},?\s|\s+[—–-]\s)\s*\[?(?:{STAMP}|{TIME})\]?\s*$"), dropped=_RULE
    ),  # WeChat, Otter
    Layout(re.compile(rf"\d{{1,2}}:\d{{2}} (?P<name>\S{{1,30}}) {_WHAT}"), None, _DAY, None, _DAY),  # LINE on a computer
)
_THING = re.compile(
    r"\[[^\[\]\n]{1,14}\]|\{(?:Attachments|Embed|Stickers|Reactions)\}.*"
    r"|(?:사진|동영상|이모티콘|음성메시지|Photo|Video|Emoticon|Sticker|スタンプ|写真|動画|貼圖|照片|影片)(?: \d+[장枚張]?)?",
    re.DOTALL,
)
_BESIDE = re.compile(r"\n\s*\{(?:Attachments|Embed|Stickers|Reactions)\}.*", re.DOTALL)  # Discord's, below what is said


def stamped_layout(lines: Sequence[str]) -> Layout | None:
    """The layout of a text whose lines that hold something begin so; None if it is no such chat."""
    told = lines[:_LINES]
    return next((layout for layout in _LAYOUTS if _fits(layout, told)), None)


def read_stamped(lines: Iterable[str | None], layout: Layout, told: Told) -> Iterator[Row]:
    """The conversation in a text, as rows of at most `LIMIT` messages."""
    yield from chat_rows(_messages(lines, layout, told), told)


def _fits(layout: Layout, told: Sequence[str]) -> bool:
    places = [(n, found["name"]) for n, line in enumerate(told) if (found := layout.begin.match(line))]
    if len(places) < _FEWEST or places[0][0] > _ABOVE:
        return False
    if layout.needs and not any(layout.needs.fullmatch(line) for line in told):
        return False
    if layout.is_below and _share_without_words([n for n, _ in places], len(told)) > _MOST_SILENT:
        return False
    counts = Counter(name for _, name in places)
    are_people = 2 <= len(counts) <= min(_MOST_PEOPLE, len(places) // 2) and not LEVELS & {n.casefold() for n in counts}
    beside = sum(_is_beside(layout, line) for line in told)
    return are_people and 3 * len(places) >= len(told) - places[0][0] - beside


def _share_without_words(places: Sequence[int], num_lines: int) -> float:
    """The share of names below which no words stand, but the next name: in a list of names and times all are so."""
    silent = sum(after == at + 1 for at, after in zip(places, [*places[1:], num_lines], strict=True))
    return silent / len(places)


def _is_beside(layout: Layout, line: str) -> bool:
    """True for a line that is of the layout, but no message."""
    patterns = (layout.notice, layout.head)
    return any(pattern.match(line) for pattern in patterns if pattern) or bool(
        layout.dropped and layout.dropped.fullmatch(line)
    )


def _messages(lines: Iterable[str | None], layout: Layout, told: Told) -> Iterator[Message]:
    name, said = "", list[str]()
    for line in lines:
        if line is None:
            told.add(FAILED)
        elif found := layout.begin.match(line):
            yield from _message(name, said, told)
            name = found["name"].strip()
            said = [] if layout.is_below else [found["what"] or ""]
        elif layout.dropped and layout.dropped.fullmatch(line):
            continue
        elif layout.notice and layout.notice.match(line):
            yield from _message(name, said, told)
            name, said = "", []
            told.add(SERVICE)
        elif not name:
            told.add(ABOVE, bool(line.strip()))
        elif not (layout.head and not any(said) and layout.head.match(line)):
            said.append(line.removeprefix("\t"))
    yield from _message(name, said, told)


def _message(name: str, said: Sequence[str], told: Told) -> Iterator[Message]:
    what = _BESIDE.sub("", "\n".join(said)).strip()
    if "\n" in what and what[0] == what[-1] == '"':  # as LINE writes a message of several lines
        what = what[1:-1].replace('""', '"')
    if name and _THING.fullmatch(what):
        told.add(PARTS)
    elif name:
        yield Message(name, "", what)
