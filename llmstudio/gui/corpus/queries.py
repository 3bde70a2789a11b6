"""What the corpus tab asks for, worked out off the window's thread: plain functions that return plain data.

In: sources and settings, or the folder of a corpus. Out: what the preview and the statistics show.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from llmstudio.core.corpus.cleaning.cleaning import DROPPING, Cleaner, effects
from llmstudio.core.corpus.cleaning.tagging import TagTexts
from llmstudio.core.corpus.config import SAMPLE, CleaningConfig, CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.corpus.reading.readers import Preview, preview
from llmstudio.core.corpus.records import Record, excerpt, labels_of, texts_of
from llmstudio.core.corpus.statistics import Statistics
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words
from llmstudio.gui.corpus.tagged_words import all_tagged_words, tagged_words
from llmstudio.gui.corpus.text_preview import Range, differences

# As much as a person reads before deciding, and as little as is cleaned and compared between two key presses.
_SHOWN_CHARACTERS = 6000
_BESIDE_CHARACTERS = 600  # of each file that is shown beside the first
# Of a corpus: so many of its first records with so many characters each, and pieces from all over it, but none that overlap.
_FIRST, _BEGINNING = 3, 1500
_SPREAD, _EVERY = 6, 4000

Tagger = Callable[[CleaningConfig], TagTexts | None]


@dataclass(frozen=True)
class Look:
    """The beginning of a source as it would be imported.

    Attributes:
        source: What was looked at.
        preview: Format, encoding, columns, records, what is skipped.
        before: The records' texts as they are read.
        after: The same after cleaning.
        gone: Ranges of `before` that cleaning takes away.
        new: Ranges of `after` that cleaning puts in.
        counts: Places changed by each cleaning step.
        examples: One place before and after, by step.
        muted: Ranges of `before` that are no text: the tags of words.
    """

    source: str
    preview: Preview
    before: str
    after: str
    gone: Sequence[Range] = ()
    new: Sequence[Range] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    muted: Sequence[Range] = ()


def look_at(source: str, config: CorpusConfig, *, is_alone: bool = True, tagger: Tagger | None = None) -> Look:
    """Read and clean the beginning of a source; `is_alone` is False if it will be imported together with others;
    `tagger` gives what the tagger tells that the cleaning names.

    Raises:
        StudioError: It does not exist, nothing in it can be read, or the tagger cannot be used.
    """
    found = preview(source if source.startswith(SAMPLE) else Path(source), config.reading, is_alone=is_alone)
    if found.kind == "tagged":
        return _look_at_tagged(source, found, config)
    tag = tagger(config.cleaning) if tagger is not None else None
    cleaner = Cleaner(config.cleaning, tag)
    written = partial(_written, is_sample=found.format == "sample")
    texts: list[str] = []
    before, after, size = [], [], 0
    for record in found.records:
        shown = [text[: _SHOWN_CHARACTERS - size] for text in texts_of(record)]
        before.append(written(record, shown))
        after.append(written(record, cleaner.clean_all(shown)))
        texts += shown
        size += sum(map(len, shown))
        if size >= _SHOWN_CHARACTERS:
            break
    joint = "" if _is_running_text(found.records) else "\n\n"
    old, new = joint.join(before), joint.join(after)
    for other in found.beside:  # a line with its name parts each from the one before
        left = _BESIDE_CHARACTERS
        befores, afters = [f"\n\n— {other.name} —"], [f"\n\n— {other.name} —"]
        for record in other.records:
            shown = [text[:left] for text in texts_of(record)]
            befores.append(written(record, shown))
            afters.append(written(record, cleaner.clean_all(shown)))
            texts += shown
            left -= min(left, sum(map(len, shown)))
        old, new = old + "\n\n".join(befores), new + "\n\n".join(afters)
    steps = effects(texts, config.cleaning, tag)
    counts = {effect.step: effect.count for effect in steps}
    examples = {effect.step: (effect.before, effect.after) for effect in steps if effect.count}
    return Look(source, found, old, new, *differences(old, new), counts=counts, examples=examples)


def _look_at_tagged(source: str, found: Preview, config: CorpusConfig) -> Look:
    """Tagged sentences, which no cleaning step changes; whole ones may be left out."""
    text, tags = all_tagged_words(found.records)
    for other in found.beside:
        text += f"\n\n— {other.name} —\n\n"
        more, own = all_tagged_words([record for record in other.records if "words" in record])
        tags += [(start + len(text), end + len(text)) for start, end in own]
        text += more
    steps = effects([texts_of(record)[0] for record in found.records], config.cleaning)
    counts = {effect.step: effect.count for effect in steps if effect.step in DROPPING}
    return Look(source, found, text, text, counts=counts, muted=tags)


def _is_running_text(records: Sequence[Record]) -> bool:
    """True for the parts of one long document, which join without anything between them."""
    documents = {record.get("doc") for record in records}
    return len(documents) == 1 and None not in documents and all("text" in record for record in records)


def _written(record: Record, texts: Sequence[str], *, is_sample: bool) -> str:
    """A record for the eye: speakers before their words, a pair with an arrow, a label after its text, tags after words.

    What comes before a conversation is a story in our samples, and a system prompt in what people bring.
    """
    if "turns" in record:
        names = {} if is_sample else {"story": "system"}
        speakers = [names.get(turn["who"], turn["who"]) for turn in record["turns"]]
        return "\n".join(f"{who}: {text}" for who, text in zip(speakers, texts, strict=True))
    if "source" in record:
        return "  →  ".join(texts)
    if "words" in record:
        return tagged_words(record)[0]
    return f"{texts[0]}   [{', '.join(labels_of(record))}]" if "label" in record else texts[0]


@dataclass(frozen=True)
class Shelf:
    """A corpus as it lies on disk: its facts, its statistics, and some of its text from its beginning and all over it.

    Where its text cannot be read, `damage` says why, and the rest is there all the same.
    """

    name: str
    facts: Mapping[str, object]
    statistics: Statistics
    texts: str
    damage: Words | None = None


def open_corpus(name: str, folder: Path) -> Shelf:
    """Read what a corpus says of itself. Raises StudioError if that is damaged."""
    corpus = Corpus(folder)
    facts, statistics = corpus.facts, corpus.statistics
    try:
        return Shelf(name, facts, statistics, "\n\n".join(_passages(corpus)))
    except StudioError as error:
        return Shelf(name, facts, statistics, "", error.words)


def _passages(corpus: Corpus) -> list[str]:
    """Some of its text, a record each. Raises StudioError if it is damaged."""
    found = [excerpt(record, 0, _BEGINNING) for record in itertools.islice(corpus.records("all"), _FIRST)]
    for record in corpus.sample_records(min(_SPREAD, corpus.statistics.num_characters // _EVERY)):
        if record not in found:
            found.append(record)
    is_sample = any(source.get("format") == "sample" for source in corpus.facts.get("sources", ()))
    return [_written(record, texts_of(record), is_sample=is_sample) for record in found]
