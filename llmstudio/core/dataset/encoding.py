"""A corpus and a tokenizer make a dataset: every document becomes a row of ids on disk.

In:  a `Corpus`, a `Tokenizer`, a folder. Out: events, and per split flat arrays that `tokens.Dataset` maps into memory.
Nothing is held in memory but the batch in hand, however long a document is. Rows, with <special> ids:

    text        the document <end>
    turns       <story> passage <user> question <assistant> ANSWER <END> <user> question <assistant> ANSWER <END> ...
    pairs       source <assistant> TARGET <END>
    labelled    text <assistant> LABEL <END>
    tagged      the sentence <end>

As `classes`, a row is the text and <end>, which is marked with the text's classes; as `tags`, a sentence of words, each
marked at its first token, and <end>.

What stands in capitals is an answer: those tokens are marked 1 in `answers.bin`, so that a model may be trained to answer
rather than to ask. A row of plain text has no answers.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.core.corpus.config import SPLITS
from llmstudio.core.corpus.records import ANSWERED, labels_of, tagged_text
from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.dataset.tokens import FORMAT, META
from llmstudio.core.dataset.writing import Marks, RowWriter, Segment, dtype_for
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Progress, Started, Stopped
from llmstudio.core.settings import to_dict
from llmstudio.core.tokenizer.config import ASSISTANT, END, STORY, USER
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.files import write_json

if TYPE_CHECKING:
    from llmstudio.core.corpus.corpus import Corpus

JOB = "encode"
SPEAKERS = {"story": STORY, "system": STORY, "user": USER, "assistant": ASSISTANT}
_BATCH_CHARACTERS = 100_000  # about 50 ms of work, after which a stop is noticed
_BATCH_SEGMENTS = 5_000
_EVERY_S = 0.05

Record = Mapping[str, Any]


def encode_corpus(
    corpus: Corpus, tokenizer: Tokenizer, folder: Path, *, config: DatasetConfig | None = None, stop: Stop
) -> Iterator[Event]:
    """Write the dataset of `corpus` in the tokens of `tokenizer` into `folder`.

    Yields:
        `Progress` in bytes of text, at last `Finished` with the content of `meta.json`, or `Stopped` with nothing left.

    Raises:
        StudioError: There is no training text, a record cannot be understood, or the folder cannot be written.
    """
    folder, config = Path(folder), config or DatasetConfig()
    _refuse_other_kind(corpus.record_kind, config.rows)
    if config.rows == "classes" and corpus.facts.get("split", {}).get("num_classes") == 1:
        raise one_class(next((name for name, _ in corpus.statistics.labels), ""))
    yield Started(job=JOB, title=words("Turning text into tokens"), item=folder.name)
    is_complete = False
    try:
        marks = Marks() if config.rows in MARKED else None
        splits = yield from _write_splits(corpus, tokenizer, ROWS[config.rows], marks, folder, stop)
        if stop.requested:
            yield Stopped(job=JOB)
            return
        if "train" not in splits:
            raise StudioError("This corpus has no training text: import some, or leave less of it for validation.")
        meta = {
            "format": FORMAT,
            "record_kind": corpus.record_kind,
            "vocab_size": tokenizer.vocab_size,
            "dtype": str(dtype_for(tokenizer)),
            "corpus": corpus.facts["hash"],
            "tokenizer": tokenizer.hash,
            "config": to_dict(config),
            "val_share": corpus.facts.get("split", {}).get("val_share", 0.0),
            "splits": splits,
            "hash": hashlib.sha256("".join(splits[name]["hash"] for name in splits).encode()).hexdigest(),
        } | ({"marks": marks.facts()} if marks is not None else {})
        write_json(folder / META, meta)
        is_complete = True
        yield Finished(job=JOB, result=meta)
    finally:
        if not is_complete:
            for name in SPLITS:
                shutil.rmtree(folder / name, ignore_errors=True)


def one_class(name: str) -> StudioError:
    """The error for texts that all bear the same label."""
    return StudioError(
        "All texts to learn from have the same label, {name}: there is nothing to tell apart. Import texts of at least two"
        " classes.",
        name=name,
    )


def _refuse_other_kind(record_kind: str, rows: str) -> None:
    """Raise StudioError unless records of this kind have the marks that such rows need."""
    needed = {"classes": "labelled", "tags": "tagged"}.get(rows, record_kind)
    if needed == record_kind:
        return
    if record_kind == "labelled":
        raise StudioError("The texts of this corpus have a label each, and their words have no tags: teach classes.")
    if record_kind == "tagged":
        raise StudioError("The words of this corpus have tags, and its texts have no labels: teach tags.")
    if needed == "labelled":
        raise StudioError(
            "The texts of this corpus have no labels. Import texts with a label each; if a column holds them that was not"
            " taken for one, name it."
        )
    raise StudioError("The words of this corpus have no tags. Import sentences with a tag at every word, one word a line.")


def _write_splits(
    corpus: Corpus, tokenizer: Tokenizer, rows_of: RowMaker, marks: Marks | None, folder: Path, stop: Stop
) -> Generator[Event, None, dict[str, dict[str, Any]]]:
    """Write every part that has rows and return the facts of each; ends early when asked to stop."""
    splits: dict[str, dict[str, Any]] = {}
    done, total = 0, corpus.facts["bytes"]
    began = shown = time.monotonic()
    for name in SPLITS:
        has_answers = marks is None and corpus.record_kind in ANSWERED
        with RowWriter(folder / name, tokenizer, has_answers, marks) as rows:
            for batch in _batches(rows_of(corpus.records(name), tokenizer)):
                if stop.requested:
                    return splits
                rows.write(batch)
                if time.monotonic() - shown > _EVERY_S:
                    shown, now = time.monotonic(), done + rows.num_bytes
                    yield Progress(
                        job=JOB,
                        what=words("Turning text into tokens"),
                        done=now,
                        total=total,
                        unit="bytes",
                        remaining_s=(shown - began) * max(0, total - now) / now if now else None,
                        details={"split": name, "tokens": rows.num_tokens},
                    )
        done += rows.num_bytes
        if rows.num_rows:
            splits[name] = rows.facts()
        else:
            shutil.rmtree(folder / name)
    return splits


def encode_turns(tokenizer: Tokenizer, turns: Sequence[Mapping[str, str]]) -> tuple[list[int], list[int]]:
    """Ids of a conversation, and 1 for each id that is part of an answer, else 0.

    Each turn is its speaker's special id and its words; an assistant's ends with END. To ask for the next answer, append
    ASSISTANT to the ids.

    Raises:
        StudioError: A speaker is none of `SPEAKERS`.
    """
    ids: list[int] = []
    answer_mask: list[int] = []
    for segment in _turns(turns):
        own = tokenizer.encode(segment.text) if segment.special is None else [segment.special]
        ids += own
        answer_mask += [int(segment.is_answer)] * len(own)
    return ids, answer_mask


def segments(records: Iterable[Record], tokenizer: Tokenizer) -> Iterator[Segment]:
    """The rows of `records` as a stream; parts of one long document become one row, as if they had never been apart."""
    document: Any = None  # the number of the long document that is being joined
    rest, gap = "", 0  # its end, from the last place where a cut changes no ids
    for record in records:
        if document is not None and (record.get("doc") != document or not record.get("part")):
            yield from _document(rest, gap)
            document, rest, gap = None, "", 0
        if "turns" in record:
            yield from _conversation(record["turns"])
        elif "target" in record:
            yield from _answered(record["source"], record["target"])
        elif "label" in record:
            yield from _answered(record["text"], ", ".join(labels_of(record)))
        elif "words" in record:
            yield from _document(tagged_text(record)[0])
        elif "part" in record:
            document = record.get("doc")
            text = rest + record["text"]
            bounds = list(tokenizer.cutter.bounds(text))
            for (start, end), (following, _) in pairwise(bounds):
                yield Segment(text[start:end], gap)
                gap = following - end
            rest = text[bounds[-1][0] :]
        else:
            yield from _document(record["text"])
    if document is not None:
        yield from _document(rest, gap)


def classes(records: Iterable[Record], tokenizer: Tokenizer) -> Iterator[Segment]:
    """Texts whose END is marked with their classes, where texts may have several also with none; records that were never
    labelled are left out.
    """
    for record in records:
        if record.get("label") is not None:
            yield Segment(record["text"])
            yield Segment(special=END, ends_row=True, mark=tuple(labels_of(record)))


def tags(records: Iterable[Record], tokenizer: Tokenizer) -> Iterator[Segment]:
    """Sentences, each word marked with its tag; other records are left out.

    Words are cut into tokens one by one, each with the space before it: whatever the tokenizer, a token is of one word.
    """
    for record in records:
        if not record.get("tags"):
            continue
        space = ""
        for word, tag, follows in zip(record["words"], record["tags"], record["spaces"], strict=True):
            yield Segment(space + word, mark=(tag,))
            space = " " if follows else ""
        yield Segment(special=END, ends_row=True)


RowMaker = Callable[[Iterable[Record], Tokenizer], Iterator[Segment]]
ROWS: Mapping[str, RowMaker] = {"records": segments, "classes": classes, "tags": tags}
"""How records become rows, by the value of `DatasetConfig.rows`."""
MARKED = frozenset({"classes", "tags"})
"""Those of them that mark tokens."""


def _document(text: str, gap_bytes: int = 0) -> Iterator[Segment]:
    yield Segment(text, gap_bytes)
    yield Segment(special=END, ends_row=True)


def _answered(question: str, answer: str) -> Iterator[Segment]:
    yield Segment(question)
    yield Segment(special=ASSISTANT)
    yield Segment(answer, is_answer=True)
    yield Segment(special=END, is_answer=True, ends_row=True)


def _conversation(turns: Sequence[Mapping[str, str]]) -> Iterator[Segment]:
    """The turns as a row, which ends with the last answer's END, or with one of its own."""
    parts = list(_turns(turns))
    if not parts or parts[-1].special != END:
        parts.append(Segment(special=END))
    yield from parts[:-1]
    yield replace(parts[-1], ends_row=True)


def _turns(turns: Sequence[Mapping[str, str]]) -> Iterator[Segment]:
    for turn in turns:
        if turn["who"] not in SPEAKERS:
            names = ", ".join(SPEAKERS)
            raise StudioError("A turn is spoken by {who}, but only {names} are known.", who=turn["who"], names=names)
        is_answer = turn["who"] == "assistant"
        yield Segment(special=SPEAKERS[turn["who"]])
        yield Segment(turn["what"], is_answer=is_answer)
        if is_answer:
            yield Segment(special=END, is_answer=True)


def _batches(stream: Iterable[Segment]) -> Iterator[list[Segment]]:
    batch: list[Segment] = []
    num_characters = 0
    for segment in stream:
        batch.append(segment)
        num_characters += len(segment.text)
        if num_characters >= _BATCH_CHARACTERS or len(batch) >= _BATCH_SEGMENTS:
            yield batch
            batch, num_characters = [], 0
    if batch:
        yield batch
