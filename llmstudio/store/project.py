"""A project is a folder; every item in it is a folder (a chat: a file) with an `about.json` that says what it was made from.

corpora/NAME/  tokenizers/NAME/  datasets/NAME/  models/NAME/  chats/NAME.json
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import time
import unicodedata
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, nearest, words
from llmstudio.store.cards import (
    CorpusCard,
    CorpusFile,
    DatasetCard,
    DatasetFile,
    TokenizerCard,
    TokenizerFile,
    read_corpus_card,
    read_dataset_card,
    read_tokenizer_card,
)
from llmstudio.store.files import explained, remove_folder, staged_folder, taken, write_json
from llmstudio.store.item_files import ABOUT, FORMAT, check_version, read_about, write_about
from llmstudio.store.lineage import Parent, ParentFile, read_parents
from llmstudio.store.model_card import ModelCard, ModelFile, read_model_card
from llmstudio.store.reading import read_json
from llmstudio.store.sweeping import sweep
from llmstudio.store.turns import in_turn

FOLDERS = {"corpus": "corpora", "tokenizer": "tokenizers", "dataset": "datasets", "model": "models", "chat": "chats"}
PROJECT = "project.json"
# Signs that cannot be seen and turn a name round have no place in one; these two are needed to spell Persian and Hindi.
_JOINERS = "\u200c\u200d"


@dataclass(frozen=True)
class About:
    """What an item says of itself. Whoever works with it takes its card, which is typed; its facts are for showing.

    Attributes:
        kind: One of `FOLDERS`.
        name: Its name; also the folder's.
        id: Never changes, also when the item is renamed.
        created: Seconds since the epoch.
        made_from: Ids of its parents by role, with a content hash each: `{"corpus": {"id": ..., "hash": ...}}`.
        facts: Everything else as it lies on disk: configuration, versions, seed, figures.
        path: Where it lies.
    """

    kind: str
    name: str
    id: str
    created: float
    made_from: Mapping[str, ParentFile] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    path: Path = field(default_factory=Path)

    @property
    def hash(self) -> str:
        """Of its contents; empty if that is not known, or there are none yet."""
        return str(self.facts.get("hash", ""))

    @cached_property
    def parents(self) -> Mapping[str, Parent]:
        """What it remembers of what it was made from, by role."""
        return read_parents(self.made_from)

    def parent(self, role: str) -> Parent:
        """What it remembers of one parent; one without id or name if it was made from none in this role."""
        return self.parents.get(role, Parent())

    @property
    def as_parent(self) -> Parent:
        """What a child remembers of it."""
        return Parent(self.id, self.name, self.hash)

    @cached_property
    def model_card(self) -> ModelCard:
        """What a model says of itself."""
        assert self.kind == "model"
        return read_model_card(cast(ModelFile, self.facts), self.parents.get("parent"))

    @cached_property
    def corpus_card(self) -> CorpusCard:
        """What a corpus says of itself."""
        assert self.kind == "corpus"
        return read_corpus_card(cast(CorpusFile, self.facts))

    @cached_property
    def tokenizer_card(self) -> TokenizerCard:
        """What a tokenizer says of itself."""
        assert self.kind == "tokenizer"
        return read_tokenizer_card(cast(TokenizerFile, self.facts))

    @cached_property
    def dataset_card(self) -> DatasetCard:
        """What a dataset says of itself."""
        assert self.kind == "dataset"
        return read_dataset_card(cast(DatasetFile, self.facts))


class Project:
    """The items in one folder. Opening creates the folder if need be; nothing is held open.

    Raises:
        StudioError: The folder belongs to a newer version, or cannot be made.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)
        about = self.root / PROJECT
        if about.exists():
            check_version(read_json(about, dict), self.root.name)
        self.is_writable = os.access(self.root if self.root.exists() else _existing(self.root), os.W_OK)

    def prepare(self) -> None:
        """Make the folder ready for writing; sweeps away what a killed program left behind anywhere in it."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                with explained(self.root):
                    raise
            raise StudioError("The folder {path} cannot be made: choose another one.", path=str(self.root)) from error
        if not (self.root / PROJECT).exists():
            write_json(
                self.root / PROJECT,
                {"format": FORMAT, "kind": "project", "id": uuid.uuid4().hex, "created": time.time()},
            )
        sweep(self.root, deep=False)
        for folder in FOLDERS.values():
            sweep(self.root / folder)

    def items(self, kind: str) -> list[About]:
        """All items of a kind, newest first. Folders that are not ours or cannot be read are left out."""
        folder = self.root / FOLDERS[kind]
        found = []
        for path in folder.iterdir() if folder.is_dir() else ():
            with contextlib.suppress(StudioError):
                if not path.name.startswith("."):
                    found.append(_read_about(path, kind))
        return sorted(found, key=lambda item: -item.created)

    def unreadable(self) -> list[Words]:
        """Why items that lie here are not among `items`: damaged, or of a newer version. A sentence for each."""
        reasons = []
        for kind, folder in FOLDERS.items():
            place = self.root / folder
            for path in sorted(place.iterdir()) if place.is_dir() else ():
                if path.name.startswith(".") or not (path.suffix == ".json" or (path / ABOUT).exists()):
                    continue
                try:
                    _read_about(path, kind)
                except StudioError as error:
                    reasons.append(error.words)
        return reasons

    def changed(self, kind: str) -> int:
        """When an item of this kind was last added or removed, in the file system's nanoseconds; 0 if there are none."""
        folder = self.root / FOLDERS[kind]
        return folder.stat().st_mtime_ns if folder.is_dir() else 0

    def path(self, kind: str, name: str) -> Path:
        """Where an item of this name lies or would lie. Raises StudioError for a name that no file system takes."""
        safe_name(name)
        return self.root / FOLDERS[kind] / (f"{name}.json" if kind == "chat" else name)

    def exists(self, kind: str, name: str) -> bool:
        """True if there is an item of this kind and name, be it whole or damaged; a folder without `about.json` is none."""
        return _is_item(self.path(kind, name))

    def about(self, kind: str, name: str) -> About:
        """What the item says of itself. Raises StudioError if there is none (naming the nearest), or it is newer."""
        path = self.path(kind, name)
        if not _is_item(path):
            known = [item.name for item in self.items(kind)]
            if not known:
                raise StudioError("There is no {kind} named {name}: this project has none yet.", kind=kind, name=name)
            names = nearest(name, known)
            raise StudioError("There is no {kind} named {name}. There are: {names}.", kind=kind, name=name, names=names)
        return _read_about(path, kind)

    @contextlib.contextmanager
    def create(
        self, kind: str, name: str, *, made_from: Mapping[str, About | Parent] | None = None
    ) -> Iterator[tuple[Path, dict[str, Any]]]:
        """Stage a new item: yields its folder and a dict of facts to fill; both land in one step when the block ends.

        Raises:
            StudioError: The name is taken or unusable, or the project cannot be written.
        """
        final = self.path(kind, name)
        self.refuse_taken(kind, name)
        self.prepare()
        self.make_room(kind, name)
        facts: dict[str, Any] = {}
        with staged_folder(final) as folder:
            yield folder, facts
            parents = {role: _as_parent(parent).to_file() for role, parent in (made_from or {}).items()}
            write_about(folder, kind, name, made_from=parents, facts=facts)

    def refuse_taken(self, kind: str, name: str, *, but_for: str = "") -> None:
        """Raises StudioError if `taken_by` names an item: to be asked before long work, not after it."""
        holder = self.taken_by(kind, name, but_for=but_for)
        if holder == name:
            raise taken(name)
        if holder:
            raise StudioError(
                "{name} differs from {holder}, which exists already, only in how it is spelled; on many computers both would"
                " be one folder: choose another name.",
                name=name,
                holder=holder,
            )

    def taken_by(self, kind: str, name: str, *, but_for: str = "") -> str:
        """The name of the item that holds `name`; empty if it is free.

        Names that differ only in capitals, or in how an accent is encoded, are one folder on Windows and macOS: a project
        that is moved there would lose one of the items. `but_for` is an item that does not count: one that is renamed.
        """
        path = self.path(kind, name)
        if _is_item(path) and name != but_for:
            return name
        for other in path.parent.iterdir() if path.parent.is_dir() else ():
            if folded(other.name) == folded(path.name) and _is_item(other):
                holder = other.stem if kind == "chat" else other.name
                if holder != but_for:
                    return holder
        return ""

    def free_name(self, kind: str, wish: str) -> str:
        """`wish`, or `wish 2`, `wish 3` ... if it is taken."""
        name, n = wish, 1
        while self.taken_by(kind, name):
            n += 1
            name = f"{wish} {n}"
        return name

    def by_id(self, kind: str, item_id: str) -> About | None:
        """The item with this id, also after renaming; None if it is gone."""
        return next((item for item in self.items(kind) if item.id == item_id), None)

    def rename(self, kind: str, name: str, new_name: str) -> None:
        """Give an item another name; its id stays. Raises StudioError if the new one is taken, or the folder read-only."""
        with self._in_turn(kind, name):
            old, new = self.about(kind, name), self.path(kind, new_name)
            # Another spelling of an item's own name is not taken, also where capitals make no difference.
            if not (new.exists() and new.samefile(old.path)):
                self.refuse_taken(kind, new_name, but_for=name)
                self.make_room(kind, new_name)
            with explained(old.path):
                old.path.rename(new)

    def delete(self, kind: str, name: str) -> None:
        """Remove an item for good, also a damaged one. Raises StudioError if there is none, or the folder is read-only."""
        path = self.path(kind, name)
        with self._in_turn(kind, name):
            if not _is_item(path):
                self.about(kind, name)  # says what there is instead
            if path.is_dir():
                remove_folder(path)
            else:
                with explained(path):
                    path.unlink()

    def _in_turn(self, kind: str, name: str) -> contextlib.AbstractContextManager[None]:
        """For chats, which are saved without the project's lock: a rename would replace what is saved at that moment."""
        return in_turn(self.path(kind, name).parent) if kind == "chat" else contextlib.nullcontext()

    def make_room(self, kind: str, name: str) -> Words | None:
        """Free a name that something holds which is no item: an empty folder goes, any other is kept under another name.

        Returns:
            A sentence that says what was moved and where to; None if nothing was.
        """
        path = self.path(kind, name)
        if _is_item(path) or not os.path.lexists(path):  # a link that leads nowhere holds a name too
            return None
        with explained(path):
            with contextlib.suppress(OSError):
                path.rmdir()
                return None
            number, aside = 1, path.with_name(f"{path.name} (no item)")
            while aside.exists():
                number += 1
                aside = path.with_name(f"{path.name} (no item {number})")
            path.rename(aside)
        return words(
            "In {folder} lay something called {name} that is no item of this project: it is now called {aside}.",
            folder=FOLDERS[kind],
            name=path.name,
            aside=aside.name,
        )


