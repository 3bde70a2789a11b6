"""Evaluate: how good a model is on text it has not learned from."""

from __future__ import annotations

import math
import shlex
import tempfile
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from llmstudio.app.classes.baseline import baseline
from llmstudio.app.classes.scored import plain_figures, table
from llmstudio.app.items.ancestry import CORPUS, corpus_facts_of, corpus_of, dataset_of, recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.runs.whole_figures import keep_whole_figures
from llmstudio.app.verbs.figures import lines, short
from llmstudio.app.verbs.options import MODEL
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.corpus.config import SPLITS, CorpusConfig
from llmstudio.core.corpus.corpus import Corpus
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Evaluated, Event, Finished, Noted, Progress, Started, Stopped, inside
from llmstudio.core.settings import from_dict
from llmstudio.core.tasks.scores.classified import Classified
from llmstudio.core.tokenizer.fit import MUCH, percent
from llmstudio.core.training_config import TrainingConfig
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.project import Project
from llmstudio.store.reading import file_told, no_file

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.tasks.evaluation import Score


def evaluate(
    project: Project, model: str, *, text_file: Path | None = None, which: str = "best", stop: Stop
) -> Iterator[Event]:
    """Measure a model on the whole validation part of its corpus, or on a text file cleaned as its corpus was.

    Result: loss, tokens, and what else the model's task tells: perplexity, bits_per_byte, masked_accuracy, exact_match;
    bleu, chrf, rouge_1, rouge_2, rouge_l; of a model that writes on and has learned rows with answers, exact_match and
    token_f1 of some answers that it writes itself, of pairs also bleu and its kin, and how many (answers), where a warning
    tells how many are too long to be asked for; of one that sorts texts into classes those of
    `classes.scored.plain_figures`; and hidden_share, of the text's bytes those that are unknown to the model, of which a
    warning tells where they are many.

    Raises:
        StudioError: No such model, its corpus is gone, there is nothing to measure on, or a text file is given for a model
            that sorts texts or tags words, which `classify` and `tag` measure.
    """
    from llmstudio.core.models.checkpoint.verification import weights_hash

    yield Started(job="evaluate", title=words("Measuring {name}", name=model), item=model)
    loaded = load(project, model, which)
    is_sorter = recipe_of(loaded.about).task_facts.rows == "classes"
    if text_file is not None and is_sorter:
        raise StudioError(
            "{model} sorts texts into classes: classify this file instead, which tells accuracy and F1 where its texts have"
            " labels.",
            model=model,
            remedies=(Remedy("command", words("Classify it"), value=f"classify {shlex.quote(model)} FILE"),),
        )
    if text_file is not None and recipe_of(loaded.about).task_facts.rows == "tags":
        raise StudioError(
            "{model} tags words: tag this file instead, which tells accuracy and F1 where its words have tags.",
            model=model,
            remedies=(Remedy("command", words("Tag it"), value=f"tag {shlex.quote(model)} FILE"),),
        )
    with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
        if text_file is None:
            data = yield from dataset_of(project, loaded.about, job="evaluate", tells_unknown=False, stop=stop)
        else:
            data = yield from encoded_file(project, loaded, text_file, Path(folder), job="evaluate", stop=stop)
        splits = ("val",) if text_file is None else SPLITS
        score = (yield from measure_score(loaded, data, splits, job="evaluate", stop=stop)) if data else None
        figures = score.figures() if score is not None else None
        share = hidden_share(data, splits) if data else 0.0
        written = (yield from _written(loaded, data, splits, stop)) if data and figures is not None else {}
        sorted_ = {}
        if score is not None and is_sorter:
            sorted_ = yield from _sorted(project, loaded, score, stop)
        del data  # a mapped file cannot be removed everywhere
    if figures is None or written is None:
        yield Stopped(job="evaluate")
        return
    split = text_file.name if text_file else "val"
    if text_file is None and which == "best":
        keep_whole_figures(loaded.about.path, weights_hash(loaded.path), loaded.step, figures)
    yield Evaluated(job="evaluate", step=loaded.step, split=split, figures=figures)
    if share > MUCH:
        yield Noted(job="evaluate", message=_looks_too_good(model, share), level="warning")
    result = {"model": model, "step": loaded.step} | figures | written | sorted_ | {"hidden_share": share}
    yield Finished(job="evaluate", step=loaded.step, result=result)


def measure(
    loaded: Loaded, data: Dataset, splits: Sequence[str], *, job: str, stop: Stop
) -> Generator[Event, None, dict[str, float] | None]:
    """Score a model on parts of a dataset; the figures over all of them together, or None if it was stopped."""
    score = yield from measure_score(loaded, data, splits, job=job, stop=stop)
    return None if score is None else score.figures()


