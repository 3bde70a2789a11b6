"""Passages that can be searched: which of them suit a question, by BM25.

A passage scores the higher the more words it shares with the question, the rarer these are, and the shorter it is itself.
Source: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework: BM25 and Beyond"; the scores are computed when
the index is made, as in Lù 2024 (arXiv:2407.03618), whose library this is.

On disk, a folder: `passages.jsonl`, `folder.json` (state of the files), the library's arrays (.npy) and its list of terms
(JSON), and a manifest of all of it. Nothing of it is unpickled.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.errors import StudioError
from llmstudio.core.retrieval.folder_state import FileState, State
from llmstudio.core.retrieval.passages import LIMIT, Passage
from llmstudio.core.retrieval.terms import question_terms, terms
from llmstudio.core.typed import made
from llmstudio.core.work import Stop
from llmstudio.store.files import staged_folder, verify_manifest, write_json, write_manifest
from llmstudio.store.reading import damage_told, read_bytes, read_json

FORMAT = 1
_K1, _B = 0.9, 0.4
"""How soon more of the same word counts no more, and how much a long passage must make up for: as for passages in Anserini
(Yang, Fang and Lin 2017). With the 1.5 and 0.75 that are usual for documents, short lines of chatter win."""
_PASSAGES, _STATE = "passages.jsonl", "folder.json"


@dataclass(frozen=True)
class Found:
    """A passage for a question, and its score: the higher, the better; only those of one question compare."""

    passage: Passage
    score: float


@dataclass
class PassageIndex:
    """Passages and their scores.

    Attributes:
        passages: In the order of the files.
        state: Of the files when they were read.
    """

    passages: Sequence[Passage]
    state: State = field(default_factory=dict)
    _scores: Any = None

    @classmethod
    def made_of(cls, passages: Sequence[Passage], state: State, *, stop: Stop) -> PassageIndex:
        """An index of at least one passage. Raises Halted if somebody asks to stop."""
        import bm25s

        numbers: dict[str, int] = {}
        rows = _Watched(stop)
        for passage in passages:
            if stop.requested:
                raise Halted
            rows.append([numbers.setdefault(term, len(numbers)) for term in terms(passage.text)])
        scores = bm25s.BM25(k1=_K1, b=_B)
        scores.index((rows, numbers), create_empty_token=False, show_progress=False)
        return cls(passages, state, scores)

    def search(self, question: str, count: int) -> list[Found]:
        """At most `count` passages that share words with a question, the best first; of equal texts only one."""
        known = self._scores.vocab_dict
        asked = [known[term] for term in question_terms(question) if term in known]
        if not asked:
            return []
        scores = self._scores.get_scores_from_ids(asked)
        found: dict[str, Found] = {}
        for at in np.argsort(-scores, kind="stable"):
            if scores[at] <= 0 or len(found) == count:
                break
            passage = self.passages[int(at)]
            found.setdefault(passage.text, Found(passage, float(scores[at])))
        return list(found.values())

    def save(self, folder: Path) -> None:
        """Put it into a folder, whole or not at all; an earlier one gives way. Raises StudioError if that cannot be."""
        with staged_folder(folder, replace=True) as staged:
            self._scores.save(staged, show_progress=False)
            with open(staged / _PASSAGES, "w", encoding="utf-8", newline="\n") as file:
                file.writelines(json.dumps(passage.to_dict(), ensure_ascii=False) + "\n" for passage in self.passages)
            files = {name: vars(state) for name, state in self.state.items()}
            write_json(staged / _STATE, {"format": FORMAT, "limit": LIMIT, "files": files})
            write_manifest(staged)

    @classmethod
    def open(cls, folder: Path) -> PassageIndex | None:
        """The one that lies in a folder; None if there is none, or one of another version.

        Raises:
            StudioError: It is damaged.
        """
        if not (folder / _STATE).exists():
            return None
        facts = read_json(folder / _STATE, dict)
        if (facts.get("format"), facts.get("limit")) != (FORMAT, LIMIT):
            return None
        verify_manifest(folder)
        import bm25s

        with damage_told(folder):
            state = {name: made(FileState, dict(each)) for name, each in facts["files"].items()}
            lines = read_bytes(folder / _PASSAGES).decode().split("\n")
            passages = [Passage.from_dict(json.loads(line)) for line in lines if line]
            scores = bm25s.BM25.load(folder, load_corpus=False)
            if scores.scores["num_docs"] != len(passages):
                raise StudioError("{path} is damaged.", path=str(folder))
        return cls(passages, state, scores)


class _Watched(list[list[int]]):
    """The terms of all passages, which the library goes through several times: each time it can be stopped."""

    def __init__(self, stop: Stop) -> None:
        super().__init__()
        self._stop = stop

    def __iter__(self) -> Iterator[list[int]]:
        for row in super().__iter__():
            if self._stop.requested:
                raise Halted
            yield row
