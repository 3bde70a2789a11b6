"""What of a file was taken as what, what was left unread, and what else was guessed: shown, noted and kept with the corpus.

A reader fills in a `Taken`. It goes with the preview before an import, with each source in the corpus' facts, and is noted
when the import ends, once for all files that were read alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Noted
from llmstudio.core.words import Words, words

_NAMED = 8  # things left unread that are named one by one
_TOLD = 20  # ways of reading that are noted one by one
_SENTENCES = {
    ("text",): words("text = {text}"),
    ("label", "text"): words("text = {text}, label = {label}"),
    ("source", "target"): words("source = {source}, target = {target}"),
    ("tags", "words"): words("words = {words}, tags = {tags}"),
    ("turns",): words("Conversations, read from “{turns}”"),
}


@dataclass(frozen=True)
class Remark:
    """Something that was guessed or done while reading a file, as a sentence that does without the file's name.

    Attributes:
        message: The sentence.
        level: info, or warning if the person should look.
        remedies: Ways out that a face can offer as buttons.
        key: Remarks of one key are told once, with the first one's sentence; empty for the sentence itself.
    """

    message: Words
    level: str = "info"
    remedies: tuple[Remedy, ...] = ()
    key: str = ""


@dataclass(frozen=True)
class Taken:
    """What of a file became records.

    Attributes:
        roles: What stands in which part of a record: {"source": "instruction + input", "target": "output"}.
        not_read: Names of columns, or of other things in the file, that were left unread.
        remarks: What else was guessed or done.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    not_read: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def sentence(self) -> Words | None:
        """As in "text = body; not read: title, date", or None if there is nothing to say (running text)."""
        template = _SENTENCES.get(tuple(sorted(self.roles)))
        is_plain = all(key in (role, f"{role}s") for role, key in self.roles.items())  # "text = text" says nothing
        taken = words(template.template, **self.roles) if template and not (is_plain and not self.not_read) else None
        if not self.not_read:
            return taken
        names = words("{names}", names=", ".join(self.not_read[:_NAMED]))
        if (num_more := len(self.not_read) - _NAMED) > 0:
            names = words("{names} and {n:,} more", names=", ".join(self.not_read[:_NAMED]), n=num_more)
        return (
            words("{taken}; not read: {names}", taken=taken, names=names)
            if taken
            else words("not read: {names}", names=names)
        )

    @classmethod
    def from_facts(cls, source: Mapping[str, Any]) -> Taken:
        """What `facts` kept, without the remarks; what is not of its type is passed over."""
        roles, names = source.get("taken"), source.get("not_read")
        roles = roles if isinstance(roles, Mapping) else {}
        return cls(
            {str(role): str(keys) for role, keys in roles.items()},
            tuple(map(str, names)) if isinstance(names, list) else (),
        )

    def facts(self) -> dict[str, Any]:
        """As it is kept with a source; only what there is."""
        kept = {
            "taken": dict(self.roles),
            "not_read": list(self.not_read),
            "remarks": [str(remark.message) for remark in self.remarks],
        }
        return {key: value for key, value in kept.items() if value}


class TakenNotes:
    """Collects over an import how files were read, and notes it at the end: files that were read alike together."""

    def __init__(self) -> None:
        self._ways: dict[str, tuple[Remark, str, int]] = {}  # the sentence -> itself, its first file, how many there are

    def add(self, name: str, taken: Taken) -> None:
        """Remember how the file `name` was read."""
        sentence = taken.sentence()
        for remark in (*([Remark(words("{taken}.", taken=sentence))] if sentence else []), *taken.remarks):
            key = remark.key or str(remark.message)
            shown, first, count = self._ways.get(key, (None, name, 0))
            self._ways[key] = (_with_counts_of(shown, remark), first, count + 1)

    def events(self) -> Iterator[Event]:
        """One `Noted` for each way of reading."""
        for remark, name, count in list(self._ways.values())[:_TOLD]:
            message = words("{name}: {remark}", name=name, remark=remark.message)
            if count == 2:
                message = words("{name} and one more file: {remark}", name=name, remark=remark.message)
            elif count > 2:
                message = words("{name} and {n:,} more files: {remark}", name=name, n=count - 1, remark=remark.message)
            yield Noted(message=message, level=remark.level, remedies=remark.remedies)
        if (num_more := len(self._ways) - _TOLD) > 0:
            yield Noted(message=words("Files were read in {n:,} more ways: the list of sources tells each.", n=num_more))


def _with_counts_of(shown: Remark | None, remark: Remark) -> Remark:
    """The remark that is shown; one that counts something ("{n}") counts it over all files."""
    if shown is None:
        return remark
    mine, more = shown.message.values.get("n"), remark.message.values.get("n")
    if not isinstance(mine, int) or not isinstance(more, int) or shown.message.template != remark.message.template:
        return shown
    return replace(shown, message=words(shown.message.template, **{**shown.message.values, "n": mine + more}))


NOTHING_SAID = Taken()
"""Running text: all of it is read."""
