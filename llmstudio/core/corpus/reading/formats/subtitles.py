"""Subtitles and lyrics with their times: what is said or sung is read, line by line; times, counters and styles are not.

SubRip and WebVTT (.srt, .vtt), SubStation (.ass, .ssa), SubViewer and YouTube's captions (.sub, .sbv), MicroDVD (.sub) and
lyrics (.lrc). They are told by what stands in them; only the name of lyrics counts, since chats have times in brackets too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import PurePath

from llmstudio.core.corpus.reading.formats.plain_text import head_lines

Lines = Iterable[str | None]

_LINES = 60
_CLOCK = r"(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}"
_ARROW = re.compile(rf"\ufeff?[ \t]*{_CLOCK}[ \t]*-->[ \t]*{_CLOCK}(?:[ \t].*)?")
_COMMA = re.compile(rf"\ufeff?[ \t]*{_CLOCK}[ \t]*,[ \t]*{_CLOCK}[ \t]*")
_FRAMES = re.compile(r"\ufeff?[ \t]*(?:\{\d+\}\{\d*\}|\[\d+\]\[\d*\])(.*)")
_SUNG = re.compile(r"\ufeff?[ \t]*(?:\[\d{1,3}:\d{2}(?:[.:]\d{1,3})?\][ \t]*)+(.*)")
_SUNG_TO_A_HUNDREDTH = re.compile(r"\ufeff?[ \t]*\[\d{1,3}:\d{2}[.]\d{2,3}\]")
_ABOUT_A_SONG = re.compile(
    r"\ufeff?[ \t]*\[(?:ti|ar|al|au|by|re|ve|la|id|offset|length|tool|encoding|#):?[^\]]*\][ \t]*", re.IGNORECASE
)
_SCRIPT = re.compile(r"\ufeff?[ \t]*(?:\[Script Info\]|\[Events\]|Dialogue:[^,\n]*,\s*\d+:\d\d)", re.IGNORECASE)
_RATE = re.compile(r"\s*\d+(?:[.,]\d+)?\s*")  # frames in a second, where the first line tells them
_DRAWN = re.compile(r"\{[^{}\n]*\\p[1-9]")
_VOICE = re.compile(
    r"</?(?:v|c|i|b|u|font|ruby|rt|lang)(?:[ .][^<>\n]*)?>|<\d[\d:.]*>|\{\\[^{}\n]*\}|\{[YyCcSsFfPpHh]:[^{}\n]*\}",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"<v(?:\.[\w.]+)?[ \t]+(?P<voice>[^<>\n]{1,60})>|(?P<name>[^\W\d_][^:：\n<>]{0,39}?)[ \t]?[:：][ \t]*")
_FEWEST_NAMED, _MOST_PEOPLE = 4, 30
_FIELDS = 10  # of a spoken line in a script that does not name them


def subtitle_kind(name: str, head: str) -> str:
    """A key of `SPOKEN` if a text begins as subtitles do; empty for others."""
    told = [line.rstrip() for line in head_lines(head)[:_LINES]]
    if told and _SCRIPT.match(told[0]) and re.search(r"^(?:Dialogue|Format|ScriptType|Title):", head, re.MULTILINE):
        return "script"
    for kind, times in (("arrow", _ARROW), ("comma", _COMMA)):
        found = sum(times.fullmatch(line) is not None for line in told)
        if found >= 2 and 5 * found >= len(told):
            return kind
    if sum(_FRAMES.match(line) is not None for line in told) >= max(2, 0.9 * len(told)):
        return "frames"
    is_named = PurePath(name).suffix.lower() == ".lrc"
    sung = sum((_SUNG if is_named else _SUNG_TO_A_HUNDREDTH).match(line) is not None for line in told)
    about = sum(_ABOUT_A_SONG.fullmatch(line) is not None for line in told)
    return "sung" if sung >= 2 and sung + about >= (0.5 if is_named else 0.9) * len(told) else ""


def subtitle_text(kind: str, source: Lines) -> Iterator[str]:
    """The spoken lines, one after another; a line that is said again at once is the same line shown longer."""
    last = ""
    for line in SPOKEN[kind](line or "" for line in source):
        said = _VOICE.sub("", line).strip()
        if said and said != last:
            yield said + "\n"
            last = said


def named_lines(kind: str, source: Lines) -> Iterator[tuple[str, str]]:
    """The spoken lines, each with who speaks: empty where nobody is named."""
    for line in SPOKEN[kind](line or "" for line in source):
        found = _SPEAKER.match(line.lstrip())
        name = (found["voice"] or found["name"]).strip() if found else ""
        said = _VOICE.sub("", line.lstrip()[found.end() :] if found else line).strip()
        if said:
            yield name, said


def are_named(kind: str, head: str) -> bool:
    """True if subtitles of a kind name their speakers: nearly all lines do, and few names come again and again."""
    names = [name for name, _ in named_lines(kind, head_lines(head))] if kind else []
    people = set(filter(None, names))
    are_few = 2 <= len(people) <= min(_MOST_PEOPLE, max(2, len(names) // 2))
    return len(names) >= _FEWEST_NAMED and are_few and sum(map(bool, names)) >= 0.8 * len(names)


def _between_times(source: Iterable[str], times: re.Pattern[str]) -> Iterator[str]:
    """Below each line of times up to an empty one. A number alone may be the next counter, if no empty line parts it."""
    is_spoken, number = False, ""
    for each in source:
        line = each.strip("\ufeff \t\r")
        if not line:
            if number:
                yield number
            is_spoken, number = False, ""
        elif times.fullmatch(line):
            is_spoken, number = True, ""
        elif is_spoken:
            if number:
                yield number
            number = line if line.isdigit() else ""
            if not number:
                yield from re.split(r"\[br\]", line)
    if number:
        yield number


def _of_script(source: Iterable[str]) -> Iterator[str]:
    """The last field of each spoken line; what a script draws is no speech, and its remarks are not spoken."""
    fields, is_events = _FIELDS, True
    for line in source:
        heading = line.strip("\ufeff \t\r")
        if heading.startswith("[") and heading.endswith("]"):
            is_events = heading.lower() == "[events]"
        elif is_events and heading.startswith("Format:"):
            fields = heading.count(",") + 1
        elif heading.startswith("Dialogue:"):
            text = heading.split(",", fields - 1)[-1]
            if not _DRAWN.search(text):
                yield from re.split(r"\\[Nn]", text.replace("\\h", " "))


def _by_frames(source: Iterable[str]) -> Iterator[str]:
    for place, line in enumerate(source):
        if (found := _FRAMES.match(line)) and not (place == 0 and _RATE.fullmatch(found[1])):
            yield from (part.removeprefix("/") for part in found[1].split("|"))


def _sung(source: Iterable[str]) -> Iterator[str]:
    for line in source:
        if not _ABOUT_A_SONG.fullmatch(line.rstrip()):
            yield found[1] if (found := _SUNG.match(line)) else line


SPOKEN: Mapping[str, Callable[[Iterable[str]], Iterator[str]]] = {
    "arrow": lambda source: _between_times(source, _ARROW),
    "comma": lambda source: _between_times(source, _COMMA),
    "script": _of_script,
    "frames": _by_frames,
    "sung": _sung,
}
"""How the spoken lines of each kind of subtitles are found."""
