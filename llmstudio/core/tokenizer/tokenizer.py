"""A tokenizer in use: text to ids and back, exactly where the kind promises it.

In:  the folder of a tokenizer (`tokenizer.json`, Hugging Face format). Out: ids, text, bytes a token, spans of a text.
It does not learn anything (see `training`). Special tokens go in by id only: text that happens to spell one is text.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer as Backend

from llmstudio.core.errors import StudioError
from llmstudio.core.shortage import refuse_shortage
from llmstudio.core.tokenizer.checking import checked, misnumbered, without_specials
from llmstudio.core.tokenizer.config import SPECIALS, UNKNOWN
from llmstudio.core.tokenizer.cutting import Cutter, sound
from llmstudio.core.tokenizer.kinds import ALPHABET, KINDS, LINE_START, kind_of
from llmstudio.store.files import explained, write_bytes
from llmstudio.store.reading import read_bytes

# Said aloud, so that the library neither switches its threads off nor warns when a process forks.
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

FILE = "tokenizer.json"
_TRIAL = "The cat's 2 fish, 猫。\n"


@dataclass(frozen=True)
class Span:
    """A token and its place in a text. The slices `text[start:end]` of all spans, joined, are the text
    (but for white space that WordPiece drops).

    Attributes:
        id: The token's id.
        text: The characters it covers; its spelling in bytes, as in `<E4 BD>`, where a character is shared with others.
        start: First character in the text.
        end: One past the last; the last of several tokens that share a character is given all of it.
        num_bytes: UTF-8 bytes it stands for.
        is_unknown: True if the vocabulary lacks it.
    """

    id: int
    text: str
    start: int
    end: int
    num_bytes: int
    is_unknown: bool


class Tokenizer:
    """Wraps a trained backend.

    Attributes:
        backend: The `tokenizers.Tokenizer` inside.
        kind: bpe, wordpiece, unigram, word, char or byte.
        cutter: Cuts long texts.
        vocab_size: How many different ids there are, special tokens included.
        round_trips: True if any text comes back exactly; kinds with unknowns may return known text exactly without it.
        implies_space: True if a token carries the space before it and the first one's is not in the text.
        implies_at_lines: True if the same holds for the first token of every line; not so for older word tokenizers.

    Raises:
        StudioError: The backend is of no known kind or does not begin with our special tokens.
    """

    def __init__(self, backend: Backend) -> None:
        self._state: dict[str, Any] = json.loads(backend.to_str())
        self.kind = kind_of(self._state)
        if [backend.id_to_token(i) for i in range(len(SPECIALS))] != list(SPECIALS):
            raise without_specials()
        backend.encode_special_tokens = True
        self.backend = backend
        ids = backend.get_vocab(with_added_tokens=True).values()
        self.vocab_size: int = len(ids)
        if set(ids) != set(range(len(ids))):
            raise misnumbered()
        about = KINDS[self.kind]
        self.cutter = Cutter(about.cut)
        self.has_unknowns = about.has_unknowns
        self.implies_space = about.implies_space
        steps = (self._state["normalizer"] or {}).get("normalizers", [])
        self.implies_at_lines = any(step.get("pattern") == {"Regex": LINE_START} for step in steps)
        self.round_trips = about.round_trips and self._state["normalizer"] is None

    @classmethod
    def load(cls, folder: Path) -> Tokenizer:
        """The tokenizer in `folder`. Raises StudioError if `tokenizer.json` is missing or damaged."""
        path = Path(folder) / FILE
        if not path.exists():
            raise StudioError("There is no tokenizer in {folder}.", folder=Path(folder).name)
        data = read_bytes(path)
        try:
            tokenizer = cls(Backend.from_str(json.dumps(checked(data, Path(folder).name))))
            tokenizer._try()
            return tokenizer
        except (StudioError, KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        except BaseException as error:  # the library raises plain Exception, and panics, which are not even that
            refuse_shortage(error)
            raise StudioError("The tokenizer in {folder} is damaged: build it again.", folder=Path(folder).name) from error

    def _try(self) -> None:
        """Use every part once, so that one that is damaged fails here and not in the middle of somebody's work."""
        self.decode(self.encode(_TRIAL))
        self.spans(_TRIAL)
        _ = self.merges

    def save(self, folder: Path) -> Path:
        """Write `tokenizer.json` into `folder`, which is made if need be; returns its path."""
        path = Path(folder) / FILE
        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(path, self.backend.to_str(pretty=True).encode())
        return path

    @cached_property
    def hash(self) -> str:
        """SHA-256 of everything that decides about ids; the same after saving and loading."""
        return hashlib.sha256(json.dumps(self._state, sort_keys=True).encode()).hexdigest()

    def encode(self, text: str) -> list[int]:
        """Ids of `text`; none of them is a special token except UNKNOWN."""
        return self.encode_batch([text])[0]

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text, on all cores."""
        pieces: list[str] = []
        counts = []
        for text in texts:
            before = len(pieces)
            pieces.extend(self.cutter.pieces(text))
            counts.append(len(pieces) - before)
        encoded = iter(self.backend.encode_batch_fast(pieces, add_special_tokens=False))
        rows: list[list[int]] = []
        for count in counts:
            ids: list[int] = next(encoded).ids
            for _ in range(count - 1):
                ids.extend(next(encoded).ids)
            rows.append(ids)
        return rows

    def decode(self, ids: Iterable[int]) -> str:
        """Text of `ids`, special tokens left out; bytes that make no character become the replacement sign."""
        return self.without_implied(b"".join(map(self.token_bytes.__getitem__, ids))).decode("utf-8", "replace")

    def without_implied(self, data: bytes) -> bytes:
        """The bytes of a text's tokens without the spaces that only spell its first words."""
        if self.implies_at_lines:
            data = data.replace(b"\n ", b"\n")
        return data.removeprefix(b" ") if self.implies_space else data

    def token(self, id: int) -> str:
        """Readable spelling: the characters, `##` before a WordPiece's rest, `<E4 BD>` for a part of a character."""
        if id < len(SPECIALS):
            return SPECIALS[id]
        if self.kind == "wordpiece":
            return str(self.backend.id_to_token(id))
        try:
            return self.token_bytes[id].decode()
        except UnicodeDecodeError:
            return f"<{self.token_bytes[id].hex(' ').upper()}>"

    def id_of(self, token: str) -> int | None:
        """Inverse of `token`; None if no token is spelled so."""
        return self._ids.get(token)

    def vocabulary(self) -> list[tuple[int, str]]:
        """Every id with its readable spelling, in order."""
        return [(id, self.token(id)) for id in range(self.vocab_size)]

    def num_bytes(self, ids: Sequence[int] | NDArray[Any]) -> NDArray[np.int64]:
        """UTF-8 bytes each id stands for, 0 for special tokens; over a text their sum is its length where it round-trips."""
        return self._lengths[np.asarray(ids, dtype=np.int64)]

    def hidden_bytes(self, text: str) -> int:
        """UTF-8 bytes of `text` that lie under unknown tokens."""
        if not self.has_unknowns:
            return 0
        text = sound(text)
        total, limit = 0, len(text)
        for id, start, end in self._placed(text):
            if id == UNKNOWN:
                total += len(text[start : min(end, limit)].encode())
            limit = start
        return total

    def spans(self, text: str) -> list[Span]:
        """The tokens of `text` with their places, for showing."""
        text = sound(text)
        spans: list[Span] = []
        limit = len(text)
        # From the right: of tokens that share a character the last one takes it, and an implied space takes none.
        for id, start, end in self._placed(text):
            end = min(end, limit)
            start = limit = min(start, end)
            covered = text[start:end]
            is_unknown = id == UNKNOWN
            own = b"" if is_unknown else self.token_bytes[id]
            is_whole = is_unknown or own.removeprefix(b" ") == covered.encode().removeprefix(b" ")
            spans.append(
                Span(
                    id=id,
                    text=covered if covered and (is_whole or not self.round_trips) else self.token(id),
                    start=start,
                    end=end,
                    num_bytes=len(covered.encode()) if is_whole else len(own),
                    is_unknown=is_unknown,
                )
            )
        return spans[::-1]

    def _placed(self, text: str) -> Iterator[tuple[int, int, int]]:
        """Each token of `text` with its first character and one past its last, from the right."""
        encoding = self.backend.encode(text, add_special_tokens=False)
        line_end = self.id_of("\n") if self.implies_at_lines else None
        for id, (start, end) in zip(reversed(encoding.ids), reversed(encoding.offsets), strict=True):
            # A space implied at a line's start comes from the line end before it, which is not this token's.
            is_implied = self.implies_at_lines and id != line_end and text[start:end].startswith("\n")
            yield id, start + (is_implied and (end - start > 1 or id != UNKNOWN)), end

    @cached_property
    def merges(self) -> list[tuple[int, int, int]]:
        """For BPE: ids (left, right, merged) in the order they were learned; empty for other kinds."""
        pairs = self._state["model"].get("merges", [])
        ids: dict[str, int] = self._state["model"]["vocab"]
        return [(ids[left], ids[right], ids[left + right]) for left, right in pairs]

    @cached_property
    def token_bytes(self) -> list[bytes]:
        """UTF-8 bytes by id; nothing for special tokens. A token that implies a space begins with it."""
        spellings = [str(self.backend.id_to_token(id)) for id in range(len(SPECIALS), self.vocab_size)]
        if self.kind == "char":
            table = [spelling.encode() for spelling in spellings]
        elif self.kind == "wordpiece":  # what the decoder writes for a token that is not the first
            decoder = self.backend.decoder
            table = [decoder.decode(["x", spelling])[1:].encode() for spelling in spellings]
        else:
            table = [bytes(map(_BYTES.__getitem__, spelling)) for spelling in spellings]
        return [b""] * len(SPECIALS) + table

    @cached_property
    def _lengths(self) -> NDArray[np.int64]:
        return np.array([len(token) for token in self.token_bytes], dtype=np.int64)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {spelling: id for id, spelling in reversed(self.vocabulary())}


def _byte_alphabet() -> dict[str, int]:
    # GPT-2's table: a byte that prints stands for itself, the others, in order, for the characters from 256 on.
    own = {chr(b): b for b in range(256) if chr(b) in ALPHABET}
    others = (b for b in range(256) if chr(b) not in ALPHABET)
    return own | {chr(256 + n): b for n, b in enumerate(others)}


_BYTES = _byte_alphabet()
