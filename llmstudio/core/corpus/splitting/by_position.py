"""Reading a corpus that is cut by position: records before a cut are for training, those behind it for validation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from llmstudio.core.corpus.records import Record, num_characters, texts_of
from llmstudio.core.corpus.shards import parse, read_shards
from llmstudio.core.corpus.splitting.split import SplitRule, is_before_cut


def records_by_position(
    folder: Path, shards: Sequence[Mapping[str, Any]], rule: SplitRule, kind: str, split: str
) -> Iterator[Record]:
    """Records before the cut (train) or behind it (val); a text that lies across it is divided.

    Args:
        folder: Where the shards lie.
        shards: Their facts.
        rule: The split, by position.
        kind: Of the records.
        split: train or val; test is empty.

    Raises:
        StudioError: A shard is missing or damaged.
    """
    start = 0
    if split == "test":
        return
    for shard in shards:
        end = start + shard["num_characters"]
        if not rule.cuts and ((split == "train" and start >= rule.cut) or (split == "val" and end <= rule.cut)):
            start = end
            continue
        for line in read_shards(folder, [shard]):
            record = parse(line)
            length = num_characters(record)
            cut = rule.cut_of(record["doc"])
            if kind == "text":
                at = min(max(0, cut - start), length)
                if kept := record["text"][:at] if split == "train" else record["text"][at:]:
                    yield record | {"text": kept}
            elif rule.is_divided:
                if turns := _turns_on_side(record["turns"], cut - start, split):
                    yield record | {"turns": turns}
            elif is_before_cut(start, length, cut) == (split == "train"):
                yield record
            start += length


def spread(records: Iterable[Record], total: int, n: int, max_characters: int) -> list[str]:
    """At most `n` pieces of the records' texts, which hold `total` characters in all, evenly spaced."""
    found: list[str] = []
    places = [int(total * (i + 0.5) / n) for i in range(n)]
    start = 0
    for record in records:
        text = "\n".join(texts_of(record))
        while places and places[0] < start + len(text):
            at = min(places.pop(0) - start, max(0, len(text) - max_characters))
            if (piece := text[at : at + max_characters]) not in found[-1:]:
                found.append(piece)
        start += len(text)
        if not places:
            break
    return found


def _turns_on_side(turns: Sequence[Record], at: int, split: str) -> list[Record]:
    """The turns of a conversation that begin before the character `at` (train) or from there on (val)."""
    kept, start = [], 0
    for turn in turns:
        if (start < at) == (split == "train"):
            kept.append(turn)
        start += len(turn["what"])
    return kept
