"""Tokenizer: learn from a corpus how to cut text into tokens."""

from __future__ import annotations

from collections.abc import Iterator

from llmstudio.app.items.create import make, with_result
from llmstudio.app.verbs.options import NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.events import Event
from llmstudio.core.settings import to_dict
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def build_tokenizer(
    project: Project, corpus: str, *, name: str, config: TokenizerConfig | None = None, stop: Stop
) -> Iterator[Event]:
    """Learn a tokenizer from a corpus.

    Raises:
        StudioError: There is no such corpus, the name is taken, or the text is too short.
    """
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.tokenizer.training import build_tokenizer as build

    config = config or TokenizerConfig()
    source = project.about("corpus", corpus)
    end = yield from make(
        project,
        "tokenizer",
        name,
        "tokenizer",
        lambda folder: build(Corpus(source.path), config, folder, stop=stop),
        made_from={"corpus": source},
        facts={"config": to_dict(config)},
    )
    yield with_result(end, tokenizer=name)


def _begin(project: Project, typed: Typed) -> Job:
    config = changed(TokenizerConfig(), typed.set, kind=typed.kind, vocab_size=typed.vocab_size)
    return lambda stop: build_tokenizer(project, typed.corpus, name=typed.name, config=config, stop=stop)


VERB = Verb(
    name="tokenizer",
    help="learn how to cut text into tokens",
    arguments=(
        argument("corpus", metavar="CORPUS"),
        argument("--kind", help="bpe, wordpiece, unigram, word, char or byte"),
        argument("--vocab-size", metavar="V"),
        *NAMED,
    ),
    begin=_begin,
)
