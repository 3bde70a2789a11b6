"""Events as lines for people: one that is redrawn on a terminal, sparse ones in a log."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from llmstudio.app.verbs.figures import label, lines, number, short
from llmstudio.app.verbs.table import VERBS
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
)
from llmstudio.core.training.remarks import ANSWERS_WEIGHTED
from llmstudio.core.words import counted, plain_bytes, words
from llmstudio.terminal.remedies import typed
from llmstudio.terminal.writing import complain, write

Show = Callable[[Event], None]
# A terminal is redrawn a few times a second, a log gets a line now and then.
_REDRAW_S, _LINE_S = 0.1, 10.0
_ANEW = "\r\x1b[2K"  # back to an empty line


class PlainPrinter:
    """Lines for people: one that is redrawn on a terminal, sparse ones in a log."""

    def __init__(self) -> None:
        self._is_live = sys.stdout is not None and sys.stdout.isatty()
        self._last = 0.0
        self._is_open = False
        self._is_speaking = self._is_line_whole = False
        self._title = self._prompt = self._runner = ""
        self._weighted: set[tuple[str, ...]] = set()  # paths of runs whose training loss counts answers above all
        self._runners: dict[tuple[str, ...], str] = {}  # of a race, by the path of their jobs

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if self._is_speaking and not isinstance(event, Piece | Finished | Stopped):
            self._is_speaking = False
            write(sys.stdout, "" if self._is_line_whole else "\n")
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
                self._update(_step(event, is_weighted=event.path in self._weighted))
            case Evaluated():
                figures = ", ".join(f"{label(k)} {number(k, v)}" for k, v in event.figures.items())
                whose = f", weights of step {event.of_step:,}" if event.of_step is not None else ""
                self._line(f"  step {event.step:,}  {event.split}{whose}: {figures}{_of_what(event)}")
            case Sampled():
                self._sample(event)
            case Saved() if event.kind != "checkpoint":
                self._line(f"  saved: {event.location}")
            case Noted():
                if event.message.template == ANSWERS_WEIGHTED.template:
                    self._weighted.add(event.path)
                self._line(f"  {'! ' if event.level == 'warning' else ''}{event.message}")
                for way in typed(event.remedies):
                    self._line(f"    {way}")
            case Piece():
                self._clear()
                self._is_speaking, self._is_line_whole = True, event.text.endswith("\n")
                write(sys.stdout, event.text)
            case Finished() | Stopped():
                self._end(event)
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
            write(sys.stdout, f"  {text}"[:300], before=_ANEW)
            self._is_open = True
        else:
            self._line(f"  {text}")

    def _line(self, text: str) -> None:
        self._clear()
        write(sys.stdout, text + "\n")

    def _clear(self) -> None:
        if self._is_open:
            write(sys.stdout, "", before=_ANEW)
        self._is_open = False

    def _end(self, end: Finished | Stopped) -> None:
        self._clear()
        is_answer = self._is_speaking or end.result.get("text") == ""  # a model may end at once
        if is_answer:
            write(sys.stdout, "" if self._is_line_whole or not self._is_speaking else "\n")
            self._is_speaking = False
            if "tokens" in end.result:
                write(sys.stdout, f"({_pace(end.result)})\n")
                if end.job not in VERBS or VERBS[end.job].reads is short:
                    return
        is_done = isinstance(end, Finished)
        verb = VERBS.get(end.job) if is_done else None
        told = verb.reads(end.result) if verb else short(end.result)
        if not isinstance(told, str):
            told = "\n".join(["done" if is_done else "stopped", *lines(told)])
        write(sys.stdout, told + "\n")


def _pace(result: Mapping[str, Any]) -> str:
    """How long a text has become, how fast, and by which seed it can be had again."""
    count = words("{n|token|tokens}", n=int(result.get("tokens", 0)))
    seed = f", seed {result['seed']}" if "seed" in result else ""
    return f"{count}, {result.get('tokens_per_second', 0):,.0f} tokens/s{seed}"


def _of_what(event: Evaluated) -> str:
    """Whether a look is the best so far, and of how much: that at all of the text may well be worse than one at a sample."""
    if not event.is_best:
        return "  (on the whole text)" if event.is_whole else ""
    return "  (best so far, on the whole text)" if event.is_whole else "  (best so far, on a sample of the text)"


def _progress(event: Progress) -> str:
    share = f" {100 * event.done / event.total:.0f} %" if event.total else ""
    if event.done and not event.total:
        amount = plain_bytes(int(event.done)) if event.unit == "bytes" else f"{event.done:,}"
        share = f" {counted(amount, event.unit)}"
    return f"{event.what}{share}{_left(event.remaining_s)}"


def _step(event: TrainStep, *, is_weighted: bool) -> str:
    loss = f"{'training loss, answers weighted,' if is_weighted else 'loss'} {event.loss:.3f}"
    return f"step {event.step:,}  {loss}  {event.tokens_per_second:,.0f} tokens/s{_left(event.remaining_s)}"


def _left(seconds: float | None) -> str:
    if seconds is None or not math.isfinite(seconds):
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    told = f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
    return f"  about {told} left"
