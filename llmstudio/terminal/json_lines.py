"""Events as one JSON object a line, for other programs."""

from __future__ import annotations

import json
import sys

from llmstudio.app.verbs.figures import plain
from llmstudio.core.events import Event, Failed, as_written
from llmstudio.terminal.printable import printable_json
from llmstudio.terminal.writing import complain, write


def as_json(event: Event) -> str:
    """One line: the event's name and fields; words as plain English, what is not a number as null."""
    return printable_json(json.dumps(plain(as_written(event)), ensure_ascii=False, allow_nan=False))


class JsonPrinter:
    """One JSON object a line on standard output."""

    def __call__(self, event: Event) -> None:
        """Show one event."""
        write(sys.stdout, as_json(event) + "\n")
        if isinstance(event, Failed):
            complain(str(event.message), event.report, event.remedies)
