"""Examples out of a labelled corpus, for a model that sorts texts by what stands before the question."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from llmstudio.app.classes.labelled import MOST, task_for, why_not
from llmstudio.app.classes.texts import Given
from llmstudio.app.items.abilities import task_of_model
from llmstudio.app.items.loaded import Loaded
from llmstudio.app.whole_file.given import Remarks
from llmstudio.core.corpus.reading.meter import Halted
from llmstudio.core.corpus.taken import Remark
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families import MODELS
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.tasks.classes.few_shot import FewShot


def refuse_without_writing(model: About) -> None:
    """Raises StudioError if a model does not write from left to right, and so cannot go on after examples."""
    task, kind = task_of_model(model), MODELS.get(model.model_card.family)
    if task is not None and kind is not None and not (task.writes and kind.reading == "forwards"):
        raise StudioError(
            "Examples before a question are for models that go on with a text, such as a decoder or an LSTM that has read."
            " {model} can {ability}.",
            model=model.name,
            ability=task.ability,
        )


def by_examples(
    project: Project, loaded: Loaded, corpus: str, shots: int, *, seed: int = 0
) -> tuple[FewShot, tuple[Words, ...]]:
    """What sorts texts by `shots` examples of a corpus' training part, and what is to be said of them.

    Raises:
        StudioError: No such corpus, its texts have no labels, or fewer than two of them; or as `FewShot`.
    """
    from llmstudio.core.tasks.classes.few_shot import FewShot

    about = project.about("corpus", corpus)
    if task_for(about) != "classify":
        raise StudioError("{reason}", reason=why_not(about) or words("Examples are texts with a label each."))
    by_name = _texts_by_label(about)
    if len(by_name) < 2:
        raise StudioError("{corpus} has no two labels to tell apart: take examples of several classes.", corpus=corpus)
    examples = list(islice(_drawn(by_name, seed), shots))
    reader = FewShot(loaded.model, loaded.tokenizer, examples, sorted(by_name))
    said = words("Each text is read behind {n|example|examples} of {corpus}.", n=reader.num_shown, corpus=corpus)
    if reader.num_shown < shots:
        said = words(
            "Each text is read behind {n|example|examples} of {corpus}: more than these of {shots:,} do not fit.",
            n=reader.num_shown,
            corpus=corpus,
            shots=shots,
        )
    return reader, (said,)


class HeldOut:
    """The texts that a labelled corpus holds out: its validation part, or, where it has none, its test part.

    Attributes:
        remarks: What is to be said of them.
        has_labels: Always: they have labels.
    """

    has_labels = True

    def __init__(self, project: Project, corpus: str) -> None:
        """Raises StudioError if there is no such corpus, or it holds nothing out."""
        from llmstudio.core.corpus.corpus import Corpus

        self._corpus = Corpus(project.about("corpus", corpus).path)
        parts = [part for part in ("val", "test") if next(self._corpus.records(part), None) is not None]
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
