"""What a conversation needs beside the answers: how full the context is, which words are strange, what the model has read.

Nothing here imports torch, so that it can be asked at every pause in typing, also while another model trains.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from llmstudio.app.items.ancestry import corpus_facts_of, corpus_of, recipe_of, tokenizer_of
from llmstudio.app.items.corpus_words import words_in
from llmstudio.app.runs.readings import Reading, read_so_far
from llmstudio.app.runs.run_summary import RunSummary, summary_of
from llmstudio.core.corpus.config import SAMPLE
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.chat import STORY, Chat, mode_for
from llmstudio.core.generation.counting.words_seen import unseen
from llmstudio.core.tokenizer.fit import unknown_places
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.core.words import Words
from llmstudio.store.project import About, Project

Ranges = tuple[tuple[int, int], ...]
_IDEAS = 3  # questions at a time
_LOOKED_AT = 60


@dataclass(frozen=True)
class Reader:
    """What a model has read.

    Attributes:
        model: Its name.
        corpus: The corpus' name; empty if it is gone.
        num_bytes: UTF-8 bytes of the text it learned from, whether it has come to its end or not.
        passes: How often it has gone over that text, below 1 while it has read only a part, in its own run and in those of
            the models that it began from; None if that is not known.
        num_words: Different words in them; None if they were too many to keep or the corpus is gone.
        record_kind: text, pairs, labelled, tagged or turns; empty if unknown.
        context_length: Tokens it can look back on; None if it remembers without end.
        sample: Name of the embedded sample it was fed; empty if it was another text.
        words: The words themselves.
        best_step: Step of the weights that one talks to, where its run went on after it; else None.
        remark: Why its corpus, which is here, could not be read; None if it could, or is gone.
        is_in_order: Whether nothing of that text came again before the rest had come.
        before: Other texts that the models had read from which it began, the latest first.
        gone: The model from which on it is not known what was read, for it is gone or damaged; empty if all is known.
        reads_alone: Whether it reads each message by itself, and nothing of what was said before.
    """

    model: str
    corpus: str
    num_bytes: int
    num_words: int | None
    record_kind: str
    context_length: int | None
    sample: str
    words: frozenset[str] | None
    passes: float | None = None
    best_step: int | None = None
    remark: Words | None = None
    is_in_order: bool = True
    before: tuple[str, ...] = ()
    gone: str = ""
    reads_alone: bool = False

    @property
    def mode(self) -> str:
        """The way of talking that suits it: answers if it has read such, else completion."""
        return mode_for(self.record_kind)


@dataclass(frozen=True)
class Idea:
    """A passage that no model has read, and questions that it answers."""

    passage: str
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Outlook:
    """What would happen if the draft were sent now.

    Attributes:
        prompt_tokens: Tokens the model would read.
        context_length: Tokens it can look back on; None if it remembers without end.
        room: Tokens of these kept free for the answer.
        num_dropped: Messages it would not see whole.
        seen_from: Id of the first message it would see, which may not be said yet, if there are earlier ones that it would
            not, or if of this one it would see only the end; None if it sees every message.
        sees_some_of_it: Whether of that message it would see only the end.
        num_unseen: Messages before that one.
        is_alone: Whether they are not seen because each message is read by itself, however short the talk is.
        remark: What it would not read, in a sentence; None if it reads everything.
        unseen: Where in each text asked about (the draft, the story) strange words stand: (start, end) in characters.
    """

    prompt_tokens: int
    context_length: int | None
    num_dropped: int
    remark: Words | None
    unseen: tuple[Ranges, ...]
    room: int = 0
    seen_from: int | None = None
    sees_some_of_it: bool = False
    num_unseen: int = 0
    is_alone: bool = False


def reader(project: Project, model: str) -> Reader:
    """What a model has read. Raises StudioError if there is no such model."""
    about = project.about("model", model)
    recipe = recipe_of(about)
    context_length, writes = recipe.model.looks_back, recipe.task_facts.writes
    try:
        corpus = corpus_of(project, about)
    except StudioError:
        kind = str(corpus_facts_of(project, about).get("record_kind", ""))
        return Reader(model, "", 0, None, kind, context_length, "", None, reads_alone=_reads_alone(writes, kind))
    ideas(_sample_of(corpus))  # found here, off the window's thread, and kept
    read = read_so_far(project, about)
    own = read.own or Reading(corpus.name, 0, None)
    remark = None
    try:
        seen = words_in(corpus)
    except StudioError as error:  # one can talk to the model all the same
        seen, remark = None, error.words
    return Reader(
        model=model,
        corpus=corpus.name,
        num_bytes=round(corpus.corpus_card.bytes * own.share),
        passes=own.passes,
        is_in_order=own.is_in_order,
        before=tuple(text.corpus for text in read.before),
        gone=read.gone,
        num_words=None if seen is None else len(seen),
        record_kind=corpus.corpus_card.record_kind,
        context_length=context_length,
        sample=_sample_of(corpus),
        words=seen,
        best_step=_best_step(summary_of(project, about)),
        remark=remark,
        reads_alone=_reads_alone(writes, corpus.corpus_card.record_kind),
    )


def _reads_alone(writes: bool, record_kind: str) -> bool:
    """Only one who writes on reads what was said before, and not where its rows were single questions with answers."""
    return not writes or record_kind in ("pairs", "labelled")


def _best_step(found: RunSummary) -> int | None:
    """Step of a run's best weights, if it is an earlier one than its last."""
    is_earlier = found.quality is not None and 0 < found.quality.step < (found.step or 0)
    return found.quality.step if is_earlier and found.quality is not None else None


