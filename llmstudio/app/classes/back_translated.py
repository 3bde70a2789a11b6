"""Back-translation: every text to learn from, translated there and back by two models of the project, as one more text.

It comes back in other words with the same label. What comes back is prepared once, as a corpus of its own that later runs
find; validation and test stay as they are.

Source: Sennrich et al. 2016, arXiv:1511.06709; for texts with labels Yu et al. 2018, arXiv:1804.09541.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.classes.telling import config_of
from llmstudio.app.items.create import make
from llmstudio.app.items.loaded import load
from llmstudio.app.rewriting.rewriter import Rewriter, refuse_other_task
from llmstudio.app.rewriting.sources import Source
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped, inside
from llmstudio.core.recipe import Recipe
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import Record

JOB = "back_translate"
_AT_ONCE = 64


def back_translated(
    project: Project, corpus: About, recipe: Recipe, stop: Stop, *, job: str
) -> Generator[Event, None, About | None]:
    """The corpus that a recipe is to be learned from: as it is, or with its texts back-translated as well, which is made
    unless it is there already. None if that was stopped.

    Raises:
        StudioError: Only one model is named, one cannot rewrite texts, or only a share of the labels is to be learned from.
    """
    names = [str(getattr(recipe.task, f"translate_{way}", "")) for way in ("there", "back")]
    if not any(names):
        return corpus
    if not all(names):
        raise StudioError(
            "Back-translation needs two models: one that translates there, and one that translates back.",
            paths=("task.translate_there", "task.translate_back"),
        )
    if recipe.task.label_share < 1:
        raise StudioError(
            "Back-translation brings all texts back in other words, those too whose labels are left out here: learn from all"
            " labels, or import only the texts that are to be learned from.",
            paths=("task.label_share", "task.translate_there"),
        )
    there, back = (project.about("model", name) for name in names)
    for model in (there, back):
        refuse_other_task(project, model)
    if (corpus.parent("there").id, corpus.parent("back").id) == (there.id, back.id):
        return corpus  # it was made so
    parents = {"corpus": corpus, "there": there, "back": back}
    if made := _made_before(project, parents):
        yield Noted(job=job, message=words("Its back-translated texts are there already, in {name}.", name=made.name))
        return made
    name = project.free_name("corpus", f"{corpus.name[:80]} · {there.name[:20]} · {back.name[:20]}")
    fill = partial(_fill, project, corpus, (there, back), stop)
    end = yield from inside(job, _ended(project, name, fill, parents))
    return project.about("corpus", name) if isinstance(end, Finished) else None


def _ended(project: Project, name: str, fill: Any, parents: dict[str, About]) -> Iterator[Event]:
    config = parents["corpus"].corpus_card.needed.get("config")
    facts = {"config": config} if config is not None else {}
    yield (yield from make(project, "corpus", name, JOB, fill, made_from=parents, facts=facts))


def _made_before(project: Project, parents: dict[str, About]) -> About | None:
    wanted = {role: (parent.id, parent.hash) for role, parent in parents.items()}
    for item in project.items("corpus"):
        if wanted == {role: (parent.id, parent.hash) for role, parent in item.parents.items()}:
            return item
    return None


def _fill(project: Project, about: About, models: tuple[About, About], stop: Stop, folder: Path) -> Iterator[Event]:
    """Translate every text to learn from, and write the corpus with what came back."""
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.more import write_with_more

    began, corpus = time.perf_counter(), Corpus(about.path)
    records = [record for record in corpus.records("train") if "label" in record]
    yield Started(job=JOB, title=words("Translating {name} there and back", name=about.name), total=len(records))
    texts = [str(record["text"]) for record in records]
    total = 2 * len(texts)
    for number, model in enumerate(models):
        loaded = load(project, model.name)
        rewriter = Rewriter(loaded, config_of(project, model)[0])
        found: list[str] = []
        for made in rewriter.results(map(Source, texts), stop):
            found.append(made.text)
            if stop.requested:
                yield Stopped(job=JOB)
                return
            if len(found) % _AT_ONCE == 0:
                done = number * len(texts) + len(found)
                left = (time.perf_counter() - began) * (total - done) / done
                what = words("Translating with {model}", model=model.name)
                yield Progress(job=JOB, what=what, done=done, total=total, unit="texts", remaining_s=left)
        texts = found
    more = list(_others(corpus, records, texts))
    if not more:
        raise StudioError("Nothing came back in other words: the two models do not fit each other, or these texts.")
    yield Noted(
        job=JOB,
        message=words(
            "{n:,} of {all|text|texts} came back in other words and are learned from beside the others.",
            n=len(more),
            all=len(records),
        ),
    )
    facts = write_with_more(corpus, more, folder)
    yield Finished(job=JOB, result=facts | {"back_translated": len(more)})


def _others(corpus: Corpus, records: list[Record], texts: list[str]) -> Iterator[Record]:
    """What came back and stands nowhere in the corpus yet, held-out texts least of all."""
    known = {_alike(str(record["text"])) for part in ("train", "val", "test") for record in corpus.records(part)}
    for record, text in zip(records, texts, strict=True):
        if text.strip() and (alike := _alike(text)) not in known:
            known.add(alike)
            yield {"text": text, "label": record["label"]}


def _alike(text: str) -> str:
    return " ".join(text.casefold().split())
