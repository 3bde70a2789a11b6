"""How events look in a terminal: friendly lines for people, or one JSON object a line for other programs."""

from __future__ import annotations

import contextlib
import dataclasses
import io
import json
import math
import shlex
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TextIO

import numpy as np

from llmstudio.app.places import keep_report
from llmstudio.app.race.standings import board
from llmstudio.app.showing import told_of, weights_together
from llmstudio.core.corpus.cleaning import DROPPING
from llmstudio.core.corpus.encoding_names import read_as
from llmstudio.core.corpus.kept import kept_words
from llmstudio.core.errors import Remedy
from llmstudio.core.events import (
    Evaluated,
    Event,
    Failed,
    Finished,
    Noted,
    Piece,
    Progress,
    Sampled,
    Saved,
    Started,
    Stopped,
    TrainStep,
    as_written,
)
from llmstudio.core.words import Words, counted, plain_bytes, words
from llmstudio.core.work import Stop
from llmstudio.terminal.printable import printable, printable_json

Show = Callable[[Event], None]
# A terminal is redrawn a few times a second, a log gets a line now and then.
_REDRAW_S, _LINE_S = 0.1, 10.0
_ANEW = "\r\x1b[2K"  # back to an empty line
# What is asked for by name is told in full; other jobs tell their figures, and the item keeps the rest.
_IN_FULL = ("show", "doctor")
_LISTED = 12  # of a list; of a longer one it is said how long it is
_BEYOND, _LONGEST = 1e9, 1e15


def as_json(event: Event) -> str:
    """One line: the event's name and fields; words as plain English, what is not a number as null."""
    return printable_json(json.dumps(plain(as_written(event)), ensure_ascii=False, allow_nan=False))


def plain(value: Any) -> Any:
    """A value of an event as other programs read it."""
    match value:
        case Words():
            return str(value)
        case float() | np.floating():
            return float(value) if math.isfinite(value) else None
        case np.generic():
            return value.item()
        case np.ndarray():
            return plain(value.tolist())
        case Mapping():
            return {str(key): plain(inner) for key, inner in value.items()}
        case list() | tuple() | set() | frozenset():
            return [plain(inner) for inner in value]
        case str() | int() | None:
            return value
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return str(value)


