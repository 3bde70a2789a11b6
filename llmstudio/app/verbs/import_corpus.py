"""Import: texts in, a corpus out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from llmstudio.app.items.create import make, with_result
from llmstudio.app.tags.cleaning import tagger_of
from llmstudio.app.verbs.figures import LISTED, short
from llmstudio.app.verbs.options import NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.corpus.cleaning.cleaning import DROPPING
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.corpus.kept import kept_words
from llmstudio.core.corpus.reading.encodings.names import read_as
from llmstudio.core.events import Event, Finished
from llmstudio.core.settings import to_dict
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def import_corpus(
    project: Project,
    sources: Sequence[str | Path],
    *,
    name: str,
    config: CorpusConfig | None = None,
    tests: Sequence[str | Path] = (),
    stop: Stop,
) -> Iterator[Event]:
    """Read files, folders, archives or `sample:NAME` into a new corpus; all of the files `tests` is its test part. A tagger
    that the configuration names is kept as what the corpus was made from.

    Raises:
        StudioError: A source cannot be read, the name is taken, or nothing was found.
    """
    from llmstudio.core.corpus.corpus import write_corpus

    config = config or CorpusConfig()
    tagger = tagger_of(project, config.cleaning, stop)
    about, tag = tagger if tagger is not None else (None, None)
    end = yield from make(
        project,
        "corpus",
        name,
        "import",
        lambda folder: write_corpus(sources, config, folder, tests=tests, tag=tag, stop=stop),
        made_from={"tagger": about} if about is not None else None,
        facts={"config": to_dict(config), "seed": config.split.seed},
    )
    is_counted = tag is not None and isinstance(end, Finished)
    counted = {"words by tag": _words_by_tag(project.path("corpus", name))} if is_counted else {}
    yield with_result(end, corpus=name, **counted)


def _words_by_tag(folder: Path) -> dict[str, str]:
    """Every tag with the number of its words and the most frequent ones."""
    from llmstudio.core.corpus.corpus import Corpus

    found = Corpus(folder).statistics
    totals = dict(found.tags)
    return {
        tag: f"{totals[tag]:,} ({', '.join(word for word, _ in counts[:LISTED])})"
        for tag, counts in found.tag_words
        if tag in totals
    }


def _begin(project: Project, typed: Typed) -> Job:
    config = changed(CorpusConfig(), typed.set)
    return lambda stop: import_corpus(project, typed.sources, name=typed.name, config=config, tests=typed.test, stop=stop)


def _reads(result: Mapping[str, Any]) -> dict[str, Any]:
    return short(result) | _reading(result)


def _reading(result: Mapping[str, Any]) -> dict[str, Any]:
    """How an import read its files, where that is not as UTF-8, what was kept, and what cleaning did step by step."""
    other = [source for source in result["sources"] if source["encoding"] != "utf-8"]
    named = [f"{source['name']}: {read_as(source['encoding'], source['confidence'])}" for source in other[:LISTED]] + (
        [f"and {len(other) - LISTED:,} more"] if len(other) > LISTED else []
    )
    dropped = {step: n for step, n in result["cleaning"].items() if step in DROPPING}
    changed = {step: n for step, n in result["cleaning"].items() if step not in DROPPING}
    told = {"read as": "; ".join(named), "documents removed": dropped, "changes by cleaning": changed}
    found = {key: value for key, value in told.items() if value}
    kept = kept_words(result)
    if "all" in kept.values:  # else the number alone says it
        found["documents"] = str(kept)
    return found | _parted(result["split"])


def _parted(split: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a corpus and how they came to be, each with its documents, or of one cut text its characters."""
    unit = "characters" if split["method"] == "position" else "documents"
    parts = [f"{name} {size[unit]:,}" for name, size in split["sizes"].items()]
    how = f"{split['method']} in each document" if split.get("cuts") else split["method"]
    return {"split": f"{', '.join(parts)} {unit} (by {how})", "overlap of the parts": split["overlap"]} | (
        {"test texts also learned from": split["num_leaked"]} if split.get("num_leaked") else {}
    )


VERB = Verb(
    name="import",
    help="text in: a corpus out",
    arguments=(
        argument("sources", nargs="+", metavar="SOURCE", help="files, folders, archives, or sample:NAME"),
        argument(
            "--test",
            nargs="+",
            action="extend",
            default=[],
            metavar="FILE",
            help="files that are the test part, never learned from",
        ),
        *NAMED,
    ),
    begin=_begin,
    reads=_reads,
)
