"""Files that hold another kind of record than the corpus: left for an import of their own, and offered kind by kind."""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Noted
from llmstudio.core.words import Words, words

KIND_NAMES = {
    "text": words("running text"),
    "pairs": words("pairs of texts"),
    "labelled": words("texts with labels"),
    "tagged": words("sentences with tagged words"),
    "turns": words("conversations"),
}
_NAMED = 3  # files of a kind that are named


def other_kind(name: str | Words, kind: str, taken: str) -> StudioError:
    """The error for the file `name` that holds records of one kind where the corpus is made of another, `taken`."""
    return StudioError(
        "{name} holds {kind}, but this corpus is made of {others}: import it as a corpus of its own.",
        remedies=(Remedy("set", words("Take the {kind} instead", kind=KIND_NAMES[kind]), "reading.kind", kind),),
        name=name,
        kind=KIND_NAMES[kind],
        others=KIND_NAMES[taken],
    )


def left_kind(kind: str, count: int) -> Remark:
    """What to say before an import of `count` files that it would leave because they hold another kind of record."""
    label = KIND_NAMES[kind]
    remedy = Remedy("set", words("Take the {kind} instead", kind=label), "reading.kind", kind)
    if count == 1:
        return Remark(words("One file holds {kind}: it needs an import of its own.", kind=label), "info", (remedy,))
    return Remark(
        words("{n|file holds|files hold} {kind}: they need an import of their own.", n=count, kind=label), "info", (remedy,)
    )


class LeftForOthers:
    """Collects over an import what was left because of its kind, and says at the end how to import it."""

    def __init__(self, taken: str) -> None:
        """`taken`: the kind that the corpus is made of."""
        self._taken = taken
        self._names: dict[str, list[str]] = {}

    def add(self, skip: Skipped) -> None:
        """A file was left."""
        self._names.setdefault(skip.kind, []).append(skip.name)

    def events(self) -> Iterator[Event]:
        """One `Noted` for each kind, with a remedy that imports it from the same sources."""
        for kind, names in self._names.items():
            values: dict[str, str | int | Words] = {
                "kind": KIND_NAMES[kind],
                "taken": KIND_NAMES[self._taken],
                "names": ", ".join(names[:_NAMED]),
            }
            if len(names) == 1:
                message = words(
                    "This corpus is made of {taken}. {names} holds {kind} and was left for a corpus of its own.", **values
                )
            elif len(names) <= _NAMED:
                message = words(
                    "This corpus is made of {taken}. {n|file holds|files hold} {kind} and were left for their own corpus:"
                    " {names}.",
                    n=len(names),
                    **values,
                )
            else:
                message = words(
                    "This corpus is made of {taken}. {n|file holds|files hold} {kind} and were left for a corpus of their"
                    " own: {names} and others.",
                    n=len(names),
                    **values,
                )
            remedy = Remedy("set", words("Import the {kind}", kind=KIND_NAMES[kind]), "reading.kind", kind)
            yield Noted(message=message, level="warning", remedies=(remedy,))
