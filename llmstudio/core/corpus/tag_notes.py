"""What there is to say of a corpus of tagged sentences, and of the setting for their tags where it has no effect."""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.core.corpus.building import CorpusBuilder
from llmstudio.core.corpus.cleaning.cleaning import Cleaner
from llmstudio.core.corpus.config import CleaningConfig, CorpusConfig
from llmstudio.core.events import Noted
from llmstudio.core.settings import settings_of
from llmstudio.core.words import words


def tag_notes(kind: str, config: CorpusConfig, builder: CorpusBuilder) -> Iterator[Noted]:
    """Notes at the end of an import of records of a kind."""
    if kind != "tagged":
        if config.reading.tags:
            message = words("The setting for tags has no effect: the texts hold no words with tags, a word a line.")
            yield Noted(message=message, level="warning")
        return
    yield from _held_back(builder.cleaner)
    if len(builder.num_by_tag) == 1:
        (tag,) = builder.num_by_tag
        message = words(
            "All words bear the same tag ({tag}): a model that is to tell tags apart can learn nothing from them.", tag=tag
        )
        yield Noted(message=message, level="warning")


def _held_back(cleaner: Cleaner) -> Iterator[Noted]:
    """Which cleaning steps would have changed words that bear tags."""
    if cleaner.held_back:
        labels = {setting.path: str(setting.fact.label) for setting in settings_of(CleaningConfig)}
        message = words(
            "Words with tags are not changed, so that each keeps its tag. These cleaning steps were left out: {names}.",
            names=", ".join(label for step, label in labels.items() if step in cleaner.held_back),
        )
        yield Noted(message=message, level="warning")
