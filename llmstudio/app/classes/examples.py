"""Examples out of a labelled corpus, for a model that sorts texts by what stands before the question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from llmstudio.app.classes.labelled import MOST, task_for, why_not
from llmstudio.app.classes.texts import Given
from llmstudio.app.items.abilities import task_of_model, writes_on
from llmstudio.app.items.loaded import Loaded
from llmstudio.app.whole_file.given import Remarks
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.tasks.classes.few_shot import FewShot


SHOTS = 8


@dataclass(frozen=True)
class Examples:
    """Which texts stand before the question.

    Attributes:
        corpus: The name of a corpus of texts with labels; they are of its training part, each class in turn.
        shots: How many.
        of_each_class: Whether these are so many of every class, and not altogether.
    """

    corpus: str
    shots: int = SHOTS
    of_each_class: bool = False


def refuse_without_writing(model: About) -> None:
    """Raises StudioError if a model does not write from left to right, and so cannot go on after examples."""
    task = task_of_model(model)
    if task is not None and not writes_on(model):
        raise StudioError(
            "Examples before a question are for models that go on with a text, such as a decoder or an LSTM that has read."
            " {model} can {ability}.",
            model=model.name,
            ability=task.ability,
        )


def by_examples(project: Project, loaded: Loaded, examples: Examples, *, seed: int = 0) -> tuple[FewShot, tuple[Words, ...]]:
    """What sorts texts by examples of a corpus, and what is to be said of them.

    Raises:
        StudioError: No such corpus, its texts have no labels, or fewer than two of them; or as `FewShot`.
    """
    from llmstudio.core.tasks.classes.few_shot import FewShot

    corpus = examples.corpus
    about = project.about("corpus", corpus)
    if task_for(about) != "classify":
        raise StudioError("{reason}", reason=why_not(about) or words("Examples are texts with a label each."))
    by_name = _texts_by_label(about)
    if len(by_name) < 2:
        raise StudioError("{corpus} has no two labels to tell apart: take examples of several classes.", corpus=corpus)
    wanted = examples.shots * (len(by_name) if examples.of_each_class else 1)
    drawn = list(islice(_drawn(by_name, seed), wanted))
    reader = FewShot(loaded.model, loaded.tokenizer, drawn, sorted(by_name))
    said = words("Each text is read behind {n|example|examples} of {corpus}.", n=reader.num_shown, corpus=corpus)
    if reader.num_shown < len(drawn):
        said = words(
            "Each text is read behind {n|example|examples} of {corpus}: more than these of {shots:,} do not fit.",
            n=reader.num_shown,
            corpus=corpus,
            shots=len(drawn),
        )
    return reader, (said,)


class HeldOut:
    """The texts that a labelled corpus holds out: its test part, or, where it has none, its validation part.

    Attributes:
        remarks: What is to be said of them.
        has_labels: Always: they have labels.
    """

    has_labels = True

    def __init__(self, project: Project, corpus: str) -> None:
        """Raises StudioError if there is no such corpus, or it holds nothing out."""
        from llmstudio.core.corpus.corpus import Corpus

        self._corpus = Corpus(project.about("corpus", corpus).path)
        parts = [part for part in ("test", "val") if next(self._corpus.records(part), None) is not None]
        if not parts:
            raise StudioError("{corpus} holds no texts out: name a file with texts and labels.", corpus=corpus)
        self._part, self.remarks = parts[0], Remarks()
        self.remarks.tell([Remark(words("The texts are those that {corpus} holds out.", corpus=corpus))])

    def read(self, stop: Stop) -> Iterator[Given]:
        """Every text that has a label. Raises Halted if somebody asked to stop."""
        from llmstudio.core.corpus.records import labels_of

        for record in self._corpus.records(self._part):
            if stop.requested:
                raise Halted
            if "label" in record:
                yield Given(str(record["text"]), tuple(labels_of(record)))


def _texts_by_label(corpus: About) -> dict[str, list[str]]:
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import labels_of

    found: dict[str, list[str]] = {}
    for record in islice(Corpus(corpus.path).records("train"), MOST):
        names = labels_of(record) if "label" in record else ()
        if len(names) == 1:
            found.setdefault(names[0], []).append(str(record["text"]))
    return found


def _drawn(by_name: dict[str, list[str]], seed: int) -> Iterator[tuple[str, str]]:
    """Texts with their labels, each class in turn as long as it has any; the order of classes is another in each round."""
    random = Random(seed)
    left = {name: random.sample(texts, len(texts)) for name, texts in sorted(by_name.items())}
    while left := {name: texts for name, texts in left.items() if texts}:
        for name in random.sample(list(left), len(left)):
            yield left[name].pop(), name
