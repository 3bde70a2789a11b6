"""A file of tagged words: which columns are read, its sentences, and what a person should know of either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from llmstudio.core.corpus.config import ReadingConfig
from llmstudio.core.corpus.reading.tagged.boundaries import word_boundaries
from llmstudio.core.corpus.reading.tagged.layouts import BOUNDARIES, find_layout
from llmstudio.core.corpus.reading.tagged.sentences import MOST_WORDS, Sentences
from llmstudio.core.corpus.records import Skipped
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.words import words

_DENSE = 0.9  # share of words without a space behind them, from which on it is a script that has none
_LONG = 300  # words that hardly a sentence has
_NOT_NAMED = ("ID", "MISC")  # columns that are read, but are neither word nor tag


class TaggedFile:
    """A file of tagged words.

    Attributes:
        keys: Its columns.
        config: The settings of its reading, with the columns of word and tag filled in.
        guessed: What to say before it is read.
    """

    def __init__(self, name: str, head: str, config: ReadingConfig) -> None:
        """`head`: the beginning of its text.

        Raises:
            StudioError: It has no columns, or not those that `config` names.
        """
        if (layout := find_layout(name, head, is_sure=True)) is None:
            raise StudioError(
                "{name} holds no words with tags: a line with a word and its tag is needed for each word, and an empty line "
                "between sentences.",
                name=name,
                remedies=(Remedy("set", words("Find the format"), "reading.format", ""),),
            )
        layout = layout.chosen(config.text_key, config.tags, name)
        self._of_characters = config.tags.strip().casefold() == BOUNDARIES
        self._sentences = Sentences(layout, name)
        self._num_words = self._longest = 0
        word, tag = layout.columns[layout.word], BOUNDARIES if self._of_characters else layout.columns[layout.tag]
        self.keys = tuple(column for column in layout.columns if column not in _NOT_NAMED)
        self.config = replace(config, text_key=word, tags=tag)
        self.guessed: list[Remark] = []
        if layout.has_header:
            self.guessed.append(Remark(words("The first line names the columns and is no sentence.")))
        dense = head.count("SpaceAfter=No")
        if not config.tags and layout.misc >= 0 and dense > _DENSE * sum(line[:1].isdigit() for line in head.splitlines()):
            remedy = Remedy("set", words("Take word boundaries as tags"), "reading.tags", BOUNDARIES)
            message = words("Its words stand without spaces between them: where they begin can be learned, too.")
            self.guessed.append(Remark(message, remedies=(remedy,)))

    def read(self, source: Iterable[str | None]) -> Iterator[dict[str, Any] | Skipped]:
        """Its sentences, and those that are left out."""
        for item in self._sentences.read(source):
            if isinstance(item, Skipped):
                yield item
                continue
            self._longest = max(self._longest, len(item["words"]))
            self._num_words += len(item["words"])
            yield word_boundaries(item) if self._of_characters else item

    def remarks(self) -> Iterator[Remark]:
        """What was met, once it is read."""
        counts = self._sentences.counts
        if counts.ranges:
            message = words(
                "{n|word that is|words that are} written as one and tagged as several (as 1-2): the several were taken.",
                n=counts.ranges,
            )
            yield Remark(message, key=message.template)
        if counts.empty_nodes:
            message = words("{n|node|nodes} without a word of the text (as 1.1) left out.", n=counts.empty_nodes)
            yield Remark(message, key=message.template)
        if counts.blanks:
            message = words("{n|line holds|lines hold} white space for a word: it was taken for a space.", n=counts.blanks)
            yield Remark(message, "warning", key=message.template)
        if counts.unbegun:
            message = words(
                "{n|I- tag goes|I- tags go} on with nothing, since no B- or I- of the same kind stands before (the first in"
                " line {line}): kept as they are.",
                n=counts.unbegun,
                line=counts.first_unbegun,
            )
            yield Remark(message, "warning", key=message.template)
        if counts.parted:
            message = words(
                "Sentences of more than {most:,} words were parted: are there empty lines between sentences?",
                most=MOST_WORDS,
            )
            yield Remark(message, "warning")
        elif self._longest > _LONG and self._longest > self._num_words / 2:
            message = words(
                "The longest sentence has {n:,} words, most of the file: are there empty lines between sentences?",
                n=self._longest,
            )
            yield Remark(message, "warning")
        if self._num_words and not counts.are_spaces_told:
            message = words(
                "It does not say where spaces stand: one was put between words, none before full stops and the like, and"
                " none between Chinese signs."
            )
            yield Remark(message)