def measure_score(
    loaded: Loaded, data: Dataset, splits: Sequence[str], *, job: str, stop: Stop
) -> Generator[Event, None, Score | None]:
    """As `measure`, with all that was summed up."""
    parts = [part for split in splits if (part := data.held_out(split))]
    total = sum(rows.num_tokens for part in parts if (rows := part.split("val")))
    found: list[Score] = []
    for part in parts:
        score = None
        for score in scores(loaded, part):
            if stop.requested:
                return None
            done = score.tokens + sum(before.tokens for before in found)
            yield Progress(job=job, what=words("Measuring"), done=done, total=total, unit="tokens")
        found += [score] if score is not None else []
    if not sum(score.tokens for score in found):
        raise StudioError("There is nothing to measure on: no text was held out. Give a text file.")
    together = _together(found)
    figures = together.figures()
    if math.isnan(figures.get("bits_per_byte", 0.0)) and math.isfinite(figures["loss"]):  # only the end was foretold
        raise StudioError("The text is too short to measure: of a single letter nothing can be foretold. Give a longer one.")
    for remark in together.remarks():
        yield Noted(job=job, message=remark)
    return together


def _sorted(project: Project, loaded: Loaded, score: Score, stop: Stop) -> Generator[Event, None, dict[str, Any]]:
    """What else is told of a model that sorts texts: of each class, intervals, and the baseline on the same texts."""
    from llmstudio.core.models.changes.head import head_of
    from llmstudio.core.tasks.classify import ClassScore

    assert isinstance(score, ClassScore)
    head = head_of(loaded.model.changes)
    assert head is not None
    names, several = tuple(head["names"]), bool(head["several"])
    own = Classified(names, np.concatenate(score.truths), score.told(), np.concatenate(score.scores), several)
    yield Progress(job="evaluate", what=words("Counting words, to compare with"), done=0)
    try:
        corpus = Corpus(corpus_of(project, loaded.about).path)
        counted = baseline(corpus.records("train"), corpus.records("val"), names, several=several, stop=stop)
    except WasStopped:
        raise
    except StudioError as error:  # the model's own figures stand without it
        yield Noted(job="evaluate", message=error.words, level="warning")
        counted = None
    if score.offsets:
        moved = ", ".join(f"{name} × {np.exp(by):.3g}" for name, by in zip(names, score.offsets[0], strict=True))
        message = words("The line between classes was moved on the validation texts. Odds count: {moved}.", moved=moved)
        yield Noted(job="evaluate", message=message)
    return plain_figures(own, counted)


def _written(
    loaded: Loaded, data: Dataset, splits: Sequence[str], stop: Stop
) -> Generator[Event, None, dict[str, float] | None]:
    """Figures of answers that a model writes itself; none of one that has learned none, None if it was stopped."""
    held_out = [rows for split in splits if (part := data.held_out(split)) and (rows := part.split("val"))]
    parts = [rows for rows in held_out if rows.answer_mask is not None]
    if not recipe_of(loaded.about).task_facts.writes or not parts:
        return {}
    from llmstudio.core.tasks.written_answers import write_answers

    score = None
    for score in write_answers(loaded.model, parts, loaded.tokenizer):
        if stop.requested:
            return None
        yield Progress(job="evaluate", what=words("Writing answers"), done=score.answers, total=score.total, unit="answers")
    if score is None:
        return {}
    if score.num_left_out:
        message = words(
            "{n:,} of {all|held-out answer is|held-out answers are} left out of exact_match and token_f1: with all that"
            " comes before, there are more tokens than the context of {limit:,}.",
            n=score.num_left_out,
            all=score.num_chosen,
            limit=loaded.model.config.looks_back,
        )
        yield Noted(job="evaluate", message=message, level="warning")
    if not score.answers:
        return {}
    found: dict[str, float] = {}
    if data.meta.get("record_kind") == "pairs":
        from llmstudio.core.tasks.scores.written import written_figures, written_remarks

        found = written_figures(score.references, score.texts)
        for remark in written_remarks(score.references, score.texts):
            yield Noted(job="evaluate", message=remark)
    message = words(
        "exact_match and token_f1 are of {n|held-out answer|held-out answers} that {model} wrote itself, the likeliest token"
        " each time.",
        n=score.answers,
        model=loaded.about.name,
    )
    yield Noted(job="evaluate", message=message)
    return score.figures() | found | {"answers": score.answers}


