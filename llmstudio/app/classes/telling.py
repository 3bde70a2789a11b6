"""A model that tells classes, over any number of texts: each is cleaned as those were that it learned from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from llmstudio.app.items.abilities import task_of_model
from llmstudio.app.items.ancestry import CORPUS, corpus_facts_of
from llmstudio.app.items.loaded import Loaded
from llmstudio.core.corpus.cleaning.cleaning import Cleaner
from llmstudio.core.corpus.cleaning.tagging import TagTexts
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.settings import from_dict
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project
from llmstudio.store.reading import file_told

if TYPE_CHECKING:
    from llmstudio.core.generation.classes import Told
    from llmstudio.core.tasks.classes.few_shot import FewShot

_SORTED = 1024  # texts that are put in order of their lengths: beside a long one, a short one takes as long


@dataclass(frozen=True)
class Result:
    """A text with its labels, None where it has none, and what it was told to be; of an empty text nothing is told."""

    text: str
    labels: tuple[str, ...] | None
    told: Told | None


def refuse_other_task(model: About) -> None:
    """Raises StudioError, saying what it can do, if a model was not taught to sort texts into classes."""
    task = task_of_model(model)
    if task is not None and "classes" not in task.pages:
        raise StudioError(
            "{model} cannot sort texts into classes. It can {ability}. Teach it with texts that have labels: the new model"
            " can.",
            model=model.name,
            ability=task.ability,
            remedies=(Remedy("teach", words("Teach a model")),),
        )


def config_of(project: Project, model: About) -> tuple[CorpusConfig, Words | None]:
    """How the texts that a model learned from were read and cleaned, and a remark if that is not known."""
    held = corpus_facts_of(project, model).get("config")
    if held is None:
        message = words("How the texts of {model} were cleaned is not known: these are taken as they are.", model=model.name)
        return CorpusConfig(), message
    with file_told(model.path / CORPUS):
        return from_dict(CorpusConfig, held), None


class Sorter:
    """A loaded model that sorts texts.

    Attributes:
        names: Its classes.
        several: Whether a text may have several.
        num_cut: Texts so far of which only the beginning was read.
        num_foreign: Texts so far of which the model knows less than half.
        limit: Tokens of a text that are read at most.
        moved: (C,) factors of the odds by which classes are favoured, where the line between them was moved; else empty.
    """

    def __init__(
        self, loaded: Loaded, config: CorpusConfig, by_examples: FewShot | None = None, *, tag: TagTexts | None = None
    ) -> None:
        """`tag` is what the tagger tells that the texts were cleaned with; where the model was taught no classes,
        `by_examples` tells them. Raises StudioError if it tells none.
        """
        from llmstudio.core.generation.classes import Reader

        self._reader = by_examples or Reader(loaded.model, loaded.tokenizer)
        self._cleaner = Cleaner(config.cleaning, tag)
        self.names, self.several = tuple(self._reader.names), self._reader.several
        self.num_cut = self.num_foreign = 0
        offsets = loaded.model.class_head.offsets if by_examples is None else None
        self.moved: tuple[float, ...] = () if offsets is None else tuple(offsets.exp().tolist())
        self.limit = by_examples.limit if by_examples is not None else int(loaded.model.config.context_length)

    def results(self, texts: Iterable[tuple[str, tuple[str, ...] | None]], stop: Stop | None = None) -> Iterator[Result]:
        """Each text, with its labels if it has any, and what it is told to be, in order.

        Raises:
            WasStopped: Somebody asked to stop.
        """
        left = iter(texts)
        while group := list(islice(left, _SORTED)):
            cleaned = self._cleaner.clean_all([text for text, _ in group])
            order = sorted((at for at, text in enumerate(cleaned) if text.strip()), key=lambda at: len(cleaned[at]))
            told = dict(zip(order, self._reader.read([cleaned[at] for at in order], stop), strict=True))
            self.num_cut += sum(each.num_unread > 0 for each in told.values())
            self.num_foreign += sum(each.is_foreign for each in told.values())
            for at, (text, labels) in enumerate(group):
                yield Result(text, labels, told.get(at))
