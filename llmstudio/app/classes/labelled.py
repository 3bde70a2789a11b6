"""What a model is taught with, as it stands before: how many texts each class has, and some of what is learned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from llmstudio.core.corpus.records import Record
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.tasks.scores.spans import OUTSIDE
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, check
from llmstudio.store.project import About, Project

MOST = 200_000
"""Texts that are counted; of more, these say enough."""
RARE = 0.2
"""A class with less than this share of the texts that an even share would be is a rare one."""
_A_CLASS, _ROWS, _CHARACTERS = 2, 12, 240  # rows shown: of each class, in all, and characters of a text
_CHECKED = 5_000

TASKS_OF = {"labelled": "classify", "tagged": "tag", "pairs": "pairs", "turns": "next_token"}
"""What a model can be taught with a corpus, by the kind of its records."""


@dataclass(frozen=True)
class LabelledText:
    """What a corpus offers to learn.

    Attributes:
        task: A name in `TASKS`.
        classes: Every class with its texts in the training part, the most frequent first; a text may count in several. Of
            tagged sentences every tag with its words; of pairs and chats none.
        rows: Some of these texts with their classes, rare classes among them; of tagged sentences each with one of its tags,
            of pairs each text with its side, of chats each turn with who speaks.
        num_texts: Texts, sentences, pairs or chats that are learned.
        num_unlabelled: Texts of the training part without a label: they are not learned.
        is_all: Whether the whole of the training part was counted.
    """

    task: str
    classes: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, str], ...]
    num_texts: int
    num_unlabelled: int = 0
    is_all: bool = True

    @property
    def rare(self) -> tuple[str, ...]:
        """Classes that have far fewer texts than an even share."""
        return rare_of(self.telling)

    @property
    def telling(self) -> tuple[tuple[str, int], ...]:
        """The classes without the tag that stands for none."""
        return without_outside(self.classes) if self.task == "tag" else self.classes

    @property
    def outside_share(self) -> float:
        """Share of the words that have the tag that stands for none."""
        whole = sum(count for _, count in self.classes)
        return (whole - sum(count for _, count in self.telling)) / max(1, whole)


def without_outside(tags: Sequence[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    """Tags, each with its words, without that of words outside of all spans, most of which there are in any text: beside
    it every other tag would be rare.
    """
    return tuple(tag for tag in tags if tag[0] != OUTSIDE)


def rare_of(classes: Sequence[tuple[str, int]]) -> tuple[str, ...]:
    """Those of the classes, each with its number, that have far less than an even share."""
    even = sum(count for _, count in classes) / max(1, len(classes))
    return tuple(name for name, count in classes if count < RARE * even)


def task_for(corpus: About) -> str:
    """What a model can be taught with a corpus, a name in `TASKS`; empty if it suits none."""
    return TASKS_OF.get(corpus.corpus_card.record_kind, "")


def teach_with(corpus: About, *, has_model: bool) -> Remedy | None:
    """The way to teach a model with a corpus; None if it suits no task, or if only a new model is left that chats.

    Chats from random weights are what training begins with anyway, so without a model there is nothing to teach.
    """
    task = task_for(corpus)
    if not task or (task == "next_token" and not has_model):
        return None
    return Remedy("teach", words("Teach a model with it"), value=corpus.name)


def why_not(corpus: About) -> Words | None:
    """Why nothing can be taught with a corpus, and the way out; None if something can."""
    if task_for(corpus):
        return None
    return words(
        "The texts of {name} have no labels, and are neither pairs nor chats, so no task can be taught with them. Import a"
        " table with a column of labels, a folder for each class, sentences whose words have tags, texts with their"
        " translations or summaries, or chats.",
        name=corpus.name,
    )


def labelled_text(project: Project, corpus: str, *, stop: Stop | None = None) -> LabelledText:
    """What a corpus offers to learn.

    Raises:
        StudioError: There is no such corpus, it is damaged, or it suits no task.
    """
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import labels_of

    about = project.about("corpus", corpus)
    if (reason := why_not(about)) is not None:
        way = Remedy("open_tab", words("Go to Corpus"), "corpus")
        raise StudioError("{reason}", reason=reason, remedies=(way,))
    if about.corpus_card.record_kind in ("pairs", "turns"):
        return _of_answers(task_for(about), Corpus(about.path).records("train"), stop)
    counts: Counter[str] = Counter()
    shown: dict[str, list[str]] = {}
    number = num_unlabelled = 0
    for number, record in enumerate(islice(Corpus(about.path).records("train"), MOST), 1):
        if number % _CHECKED == 0:
            check(stop)
        if "label" not in record and not record.get("tags"):
            num_unlabelled += 1
            continue
        counts.update(names := record["tags"] if "tags" in record else labels_of(record))
        for name in dict.fromkeys(names):
            texts = shown.setdefault(name, [])
            if len(texts) < _A_CLASS:
                texts.append(_short(_tagged(record) if "tags" in record else str(record["text"])))
    # The first text of every class, the rarest first, so that one that is easily overlooked is seen; then the second ones.
    order = [name for name, _ in reversed(counts.most_common())]
    rows = [(shown[name][at], name) for at in range(_A_CLASS) for name in order if len(shown[name]) > at]
    return LabelledText(
        task_for(about), tuple(counts.most_common()), tuple(rows[:_ROWS]), number - num_unlabelled, num_unlabelled,
        number < MOST,
    )  # fmt: skip


def _of_answers(task: str, records: Iterable[Record], stop: Stop | None) -> LabelledText:
    """The same of pairs and chats: their number, and the first of them part by part."""
    rows: list[tuple[str, str]] = []
    number = 0
    for number, record in enumerate(islice(records, MOST + 1), 1):
        if number % _CHECKED == 0:
            check(stop)
        if len(rows) < _ROWS:
            sides = [(record[side], side) for side in ("source", "target") if side in record]
            said = [(turn["what"], turn["who"]) for turn in record.get("turns", ())]
            rows += [(_short(text), name) for text, name in (*sides, *said)]
    return LabelledText(task, (), tuple(rows[:_ROWS]), min(number, MOST), is_all=number <= MOST)


def _tagged(record: Record) -> str:
    """A sentence with each tag behind its word, as people write it by hand; O stands for none."""
    pairs = zip(record["words"], record["tags"], strict=True)
    return " ".join(word if tag == OUTSIDE else f"{word}/{tag}" for word, tag in pairs)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _CHARACTERS else text[: _CHARACTERS - 2] + " …"
