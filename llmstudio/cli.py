"""The command line: reads words, runs the same jobs as the window, shows their events. What its verbs are, `app/verbs` says.

Exit status: 0 finished, 1 failed, 2 wrong words, 130 stopped. The first Ctrl+C asks the job to stop, the second quits.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from llmstudio import __version__
from llmstudio.app import job_runner
from llmstudio.app.computer.engine import check_room
from llmstudio.app.computer.places import default_project
from llmstudio.app.verbs.table import VERBS
from llmstudio.app.verbs.verb import Conversation, Job, Verb
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Failed, Stopped
from llmstudio.core.shortage import KINDS, shortage_of
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from llmstudio.terminal.json_lines import JsonPrinter
from llmstudio.terminal.printer import PlainPrinter, Show
from llmstudio.terminal.signals import stopping_on_ctrl_c
from llmstudio.terminal.talk import talk
from llmstudio.terminal.writing import complain, speak_utf8

WindowDoctor = Callable[[argparse.Namespace], Iterator[Event]]


def main(argv: Sequence[str], *, window_doctor: WindowDoctor | None = None) -> int:
    """Run one verb and return its exit status. `window_doctor` is handed in, since no face knows the other."""
    speak_utf8()
    parser = _parser(as_json="--json" in argv, has_window=window_doctor is not None)
    arguments = parser.parse_args(list(argv), argparse.Namespace(window_doctor=window_doctor))
    show: Show = JsonPrinter() if arguments.json else PlainPrinter()
    try:
        return _obey(arguments, show)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _reader_gone()
    except KINDS as error:
        if (short := shortage_of(error, arguments.verb)) is None:
            raise
        show(Failed(message=short.words))
        return 1


def _obey(arguments: argparse.Namespace, show: Show) -> int:
    """Open the project, and do there what the words say."""
    try:
        project = Project(arguments.project or default_project())
    except StudioError as error:
        show(Failed(message=error.words, remedies=error.remedies))
        return 1
    verb = VERBS[arguments.verb]
    if verb.needs_torch:
        check_room()
    try:
        begun = verb.begin(project, arguments)
        if isinstance(begun, Conversation):
            return talk(project, begun.model, begun.config, show, fresh=begun.is_fresh)
    except StudioError as error:
        show(Failed(message=error.words, remedies=error.remedies))
        return 2
    return _run(begun, show)


def _run(job: Job, show: Show) -> int:
    stop = Stop()
    end: Event | None = None
    is_heard = True
    with stopping_on_ctrl_c(stop) as signals:
        try:
            for event in job_runner.run(job, stop):
                is_heard = is_heard and _is_shown(show, event)
                if not is_heard:  # nobody is there to wait for more; what was done so far is still kept
                    stop.request()
                end = event
        except KeyboardInterrupt:
            return 130
    if not is_heard and not signals:  # a terminal that is closed takes the reader with it: that is a wish to stop
        return 1
    return 130 if isinstance(end, Stopped) else 1 if isinstance(end, Failed) else 0


def _is_shown(show: Show, event: Event) -> bool:
    """Show an event; False if that cannot be: its reader has gone, the terminal is closed, the disk of a log is full."""
    try:
        show(event)
    except OSError as error:
        _reader_gone()
        if not isinstance(error, BrokenPipeError):
            with contextlib.suppress(OSError):
                complain(f"What this says cannot be written any more ({error.strerror}): the work ends here.")
        return False
    return True


def _reader_gone() -> int:
    """Whoever was reading has gone, as in `| head`; nothing more can be said, not even while closing."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - the interpreter closes it
    return 1


class _Parser(argparse.ArgumentParser):
    """Says its refusal in one sentence, in JSON too where JSON was asked for."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        """Refuse wrong words."""
        sentence = words("{message}. See {program} --help.", message=message.rstrip("."), program=self.prog)
        show: Show = JsonPrinter() if self.as_json else PlainPrinter()
        show(Failed(message=sentence))
        sys.exit(2)


def _parser(*, as_json: bool, has_window: bool) -> argparse.ArgumentParser:
    _Parser.as_json = as_json
    parser = _Parser(
        prog="llmstudio",
        description="Grow a small language model on your own computer.",
        epilog="Without a verb the window opens; with --project DIR alone, on that project.",
    )
    parser.add_argument("--version", action="version", version=f"llmstudio {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)
    for verb in VERBS.values():
        _add(verbs, verb, has_window=has_window)
    return parser


def _add(verbs: Any, verb: Verb, *, has_window: bool) -> None:
    made: argparse.ArgumentParser = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
    made.add_argument("--project", type=Path, metavar="DIR", help="the project's folder")
    made.add_argument("--json", action="store_true", help="one JSON object a line")
    for argument in verb.arguments:
        if has_window or not argument.needs_window:
            made.add_argument(*argument.names, **argument.settings)
