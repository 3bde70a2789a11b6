"""Cleaning: the steps a configuration switches on, in their order, and what each of them would change.

`Cleaner` cleans text and counts; `effects` shows every step on a text, before and after, also those switched off. Whole
documents that are too short, too long or there already are dropped by whoever writes the corpus.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import partial

from llmstudio.core.corpus.cleaning import steps
from llmstudio.core.corpus.cleaning.steps import Step, Steps
from llmstudio.core.corpus.cleaning.tagging import TagCounts, TagTexts, tagging
from llmstudio.core.corpus.config import CleaningConfig
from llmstudio.core.settings import settings_of
from llmstudio.core.words import Words

STEPS = tuple(field.name for field in fields(CleaningConfig) if field.name != "tagging")  # which says what the tagger does
"""Names of all steps, in the order they run; the last three drop whole documents."""
DROPPING = ("min_characters", "max_characters", "exact_duplicates")
_AROUND = 40  # characters shown on either side of a change


@dataclass(frozen=True)
class Effect:
    """What one step does, or would do, to a text.

    Attributes:
        step: Its setting's name.
        label: Its setting's label.
        count: Places changed, or documents dropped.
        before: A piece of the text around the first change; empty if there is none.
        after: The same piece behind the step.
        is_on: True if the configuration has it switched on.
    """

    step: str
    label: Words
    count: int
    before: str
    after: str
    is_on: bool


class Cleaner:
    """Applies a configuration's steps and counts what they change.

    Attributes:
        counts: Places changed by each step so far; of the dropping steps, documents dropped (counted by the caller).
        tags: Words by the tags that a tagger gave them; empty without one.
        held_back: Steps that would have changed words with tags, and did not.
    """

    def __init__(self, config: CleaningConfig, tag: TagTexts | None = None) -> None:
        """`tag` is what the tagger tells that the configuration names; without it that step is left out."""
        self.config, self.tags = config, TagCounts()
        self.counts = dict.fromkeys(STEPS, 0)
        self.held_back: set[str] = set()
        self._steps = [(name, step) for name in STEPS if (step := _step(name, config, tag, self.tags))]

    def clean(self, text: str) -> str:
        """The text after all steps."""
        return self.clean_all([text])[0]

    def clean_all(self, texts: Sequence[str]) -> list[str]:
        """The same of several, which a tagger reads side by side: far faster than one by one."""
        for name, step in self._steps:
            done = list(step(texts))
            texts = [text for text, _ in done]
            self.counts[name] += sum(count for _, count in done)
        return list(texts)

    def hold_back(self, text: str) -> None:
        """Leave a text as it is, because its words bear tags; remember the steps that would have changed it."""
        left = [(name, step) for name, step in self._steps if name not in self.held_back]
        self.held_back |= {name for name, step in left if name == "tagger" or next(iter(step([text])))[0] != text}

    def is_too_short(self, num_characters: int) -> bool:
        """True for a document to be dropped for its length; counts it."""
        found = num_characters < self.config.min_characters
        self.counts["min_characters"] += found
        return found

    def is_too_long(self, num_characters: int) -> bool:
        """True for a document to be dropped for its length; counts it."""
        found = 0 < self.config.max_characters < num_characters
        self.counts["max_characters"] += found
        return found


def clean(text: str, config: CleaningConfig) -> str:
    """The text after all steps that are switched on."""
    return Cleaner(config).clean(text)


def effects(text: str | Sequence[str], config: CleaningConfig, tag: TagTexts | None = None) -> list[Effect]:
    """What every step would change, each applied to the text as the steps before it that are switched on leave it.

    A step that is off is tried in its gentlest form: NFC, stop words of both languages. `text` is one document, or several;
    `tag` is what the tagger tells, if the configuration names one.
    """
    documents = [text] if isinstance(text, str) else list(text)
    labels = {setting.path: setting.fact.label for setting in settings_of(CleaningConfig)}
    found = []
    for name in STEPS:
        step = _step(name, config, tag, TagCounts())
        is_on = step is not None or (name in DROPPING and bool(getattr(config, name)))
        if name in DROPPING:
            dropped = _dropped(name, documents, config)
            before = _excerpt(documents[dropped[0]], 0) if dropped else ""
            found.append(Effect(name, labels[name], len(dropped), before, "", is_on))
            if is_on:
                documents = [document for n, document in enumerate(documents) if n not in dropped]
            continue
        tried = list((step or partial(map, _trial(name)))(documents))
        changed = next((n for n, (after, _) in enumerate(tried) if after != documents[n]), None)
        before, after = ("", "") if changed is None else _around_change(documents[changed], tried[changed][0])
        found.append(Effect(name, labels[name], sum(count for _, count in tried), before, after, is_on))
        if step:
            documents = [after for after, _ in tried]
    return found


def _step(name: str, config: CleaningConfig, tag: TagTexts | None, counts: TagCounts) -> Steps | None:
    value = getattr(config, name)
    match name:
        case "tagger":
            return tagging(tag, config.tagging, counts) if value and tag is not None else None
        case "unicode_form":
            return partial(map, steps.unicode_form(value)) if value != "none" else None
        case "stop_words":
            return partial(map, steps.stop_words(value)) if value != "none" else None
        case "replacements":
            return partial(map, steps.replacements(value)) if value else None
        case _ if name in DROPPING:
            return None
        case _:
            return partial(map, _switched(name)) if value else None


def _switched(name: str) -> Step:
    step: Step = getattr(steps, name)
    return step


def _trial(name: str) -> Step:
    match name:
        case "unicode_form":
            return steps.unicode_form("NFC")
        case "stop_words":
            return steps.stop_words("en+zh")
        case "replacements":
            return steps.replacements(())
        case "tagger":
            return lambda text: (text, 0)
        case _:
            return _switched(name)


def _dropped(name: str, documents: Sequence[str], config: CleaningConfig) -> list[int]:
    if name == "min_characters":
        return [n for n, document in enumerate(documents) if len(document) < config.min_characters]
    if name == "max_characters":
        return [n for n, document in enumerate(documents) if 0 < config.max_characters < len(document)]
    seen: set[bytes] = set()
    again = []
    for n, document in enumerate(documents):
        digest = hashlib.blake2b(document.encode(), digest_size=16).digest()
        again += [n] if digest in seen else []
        seen.add(digest)
    return again


def _around_change(before: str, after: str) -> tuple[str, str]:
    at = next((n for n, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    return _excerpt(before, at), _excerpt(after, at)


def _excerpt(text: str, at: int) -> str:
    low, high = max(0, at - _AROUND), at + _AROUND
    return f"{'…' if low else ''}{text[low:high]}{'…' if high < len(text) else ''}"
