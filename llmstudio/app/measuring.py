"""Evaluate: how good a model is on text it has not learned from."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmstudio.app.ancestry import corpus_of, dataset_of, recipe_of
from llmstudio.app.loaded import Loaded, load
from llmstudio.app.making import SPLITS
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Progress, Started, Stopped, inside
from llmstudio.core.settings import from_dict
from llmstudio.core.training.config import TrainingConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset, Rows


def evaluate(
    project: Project, model: str, *, text_file: Path | None = None, which: str = "best", stop: Stop
) -> Iterator[Event]:
    """Measure a model on the whole validation part of its corpus, or on a text file cleaned as its corpus was.

    Result: loss, perplexity, bits_per_byte, tokens.

    Raises:
        StudioError: No such model, its corpus is gone, or there is nothing to measure on.
    """
    yield Started(job="evaluate", title=words("Measuring {name}", name=model), item=model)
    loaded = load(project, model, which)
    with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
        if text_file is None:
            data = yield from dataset_of(project, loaded.about, job="evaluate", stop=stop)
        else:
            data = yield from _encoded_file(project, loaded, text_file, Path(folder), stop)
        splits = ("val",) if text_file is None else SPLITS
        parts = [rows for split in splits if data and (rows := data.split(split))]
        figures = (yield from measure(loaded, parts, job="evaluate", stop=stop)) if data else None
        del data, parts  # a mapped file cannot be removed everywhere
    if figures is None:
        yield Stopped(job="evaluate")
        return
    split = text_file.name if text_file else "val"
    yield Evaluated(job="evaluate", step=loaded.step, split=split, figures=figures)
    yield Finished(job="evaluate", step=loaded.step, result={"model": model, "step": loaded.step} | figures)


def measure(loaded: Loaded, parts: list[Rows], *, job: str, stop: Stop) -> Generator[Event, None, dict[str, float] | None]:
    """Score a model on rows; the figures over all of them together, or None if it was stopped."""
    from llmstudio.core.training.evaluation import Score, score_rows
    from llmstudio.core.training.setup import set_up

    training = recipe_of(loaded.about).training
    setup = set_up(TrainingConfig())  # as fast as this computer can; the model may come from another one
    total, before = sum(rows.num_tokens for rows in parts), Score()
    for rows in parts:
        whole = training.rows == "documents" or (training.rows == "auto" and rows.answers is not None)
        score = Score()
        for score in score_rows(loaded.model, rows, loaded.tokenizer, setup, whole_documents=whole):
            if stop.requested:
                return None
            done = before.tokens + score.tokens
            yield Progress(job=job, what=words("Measuring"), done=done, total=total, unit="tokens")
        before = Score(
            before.nats + score.nats,
            before.tokens + score.tokens,
            before.num_bytes + score.num_bytes,
            before.hidden_bytes + score.hidden_bytes,
        )
    if not before.tokens:
        raise StudioError("There is nothing to measure on: no text was held out. Give a text file.")
    return before.figures()


def _encoded_file(
    project: Project, loaded: Loaded, text_file: Path, folder: Path, stop: Stop
) -> Generator[Event, None, Dataset | None]:
    """A text file as tokens in a folder that is thrown away, read and cleaned as the model's corpus was."""
    from llmstudio.core.corpus.corpus import Corpus, write_corpus
    from llmstudio.core.dataset.encoding import encode_corpus
    from llmstudio.core.dataset.tokens import Dataset

    if not text_file.is_file():
        raise StudioError("There is no file {path}.", path=str(text_file))
    corpus = corpus_of(project, loaded.about)
    config = from_dict(CorpusConfig, corpus.facts["config"])
    config = replace(config, cleaning=replace(config.cleaning, exact_duplicates=False))  # every line counts here
    (folder / "corpus").mkdir()
    (folder / "dataset").mkdir()
    steps: tuple[Callable[[], Iterator[Event]], ...] = (
        lambda: write_corpus([text_file], config, folder / "corpus", stop=stop),
        lambda: encode_corpus(Corpus(folder / "corpus"), loaded.tokenizer, folder / "dataset", stop=stop),
    )
    for step in steps:
        end = yield from inside("evaluate", step())
        if isinstance(end, Stopped):
            return None
    return Dataset.open(folder / "dataset")
