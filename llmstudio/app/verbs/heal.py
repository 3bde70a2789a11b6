"""Heal: a model that has lost weights learns on, while what is gone stays gone, and is measured before and after."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from llmstudio.app.items.ancestry import is_healed, recipe_of
from llmstudio.app.items.loaded import load
from llmstudio.app.runs.going_on import steps_taken
from llmstudio.app.runs.run_summary import MEASURES
from llmstudio.app.runs.starting import recipe_from
from llmstudio.app.verbs.evaluate import evaluate
from llmstudio.app.verbs.figures import short
from llmstudio.app.verbs.options import MODEL, NAMED, values_of
from llmstudio.app.verbs.train import train
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import Remedy, StudioError
from llmstudio.core.events import Event, Finished, Noted, Started, Stopped, inside
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.lineage import COMPACTED, GROWN, PRUNED
from llmstudio.store.project import About, Project

SHARE = 0.2  # of the steps that the model has learned for
_RATE = 0.5  # of the learning rate that it has learned with
_JOB = "heal"


def heal(
    project: Project, model: str, *, name: str, share: float = SHARE, changes: Mapping[str, Any] | None = None, stop: Stop
) -> Iterator[Event]:
    """Let a pruned or compacted model learn on, on its own text, for a share of the steps that it has learned for.

    Weights that are gone stay zero, whatever optimizer moves the others. By default at half of the learning rate that the
    model has learned with; `changes` are settings of the run, by path, and come before both.

    Result: model, steps, seconds; nonzeros and parameters; and of the figures that the model's task has, on all of the
    validation part, the first as `measured_by`, `figure_before` and `figure_after`, and bits_per_byte and val_loss, each
    with _before and _after.

    Raises:
        StudioError: No such model, it has lost nothing, a setting is out of bounds, the name is taken, or its text is gone.
    """
    yield Started(job=_JOB, title=words("Healing {name}", name=model), item=name)
    about = project.about("model", model)
    project.refuse_taken("model", name)
    if not any(step.verb in (PRUNED, COMPACTED) for step in about.model_card.lineage):
        raise StudioError(
            "{model} has lost no weights, so there is nothing to heal: prune it first, or train on from it.",
            model=model,
            remedies=(Remedy("open_tab", words("Go to Prune"), "prune"),),
        )
    whole = _learned(project, about)
    own = recipe_of(whole).training
    steps = steps_taken(recipe_of(whole), whole.model_card.result)
    usual = {
        "training.max_steps": max(1, round(share * steps)),
        "training.max_seconds": 0,
        "training.learning_rate": _RATE * own.learning_rate,
    }
    recipe = recipe_from(project, model, usual | dict(changes or {}))
    before = yield from _measured(project, model, stop)
    if before is None:
        yield Stopped(job=_JOB)
        return
    end = yield from inside(_JOB, train(project, name=name, recipe=recipe, start=model, stop=stop))
    after = None if isinstance(end, Stopped) else (yield from _measured(project, name, stop))
    if after is None:
        yield Stopped(job=_JOB, result={"model": name} | dict(end.result))
        return
    yield Finished(job=_JOB, step=end.step, result=_result(project, name, before, after, end.result))


def _learned(project: Project, model: About) -> About:
    """The model that learned what this one has lost a part of, and not what healed it; the oldest that is still there."""
    found = model
    known = {item.id: item for item in project.items("model")}
    while (parent := found.model_card.last_step.parent) is not None and parent.id in known:
        if found.model_card.last_step.verb == GROWN and not is_healed(found):
            break
        found = known[parent.id]
    return found


def _measured(project: Project, model: str, stop: Stop) -> Generator[Event, None, Mapping[str, Any] | None]:
    """A model's figures on the validation part: none where nothing was held out, None if it was stopped."""
    try:
        end = yield from inside(_JOB, evaluate(project, model, stop=stop))
    except WasStopped:
        return None
    except StudioError as error:
        yield Noted(job=_JOB, message=error.words, level="warning")
        return {}
    return None if isinstance(end, Stopped) else end.result


def _result(
    project: Project, name: str, before: Mapping[str, Any], after: Mapping[str, Any], run: Mapping[str, Any]
) -> dict[str, Any]:
    parameters = load(project, name).model.parameters()
    sizes = [(weight.numel(), int(weight.detach().count_nonzero())) for weight in parameters]
    headline = recipe_of(project.about("model", name)).task_facts.headline.name
    measured_by = next((each for each in (headline, *MEASURES) if each in after), headline)
    found: dict[str, Any] = {"model": name, "steps": run["steps"], "seconds": run["seconds"], "measured_by": measured_by}
    found |= {"parameters": sum(size for size, _ in sizes), "nonzeros": sum(left for _, left in sizes)}
    for when, figures in (("before", before), ("after", after)):
        found[f"figure_{when}"] = figures.get(measured_by)
        found |= {f"bits_per_byte_{when}": figures.get("bits_per_byte"), f"val_loss_{when}": figures.get("loss")}
    return found


def _begin(project: Project, typed: Typed) -> Job:
    try:
        share = float(typed.share)
    except ValueError:
        share = 0.0
    if not 0 < share <= 10:
        raise StudioError("{share} is no share of the steps, as 0.2 is: give a number above 0, up to 10.", share=typed.share)
    changes = values_of(typed.set)
    return lambda stop: heal(project, typed.model, name=typed.name, share=share, changes=changes, stop=stop)


VERB = Verb(
    name="heal",
    help="let a model that has lost weights learn on; what is gone stays gone",
    arguments=(
        MODEL,
        argument("--share", default=str(SHARE), metavar="S", help=f"of the steps that it has learned for ({SHARE})"),
        *NAMED,
    ),
    begin=_begin,
    reads=short,
    needs_torch=True,
)