def speak_utf8() -> None:
    """Any script may be printed, whatever the terminal was set to; what it cannot show is replaced."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def stopping_on_ctrl_c(stop: Stop) -> Iterator[list[int]]:
    """Inside, the first Ctrl+C (a polite kill, a terminal that is closed) requests `stop`, the second interrupts.

    Yields:
        The signals that have come, a list that grows.
    """
    came: list[int] = []
    hangup = getattr(signal, "SIGHUP", None)

    def asked(number: int, frame: object) -> None:
        came.append(number)
        if stop.requested and number != hangup:  # a closed terminal says so twice, and nobody there is impatient
            raise KeyboardInterrupt
        stop.request()

    numbers = [signal.SIGINT, signal.SIGTERM]
    if hangup is not None and signal.getsignal(hangup) != signal.SIG_IGN:  # ignored where a person asked for that: nohup
        numbers.append(hangup)
    before = {number: signal.signal(number, asked) for number in numbers}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def complain(sentence: str, report: str = "", remedies: tuple[Remedy, ...] = ()) -> None:
    """One plain sentence on standard error, and what may be typed; a report goes to a file, and the sentence says where."""
    place = keep_report(report) if report else None
    _write(sys.stderr, sentence + (f" ({place})" if place else "") + "\n")
    for remedy in remedies:
        if remedy.action == "command":  # a window has a button instead
            _write(sys.stderr, f"  llmstudio {remedy.value}\n")


class JsonPrinter:
    """One JSON object a line on standard output."""

    def __call__(self, event: Event) -> None:
        """Show one event."""
        _write(sys.stdout, as_json(event) + "\n")
        if isinstance(event, Failed):
            complain(str(event.message), event.report, event.remedies)


class PlainPrinter:
    """Lines for people: one that is redrawn on a terminal, sparse ones in a log."""

    def __init__(self) -> None:
        self._is_live = sys.stdout is not None and sys.stdout.isatty()
        self._last = 0.0
        self._is_open = False
        self._is_speaking = False
        self._title = self._prompt = self._runner = ""
        self._runners: dict[tuple[str, ...], str] = {}  # of a race, by the path of their jobs

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if self._is_speaking and not isinstance(event, Piece | Finished | Stopped):
            self._is_speaking = False
            _write(sys.stdout, "\n")
        self._name_runner(event)
        match event:
            case Started():
                # A job and the part of it that does the work may say the same.
                title = (
                    f"{event.title}: {event.item}" if event.item and event.item not in str(event.title) else str(event.title)
                )
                if title != self._title:
                    self._line(title)
                self._title = title
            case Progress():
                self._update(_progress(event))
            case TrainStep():
                self._update(_step(event))
            case Evaluated():
                figures = ", ".join(f"{_label(k)} {_number(k, v)}" for k, v in event.figures.items())
                whose = f", weights of step {event.of_step:,}" if event.of_step is not None else ""
                best = "  (best so far)" if event.is_best else ""
                self._line(f"  step {event.step:,}  {event.split}{whose}: {figures}{best}")
            case Sampled():
                self._sample(event)
            case Saved() if event.kind != "checkpoint":
                self._line(f"  saved: {event.location}")
            case Noted():
                self._line(f"  {'! ' if event.level == 'warning' else ''}{event.message}")
                for remedy in event.remedies:
                    if remedy.action == "set":
                        self._line(f"    {remedy.label}: --set {remedy.target}={remedy.value or '…'}")
                    elif remedy.action == "command":  # a window has a button instead
                        self._line(f"    llmstudio {remedy.value}")
            case Piece():
                self._clear()
                self._is_speaking = True
                _write(sys.stdout, event.text)
            case Finished() if event.path == ("list",):
                _write(sys.stdout, table(event.result) + "\n")
            case Finished() if event.path == ("race",) or event.result.get("kind") == "race":
                self._clear()
                _write(sys.stdout, board(event.result) + "\n")
            case Finished() | Stopped():
                self._end(event.job, "stopped" if isinstance(event, Stopped) else "done", event.result)
            case Failed():
                self._clear()
                complain(str(event.message), event.report, event.remedies)
            case _:
                pass

    def _name_runner(self, event: Event) -> None:
        """Where several train by turns, say whose lines follow."""
        if isinstance(event, Started) and len(event.path) > 2:
            self._runners[event.path] = self._runner = event.item
        elif isinstance(event, Evaluated | Sampled) and (name := self._runners.get(event.path, "")) and name != self._runner:
            self._line(name)
            self._runner = name

    def _sample(self, event: Sampled) -> None:
        if event.prompt != self._prompt:  # told once: samples of a run begin alike
            self._line("\n".join("    " + line for line in event.prompt.splitlines()))
        self._prompt = event.prompt
        self._line("\n".join("    │ " + line for line in event.text.splitlines() or [""]))

    def _update(self, text: str) -> None:
        now = time.monotonic()
        if now - self._last < (_REDRAW_S if self._is_live else _LINE_S):
            return
        self._last = now
        if self._is_live:
            _write(sys.stdout, f"  {text}"[:300], before=_ANEW)
            self._is_open = True
        else:
            self._line(f"  {text}")

    def _line(self, text: str) -> None:
        self._clear()
        _write(sys.stdout, text + "\n")

    def _clear(self) -> None:
        if self._is_open:
            _write(sys.stdout, "", before=_ANEW)
        self._is_open = False

    def _end(self, job: str, word: str, result: Mapping[str, Any]) -> None:
        self._clear()
        if self._is_speaking:
            self._is_speaking = False
            count = words("{n|token|tokens}", n=int(result.get("tokens", 0)))
            pace = f"{count}, {result.get('tokens_per_second', 0):,.0f} tokens/s"
            seed = f", seed {result['seed']}" if "seed" in result else ""
            _write(sys.stdout, f"\n({pace}{seed})\n")
            return
        told = result if job in _IN_FULL else {key: value for key, value in result.items() if _is_short(value)}
        if job == "show" and "facts" in result:
            told = told_of(result)
        elif job == "prune":
            told = weights_together(told)
        rows = list(_rows({**told, **_reading(result)} if job == "import" else told))
        width = max((len(label) for label, _ in rows), default=0)
        break_ = "\n" + " " * (width + 4)
        lines = (f"  {label:<{width}}  {break_.join(text.splitlines())}" for label, text in rows)
        _write(sys.stdout, "\n".join([word, *lines]) + "\n")


def table(result: Mapping[str, Any]) -> str:
    """The items of a project, a line each, by kind."""
    lines = []
    for kind, items in result.items():
        for item in items:
            told = _raced(item) if kind == "race" else _standing(item)
            lines.append(f"{kind:<10} {_date(item['created'])}  {item['name']}{told}")
    return "\n".join(lines) or "Nothing here yet: begin with  llmstudio import"


def _raced(item: Mapping[str, Any]) -> str:
    """How a race stands, in a few words, and what may be typed if it can go on."""
    state = "finished" if item["state"] == "finished" else f"stopped; llmstudio resume {shlex.quote(item['name'])} goes on"
    return f"  (of {', '.join(item['models'])}; {state})"


def _standing(item: Mapping[str, Any]) -> str:
    """How a model's run stands, in a few words; nothing for other items."""
    told = [str(item["state"]).replace("_", " ")] if item.get("state") else []
    if steps := item.get("steps"):
        told.append(f"{told.pop()} at step {steps:,}" if told else f"step {steps:,}")
    if (figure := item.get("quality")) is None:
        return f"  ({', '.join(told)})" if told else ""
    # The figure is of the best weights, which are those of an earlier step where the run went on and got no better.
    best = item.get("at_step")
    if steps and best and best != steps:
        return f"  ({', '.join(told)}; best, step {best:,}: {figure})"
    return f"  ({', '.join([*told, str(figure)])})"


