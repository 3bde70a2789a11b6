"""A model that tags words, over any number of sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from llmstudio.app.items.abilities import task_of_model
from llmstudio.app.items.loaded import Loaded
from llmstudio.app.tags.sentences import Sentence
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import About

if TYPE_CHECKING:
    from llmstudio.core.generation.tags import TaggedWord

_SORTED = 512  # sentences that are put in order of their lengths: beside a long one, a short one takes as long


@dataclass(frozen=True)
class Tagged:
    """A sentence and its words with the tags that they were told to have."""

    given: Sentence
    told: tuple[TaggedWord, ...]

    @property
    def words(self) -> list[str]:
        """The words that were tagged; each character, where words are to be found."""
        return [self.given.text[word.start : word.end] for word in self.told]

    @property
    def tags(self) -> list[str]:
        """Their tags."""
        return [word.tag for word in self.told]

    @property
    def spaces(self) -> list[bool]:
        """Behind which of them a space stands."""
        text = self.given.text
        return [word.end < len(text) and text[word.end].isspace() for word in self.told]

    @property
    def parted(self) -> list[str]:
        """The words that the tags B and I of characters tell; a space always parts them."""
        found: list[str] = []
        end = -1
        for word in self.told:
            sign = self.given.text[word.start : word.end]
            if word.tag == "I" and word.start == end:
                found[-1] += sign
            else:
                found.append(sign)
            end = word.end
        return found


def refuse_other_task(model: About) -> None:
    """Raises StudioError, saying what it can do, if a model was not taught to tag words."""
    task = task_of_model(model)
    if task is not None and "tags" not in task.pages:
        raise StudioError(
            "{model} cannot tag words. It can {ability}. Teach it with sentences whose words have tags: the new model can.",
            model=model.name,
            ability=task.ability,
            remedies=(Remedy("teach", words("Teach a model")),),
        )


class SentenceTagger:
    """A loaded model that tags words.

    Attributes:
        names: Its tags.
        parts_words: Whether they say of each character if a word begins there.
    """

    def __init__(self, loaded: Loaded) -> None:
        """Raises StudioError if the model tags no words."""
        from llmstudio.core.generation.tags import Tagger

        self._tagger = Tagger(loaded.model, loaded.tokenizer)
        self.names, self.parts_words = tuple(self._tagger.names), self._tagger.parts_words

    @property
    def num_foreign(self) -> int:
        """Sentences so far of which the model knows less than half."""
        return self._tagger.num_foreign

    def results(self, sentences: Iterable[Sentence], stop: Stop) -> Iterator[Tagged]:
        """Each sentence with its tags, in order."""
        left = iter(sentences)
        while group := list(islice(left, _SORTED)):
            texts = [(each.text, self._spans(each)) for each in group]
            order = sorted(range(len(texts)), key=lambda at: len(texts[at][0]))
            told = dict(zip(order, self._tagger.read_words([texts[at] for at in order], stop), strict=True))
            for at, sentence in enumerate(group):
                yield Tagged(sentence, tuple(told[at]))

    def _spans(self, sentence: Sentence) -> list[tuple[int, int]]:
        return self._tagger.words_in(sentence.text) if sentence.spans is None else list(sentence.spans)
