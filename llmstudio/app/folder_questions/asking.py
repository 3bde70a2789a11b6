"""A model asked about passages: whether it can be, and as many of them as it can read, laid out as it learned.

Of a model of conversations the passages are the story above the question; of one of pairs they stand above the question in
the text that it answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from llmstudio.app.items.ancestry import corpus_facts_of, corpus_of, recipe_of
from llmstudio.app.items.loaded import Loaded
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.chat import STORY, USER, Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.retrieval.passages import sentences
from llmstudio.core.retrieval.terms import question_terms, terms
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

_LOOKED_AT = 200  # conversations of the corpus, to see whether they begin with a passage


@dataclass(frozen=True)
class Laid:
    """Passages before a question.

    Attributes:
        chat: What the model is asked.
        read: What it reads of each passage, the best first; empty of those that did not fit.
        remark: What is not read, in a sentence; None if everything is.
    """

    chat: Chat
    read: tuple[str, ...]
    remark: Words | None = None


def refuse_unable(project: Project, model: About) -> Words | None:
    """Look whether a model has learned to answer; returns a warning where it has, but hardly from a passage.

    Raises:
        StudioError: It has not.
    """
    facts, kind = recipe_of(model).task_facts, str(corpus_facts_of(project, model).get("record_kind", ""))
    if not facts.writes and "rewrite" not in facts.pages:
        raise StudioError(
            "{model} writes no answers: it was trained to {ability}. Questions need a model of conversations or pairs.",
            model=model.name,
            ability=facts.ability,
        )
    if kind == "labelled":
        raise StudioError(
            "{model} has learned to classify texts, not to answer questions: questions need a model of"
            " conversations or pairs.",
            model=model.name,
        )
    if kind not in ("turns", "pairs"):
        raise StudioError(
            "{model} has only read texts and never learned to answer: questions need a model of conversations or pairs."
            " `generate` lets this one write on.",
            model=model.name,
        )
    if kind == "turns" and not _has_stories(project, model):
        return words(
            "{model} has learned conversations, but none that begins with a passage: it may pay no heed to what it finds.",
            model=model.name,
        )
    return None


def lay_out(loaded: Loaded, passages: Sequence[str], question: str, config: GenerationConfig) -> Laid:
    """Lay passages before a question: the best ones that fit, and of the first at least the sentences that suit best.

    Args:
        loaded: The model that is asked.
        passages: The best first; at least one.
        question: What is asked.
        config: How much is to be written, for which room is kept.

    Raises:
        StudioError: The question alone is longer than the model can look back.
    """
    for count in range(len(passages), 0, -1):
        chat = _chat(loaded.record_kind, passages[:count], question)
        if _fits(loaded, chat, config):
            left = len(passages) - count
            remark = words(
                "Only the best {n|passage fits|of the passages fit} into what {model} can read at once; {left} did not.",
                n=count,
                left=left,
                model=loaded.about.name,
            )
            return Laid(chat, (*passages[:count], *[""] * left), remark if left else None)
    for part in _shorter(passages[0], question):
        chat = _chat(loaded.record_kind, [part], question)
        if _fits(loaded, chat, config):
            remark = words(
                "The passages are longer than {model} can read at once: of the best one it reads a part.",
                model=loaded.about.name,
            )
            return Laid(chat, (part, *[""] * (len(passages) - 1)), remark)
    raise StudioError(
        "The question is so long that {model} can read no passage beside it: ask a shorter one.", model=loaded.about.name
    )


def _chat(kind: str, passages: Sequence[str], question: str) -> Chat:
    """What is asked, in the layout of the rows that the model learned from."""
    text = "\n".join(passages)
    if kind == "pairs":
        return Chat(mode="chat").say(USER, f"{text}\n{question}")
    chat = Chat(mode="chat").say(STORY, text)
    return chat.say(USER, question, parent=chat.leaf)


def _fits(loaded: Loaded, chat: Chat, config: GenerationConfig) -> bool:
    """Whether the model reads all of it."""
    from llmstudio.core.tasks.base import Asked, task_class

    task = task_class(recipe_of(loaded.about).task_facts)
    answering = task.answer(loaded.model, loaded.tokenizer, Asked(chat, config, loaded.record_kind, Stop()))
    limit = loaded.model.config.looks_back
    return answering.remark is None and not answering.num_dropped and (limit is None or answering.num_read <= limit)


def _shorter(passage: str, question: str) -> list[str]:
    """Runs of a passage's sentences, longer ones first, of one length the one with most words of the question first."""
    told, asked = sentences(passage), set(question_terms(question))
    shared = [len(asked.intersection(terms(sentence))) for sentence in told]
    found = []
    for length in range(len(told) - 1, 0, -1):
        starts = range(len(told) - length + 1)
        start = max(starts, key=lambda at: sum(shared[at : at + length]))
        found.append(" ".join(told[start : start + length]))
    return found


def _has_stories(project: Project, model: About) -> bool:
    """Whether the conversations that a model learned from begin with a passage; taken for granted where they are gone."""
    try:
        records = Corpus(corpus_of(project, model).path).records("train")
        return any(record["turns"][0]["who"] == STORY for record in itertools.islice(records, _LOOKED_AT))
    except StudioError:
        return True
