"""Building a tokenizer: the job that lets a child process learn it, tells how far it is, and writes `tokenizer.json`.

In:  a corpus on disk and a `TokenizerConfig`. Out: events, and a folder that holds a tokenizer once the job has finished.
Learning is native code that cannot be asked to stop, so it runs in a child process that can be ended at any moment.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tokenizers import Tokenizer as Backend

from llmstudio.core.errors import Remedy
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.settings import settings_of, to_dict
from llmstudio.core.tokenizer.config import TokenizerConfig, least_size
from llmstudio.core.tokenizer.fit import MUCH, advice, percent
from llmstudio.core.tokenizer.kinds import ALPHABET
from llmstudio.core.tokenizer.learning import Message, learn
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, in_child

if TYPE_CHECKING:
    from llmstudio.core.corpus.corpus import Corpus

JOB = "tokenizer"
_BYTE_PAIRS = Remedy("set", words("Take byte-pair encoding"), "kind", "bpe")
_STAGES = {
    "reading": (words("Reading the corpus"), "characters"),
    "counting": (words("Counting words and pairs"), ""),
    "learning": (words("Learning tokens"), "tokens"),
    "merges": (words("The merges in the order they were learned"), "merges"),
    "measuring": (words("Measuring on held-out text"), "characters"),
}
# How the time is shared among the stages, by and large; only what lies ahead is guessed by it.
_SHARES = {"reading": 0.2, "counting": 0.2, "learning": 0.5, "merges": 0.0, "measuring": 0.1}


def build_tokenizer(corpus: Corpus, config: TokenizerConfig, folder: Path, *, stop: Stop) -> Iterator[Event]:
    """Learn a tokenizer from the training part of `corpus` and save it in `folder`.

    Yields:
        `Progress` whose `details` hold `stage` (reading, counting, learning, merges, measuring) and, in the stage `merges`,
        `merges`: pairs of spellings in the order they were learned. At last `Finished` with `kind, vocab_size,
        bytes_per_token, unknown_share, hidden_share, round_trips, hash`, or `Stopped` with nothing left on disk.

    Raises:
        StudioError: The corpus has no text to learn from, or the folder cannot be written.
    """
    yield Started(job=JOB, title=words("Building a tokenizer"), item=Path(folder).name)
    sizes = corpus.facts["split"]["sizes"]
    total = sizes["train"]["characters"]
    found: Message = {}
    left = _TimeLeft()
    for message in in_child(learn, str(corpus.folder), to_dict(config), stop=stop, poll_s=0.02):
        if message is None:
            continue
        if "result" in message:
            found = message["result"]
            continue
        stage, done = message["stage"], message["done"]
        what, unit = _STAGES[stage]
        of = total if stage == "reading" else message.get("total")
        if stage == "measuring" and of is not None:
            of = max(done, min(of, sizes["val"]["characters"] or total))
        yield Progress(
            job=JOB,
            what=what,
            done=done,
            total=of,
            unit=unit,
            remaining_s=left.after(stage, done, of),
            details={key: message[key] for key in ("stage", "merges") if key in message},
        )
    if stop.requested or not found:
        yield Stopped(job=JOB)
        return
    tokenizer = Tokenizer(Backend.from_str(found["json"]))
    for note in _notes(config, tokenizer.vocab_size):
        yield Noted(job=JOB, message=note)
    if (share := max(found["hidden_share"], found["unknown_share"])) > MUCH:
        message = words(
            "{share} of the text is unknown to this tokenizer: a model would neither read nor write it. {advice}",
            share=percent(share),
            advice=advice(config.kind),
        )
        yield Noted(job=JOB, message=message, level="warning", remedies=(_BYTE_PAIRS,))
    tokenizer.save(folder)
    yield Finished(
        job=JOB,
        result={
            "kind": config.kind,
            "vocab_size": tokenizer.vocab_size,
            "bytes_per_token": found["bytes_per_token"],
            "unknown_share": found["unknown_share"],
            "hidden_share": found["hidden_share"],
            "measured_on": found["measured_on"],
            "round_trips": tokenizer.round_trips,
            "hash": tokenizer.hash,
        },
    )


class _TimeLeft:
    """Seconds until a tokenizer is built: the stage in hand by its own pace, later ones by what came before them."""

    def __init__(self) -> None:
        self._stage = ""
        self._began = self._entered = time.perf_counter()

    def after(self, stage: str, done: float, total: float | None) -> float | None:
        """With `done` of `total` of a stage behind; None where that cannot be known."""
        now = time.perf_counter()
        if not self._stage:
            self._began = now
        if stage != self._stage:
            self._stage, self._entered = stage, now
        if not total or not done:
            return None
        stages = list(_SHARES)
        place, share = stages.index(stage), min(1.0, done / total)
        behind = sum(_SHARES[name] for name in stages[:place]) + _SHARES[stage] * share
        ahead = sum(_SHARES[name] for name in stages[place + 1 :])
        return (now - self._entered) * (1 - share) / share + (now - self._began) * ahead / behind


def _notes(config: TokenizerConfig, vocab_size: int) -> Iterator[Words]:
    given, wished = vocab_size, config.vocab_size
    usual = next(s.default for s in settings_of(TokenizerConfig) if s.path == "min_frequency")
    if config.kind in ("byte", "char", "unigram") and config.min_frequency != usual:
        yield words("The minimum count has no effect on this kind of tokenizer.")
    if config.kind == "wordpiece":
        yield words(
            "WordPiece does not keep white space: line breaks and several spaces come back as one space, and spaces beside "
            "punctuation may change. Take byte-pair encoding if they matter."
        )
    if config.kind == "byte":
        yield words("A byte tokenizer always has {n|token|tokens}, so the vocabulary size has no effect.", n=given)
    elif given < wished:
        yield words("Your text gives only {given|token|tokens} of the {wished:,} asked for.", given=given, wished=wished)
    elif given > wished and config.kind in ("bpe", "unigram"):
        yield words(
            "This kind needs {n|token|tokens} for the {bytes} bytes and the special tokens, so it has {given:,}.",
            n=least_size(config.kind), bytes=len(ALPHABET), given=given,
        )  # fmt: skip
