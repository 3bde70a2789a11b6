"""A corpus being built: each document is cleaned, checked, counted and written, or dropped and counted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.core.corpus.cleaning.cleaning import Cleaner
from llmstudio.core.corpus.cleaning.duplicates import DIGEST_BYTES, Digests, digest
from llmstudio.core.corpus.cleaning.language_votes import LanguageVotes
from llmstudio.core.corpus.cleaning.tagging import TagTexts
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.records import (
    WHOLE,
    Record,
    content,
    folded,
    folded_beginning,
    is_blank,
    labels_of,
    map_all_texts,
    num_characters,
    opening,
    texts_of,
    user_starts,
)
from llmstudio.core.corpus.shards import FOLDER, Mark, ShardWriter
from llmstudio.core.corpus.splitting.beginnings import Reversed
from llmstudio.core.corpus.splitting.scripts import Glance, Glances, with_every_script
from llmstudio.core.corpus.splitting.split import SIDES, Documents, Keys
from llmstudio.core.corpus.splitting.unknown_names import NamesByPart
from llmstudio.core.corpus.statistics import Tally
from llmstudio.store.files import explained, write_json

STATISTICS = "statistics.json"
_EXCERPT = 200
_KEPT = ("text", "source", "target", "label", "words", "tags", "spaces", "turns")  # of a record
_RULE = ("method", "seed", "val_share", "test_share", "at", "cut")  # what of a split belongs to a corpus' identity


@dataclass
class _Pending:
    """A long document in the middle of being written, part by part."""

    doc: int
    mark: Mark
    tally: Tally
    hasher: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=DIGEST_BYTES))
    beginning: str = ""
    given: str = ""
    num_parts: int = 0
    is_blank: bool = True
    is_whole: bool = False


class CorpusBuilder:
    """Takes records as they are read and leaves shards, sides of the split and statistics in a folder.

    Attributes:
        cleaner: Applies the cleaning steps, and counts.
        excerpt: The beginning of the text that was kept last.
        names: Labels and tags of the parts that are given.
        num_empty: Documents dropped because nothing was left in them.
        num_documents: Documents kept so far.
    """

    def __init__(
        self, folder: Path, config: CorpusConfig, kind: str, *, expected_characters: int, tag: TagTexts | None = None
    ) -> None:
        """`kind` of all records; `expected_characters` decide how densely statistics sample; `tag` as in `write_corpus`."""
        self._folder, self._config, self._kind = folder, config, kind
        self._writer = ShardWriter(folder / FOLDER)
        self._documents = Documents(folder / "documents.tmp")
        self._seen = Digests(folder)
        self._reversed = Reversed(folder)
        self.cleaner = Cleaner(config.cleaning, tag)
        self.names = NamesByPart()
        self._tally = Tally(expected_characters)
        self._glances = Glances(expected_characters)
        self._votes = LanguageVotes()
        self._hash = hashlib.sha256()
        self._pending: _Pending | None = None
        self.excerpt = ""
        self.num_empty = 0

    @property
    def num_documents(self) -> int:
        """Documents kept so far."""
        return self._documents.num_documents

    @property
    def num_by_tag(self) -> Mapping[str, int]:
        """Words of each tag so far."""
        return self._tally.num_by_tag

    @property
    def glances(self) -> Sequence[Glance]:
        """Small pieces of what was kept, evenly spaced."""
        return self._glances.found

    @property
    def sides(self) -> np.ndarray:
        """Each document's place in the parts of the split once all is written, (documents,); empty if it is cut."""
        with explained(self._folder / SIDES):
            return np.fromfile(self._folder / SIDES, dtype=np.uint8) if (self._folder / SIDES).exists() else np.zeros(0)

    def cleaned(self, records: Sequence[Record]) -> list[Record]:
        """These records after all cleaning steps, as `add` takes them."""
        return map_all_texts(records, self.cleaner.clean_all)

    def add(self, record: Record) -> None:
        """Take the next record, cleaned. Raises StudioError if the disk is full."""
        if self._pending and self._pending.doc != record["doc"]:
            self._end_pending()
        if "part" in record:
            self._add_part(record)
        else:
            self._add_whole(record)

    def drop(self, doc: int) -> None:
        """Take back the document that could not be read to its end."""
        if self._pending and self._pending.doc == doc:
            self._writer.go_back(self._pending.mark)
            self._glances.forget(self.num_documents)
            self._votes.forget(self.num_documents)
            self._pending = None

    def finish(self) -> dict[str, Any]:
        """End the last document, decide the split, write the statistics. Returns facts."""
        self._end_pending()
        self._writer.close()
        rule = self._documents.split(self._config.split, self._folder, is_text=self._kind == "text")
        if self._kind == "text":
            rule = with_every_script(self.glances, rule, self._documents)
        languages = self._votes.count()
        counted, tags = self._tally.statistics(), self.cleaner.tags
        statistics = replace(
            counted,
            tags=counted.tags or tags.totals,
            tag_words=tags.frequent,
            splits=rule.sizes,
            languages=languages.shares,
            num_language_documents=languages.num_documents,
        )
        write_json(self._folder / STATISTICS, statistics.to_dict())
        rules = {name: value for name, value in rule.to_dict().items() if name in _RULE}
        rules |= {"cuts": rule.cuts} if rule.cuts else {}
        self._hash.update(json.dumps([self._kind, rules], sort_keys=True).encode())
        return {
            "documents": self.num_documents,
            "characters": self._tally.num_characters,
            "bytes": self._tally.num_bytes,
            "record_kind": self._kind,
            "split": rule.to_dict(),
            "cleaning": {name: count for name, count in self.cleaner.counts.items() if count},
            "shards": [vars(shard) for shard in self._writer.shards],
            "hash": self._hash.hexdigest(),
        }

    def close(self) -> None:
        """Let go of all files; temporary ones are removed."""
        self._writer.close()
        self._documents.close()
        self._seen.close()
        self._reversed.close()

    def _add_whole(self, cleaned: Record) -> None:
        if "words" in cleaned:
            self.cleaner.hold_back(texts_of(cleaned)[0])
        if "turns" in cleaned:
            cleaned = cleaned | {"turns": [turn for turn in cleaned["turns"] if turn["what"].strip()]}
        length = num_characters(cleaned)
        if is_blank(cleaned):
            self.num_empty += 1
            return
        if self._is_refused(length, identity := digest(content(cleaned)), is_whole=WHOLE in cleaned):
            return
        self.names.add(cleaned.get("tags") or labels_of(cleaned), cleaned.get("split", ""))
        texts = texts_of(cleaned)
        self._glances.look(texts, self.num_documents, self._tally.num_characters)
        kept = {key: cleaned[key] for key in _KEPT if key in cleaned}
        self._writer.write({"doc": self.num_documents} | kept, length)
        for text in texts:
            self._tally.add(text, len(text.encode()))
        for text in texts if self._kind == "pairs" else ["\n".join(texts)]:  # a pair may be of two languages
            self._votes.look(text, self.num_documents)
        self._tally.end_document(length, labels_of(cleaned), cleaned.get("tags", ()))
        self.cleaner.tags.add(zip(cleaned.get("words", ()), cleaned.get("tags", ()), strict=True))
        self.excerpt = " ".join(texts)[:_EXCERPT]
        self._keep(identity, self._keys(cleaned), length, cleaned.get("split", ""), user_starts(cleaned))

    def _add_part(self, record: Record) -> None:
        pending = self._pending
        if pending is None:
            pending = _Pending(
                record["doc"],
                self._writer.mark(),
                self._tally.fresh(),
                given=record.get("split", ""),
                is_whole=WHOLE in record,
            )
            self._pending = pending
        if not (text := record["text"]):
            return
        data = text.encode()
        pending.hasher.update(data)
        pending.beginning = pending.beginning or folded_beginning(text)  # a part is far longer than what is looked at
        pending.is_blank = pending.is_blank and text.isspace()
        self._writer.write({"doc": self.num_documents, "part": pending.num_parts, "text": text}, len(text))
        self._glances.look([text], self.num_documents, self._tally.num_characters + pending.tally.num_characters)
        self._votes.look(text, self.num_documents)
        pending.tally.add(text, len(data))
        pending.num_parts += 1
        self.excerpt = text[:_EXCERPT]

    def _end_pending(self) -> None:
        pending, self._pending = self._pending, None
        if pending is None:
            return
        length, identity = pending.tally.num_characters, pending.hasher.digest()
        self.num_empty += pending.is_blank
        if pending.is_blank or self._is_refused(length, identity, is_whole=pending.is_whole):
            self._writer.go_back(pending.mark)
            self._glances.forget(self.num_documents)
            self._votes.forget(self.num_documents)
            return
        pending.tally.end_document(length)
        self._tally.merge(pending.tally)
        whole = digest(pending.beginning.encode())
        self._keep(identity, Keys(whole, whole), length, pending.given)

    def _is_refused(self, length: int, identity: bytes, *, is_whole: bool) -> bool:
        """Whether cleaning drops a document; never of a file that is kept whole."""
        if is_whole:
            return False
        if self.cleaner.is_too_short(length) or self.cleaner.is_too_long(length):
            return True
        is_known = self._config.cleaning.exact_duplicates and not self._seen.add(identity)
        self.cleaner.counts["exact_duplicates"] += is_known
        return is_known

    def _keep(self, identity: bytes, keys: Keys, length: int, given: str, borders: Sequence[int] = ()) -> None:
        self._hash.update(identity + given.encode())
        self._documents.add(keys, length, given, borders)

    def _keys(self, record: Record) -> Keys:
        """What decides on which side of the split a cleaned record lies.

        A translation there and back begins with the same text in both, and so do two sentences compared both ways.
        """
        story, begin = record.get("begins") or opening(record)
        first, before = _digested(begin), _digested(story) if story.strip() else b""
        label = digest(record["label"].encode()) if isinstance(record.get("label"), str) else b""  # several are no one class
        if "turns" in record:
            whole = digest("\x1f".join(map(folded, texts_of(record))).encode())
            return Keys(first, whole, before, label)
        if "words" in record:
            return Keys(first, first)
        if "text" in record:
            if before and self._reversed.add(first, before):
                first, before = before, first
            return Keys(first, _digested(record["text"]) if before else first, before, label)
        target = _digested(record["target"])
        if self._reversed.add(first, target):
            first = target
        whole = digest("\x1f".join(map(folded, texts_of(record))).encode())
        return Keys(first, whole, before, label)


def _digested(text: str) -> bytes:
    return digest(folded_beginning(text).encode())
