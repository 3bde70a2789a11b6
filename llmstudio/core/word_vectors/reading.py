"""The vectors of a vocabulary's words out of a file that may be far larger than memory, as a job."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.models.config import ModelConfig
from llmstudio.core.word_vectors.kept import WordVectors
from llmstudio.core.word_vectors.lines import Line, VectorLines, vector_lines
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop

_EVERY_S = 0.1
_LINES_AT_ONCE = 1000  # a few milliseconds


@dataclass
class _Found:
    """What was found so far.

    Attributes:
        exact: Vectors by words that are spelled as in the vocabulary.
        lower: Vectors by words in lower case, for words of the vocabulary that have capitals.
        twice: Words that came again.
        broken: Lines that hold a word of the vocabulary and no vector.
        not_finite: Lines with a number that is none, or has no end.
        first_wrong: The first line of either kind.
        lines: All lines.
    """

    exact: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    lower: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    twice: set[str] = field(default_factory=set)
    broken: int = 0
    not_finite: int = 0
    first_wrong: int = 0
    lines: int = 0


def read_word_vectors(
    path: Path, vocabulary: Mapping[str, Sequence[int]], shape: ModelConfig, *, job: str, stop: Stop
) -> Generator[Event, None, WordVectors | None]:
    """Read the vectors of a vocabulary's words (`whole_words`), and tell how many were found and what was left out.

    Of a word that comes twice the first vector counts. A word with capitals that the file lacks takes the vector of the
    word in lower case.

    Args:
        path: The file; see `lines`.
        vocabulary: Ids by words.
        shape: Of the model that is to begin with them.
        job: Whose part this is.
        stop: Looked at every thousand lines.

    Returns:
        The vectors; None if it was stopped.

    Raises:
        StudioError: The file cannot be read, its vectors are not as wide as the model, or none of the words is in it.
    """
    if not vocabulary:
        raise StudioError(
            "No token of this tokenizer is a whole word, so word vectors have no place: use a tokenizer of words, or of"
            " pieces of words.",
            paths=("teach.word_vectors",),
        )
    wanted = {word.encode(): word for word in vocabulary}
    lowered = {word.lower().encode(): word.lower() for word in vocabulary if word != word.lower()}
    found = _Found()
    with vector_lines(path) as file:
        if file.width != shape.embed_dim:
            raise _another_width(file, shape)
        began = shown = time.monotonic()
        for line in file:
            found.lines += 1
            if line.word in wanted or line.word in lowered:
                _take(line, wanted.get(line.word), lowered.get(line.word), file.width, found)
            if found.lines % _LINES_AT_ONCE == 0:
                if stop.requested:
                    return None
                if time.monotonic() - shown > _EVERY_S:
                    shown, done = time.monotonic(), file.position
                    yield Progress(
                        job=job,
                        what=words("Reading word vectors"),
                        done=done,
                        total=file.size,
                        unit="bytes",
                        remaining_s=(shown - began) * max(0, file.size - done) / max(1, done),
                    )
        promised = file.promised
    kept, num_found, num_lowered = _kept(vocabulary, found)
    if not len(kept.ids):
        if found.first_wrong:
            raise StudioError(
                "None of the vectors in {name} can be used: of words of the vocabulary there are {broken|line|lines} with"
                " too few or too many numbers and {endless|line|lines} with numbers that are none or have no end."
                " Mend the file; the first is line {line:,}.",
                name=path.name,
                broken=found.broken,
                endless=found.not_finite,
                line=found.first_wrong,
                paths=("teach.word_vectors",),
            )
        raise StudioError(
            "None of the {n|word|words} of the vocabulary has a vector in {name}: are they of another language?",
            n=len(vocabulary),
            name=path.name,
            paths=("teach.word_vectors",),
        )
    yield Noted(job=job, message=_how_many(path.name, num_found, num_lowered, len(vocabulary)))
    for message in _left_out(found, promised):
        yield Noted(job=job, message=message, level="warning")
    return kept


def _take(line: Line, word: str | None, lower: str | None, width: int, found: _Found) -> None:
    vector = line.vector(width)
    if vector is None and line.has_spaces(width):
        return
    if vector is None or not np.isfinite(vector).all():
        found.broken += vector is None
        found.not_finite += vector is not None
        found.first_wrong = found.first_wrong or line.number
        return
    for spelled, table in ((word, found.exact), (lower, found.lower)):
        if spelled is not None and table.setdefault(spelled, vector) is not vector:
            found.twice.add(spelled)


def _kept(vocabulary: Mapping[str, Sequence[int]], found: _Found) -> tuple[WordVectors, int, int]:
    """The vectors in the order of the vocabulary; how many words have one, and how many that of their lower case."""
    ids: list[int] = []
    numbers, num_words, lowered = [], 0, 0
    for word, own in vocabulary.items():
        vector = found.exact.get(word)
        if vector is None and word != word.lower() and (vector := found.lower.get(word.lower())) is not None:
            lowered += 1
        if vector is not None:
            num_words += 1
            ids += own
            numbers += [vector] * len(own)
    return WordVectors(np.array(ids, np.int64), np.array(numbers, np.float32)), num_words, lowered


def _how_many(name: str, found: int, lowered: int, num_words: int) -> Words:
    if lowered:
        return words(
            "{found:,} of {all|word|words} of the vocabulary begin with a vector of {name}, {lowered:,} of these with that"
            " of the word in lower case; all others begin at random.",
            found=found,
            all=num_words,
            name=name,
            lowered=lowered,
        )
    return words(
        "{found:,} of {all|word|words} of the vocabulary begin with a vector of {name}; all others begin at random.",
        found=found,
        all=num_words,
        name=name,
    )


def _left_out(found: _Found, promised: int | None) -> Iterator[Words]:
    if found.twice:
        yield words(
            "{n|word stands|words stand} more than once in the file, such as {word}: the first vector counts.",
            n=len(found.twice),
            word=min(found.twice),
        )
    if found.broken or found.not_finite:
        yield words(
            "Of words of the vocabulary, {broken|line|lines} with too few or too many numbers and {endless|line|lines} with"
            " numbers that are none or have no end were left out; the first is line {line:,}.",
            broken=found.broken,
            endless=found.not_finite,
            line=found.first_wrong,
        )
    if promised is not None and promised != found.lines:
        yield words(
            "The file's first line speaks of {promised|word|words}, and it holds {lines:,}: it may be cut off.",
            promised=promised,
            lines=found.lines,
        )


def _another_width(file: VectorLines, shape: ModelConfig) -> StudioError:
    """With ways out: the width, and heads that divide it."""
    # Heads of a width of their own need not divide that of the vectors.
    width, heads = file.width, 0 if getattr(shape, "head_width", 0) else int(getattr(shape, "num_heads", 0))
    ways = [Remedy("set", words("Use a width of {near}", near=width), "model.embed_dim", str(width))]
    if heads and width % (2 * heads):
        fitting = [n for n in range(1, width // 2 + 1) if width % (2 * n) == 0]
        if fitting:
            near = min(fitting, key=lambda n: (abs(n - heads), -n))
            ways.append(Remedy("set", words("Use {n|head|heads}", n=near), "model.num_heads", str(near)))
    return StudioError(
        "The vectors in {name} have {width|number|numbers} each, and this model has a width of {own:,}: give it a width of"
        " {width:,}, or take vectors that fit.",
        name=file.name,
        width=width,
        own=shape.embed_dim,
        remedies=tuple(ways),
        paths=("teach.word_vectors", "model.embed_dim"),
    )
