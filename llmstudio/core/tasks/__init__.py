"""The table of tasks: what a model is trained for, and what it can do afterwards. Readable without torch.

A recipe names its task, a family only its usual one. Adding a task is a file with a subclass of `base.Task`, its settings
if it has any, and a line here.

- settings: settings of the tasks
- headlines: the figures that models are known by
- base: what every task is, and what it does where it says nothing else
- next_token: predicting each token from those before it
- masked: guessing hidden tokens from both sides
- pairs/: writing a target after reading its source
- classify: telling which class a text belongs to
- tag: telling the tag of every word
- word_ends: where words end, learned beside where they begin
- beside/: what stands beside a task: what a model had learned before, a teacher
- guessing: tasks that are learned by guessing, alone or with a teacher
- marked_rows: rows with marks as batches
- classes/: what helps to sort texts into classes
- augmentation/: texts changed a little each time they are learned from
- latent/: keeping a sentence in a few numbers
- loss: cross-entropy, weighted, summed so that batches add up
- cross_entropy: cross-entropy that overwrites the logits it is given
- evaluation: held-out text, every token once
- written_answers: how many answers a model writes as they should be
- scores/: how well a task is done, in the figures of its field
- computing: where a model computes, as far as a task asks
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

from llmstudio.core.dataset.config import DatasetConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.generation.config import BEAM, DRAWING, GenerationConfig
from llmstudio.core.models.families import Reading, family
from llmstudio.core.tasks.headlines import ACCURACY, BITS_PER_BYTE, MASKED_ACCURACY, TAG_ACCURACY, Headline
from llmstudio.core.tasks.latent.settings import LatentSettings
from llmstudio.core.tasks.settings import ClassifySettings, MaskedSettings, PairsSettings, TagSettings, TaskSettings
from llmstudio.core.words import Words, words


@dataclass(frozen=True)
class TaskFacts:
    """What is known of a task without torch.

    Attributes:
        doing: What the model does step by step, as the window explains it.
        ability: What a model can do that was trained for it, as in "it can ...".
        task: Where its class is, "module:Class" in this package.
        settings: Its settings.
        headline: The figure that models of it are known by.
        writes: Whether the model writes text from left to right, so that one can chat with it.
        pages: What the Inspect tab can do with the model, the most telling first.
        idle: Settings of `GenerationConfig` that do nothing: they are hidden, not offered, and said if given.
        rows_are_free: Whether running text, whole documents and sentences are all rows to it; else each row stands alone.
        cuts_sentences: Where rows are not free, whether it cuts documents into sentences that are its rows.
        weighs_answers: Whether, where rows have answers, its training loss counts them for more than the rest.
        readings: How a model must read to be able to learn it.
        rows: How records become rows for it, a choice of `DatasetConfig.rows`.
    """

    doing: Words
    ability: Words
    task: str
    settings: type[TaskSettings] = TaskSettings
    headline: Headline = BITS_PER_BYTE
    writes: bool = False
    pages: tuple[str, ...] = ()
    idle: frozenset[str] = frozenset()
    rows_are_free: bool = False
    cuts_sentences: Literal["never", "without answers", "always"] = "never"
    weighs_answers: bool = False
    readings: frozenset[Reading] = frozenset({"forwards"})
    rows: str = "records"

    @property
    def dataset(self) -> DatasetConfig:
        """How a text becomes rows for it."""
        return DatasetConfig(rows=self.rows)


TASKS: dict[str, TaskFacts] = {
    "next_token": TaskFacts(
        words("Step by step the model guesses the next token"),
        words("write on from a text"),
        "next_token:NextToken",
        writes=True,
        pages=("reach",),
        idle=BEAM,
        rows_are_free=True,
        weighs_answers=True,
    ),
    "masked": TaskFacts(
        words("Step by step the model guesses words that were hidden from it"),
        words("fill the blanks of a text"),
        "masked:MaskedTokens",
        MaskedSettings,
        MASKED_ACCURACY,
        pages=("fill",),
        idle=frozenset(field.name for field in fields(GenerationConfig)),  # blanks are filled by what is likeliest
        rows_are_free=True,
        readings=frozenset({"both ways"}),
    ),
    "pairs": TaskFacts(
        words("Step by step the model reads one text of a pair and guesses how the other goes on"),
        words("turn one text into another"),
        "pairs.task:SequencePairs",
        PairsSettings,
        cuts_sentences="without answers",
        pages=("rewrite", "compare"),
        idle=DRAWING,
        readings=frozenset({"a source first", "forwards"}),
    ),
    "classify": TaskFacts(
        words("Step by step the model reads texts and guesses which class they belong to"),
        words("sort texts into classes"),
        "classify:Classify",
        ClassifySettings,
        ACCURACY,
        pages=("classes", "scores", "remedies"),
        idle=frozenset(field.name for field in fields(GenerationConfig)),
        readings=frozenset(get_args(Reading)),
        rows="classes",
    ),
    "tag": TaskFacts(
        words("Step by step the model reads sentences and guesses the tag of every word"),
        words("tag the words of a sentence"),
        "tag:Tag",
        TagSettings,
        TAG_ACCURACY,
        pages=("tags",),
        idle=frozenset(field.name for field in fields(GenerationConfig)),
        readings=frozenset({"forwards", "both ways", "a source first"}),
        rows="tags",
    ),
    "latent": TaskFacts(
        words("Step by step the model presses sentences into a few numbers and writes them out again"),
        words("press sentences into a few numbers and write them out again"),
        "latent.task:LatentText",
        LatentSettings,
        cuts_sentences="always",
        pages=("latent",),
        idle=BEAM,
        readings=frozenset({"into a few numbers"}),
    ),
}


def task_of(kind: str, name: str = "") -> TaskFacts:
    """The task of this name, or the usual one of a family.

    Raises:
        StudioError: There is no task, or no family, of that name, or such a model cannot learn it.
    """
    found = family(kind)
    name = name or found.task
    if name not in TASKS:
        raise StudioError("There is no task {name}. There are: {names}.", name=name, names=", ".join(TASKS))
    if found.reading not in TASKS[name].readings:
        raise StudioError(
            "A model of the family {kind} cannot be trained for {name}. It can for {names}.",
            kind=found.label,
            name=name,
            names=", ".join(key for key, facts in TASKS.items() if found.reading in facts.readings),
        )
    return TASKS[name]
