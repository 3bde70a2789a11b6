"""A model that rewrites texts, over any number of them: each is cleaned as those were that it learned from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from llmstudio.app.items.abilities import rewrites, task_of_model
from llmstudio.app.items.loaded import Loaded
from llmstudio.app.rewriting.sources import Source
from llmstudio.core.corpus.cleaning.cleaning import Cleaner
from llmstudio.core.corpus.cleaning.tagging import TagTexts
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

_AT_ONCE = 64  # texts side by side: more gain little, and a person waits longer for the first


@dataclass(frozen=True)
class Rewriting:
    """A text with what was made of it; empty of an empty text."""

    source: Source
    text: str


def refuse_other_task(project: Project, model: About) -> None:
    """Raises StudioError, saying what it can do, if a model did not learn to turn one text into another."""
    task = task_of_model(model)
    if task is not None and not rewrites(project, model):
        raise StudioError(
            "{model} cannot turn one text into another, as in translating or summarising. It can {ability}. Train a model"
            " with pairs of texts.",
            model=model.name,
            ability=task.ability,
            remedies=(Remedy("open_tab", words("Train one"), "train"),),
        )


class Rewriter:
    """A loaded model that rewrites texts.

    Attributes:
        limit: Tokens of a text that are read at most.
        num_cut: Texts so far of which only the beginning was read.
        num_unended: Texts so far whose rewriting came to the length limit before it had ended.
        num_unknown: Texts so far with words or signs that the model has no token for.
    """

    def __init__(self, loaded: Loaded, config: CorpusConfig, *, beam_width: int = 1, tag: TagTexts | None = None) -> None:
        from llmstudio.core.generation.beam import most_read

        self._model, self._tokenizer = loaded.model, loaded.tokenizer
        self._cleaner, self._beam_width = Cleaner(config.cleaning, tag), beam_width
        self._is_of_turns = loaded.record_kind == "turns"
        self.limit = most_read(loaded.model)
        self.num_cut = self.num_unended = self.num_unknown = 0

    def results(self, sources: Iterable[Source], stop: Stop) -> Iterator[Rewriting]:
        """Each text and what was made of it, in order; after a stop whatever was made until then."""
        left = iter(sources)
        while group := list(islice(left, _AT_ONCE)):
            ids = list(map(self._ids, self._cleaner.clean_all([source.text for source in group])))
            full = [place for place, row in enumerate(ids) if row]
            made = dict(zip(full, self._rewritten([ids[place] for place in full], stop), strict=True))
            for place, source in enumerate(group):
                yield Rewriting(source, made.get(place, ""))

    def cleaned(self, text: str) -> str:
        """A text as those were that the model learned from."""
        return self._cleaner.clean(text)

    def _ids(self, cleaned: str) -> list[int]:
        from llmstudio.core.dataset.encoding import encode_turns
        from llmstudio.core.tokenizer.config import UNKNOWN

        cleaned = cleaned.strip()
        if not cleaned:
            return []
        ids = self._tokenizer.encode(cleaned)
        if self._is_of_turns:
            ids = encode_turns(self._tokenizer, [{"who": "user", "what": cleaned}])[0]
        self.num_unknown += UNKNOWN in ids
        self.num_cut += len(ids) > self.limit
        return list(ids[: self.limit])

    def _rewritten(self, rows: list[list[int]], stop: Stop) -> list[str]:
        from llmstudio.core.generation.beam import answer_sources, beam_searches, room_after
        from llmstudio.core.tokenizer.streaming import whole_text

        if not rows:
            return []
        if self._beam_width > 1:
            found = beam_searches(self._model, rows, beam_width=self._beam_width, max_new_tokens=self.limit, stop=stop)
            best = [versions[0] for versions in found]
            self.num_unended += sum(not one.is_whole for one in best)
            return [whole_text(self._tokenizer, one.ids) for one in best]
        written = dict(answer_sources(self._model, rows, max_new_tokens=self.limit))
        most = [min(self.limit, room_after(self._model, len(row))) for row in rows]
        self.num_unended += sum(len(ids) >= most[place] for place, ids in written.items())
        return [whole_text(self._tokenizer, written[place]) for place in range(len(rows))]
