"""How an item lands in a project, and datasets, which are made on the way.

An item is staged, filled by a job of the engine, and takes its place in one step; a job that fails, is stopped or is
closed early leaves nothing behind.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import llmstudio
from llmstudio.app.computer.hardware import version
from llmstudio.app.items.locks import writing
from llmstudio.app.items.tokenizer_fit import remedy_for, unknown_warning
from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.events import Event, Finished, Noted, Saved, Started, Stopped
from llmstudio.core.settings import to_dict
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.files import folder_bytes
from llmstudio.store.lineage import Parent
from llmstudio.store.project import About, Project


def encode(
    project: Project, corpus: str, tokenizer: str, *, config: DatasetConfig | None = None, stop: Stop
) -> Iterator[Event]:
    """Turn a corpus into tokens on disk. A dataset made in the same way from the same text and tokenizer is used again.

    Raises:
        StudioError: There is no such corpus or tokenizer.
    """
    parents = project.about("corpus", corpus), project.about("tokenizer", tokenizer)
    yield from encode_as(project, *parents, config=config, stop=stop)


def encode_as(
    project: Project,
    corpus: About,
    tokenizer: About,
    *,
    config: DatasetConfig | None = None,
    model: str = "",
    tells_unknown: bool = True,
    stop: Stop,
) -> Iterator[Event]:
    """`encode` of a corpus by a tokenizer that need not be one of the project's: a `model` holds its own, for good.

    That much of the text is unknown to the tokenizer is told, unless the caller has words of its own for it.
    """
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.dataset.encoding import encode_corpus
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    parents = {"corpus": corpus, "tokenizer": tokenizer}
    if made := find_dataset(project, parents, config):
        yield Started(job="encode", title=words("Turning text into tokens"), item=made.name)
        if tells_unknown:
            yield from _unknown(corpus, tokenizer, made.facts, model)
        yield Finished(job="encode", result=dict(made.facts) | {"dataset": made.name})
        return
    name = project.free_name("dataset", _short(f"{corpus.name} · {tokenizer.name}"))
    end = yield from make(
        project,
        "dataset",
        name,
        "encode",
        lambda folder: encode_corpus(Corpus(corpus.path), Tokenizer.load(tokenizer.path), folder, config=config, stop=stop),
        made_from=parents,
        facts={"config": to_dict(config or DatasetConfig())},
    )
    if tells_unknown:
        yield from _unknown(corpus, tokenizer, end.result, model)
    yield with_result(end, dataset=name)


def _unknown(corpus: About, tokenizer: About, facts: Mapping[str, Any], model: str) -> Iterator[Event]:
    """A warning if much of the text that was to become tokens is unknown to the tokenizer."""
    splits = facts.get("splits", {}).values()
    num_bytes = sum(split["bytes"] for split in splits)
    share = sum(split["hidden_bytes"] for split in splits) / max(1, num_bytes)
    if (warning := unknown_warning(tokenizer, corpus, share, model=model)) is not None:
        yield Noted(job="encode", message=warning, level="warning", remedies=(remedy_for(corpus.name),))


def find_dataset(
    project: Project, parents: Mapping[str, About | Parent], config: DatasetConfig | None = None
) -> About | None:
    """The dataset with exactly these parents' contents, whatever they are called now, whose rows were made in this way."""
    wanted = {role: parent.hash for role, parent in parents.items()}
    config = config or DatasetConfig()
    if not all(wanted.values()):
        return None
    for item in project.items("dataset"):
        found = {role: parent.hash for role, parent in item.parents.items()}
        if found == wanted and config.is_of(item.dataset_card.config):
            return item
    return None


def make(
    project: Project,
    kind: str,
    name: str,
    job: str,
    fill: Callable[[Path], Iterator[Event]],
    *,
    made_from: Mapping[str, About] | None = None,
    facts: Mapping[str, Any],
) -> Generator[Event, None, Finished | Stopped]:
    """Stage an item, pull the job that fills its folder, and land it with everything it should say of itself.

    Returns:
        The job's end, its result kept as the item's facts; nothing is left on disk if it was stopped.
    """
    try:
        with writing(project):
            if moved := project.make_room(kind, name):
                yield Noted(job=job, message=moved)
            with project.create(kind, name, made_from=made_from) as (folder, about):
                end = yield from relay(fill(folder), job, name)
                if isinstance(end, Stopped):
                    raise _Abandoned(end)
                about |= dict(facts) | {"versions": versions()} | dict(end.result)
    except _Abandoned as abandoned:
        return abandoned.end
    path = project.path(kind, name)
    yield Saved(job=job, step=end.step, kind=kind, name=name, location=str(path), num_bytes=folder_bytes(path))
    return end


def relay(
    events: Iterator[Event], job: str, item: str, *, parents: tuple[str, ...] = ()
) -> Generator[Event, None, Finished | Stopped]:
    """Hand on an engine's events as those of the verb `job` on `item` (not of a staged folder); the end is returned."""
    end: Finished | Stopped | None = None
    try:
        for event in events:
            if isinstance(event, Finished | Stopped):
                end = replace(event, job=job, parents=parents)
            else:
                own = replace(event, job=job, parents=parents)
                yield replace(own, item=item) if isinstance(own, Started) else own
    finally:
        if isinstance(events, Generator):
            events.close()
    assert end is not None, "a job ended without saying so"
    return end


def with_result(end: Finished | Stopped, **result: Any) -> Finished | Stopped:
    """The end of a part as the end of the whole, with the item's name in its result if it was finished."""
    return end if isinstance(end, Stopped) else replace(end, result=result | dict(end.result))


def versions() -> dict[str, str]:
    """What an item was made with."""
    packages = ("torch", "tokenizers", "numpy")
    return {"llmstudio": llmstudio.__version__, "python": platform.python_version()} | {p: version(p) for p in packages}


class _Abandoned(Exception):
    """Carries a stopped job's end out of the block that would otherwise land its item."""

    def __init__(self, end: Stopped) -> None:
        super().__init__("stopped")
        self.end = end


def _short(name: str) -> str:
    """A name of at most 120 bytes, cut between letters."""
    return name.encode()[:120].decode(errors="ignore").strip(" .")
