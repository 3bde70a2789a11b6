"""Learning a tokenizer: read the corpus, count, let the library's trainer work, measure the outcome.

In:  a corpus and a `TokenizerConfig`. Out: messages, the last one with the tokenizer as the text of a `tokenizer.json`.
It writes nothing. `training` runs it in a child process, because the library's trainers cannot be asked to stop.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Tokenizer as Backend

from llmstudio.core.corpus.records import labels_of
from llmstudio.core.errors import StudioError
from llmstudio.core.settings import from_dict
from llmstudio.core.shortage import refuse_shortage
from llmstudio.core.tokenizer.config import SPECIALS, UNKNOWN, TokenizerConfig
from llmstudio.core.tokenizer.kinds import blank, char_backend, finished, trainer_for
from llmstudio.core.tokenizer.tokenizer import Tokenizer

if TYPE_CHECKING:
    from llmstudio.core.corpus.corpus import Corpus

Message = dict[str, Any]
_EVERY_S = 0.05
_MEASURED_CHARACTERS = 2_000_000  # enough that the second digit of bytes per token stands still
_FEED = 10_000  # characters handed to the trainer at a time
_PIECE_BYTES = 8192
_PATIENCE_S = 5.0  # for a library that has given up and still has threads at work
_SHOWN_MERGES, _MERGES_A_TIME = 1000, 50


def learn(folder: str, settings: Message) -> Iterator[Message]:
    """What the child process does: `learn_from` the corpus in `folder`."""
    # Here, so that whoever only uses a tokenizer does not load the readers of all formats.
    from llmstudio.core.corpus.corpus import Corpus

    yield from learn_from(Corpus(Path(folder)), from_dict(TokenizerConfig, settings))


def learn_from(corpus: Corpus, config: TokenizerConfig) -> Iterator[Message]:
    """Learn in this process. Yields messages with `stage`, `done`, `total`; the last one has `result` with `json`.

    Raises:
        StudioError: The corpus has no text, or too little for this kind.
    """
    feed = _Feed(corpus)
    if config.kind == "byte":
        if not any(True for _ in feed):
            raise StudioError("This corpus has no text to learn from: import some first.")
        backend = blank(config)
    elif config.kind == "char":
        backend = yield from _count_characters(feed, config)
    else:
        backend = yield from _train(feed, config)
    tokenizer = Tokenizer(backend)
    yield from _show_merges(tokenizer)
    measured = yield from _measure(corpus, tokenizer)
    yield {"result": {"json": backend.to_str()} | measured}


class _Feed:
    """The training texts in pieces, counting characters while they are read; may be read again.

    The labels of labelled text come last: they are no text, but a model must be able to say them.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self.num_characters = 0
        self.is_read = False

    def __iter__(self) -> Iterator[str]:
        self.num_characters, self.is_read = 0, False
        for text in self._corpus.texts("train"):
            for start, end in _cuts(text):
                self.num_characters += end - start
                yield text[start:end]
        if self._corpus.record_kind == "labelled":
            yield from (label for record in self._corpus.records("train") for label in labels_of(record))
        self.is_read = True


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of pieces of about `_FEED` characters, cut before a line or a space where there is one.

    A text without any is cut anyway: it keeps one endless "word" from slowing the trainer, and only counts shift.
    """
    start = 0
    while len(text) - start > _FEED:
        place = max(text.rfind("\n", start + 1, start + _FEED), text.rfind(" ", start + 1, start + _FEED))
        end = place if place > start else start + _FEED
        yield start, end
        start = end
    if start < len(text):
        yield start, len(text)


def _count_characters(feed: _Feed, config: TokenizerConfig) -> Generator[Message, None, Backend]:
    normalizer = blank(config).normalizer
    counts: Counter[str] = Counter()
    shown = time.monotonic()
    for piece in feed:
        counts.update(normalizer.normalize_str(piece) if normalizer else piece)
        if time.monotonic() - shown > _EVERY_S:
            shown = time.monotonic()
            yield {"stage": "reading", "done": feed.num_characters}
    if not counts:
        raise StudioError("This corpus has no text to learn from: import some first.")
    room = max(0, config.vocab_size - len(SPECIALS))
    kept = sorted(counts, key=lambda character: (-counts[character], character))[:room]
    return char_backend(kept, normalizer)


def _count_pieces(feed: _Feed, config: TokenizerConfig) -> Generator[Message, None, list[str]]:
    """The characters that WordPiece begins with, as `a` and `##a`: as many of the frequent ones as there is room for."""
    backend = blank(config)
    counts: Counter[str] = Counter()
    inside: set[str] = set()
    shown = time.monotonic()
    for piece in feed:
        for word, _ in backend.pre_tokenizer.pre_tokenize_str(backend.normalizer.normalize_str(piece)):
            counts.update(word)
            inside.update(word[1:])
        if time.monotonic() - shown > _EVERY_S:
            shown = time.monotonic()
            yield {"stage": "reading", "done": feed.num_characters}
    room = config.vocab_size - len(SPECIALS)
    kept: list[str] = []
    for character in sorted(counts, key=lambda character: (-counts[character], character)):
        room -= 1 + (character in inside)
        if room < 0:
            break
        kept.append(character)
    return sorted(kept) + [f"##{character}" for character in sorted(kept) if character in inside]


def _train(feed: _Feed, config: TokenizerConfig) -> Generator[Message, None, Backend]:
    """Run the native trainer in a thread and say how far it is."""
    characters = (yield from _count_pieces(feed, config)) if config.kind == "wordpiece" else []
    backend, trainer = blank(config), trainer_for(config, characters)
    failure: list[BaseException] = []

    def run() -> None:
        try:
            backend.train_from_iterator(iter(feed), trainer)
        except BaseException as error:  # handed to the thread that waits, whatever it is
            failure.append(error)

    with _NativeProgress() as native:
        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        told: Message = {}
        given_up_s = 0.0
        while thread.is_alive():
            thread.join(_EVERY_S)
            if native.last_words:  # a panic ends the call, but not where memory fails once more while it is told
                given_up_s += _EVERY_S
                if given_up_s > _PATIENCE_S:
                    failure.append(RuntimeError(native.last_words))
                    break
            now = native.latest or _without_native(feed, trainer)
            if now != told:
                told = dict(now)
                yield told
    if failure:
        refuse_shortage(failure[0])
    if feed.is_read and not feed.num_characters:
        raise StudioError("This corpus has no text to learn from: import some first.")
    if failure:
        raise StudioError(
            "A {kind} tokenizer could not be learned from this text ({reason}). Use more text or another kind.",
            kind=config.kind,
            reason=str(failure[0]),
        )
    return finished(backend, config)


def _without_native(feed: _Feed, trainer: Any) -> Message:
    """Where the work is while the trainer says nothing: some speak later, some never do."""
    if not feed.is_read:
        return {"stage": "reading", "done": feed.num_characters}
    return {"stage": "counting" if hasattr(type(trainer), "progress_format") else "learning", "done": 0}


class _NativeProgress:
    """Reads the library's progress, one JSON object a line on this process' standard error, while the block lasts.

    Attributes:
        latest: The newest message in our words, or None while the library is silent (older versions always are, and so is
            one in a program without standard error).
        last_words: What the library said when it gave up; empty while it has not.
    """

    def __init__(self) -> None:
        self.latest: dict[str, Any] | None = None
        self.last_words = ""
        self._panics = False
        self._saved: int | None = None

    def __enter__(self) -> _NativeProgress:
        with contextlib.suppress(OSError):
            self._saved = os.dup(2)
        if self._saved is not None:
            source, sink = os.pipe()
            os.dup2(sink, 2)
            os.close(sink)
            self._thread = threading.Thread(target=self._read, args=(source,), daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._saved is not None:
            os.dup2(self._saved, 2)  # closes the pipe's last end, so that the reader comes to an end
            os.close(self._saved)
            self._thread.join(5)

    def _read(self, source: int) -> None:
        rest = b""
        with open(source, "rb", buffering=0) as pipe:
            while True:
                try:
                    if not (read := pipe.read(_PIECE_BYTES)):
                        return
                    *lines, rest = (rest + read).split(b"\n")
                    for line in lines:
                        self._take(line.decode(errors="replace"))
                except MemoryError:  # go on: whoever writes into a pipe that nobody reads waits for ever
                    rest = b""
                    time.sleep(_EVERY_S)

    def _take(self, line: str) -> None:
        if self._panics:
            self._panics, self.last_words = False, line or "panic"
        elif not self.last_words and " panicked at " in line:  # why stands on the next line
            self._panics = True
        elif not self.last_words and line.startswith("memory allocation of "):
            self.last_words = line
        with contextlib.suppress(ValueError, KeyError, TypeError):  # anything else that was said there
            message = json.loads(line)
            learning = message["stage"] in ("Compute merges", "EM training")
            self.latest = {
                "stage": "learning" if learning else "counting",
                "done": int(message["current"]),
                "total": int(message["total"]),
            }


def _show_merges(tokenizer: Tokenizer) -> Iterator[Message]:
    merges = tokenizer.merges
    shown = [[tokenizer.token(left), tokenizer.token(right)] for left, right, _ in merges[:_SHOWN_MERGES]]
    for start in range(0, len(shown), _MERGES_A_TIME):
        pairs = shown[start : start + _MERGES_A_TIME]
        yield {"stage": "merges", "done": start + len(pairs), "total": len(merges), "merges": pairs}


def _measure(corpus: Corpus, tokenizer: Tokenizer) -> Generator[Message, None, Message]:
    """Bytes a token, the share of unknown tokens and of the bytes under them: on held-out texts, or on training texts if
    none are held out.
    """
    for split in ("val", "train"):
        num_characters = num_bytes = num_tokens = num_unknown = num_hidden = 0
        shown = time.monotonic()
        for text in corpus.texts(split):
            text = text[: _MEASURED_CHARACTERS - num_characters]
            ids = tokenizer.encode(text)
            num_characters += len(text)
            num_bytes += len(text.encode())
            num_tokens += len(ids)
            num_unknown += ids.count(UNKNOWN)
            num_hidden += tokenizer.hidden_bytes(text) if UNKNOWN in ids else 0
            if time.monotonic() - shown > _EVERY_S:
                shown = time.monotonic()
                yield {"stage": "measuring", "done": num_characters, "total": _MEASURED_CHARACTERS}
            if num_characters >= _MEASURED_CHARACTERS:
                break
        if num_tokens:
            break
    return {
        "bytes_per_token": num_bytes / max(1, num_tokens),
        "unknown_share": num_unknown / max(1, num_tokens),
        "hidden_share": num_hidden / max(1, num_bytes),
        "measured_on": split,
    }