def _reading(result: Mapping[str, Any]) -> dict[str, Any]:
    """How an import read its files, where that is not as UTF-8, what was kept, and what cleaning did step by step."""
    other = [source for source in result["sources"] if source["encoding"] != "utf-8"]
    named = [f"{source['name']}: {read_as(source['encoding'], source['confidence'])}" for source in other[:_LISTED]] + (
        [f"and {len(other) - _LISTED:,} more"] if len(other) > _LISTED else []
    )
    dropped = {step: n for step, n in result["cleaning"].items() if step in DROPPING}
    changed = {step: n for step, n in result["cleaning"].items() if step not in DROPPING}
    told = {"read as": "; ".join(named), "documents removed": dropped, "changes by cleaning": changed}
    found = {key: value for key, value in told.items() if value}
    kept = kept_words(result)
    if "all" in kept.values:  # else the number alone says it
        found["documents"] = str(kept)
    return found | _parted(result["split"])


def _parted(split: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a corpus and how they came to be, each with its documents, or of one cut text its characters."""
    unit = "characters" if split["method"] == "position" else "documents"
    parts = [f"{name} {size[unit]:,}" for name, size in split["sizes"].items()]
    how = f"{split['method']} in each document" if split.get("cuts") else split["method"]
    return {"split": f"{', '.join(parts)} {unit} (by {how})", "overlap of the parts": split["overlap"]}


def _is_short(value: Any) -> bool:
    return isinstance(value, int | float | np.number) or (isinstance(value, str) and 0 < len(value) <= 60)


def _rows(result: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in result.items():
        if isinstance(value, Mapping):
            rows += _rows(value, f"{prefix}{_label(key)} · ")
        elif isinstance(value, list | tuple | np.ndarray):
            rows.append((prefix + _label(key), _listed(key, value)))
        elif key == "created":
            rows.append((prefix + _label(key), _date(value)))
        else:
            rows.append((prefix + _label(key), _number(key, value)))
    return rows


def _listed(key: str, values: Sequence[Any] | np.ndarray) -> str:
    """A short list in one line, of records their names; of a long or a deep one, how long it is."""
    named = [value.get("name", value) if isinstance(value, Mapping) else value for value in values]
    if len(named) > _LISTED or any(isinstance(value, Mapping | list | tuple | np.ndarray) for value in named):
        return f"{len(named):,} values" if len(named) != 1 else "1 value"
    return ", ".join(_number(key, value) for value in named) or "–"


def _date(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def _label(key: str) -> str:
    return str(key).replace("_", " ")


def _number(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        count = int(value)
        if "bytes" in key and "_per_" not in key:
            return plain_bytes(count)
        return f"{count:,}" if abs(count) > 9999 else str(count)
    if isinstance(value, float | np.floating):
        size = float(value)
        if key.startswith("perplexity") and not size < _BEYOND:
            return "beyond all measure"  # worse than guessing among all words of all languages: digits would say nothing
        return f"{size:.4g}" if abs(size) < 10_000 or not abs(size) < _LONGEST else f"{size:,.0f}"
    return "–" if value is None or value == "" else str(plain(value))


def _progress(event: Progress) -> str:
    share = f" {100 * event.done / event.total:.0f} %" if event.total else ""
    if event.done and not event.total:
        amount = plain_bytes(int(event.done)) if event.unit == "bytes" else f"{event.done:,}"
        share = f" {counted(amount, event.unit)}"
    return f"{event.what}{share}{_left(event.remaining_s)}"


def _step(event: TrainStep) -> str:
    return f"step {event.step:,}  loss {event.loss:.3f}  {event.tokens_per_second:,.0f} tokens/s{_left(event.remaining_s)}"


def _left(seconds: float | None) -> str:
    if seconds is None or not math.isfinite(seconds):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    told = f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"  about {told} left"


def _write(stream: TextIO | None, text: str, *, before: str = "") -> None:
    """The one door to a terminal: of control characters, only our own `before` gets through."""
    if stream is not None:  # a program without a terminal has none
        stream.write(before + printable(text))
        stream.flush()
