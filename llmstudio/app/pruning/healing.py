"""Healing: how a model that has lost weights is to learn on, and how far that has brought it back."""

from __future__ import annotations

from dataclasses import dataclass

from llmstudio.app.items.ancestry import parent_now, recipe_of
from llmstudio.app.runs.going_on import steps_taken
from llmstudio.app.runs.run_summary import HEADLINES, Quality, summary_of
from llmstudio.app.verbs.heal import ALL, LORA, NONE, PARENT, SHARE
from llmstudio.core.settings import setting
from llmstudio.store.lineage import COMPACTED, GROWN, PRUNED
from llmstudio.store.project import About, Project


@dataclass(frozen=True)
class HealConfig:
    """Settings of healing; each is an argument of `heal` by the same name."""

    share: float = setting(
        SHARE,
        label="Share of the steps",
        help="For how many steps it learns on, as a share of those that the whole model has learned for. A fifth brings most"
        " of what was lost back; more helps ever less.",
        ge=0.01,
        le=10.0,
    )
    by: str = setting(
        ALL,
        label="What learns",
        help="All weights that are left; or small matrices beside them, which take less memory, learn less, and are added to"
        " the weights that are left in the end.",
        choices={ALL: "all weights", LORA: "small matrices beside (LoRA)"},
        source="Zimmer et al. 2023, arXiv:2312.15230",
    )
    teacher: str = setting(
        NONE,
        label="Teacher",
        help="The model that it was can teach it: beside the right answers it learns how likely that one finds each wrong"
        " one. Each step takes longer by what the teacher reads.",
        choices={NONE: "none", PARENT: "the model that it was"},
        source="Hinton, Vinyals and Dean 2015, arXiv:1503.02531",
    )


@dataclass(frozen=True)
class Figure:
    """A model's name and how good it is; None if that was not measured."""

    model: str
    quality: Quality | None


@dataclass(frozen=True)
class Healing:
    """What is known of a model that has lost weights.

    Attributes:
        hurt: The model itself.
        whole: The model that has learned what this one has lost a part of; None if it is gone.
        healed: What has learned on from this one, the newest first.
        steps: For how many the whole one has learned; 0 if it is gone.
    """

    hurt: Figure
    whole: Figure | None = None
    healed: tuple[Figure, ...] = ()
    steps: int = 0

    def made_good(self, healed: Figure) -> float | None:
        """How much of what was lost a healed model has back, 1 for all of it; None where that cannot be told: not all three
        were measured by one figure on all of the text, or nothing was lost.
        """
        known = [one.quality for one in (self.whole, self.hurt, healed) if one is not None and one.quality is not None]
        if len(known) < 3 or len({quality.measure for quality in known}) > 1 or not all(one.is_whole for one in known):
            return None
        whole, hurt, now = (quality.value for quality in known)
        lost = whole - hurt if HEADLINES[known[0].measure].more_is_better else hurt - whole
        return (now - hurt) / (whole - hurt) if lost > 0 else None


def has_lost(item: About) -> bool:
    """Whether it can be healed: it was pruned or made smaller, whatever came after."""
    return any(step.verb in (PRUNED, COMPACTED) for step in item.model_card.lineage)


def healing(project: Project, model: str) -> Healing:
    """What is known of a model that has lost weights, its parents and its children.

    Raises:
        StudioError: There is no such model, or what a run said is damaged.
    """
    own = project.about("model", model)
    children = [item for item in project.items("model") if _learned_on_from(item, own)]
    newest = sorted(children, key=lambda item: -item.created)
    whole = _whole(project, own)
    return Healing(
        _figure(project, own),
        _figure(project, whole) if whole is not None else None,
        tuple(_figure(project, item) for item in newest),
        steps_taken(recipe_of(whole), whole.model_card.result) if whole is not None else 0,
    )


def _learned_on_from(item: About, model: About) -> bool:
    step = item.model_card.last_step
    return step.verb == GROWN and step.parent is not None and step.parent.id == model.id


def _whole(project: Project, model: About) -> About | None:
    found, seen = model, {model.id}
    while has_lost(found):
        parent = found.model_card.last_step.parent
        before = parent_now(project, "parent", parent) if parent is not None else None
        if before is None or before.id in seen:
            return None
        found = before
        seen.add(found.id)
    return found


def _figure(project: Project, item: About) -> Figure:
    return Figure(item.name, summary_of(project, item).quality)