def scores(loaded: Loaded, data: Dataset, *, max_tokens: int | None = None) -> Iterator[Score]:
    """Running scores of a model on the validation part of a dataset, by what it was trained for."""
    from llmstudio.core.models.weights.sparse.twin import as_read
    from llmstudio.core.training.machine.setup import set_up

    task, setup = recipe_of(loaded.about).make_task(data, loaded.tokenizer), set_up(as_trained(loaded))
    # In 16 bits dense products are several times as fast as in those of sparse ones.
    model = as_read(loaded.model) if (setup.device, setup.number_format) == ("cpu", "fp32") else loaded.model
    return task.evaluate(model, setup, max_tokens)


def as_trained(loaded: Loaded) -> TrainingConfig:
    """In which numbers to compute: those of its own run, so that its figure is met again; 32 bits if it knew no others.

    Device and threads are this computer's: the model may come from another one.
    """
    kept = str(loaded.card.run.training.get("number_format", "fp32"))
    return TrainingConfig(number_format=kept if kept == "bf16" else "fp32")


def hidden_share(data: Dataset, splits: Sequence[str]) -> float:
    """Share of the bytes of parts of a dataset that lie under unknown tokens, 0 to 1."""
    parts = [rows for split in splits if (rows := data.split(split)) is not None]
    hidden = sum(int(rows.hidden_bytes.sum()) for rows in parts)
    return hidden / max(1, sum(int(rows.row_bytes.sum()) for rows in parts))


def _looks_too_good(model: str, share: float) -> Words:
    return words(
        "{share} of this text is unknown to {model}: all of that counts as one and the same token, which is easily foretold,"
        " so the loss looks too good. Measure on text like the one that it learned from.",
        share=percent(share),
        model=model,
    )


def _together(found: Sequence[Score]) -> Score:
    """The sums of several parts as those of one text."""
    first, *others = found
    for other in others:
        first = replace(first, **{f.name: getattr(first, f.name) + getattr(other, f.name) for f in fields(first)})
    return first


def encoded_file(
    project: Project, loaded: Loaded, text_file: Path, folder: Path, *, job: str, stop: Stop
) -> Generator[Event, None, Dataset | None]:
    """A text file as tokens in a folder that is thrown away, read and cleaned as the model's corpus was; all of it as
    if to be learned from. None if it was stopped.

    Raises:
        StudioError: There is no such file, or nothing in it can be read.
    """
    from llmstudio.core.corpus.corpus import Corpus, write_corpus
    from llmstudio.core.dataset.encoding import encode_corpus
    from llmstudio.core.dataset.tokens import Dataset

    if not text_file.is_file():
        raise no_file(str(text_file))
    held = corpus_facts_of(project, loaded.about).get("config")
    if held is None:
        name = loaded.about.name
        unknown = words("How the text of {model} was cleaned is not known: this file is taken as it is.", model=name)
        yield Noted(job=job, message=unknown, level="warning")
    with file_told(loaded.about.path / CORPUS):
        config = from_dict(CorpusConfig, held) if held is not None else CorpusConfig()
    # Of how the corpus was read its columns count: this file has an encoding and a format of its own.
    config = replace(config, reading=replace(config.reading, encoding="", format=""))
    config = replace(config, split=replace(config.split, val_share=0.0, test_share=0.0))  # all of it is measured
    config = replace(config, cleaning=replace(config.cleaning, exact_duplicates=False))  # every line counts here
    (folder / "corpus").mkdir()
    (folder / "dataset").mkdir()
    steps: tuple[Callable[[], Iterator[Event]], ...] = (
        lambda: write_corpus([text_file], config, folder / "corpus", stop=stop),
        lambda: encode_corpus(Corpus(folder / "corpus"), loaded.tokenizer, folder / "dataset", stop=stop),
    )
    for step in steps:
        end = yield from inside(job, step())
        if isinstance(end, Stopped):
            return None
    return Dataset.open(folder / "dataset")


def _begin(project: Project, typed: Typed) -> Job:
    return lambda stop: evaluate(project, typed.model, text_file=typed.text, stop=stop)


def _reads(result: Mapping[str, Any]) -> Mapping[str, Any] | str:
    """Figures, and of a model that sorts texts below them a table of its classes."""
    return "\n".join([*lines(short(result)), "", table(result)]) if "by_class" in result else short(result)


VERB = Verb(
    name="evaluate",
    help="measure a model on text it has not seen",
    arguments=(
        MODEL,
        argument("--text", type=Path, metavar="FILE", help="a text file instead of the validation part"),
    ),
    begin=_begin,
    reads=_reads,
    needs_torch=True,
)
