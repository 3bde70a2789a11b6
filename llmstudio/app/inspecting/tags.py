"""Which tag a model gives each word of a text that was typed."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.app.inspecting.ready import ready
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


@dataclass(frozen=True)
class TextTags:
    """Which tag a model gives each word of a text.

    Attributes:
        text: What was read.
        words: Of each word its start, its end, its tag, and the model's probability of it.
        names: All tags that the model knows.
        parts_words: Whether the tags say where words begin, and each character has one.
        is_foreign: Whether the model knows less than half of the text.
    """

    text: str
    words: tuple[tuple[int, int, str, float], ...]
    names: tuple[str, ...]
    parts_words: bool
    is_foreign: bool = False


def tell_tags(project: Project, model: str, text: str, *, stop: Stop | None = None) -> TextTags:
    """Which tag a model gives each word of a text.

    Raises:
        StudioError: The text is empty, or the model tags no words.
    """
    loaded = ready(project, model, "tags", stop)
    from llmstudio.core.generation.tags import Tagger, nothing_to_tag

    if not text.strip():
        raise nothing_to_tag()
    tagger = Tagger(loaded.model, loaded.tokenizer)
    tagged = next(iter(tagger.read([text], stop)))
    found = tuple((word.start, word.end, word.tag, word.probability) for word in tagged)
    return TextTags(text, found, tuple(tagger.names), tagger.parts_words, bool(tagger.num_foreign))