def outlook(project: Project, who: Reader, chat: Chat, texts: Sequence[str], *, room: int) -> Outlook:
    """Count the prompt of `chat`, which ends in the draft, and find strange words in `texts`.

    Args:
        project: Where the model is.
        who: From `reader`.
        chat: With the draft as its newest message.
        texts: What to look for strange words in.
        room: Tokens the answer may take.

    Raises:
        StudioError: The model or its tokenizer is gone.
    """
    from llmstudio.core.generation.prompt import read_prompt

    tokenizer = _tokenizer(project, project.about("model", who.model))
    asked, kind = (replace(chat, mode="chat"), "pairs") if who.reads_alone else (chat, who.record_kind)
    prompt = read_prompt(tokenizer, asked, who.context_length, room=room, record_kind=kind)
    marks = tuple(tuple(_strange(text, who.words, tokenizer)) for text in texts)
    path = chat.path()
    spoken = [message for message in path[: prompt.num_unseen] if message.who != STORY]
    seen_from = None
    if (spoken or prompt.first_is_cut) and prompt.num_unseen < len(path):
        seen_from = path[prompt.num_unseen].id
    elif spoken:  # what will be said next
        seen_from = len(chat.messages)
    return Outlook(
        prompt_tokens=len(prompt.ids),
        context_length=who.context_length,
        num_dropped=prompt.num_dropped,
        remark=prompt.remark(),
        unseen=marks,
        room=prompt.room,
        seen_from=seen_from,
        sees_some_of_it=prompt.first_is_cut,
        num_unseen=len(spoken),
        is_alone=who.reads_alone,
    )


@lru_cache(maxsize=8)
def ideas(sample: str, seed: int = 0) -> tuple[Idea, ...]:
    """Three passages of a sample, each with questions, the first on what training never told; none of other texts."""
    from llmstudio.core.corpus.samples import asked_of, asks, records, suggested

    if not asks(sample):
        return ()
    held_out = suggested(sample, seed)
    if asked_of(sample, held_out[0].passage):
        asked = ([one.question, *asked_of(sample, one.passage)] for one in held_out)
        return tuple(Idea(one.passage, _first(some)) for one, some in zip(held_out, asked, strict=True))
    found = []
    for record in records(sample, count=_LOOKED_AT, seed=seed + 1_000_003, split="test"):
        turns: Any = record["turns"]
        asked_here = _first(turn["what"] for turn in turns if turn["who"] == "user")
        if turns[0]["who"] == "story" and len(asked_here) == _IDEAS:
            found.append(Idea(turns[0]["what"], asked_here))
    return tuple(sorted(found, key=lambda idea: len(idea.passage))[:_IDEAS])


def questions_on(sample: str, passage: str) -> tuple[str, ...]:
    """Questions that this very passage answers, as far as one can tell; none for most texts that are typed."""
    from llmstudio.core.corpus.samples import asked_of

    known = {idea.passage: idea.questions for idea in ideas(sample)}
    return known.get(passage.strip()) or _first(asked_of(sample, passage))


def left_to_ask(who: Reader, chat: Chat, story: str) -> tuple[str, ...]:
    """What a story answers that was not asked on the shown branch."""
    asked = {message.text for message in chat.path()} if story == chat.story else set()
    return tuple(question for question in questions_on(who.sample, story) if question not in asked)


def next_story(who: Reader, story: str = "") -> str:
    """The sample's passage after this one, the first after any other text; empty if the model has read no sample."""
    passages = [idea.passage for idea in ideas(who.sample)]
    if not passages:
        return ""
    return passages[(passages.index(story) + 1) % len(passages)] if story in passages else passages[0]


def _first(questions: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(questions))[:_IDEAS]


def chat_model(chat: About) -> str:
    """Id of the model that a chat was last held with; empty if it is not known."""
    return chat.parent("model").id


def _strange(text: str, words: frozenset[str] | None, tokenizer: Tokenizer) -> list[tuple[int, int]]:
    """Words never seen, and stretches that the tokenizer can only call unknown."""
    found = unseen(text, words)
    unknown = unknown_places(tokenizer, text)
    return sorted(found + [(a, b) for a, b in unknown if not any(s < b and a < e for s, e in found)])


def _sample_of(corpus: About) -> str:
    for name in corpus.corpus_card.sources:
        if name.startswith(SAMPLE):
            return name.removeprefix(SAMPLE)
    return ""


def _tokenizer(project: Project, model: About) -> Tokenizer:
    return _kept_tokenizer(project.root, model.path, model.id)


@lru_cache(maxsize=4)
def _kept_tokenizer(root: Path, folder: Path, model_id: str) -> Tokenizer:
    project = Project(root)
    return tokenizer_of(project, project.about("model", folder.name))
