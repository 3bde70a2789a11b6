"""What a conversation needs beside the answers: how full the context is, which words are strange, what the model has read.

Nothing here imports torch, so that it can be asked at every pause in typing, also while another model trains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from llmstudio.app.ancestry import corpus_of, recipe_of, tokenizer_of
from llmstudio.core.corpus.samples.questions import Question
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.chat import Chat
from llmstudio.core.generation.words_seen import unseen
from llmstudio.core.tokenizer.tokenizer import Tokenizer
from llmstudio.store.project import About, Project, safe_name

Ranges = tuple[tuple[int, int], ...]
_SAMPLE = "sample:"


@dataclass(frozen=True)
class Reader:
    """What a model has read.

    Attributes:
        model: Its name.
        corpus: The corpus' name; empty if it is gone.
        num_bytes: UTF-8 bytes of text it learned from.
        num_words: Different words in them; None if they were too many to keep or the corpus is gone.
        record_kind: text, pairs, labelled or turns; empty if unknown.
        context_length: Tokens it can look back on; None if it remembers without end.
        sample: Name of the embedded sample it was fed; empty if it was another text.
        words: The words themselves.
    """

    model: str
    corpus: str
    num_bytes: int
    num_words: int | None
    record_kind: str
    context_length: int | None
    sample: str
    words: frozenset[str] | None

    @property
    def mode(self) -> str:
        """The way of talking that suits it: turns if it has read turns, else completion."""
        return "chat" if self.record_kind == "turns" else "completion"


@dataclass(frozen=True)
class Outlook:
    """What would happen if the draft were sent now.

    Attributes:
        prompt_tokens: Tokens the model would read.
        context_length: Tokens it can look back on; None if it remembers without end.
        num_dropped: Messages it would not see whole.
        unseen: Where in each text asked about (the draft, the story) strange words stand: (start, end) in characters.
    """

    prompt_tokens: int
    context_length: int | None
    num_dropped: int
    unseen: tuple[Ranges, ...]


def reader(project: Project, model: str) -> Reader:
    """What a model has read. Raises StudioError if there is no such model."""
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.generation.words_seen import remember

    about = project.about("model", model)
    context_length = recipe_of(about).model.looks_back
    try:
        corpus = corpus_of(project, about)
    except StudioError:
        return Reader(model, "", 0, None, "", context_length, "", None)
    seen = remember(Corpus(corpus.path).texts("train"), corpus.path / "words.txt")
    return Reader(
        model=model,
        corpus=corpus.name,
        num_bytes=int(corpus.facts.get("bytes", 0)),
        num_words=None if seen is None else len(seen),
        record_kind=str(corpus.facts.get("record_kind", "")),
        context_length=context_length,
        sample=_sample_of(corpus),
        words=seen,
    )


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
    from llmstudio.core.generation.prompt import prompt_ids

    tokenizer = _tokenizer(project, project.about("model", who.model))
    ids, num_dropped = prompt_ids(tokenizer, chat, who.context_length, room=room)
    marks = tuple(tuple(_strange(text, who.words, tokenizer)) for text in texts)
    return Outlook(len(ids), who.context_length, num_dropped, marks)


def suggestions(sample: str, seed: int = 0) -> list[Question]:
    """Three questions on passages of a sample, none of whose answers stands in the training text; none for other texts."""
    from llmstudio.core.corpus.samples import asks, suggested

    return suggested(sample, seed) if asks(sample) else []


def chat_name(project: Project, text: str) -> str:
    """A free name for a chat that begins with `text`: its first words, as far as a file may be called so."""
    kept = "".join(c if unicodedata.category(c)[0] in "LMN" or c in "-'" else " " for c in text)
    wish = re.sub(r"\s+", " ", kept)[:32].strip(" .-'")
    try:
        safe_name(wish)
    except StudioError:  # no words at all, or one of the few that some systems keep for themselves
        wish = "chat"
    return project.free_name("chat", wish)


def chat_model(chat: About) -> str:
    """Id of the model that a chat was last held with; empty if it is not known."""
    return str(chat.made_from.get("model", {}).get("id", ""))


def _strange(text: str, words: frozenset[str] | None, tokenizer: Tokenizer) -> list[tuple[int, int]]:
    """Words never seen, and stretches that the tokenizer can only call unknown."""
    found = unseen(text, words)
    unknown = [(span.start, span.end) for span in tokenizer.spans(text) if span.is_unknown] if text else []
    return sorted(found + [(a, b) for a, b in unknown if text[a:b].strip() and not any(s < b and a < e for s, e in found)])


def _sample_of(corpus: About) -> str:
    for source in corpus.facts.get("sources", []):
        name = str(source.get("name", "") if isinstance(source, dict) else source)
        if name.startswith(_SAMPLE):
            return name.removeprefix(_SAMPLE)
    return ""


def _tokenizer(project: Project, model: About) -> Tokenizer:
    return _kept_tokenizer(project.root, model.path, model.id)


@lru_cache(maxsize=4)
def _kept_tokenizer(root: Path, folder: Path, model_id: str) -> Tokenizer:
    project = Project(root)
    return tokenizer_of(project, project.about("model", folder.name))
