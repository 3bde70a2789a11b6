"""The only errors that are raised on purpose: one sentence that says what happened and what to do."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from llmstudio.core.words import Value, Words, words


@dataclass(frozen=True)
class Remedy:
    """A way out of an error that a face can offer as a button.

    Attributes:
        action: Stable name of what the button does: `set` (change a setting), `open_tab`, `teach` (teach a model a task),
            `talk`, `open_folder`, `go_on`, `discard`, `retry`.
            A `command` is a line for a terminal and no button: its `value` is typed there, and only the terminal says it.
        label: The button's text.
        target: For `set` the setting's path, for `open_tab` the tab's name; else empty.
        value: For `set` the proposed value as text, for `command` the line that is typed, for `open_tab` the item that is to
            be in sight there, for `teach` the corpus to teach with, if any; else empty.
    """

    action: str
    label: Words
    target: str = ""
    value: str = ""


def more_steps(model: str, steps: int) -> Remedy:
    """For a run to take so many steps in all: typed beside a sentence, never in it, since a window has buttons instead."""
    return Remedy("command", words("Take more steps"), value=f"resume {shlex.quote(model)} --set training.max_steps={steps}")


def learn_on(model: str, settings: str = "") -> Remedy:
    """For a new run that begins from a model's weights, typed likewise."""
    value = f"train --from {shlex.quote(model)}{settings} --name NAME"
    return Remedy("command", words("Begin a new run from its weights"), value=value)


class StudioError(Exception):
    """Something a person can mend. `str(error)` is the English sentence; `error.words` is translatable.

    `paths` names the settings that it belongs to, so that a form can say it beside them: whole (`training.batch_size`), or
    the last part of it where the configuration does not know what it is a part of (`embed_dim`).

    Example:
        raise StudioError("No text found in {name}: choose a file with words in it.", name=path.name)
    """

    def __init__(
        self, template: str, /, *, remedies: tuple[Remedy, ...] = (), paths: tuple[str, ...] = (), **values: Value | Words
    ) -> None:
        self.words = Words(template, values)
        self.remedies = remedies
        self.paths = paths or tuple(remedy.target for remedy in remedies if remedy.action == "set")
        super().__init__(str(self.words))

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.words, self.remedies, self.paths)


class Diverged(StudioError):
    """Training that left all bounds. The weights from before are kept; `proposed_rate` is a learning rate to go on with."""

    def __init__(
        self, template: str, /, *, proposed_rate: str, remedies: tuple[Remedy, ...] = (), **values: Value | Words
    ) -> None:
        super().__init__(template, remedies=remedies, paths=(), **values)
        self.proposed_rate = proposed_rate

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild_diverged, (self.words, self.remedies, self.proposed_rate)


def _rebuild(kind: type[StudioError], message: Words, remedies: tuple[Remedy, ...], paths: tuple[str, ...]) -> StudioError:
    return kind(message.template, remedies=remedies, paths=paths, **message.values)


def _rebuild_diverged(message: Words, remedies: tuple[Remedy, ...], proposed_rate: str) -> Diverged:
    return Diverged(message.template, proposed_rate=proposed_rate, remedies=remedies, **message.values)
