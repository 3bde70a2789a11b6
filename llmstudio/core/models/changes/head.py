"""A head for classes beside the head for tokens, which stays: the model still knows how to write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmstudio.core.models.changes.recorded import Recorded
from llmstudio.core.models.parts.heads.sizes import FEATURES, HIDDEN, num_parameters, num_window_parameters

if TYPE_CHECKING:
    from llmstudio.core.models.base import LanguageModel

NAME = "class_head"
OFFSETS = "class_head.offsets"
"""Name of what logits are moved by among a model's tensors: no weight, and yet another after every look."""


class Head:
    """Adds `class_head`, or puts a new one in the place of one that is there."""

    def apply(self, model: LanguageModel, recorded: Recorded) -> None:
        """Give `model` the head that is recorded, with weights that follow from its seed."""
        import torch

        from llmstudio.core.models.parts.heads.class_head import ClassHead
        from llmstudio.core.models.parts.heads.crf import ChainCRF
        from llmstudio.core.models.parts.heads.spelling_table import SpellingTable
        from llmstudio.core.models.parts.heads.word_windows import WordWindows

        generator = torch.Generator().manual_seed(int(recorded["seed"]))
        names = list(recorded["names"])
        crf = None
        if recorded.get("crf"):
            steps = torch.zeros(len(names) + 1, len(names), dtype=torch.bool)  # the last row is a row's beginning
            for before, tag in recorded.get("forbidden", ()):
                steps[before, tag] = True
            crf = ChainCRF(len(names), forbidden=steps[:-1], forbidden_first=steps[-1], scale=float(recorded["crf"]))
        shape = int(recorded["width"]), len(names), str(recorded["pooling"])
        spelling = SpellingTable(int(recorded["spelling"]), len(names)) if recorded.get("spelling") else None
        reach = int(recorded.get("window") or 0)
        windows = WordWindows(int(recorded["width"]), reach, generator) if reach else None
        is_moved = bool(recorded.get("moved"))
        head = ClassHead(*shape, generator, crf=crf, spelling=spelling, windows=windows, is_moved=is_moved)
        model.class_head = head.to(model.device)

    def num_parameters(self, count: int, recorded: Recorded) -> int:
        """With one weight for each class and number of a vector, an offset for each class, and a query, filters, steps
        or a table of spellings.
        """
        width, classes, pooling = int(recorded["width"]), len(recorded["names"]), recorded["pooling"]
        own = {"attention": width, "phrases": num_parameters(width)}.get(pooling, 0)
        own += classes * (classes + 2) if recorded.get("crf") else 0
        own += classes * int(recorded.get("spelling") or 0)
        own += classes if recorded.get("moved") else 0
        reach = int(recorded.get("window") or 0)
        own += num_window_parameters(width, reach) if reach else 0
        read = FEATURES if pooling == "phrases" else HIDDEN if reach else width
        return count + classes * (read + 1) + own - int(recorded.get("replaces", 0))


def head_of(changes: Sequence[Recorded]) -> Recorded | None:
    """The head for classes that a model has; None if it has none."""
    return next((recorded for recorded in reversed(changes) if recorded.get("change") == NAME), None)


def told_names(head: Recorded) -> list[str]:
    """The classes that are told; those that a head scores may be finer, and then it says of each which one is told."""
    names = list(head["names"])
    return names[: 1 + max(head["told"])] if head.get("told") else names


def narrowed(changes: Sequence[Recorded], width: int) -> tuple[Recorded, ...]:
    """What was done to a model, for one whose features have this width."""
    found: list[Recorded] = []
    for one in changes:
        if one.get("change") == NAME and int(one["width"]) != width:
            old = head_of(found)
            replaced = {"replaces": Head().num_parameters(0, {**old, "replaces": 0})} if old is not None else {}
            one = {**one, "width": width} | replaced
        found.append(one)
    return tuple(found)


def new_head(
    changes: Sequence[Recorded],
    *,
    width: int,
    names: Sequence[str],
    pooling: str,
    seed: int,
    never: Sequence[tuple[int, int]] | None = None,
    **beside: Any,
) -> list[Recorded]:
    """What is to be recorded so that a model with `changes` tells these classes; nothing if it does so already.

    `never` are steps between classes that no answer takes, as pairs of numbers, a row's beginning being the number behind
    the last class; they are no reason for a new head.
    """
    old = head_of(changes)
    wanted = {"names": list(names), "pooling": pooling} | beside
    if old is not None and all((old.get(key) or None) == (value or None) for key, value in wanted.items()):
        return []
    recorded: dict[str, Any] = {"change": NAME, "width": width, "seed": seed} | wanted
    if never is not None:
        recorded["never"] = [list(step) for step in never]
    if old is not None:
        recorded["replaces"] = Head().num_parameters(0, {**old, "replaces": 0})
    return [recorded]
