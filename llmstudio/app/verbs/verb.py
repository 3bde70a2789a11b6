"""A verb as one value: what is typed, what it does, how its result reads. The command line and the terminal are made of it.

A new verb is a file beside this one, and a line in `table`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llmstudio.app.verbs.figures import short
from llmstudio.core.events import Event
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

Job = Callable[[Stop], Iterator[Event]]
Typed = Any
"""What was typed, each argument under its own name, as `argparse` gives it."""


@dataclass(frozen=True)
class Argument:
    """A word in its place or an option.

    Attributes:
        names: `("model",)` for a word, `("--name",)` for an option.
        settings: What `argparse` is told of it: its help, whether it is required.
        needs_window: True of an option that is offered only where a window can be opened.
    """

    names: tuple[str, ...]
    settings: Mapping[str, Any]
    needs_window: bool = False


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What a verb begins that is no job: lines are typed and answered in turn. `is_fresh` draws a seed for each answer."""

    model: str
    config: GenerationConfig
    is_fresh: bool


@dataclass(frozen=True, kw_only=True)
class Verb:
    """One verb.

    Attributes:
        name: As it is typed; also the name of its job.
        help: What it is for, in one line.
        arguments: What is typed after it. All verbs know `--project` and `--json` besides.
        begin: Makes its job of what was typed. Raises StudioError for wrong words; inside the job it is a failure.
        reads: What of its result a person is told: figures by their labels, or lines that stand for themselves.
        needs_torch: True if there must be room for torch.
    """

    name: str
    help: str
    arguments: tuple[Argument, ...] = ()
    begin: Callable[[Project, Typed], Job | Conversation]
    reads: Callable[[Mapping[str, Any]], Mapping[str, Any] | str] = short
    needs_torch: bool = False


def argument(*names: str, needs_window: bool = False, **settings: Any) -> Argument:
    """An argument, written as for `argparse`."""
    return Argument(names, settings, needs_window)
