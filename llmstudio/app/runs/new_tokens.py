"""Before a model learns on, its tokenizer may get what it lacks of the text: a tokenizer of the project, as others are."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from llmstudio.app.items.create import make
from llmstudio.core.events import Event, Finished, Noted, Progress, Stopped
from llmstudio.core.recipe import Recipe
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

_EVERY_S = 0.1
_NAMED = 8
_SAMPLE_TEXTS, _SAMPLE_CHARACTERS = 24, 1000

Parents = Mapping[str, About]


def with_new_tokens(
    project: Project, recipe: Recipe, parents: Parents, stop: Stop
) -> Generator[Event, None, tuple[Recipe, dict[str, About]] | None]:
    """The recipe with the number of new tokens that there are, and the parents with a tokenizer that knows them; None if it
    was stopped.
    """
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.tokenizer.growing import most_frequent, with_tokens
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    text, item = parents["corpus"], parents["tokenizer"]
    corpus, old = Corpus(text.path), Tokenizer.load(item.path)
    counts = yield from _counted(corpus, old, text.corpus_card.bytes, stop)
    if counts is None:
        return None
    pieces = most_frequent(counts, recipe.teach.new_tokens)
    if not pieces:
        yield Noted(
            job="train",
            message=words(
                "Nothing of {corpus} is unknown to the tokenizer {tokenizer}: no new tokens are learned.",
                corpus=text.name,
                tokenizer=item.name,
            ),
        )
        return _taught(recipe, 0), dict(parents)
    grown = with_tokens(old, pieces)
    made = next((other for other in project.items("tokenizer") if other.hash == grown.hash), None)
    if made is None:
        name = project.free_name("tokenizer", f"{item.name} + {len(pieces)}")
        filled = partial(_saved, grown, corpus)
        end = yield from make(project, "tokenizer", name, "train", filled, made_from=parents, facts={"config": {}})
        if isinstance(end, Stopped):
            return None
        made = project.about("tokenizer", name)
    named = [grown.token(id).strip() or ascii(grown.token(id)) for id in range(old.vocab_size, grown.vocab_size)]
    yield Noted(
        job="train",
        message=words(
            "Learns {n|new token|new tokens}, of the {unknown|word or sign|words and signs} of {corpus} that its tokenizer"
            " lacks: {names}. The model gets the tokenizer {tokenizer}; all old tokens stay as they are.",
            unknown=len(counts),
            n=len(pieces),
            corpus=text.name,
            names=", ".join(f"“{name}”" for name in named[:_NAMED]) + (" …" if len(named) > _NAMED else ""),
            tokenizer=made.name,
        ),
    )
    return _taught(recipe, len(pieces)), {**parents, "tokenizer": made}


def _taught(recipe: Recipe, new_tokens: int) -> Recipe:
    return replace(recipe, teach=replace(recipe.teach, new_tokens=new_tokens))


def _counted(
    corpus: Corpus, tokenizer: Tokenizer, num_bytes: int, stop: Stop
) -> Generator[Event, None, Counter[str] | None]:
    """How often each piece of the training text comes that the tokenizer lacks; None if counting was stopped."""
    from llmstudio.core.tokenizer.growing import unknown_in

    counts: Counter[str] = Counter()
    read, shown = 0, time.monotonic()
    for text in corpus.texts("train") if tokenizer.has_unknowns else ():
        counts.update(unknown_in(tokenizer, text))
        read += len(text.encode())
        if stop.requested:
            return None
        if time.monotonic() - shown > _EVERY_S:
            shown = time.monotonic()
            what = words("Looking for what the tokenizer lacks")
            yield Progress(job="train", what=what, done=read, total=max(read, num_bytes), unit="bytes")
    return counts


def _saved(tokenizer: Tokenizer, corpus: Corpus, folder: Path) -> Iterator[Event]:
    """Write a tokenizer into a folder; at last what its item says of it."""
    from llmstudio.core.tokenizer.fit import unknown_share

    tokenizer.save(folder)
    texts = corpus.sample_texts(_SAMPLE_TEXTS, max_characters=_SAMPLE_CHARACTERS)
    num_tokens = sum(map(len, tokenizer.encode_batch(texts)))
    yield Finished(
        job="tokenizer",
        result={
            "kind": tokenizer.kind,
            "vocab_size": tokenizer.vocab_size,
            "bytes_per_token": sum(len(text.encode()) for text in texts) / max(1, num_tokens),
            "unknown_share": unknown_share(tokenizer, texts),
            "round_trips": tokenizer.round_trips,
            "hash": tokenizer.hash,
        },
    )
