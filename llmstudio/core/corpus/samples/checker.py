"""Could this sentence be one of ours? The grammars that write the samples read them here."""

from __future__ import annotations

from functools import cache

from llmstudio.core.corpus.samples.grammar import Grammar
from llmstudio.core.corpus.samples.plots.plots import language_of
from llmstudio.core.corpus.samples.writers.dialogue import small_talk_grammar
from llmstudio.core.corpus.samples.writers.pairs import pair_grammar
from llmstudio.core.corpus.samples.writers.reviews import review_grammar
from llmstudio.core.corpus.samples.writers.scenes import scene_grammar
from llmstudio.core.corpus.samples.writers.stories import tale_grammar
from llmstudio.core.corpus.samples.writers.tour import tour_grammar

_ENDS = ".!?。！？"
_OPENING, _CLOSING = '"“', '"”'


@cache
def grammars(name: str) -> tuple[Grammar, ...]:
    """The grammars a slice is written with."""
    language = "zh" if name.endswith("_zh") else "en"
    match name.removesuffix("_zh"):
        case "tour":
            return (tour_grammar(),)
        case "tales":
            return (tale_grammar(language),)
        case "chat":
            return (tale_grammar(language), scene_grammar(language), small_talk_grammar(language))
        case "pairs":
            return (pair_grammar("en"), pair_grammar("zh"))
        case "reviews":
            return (review_grammar(),)
    raise KeyError(name)


@cache
def language_grammars(language: str) -> tuple[Grammar, ...]:
    """Every grammar of a language; the tour's, in lower case, is among the English ones."""
    shared = (tale_grammar(language), scene_grammar(language), small_talk_grammar(language), pair_grammar(language))
    return (*shared, review_grammar(), tour_grammar()) if language == "en" else shared


def is_grammatical(sentence: str, *, slice: str | None = None) -> bool:
    """Whether some form of the world, with one word for each of its roles, gives exactly this sentence.

    Args:
        sentence: one sentence with its punctuation, or a short answer as the samples give it.
        slice: the name of a slice, to allow its forms alone; None allows every form of the sentence's language.

    Returns:
        False for unknown words, for known words in a wrong order, and for wrong agreement ("Clara lost his kite",
        "a apple", 一张风筝), all for the same reason: no form gives them.
    """
    text = sentence.strip()
    known = grammars(slice) if slice else language_grammars(language_of(text))
    return any(grammar.reads(text) for grammar in known)


def sentences(text: str, language: str = "en") -> list[str]:
    """Cut a passage into sentences.

    Speech belongs to the sentence it stands in: ``"Who is there?" asked Tom.`` is one, and a quotation that follows
    other words (``Tom said, "Come in."``) ends with its closing mark. ``language`` tells what stands between sentences:
    a space in English, nothing in Chinese.
    """
    found: list[str] = []
    start, opened = 0, -1
    for at, mark in enumerate(text):
        if opened >= 0:
            if mark in _CLOSING:
                ends = text[at - 1] in _ENDS and text[start:opened].strip() != ""
                opened = -1
                if ends:
                    found.append(text[start : at + 1])
                    start = at + 1
        elif mark in _OPENING:
            opened = at
        elif mark in _ENDS:
            found.append(text[start : at + 1])
            start = at + 1
    found.append(text[start:])
    return [piece for piece in (piece.strip() if language == "en" else piece for piece in found) if piece]
