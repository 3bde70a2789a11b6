"""All models of a project in one picture: what each costs against how good it is, and of which none is better in both.

Everything is read from what models say of themselves and from the size of their files; no weights are loaded. A figure says
something beside another only if both were measured on the same text in the same way: such models make up a `Group`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from llmstudio.app.items.ancestry import name_now, rows_of
from llmstudio.app.pruning.looks import looks_of
from llmstudio.app.runs.run_summary import HEADLINES, MEASURES, Quality, summaries
from llmstudio.core.errors import StudioError
from llmstudio.core.models.checkpoint.folders import WEIGHTS, checkpoint_folders, step_of
from llmstudio.core.settings import to_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.words import Words, words
from llmstudio.store.lineage import COMPACTED, GROWN, PRUNED, QUANTIZED
from llmstudio.store.project import About, Project


@dataclass(frozen=True)
class Cost:
    """What a model may be compared by, beside its figure.

    Attributes:
        label: What it counts.
        more_is_better: True of speed.
    """

    label: Words
    more_is_better: bool = False


COSTS: dict[str, Cost] = {
    "bytes": Cost(words("size of the file")),
    "parameters": Cost(words("weights")),
    "nonzeros": Cost(words("weights that are not zero")),
    "pace": Cost(words("tokens a second, written one after the other"), more_is_better=True),
}

MADE_BY = (GROWN, PRUNED, COMPACTED, QUANTIZED)
"""What makes a model; one that healed was grown."""
HEALED = "healed"
"""What is said of one that was grown after it had lost weights."""


@dataclass(frozen=True)
class Group:
    """Models whose figures can be compared.

    Attributes:
        measure: What their figure counts, one of `MEASURES`.
        corpus: Name of the text that they were measured on.
        rows: How its records become rows, as in `DatasetConfig`.
        tokenizer: Name of the tokenizer that all read with; empty where the figure does not depend on it, as bits per byte.
        keys: Hashes of corpus and tokenizer: names may come again.
    """

    measure: str
    corpus: str
    rows: str
    tokenizer: str
    keys: tuple[str, str]


@dataclass(frozen=True)
class Entry:
    """A model that has a figure.

    Attributes:
        model: Its name.
        group: What it can be compared with.
        quality: Its figure.
        costs: By a name of `COSTS`; what is not known is left out.
        lineage: What it was made of and how, the oldest first: (verb, name of the model that came of it).
    """

    model: str
    group: Group
    quality: Quality
    costs: Mapping[str, float]
    lineage: tuple[tuple[str, str], ...]

    @property
    def made_by(self) -> str:
        """Which of `MADE_BY` made it."""
        verb = self.lineage[-1][0]
        return verb if verb in MADE_BY else GROWN


@dataclass(frozen=True)
class Overview:
    """All models of a project.

    Attributes:
        entries: Those with a figure on all of their validation text, by the group, the largest group first.
        sampled: Those that were measured on a sample alone, which is another text.
        unmeasured: Those without any figure.
    """

    entries: Mapping[Group, tuple[Entry, ...]]
    sampled: tuple[str, ...] = ()
    unmeasured: tuple[str, ...] = ()


def overview(project: Project) -> Overview:
    """Look what is known of every model. Milliseconds a model."""
    items, runs = project.items("model"), summaries(project)
    paces = _paces(items)
    found: dict[Group, list[Entry]] = {}
    sampled, unmeasured = [], []
    for item in items:
        quality = runs[item.name].quality
        group = _group(project, item, quality) if quality is not None else None
        if quality is None or group is None:
            unmeasured.append(item.name)
        elif not quality.is_whole:
            sampled.append(item.name)
        else:
            costs = _costs(item, quality) | ({"pace": paces[item.id]} if item.id in paces else {})
            found.setdefault(group, []).append(Entry(item.name, group, quality, costs, _lineage(project, item)))
    ordered = sorted(found.items(), key=lambda pair: (-len(pair[1]), MEASURES.index(pair[0].measure)))
    return Overview({group: tuple(entries) for group, entries in ordered}, tuple(sampled), tuple(unmeasured))


def best_of(entries: Iterable[Entry], cost: str) -> list[Entry]:
    """Of models of one group those of which none is at least as good in this cost and in its figure, and better in one; in
    the order of the cost.
    """
    known = [entry for entry in entries if cost in entry.costs]
    if not known:
        return []
    up = HEADLINES[known[0].group.measure].more_is_better
    points = [(entry.costs[cost], entry.quality.value) for entry in known]
    chosen = front(points, more_across=COSTS[cost].more_is_better, more_up=up)
    return [known[place] for place in chosen]


def front(points: Sequence[tuple[float, float]], *, more_across: bool = False, more_up: bool = False) -> list[int]:
    """Which points (x, y) no other is better than: none is at least as good in both and better in one; ordered by x.

    Less is better in each unless more is. Of points that are equal in both all are there, or none is.

    Source: Pareto 1906; Kung, Luccio and Preparata 1975, doi:10.1145/321906.321910.
    """
    left, down = -1 if more_across else 1, -1 if more_up else 1
    costs = [(left * x, down * y) for x, y in points]
    found: list[int] = []
    for place in sorted(range(len(costs)), key=costs.__getitem__):
        if not found or costs[place][1] < costs[found[-1]][1] or costs[place] == costs[found[-1]]:
            found.append(place)
    return found if not more_across else found[::-1]


def _group(project: Project, item: About, quality: Quality) -> Group | None:
    """None if the recipe cannot be read, so that nobody knows what was measured."""
    try:
        rows = rows_of(item).rows
    except StudioError:
        return None
    corpus, tokenizer = item.parent("corpus"), item.parent("tokenizer")
    is_free = quality.measure == "bits_per_byte"  # of the bytes of the text, whatever its tokens are
    return Group(
        quality.measure,
        name_now(project, "corpus", corpus),
        rows,
        "" if is_free else name_now(project, "tokenizer", tokenizer),
        (corpus.hash or corpus.id, "" if is_free else tokenizer.hash or tokenizer.id),
    )


def _costs(item: About, quality: Quality) -> dict[str, float]:
    told = item.model_card.result.told if item.model_card.result is not None else {}
    found: dict[str, float] = {}
    parameters = told.get("parameters")
    for name, value in (("parameters", parameters), ("nonzeros", told.get("nonzeros", parameters))):
        if isinstance(value, int | float) and value:
            found[name] = float(value)
    folders = checkpoint_folders(item.path)
    own = next((folder for folder in folders if step_of(folder) == quality.step), folders[-1] if folders else None)
    if own is not None and (own / WEIGHTS).is_file():
        found["bytes"] = float((own / WEIGHTS).stat().st_size)
    return found


def _paces(items: Sequence[About]) -> dict[str, float]:
    """By id, at what pace models write, as it was measured when they or children of theirs were made or looked at."""
    found: dict[str, list[float]] = {}

    def keep(id: str, pace: object) -> None:
        if isinstance(pace, int | float) and pace > 0:
            found.setdefault(id, []).append(float(pace))

    for item in items:
        step, told = item.model_card.last_step, item.model_card.result.told if item.model_card.result is not None else {}
        if step.verb in (COMPACTED, QUANTIZED):  # both were timed in turns
            keep(item.id, told.get("tokens_per_second_after"))
            keep(step.parent.id if step.parent is not None else "", told.get("tokens_per_second_before"))
        looks = looks_of(item)
        for look in looks.values():
            keep(item.id, look.get("tokens_per_second_before"))
        for child in items if looks else ():
            own = child.model_card.last_step
            if own.verb == PRUNED and own.parent is not None and own.parent.id == item.id:
                settings = to_dict(PruningConfig()) | dict(own.settings)
                keep(
                    child.id,
                    next((look.get("tokens_per_second") for one, look in looks.items() if to_dict(one) == settings), None),
                )
    return {id: median(paces) for id, paces in found.items()}


def _lineage(project: Project, item: About) -> tuple[tuple[str, str], ...]:
    """Every step with the name of what came of it; the last is the model's own."""
    steps = item.model_card.lineage
    lost = next((at for at, step in enumerate(steps) if step.verb in (PRUNED, COMPACTED)), len(steps))
    verbs = [HEALED if step.verb == GROWN and at > lost else step.verb for at, step in enumerate(steps)]
    names = [name_now(project, "parent", step.parent) if step.parent is not None else "" for step in steps]
    return tuple(zip(verbs, [*names[1:], item.name], strict=True))