def safe_name(name: str) -> str:
    """`name` itself if every file system takes it. Raises StudioError otherwise."""
    if not is_safe_name(name):
        raise StudioError(
            "{name} cannot be a name: use letters, digits, spaces, - or _, without a dot at an end.",
            name=ascii(name) if _hides(name) else repr(name),
        )
    return name


def is_safe_name(name: str) -> bool:
    """True if every file system takes `name`, and nobody mistakes it for something else."""
    bad = re.search(r'[<>:"/\\|?*]', name) or any(
        unicodedata.category(sign) in ("Cc", "Cs", "Cf") and sign not in _JOINERS for sign in name
    )
    reserved = re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?", name)
    is_trimmed = name == name.strip() and name[:1] != "." and name[-1:] != "."
    return bool(name) and not bad and not reserved and is_trimmed and len(name.encode()) <= 200


def _as_parent(one: About | Parent) -> Parent:
    return one.as_parent if isinstance(one, About) else one


def _hides(name: str) -> bool:
    return any(unicodedata.category(sign) == "Cf" for sign in name)


def folded(name: str) -> str:
    """A file's name as those file systems compare it that tell neither capitals nor encodings of accents apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _is_item(path: Path) -> bool:
    return (path / ABOUT).exists() if path.is_dir() else path.suffix == ".json" and path.exists()


def _read_about(path: Path, kind: str) -> About:
    """What the item at `path`, among those of a kind, says of itself.

    Raises:
        StudioError: It is damaged, of another kind or a newer version, or called what we would not call it.
    """
    is_chat = path.suffix == ".json" and path.is_file()
    name = path.stem if is_chat else path.name
    if not is_safe_name(name):
        raise StudioError(
            "The {kind} {name} is left out: items are not called so. Give it another name to use it.",
            kind=kind,
            name=ascii(name) if _hides(name) else repr(name),
        )
    data = read_about(path, kind, is_chat=is_chat)
    return About(kind, name, data["id"], data["created"], data.get("made_from", {}), data.get("facts", {}), path)


def _existing(path: Path) -> Path:
    while not path.exists() and path != path.parent:
        path = path.parent
    return path
