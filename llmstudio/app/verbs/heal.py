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
from llmstudio.core.errors import Remedy, StudioError, learn_on
from llmstudio.core.events import Event, Finished, Noted, Started, Stopped, inside
from llmstudio.core.words import Words, words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.lineage import COMPACTED, GROWN, PRUNED, QUANTIZED
from llmstudio.store.project import About, Project

SHARE = 0.2  # of the steps that the model has learned for
_RATE = 0.5  # of the learning rate that it has learned with
_JOB = "heal"
ALL, LORA = "all", "lora"
"""What learns: all weights that are left, or small matrices beside them."""
NONE, PARENT = "none", "parent"
"""Who teaches, beside a model by its name: nobody, or the model that this one was before it lost weights."""


def heal(
    project: Project,
    model: str,
    *,
    name: str,
    share: float = SHARE,
    by: str = ALL,
    teacher: str = NONE,
    changes: Mapping[str, Any] | None = None,
    stop: Stop,
) -> Iterator[Event]:
    """Let a pruned or compacted model learn on, on its own text, for a share of the steps that it has learned for.

    Weights that are gone stay zero, whatever moves the others: an optimizer (`by` ALL), or what small matrices have learned
    beside them (LORA). From a `teacher`, NONE, PARENT or a model of the project, it learns what that finds likely, too. By
    default at half of the learning rate that the model has learned with; `changes` are settings of the run, by path, and
    come before all.

    Result: model, steps, seconds; parameters, nonzeros and, of what may go of a pruned model, prunable, zeros and sparsity;
    of the figures that the model's task has, on all of the validation part, the first as `measured_by`, `figure_before` and
    `figure_after`; and bits_per_byte, val_loss, file_bytes, memory_bytes (of the weights) and tokens_per_second (of writing;
    None of one that does not write), each with _before and _after.

    Raises:
        StudioError: No such model, it has lost nothing, a setting is out of bounds, the name is taken, or its text is gone.
    """
    yield Started(job=_JOB, title=words("Healing {name}", name=model), item=name)
    about = project.about("model", model)
    project.refuse_taken("model", name)
    if not any(step.verb in (PRUNED, COMPACTED) for step in about.model_card.lineage):
        _refuse_grown_sparse(about)
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
        "teach.weights": by,
        "teach.teacher": _teacher(about, whole, teacher),
    }
    recipe = recipe_from(project, model, usual | dict(changes or {}))
    if said := _kept_wider(about):
        yield Noted(job=_JOB, message=said)
    before = yield from _measured(project, model, stop)
    if before is None:
        yield Stopped(job=_JOB)
        return
    end = yield from inside(_JOB, train(project, name=name, recipe=recipe, start=model, stop=stop))
    after = None if isinstance(end, Stopped) else (yield from _measured(project, name, stop))
    if after is None:
        yield Stopped(job=_JOB, result={"model": name} | dict(end.result))
        return
    yield Finished(job=_JOB, step=end.step, result=_result(project, (model, name), before, after, end.result))


def _refuse_grown_sparse(about: About) -> None:
    """Raises StudioError if a model became sparse in its training, or in that of one that it began from."""
    from llmstudio.core.models.checkpoint.read import find_checkpoint

    if find_checkpoint(about.path, "best")[0].card.run.pruning:
        raise StudioError(
            "{model} became sparse while it learned, and has learned with its zeros since, so there is nothing to heal. A"
            " new run that begins from it keeps them.",
            model=about.name,
            remedies=(learn_on(about.name),),
        )


def _teacher(model: About, whole: About, teacher: str) -> str:
    """The name of the teacher; empty for none."""
    if teacher == NONE:
        return ""
    if teacher != PARENT:
        return teacher
    if whole.id == model.id or whole.model_card.last_step.verb != GROWN:
        raise StudioError(
            "The model that {model} was before it lost weights is gone, so it can be no teacher: name another one, or none.",
            model=model.name,
        )
    return whole.name


def _kept_wider(model: About) -> Words | None:
    """That the file keeps wider numbers afterwards, where it keeps narrow ones now; None where it does not."""
    step = model.model_card.last_step
    narrow = step.verb == QUANTIZED or step.settings.get("number_format", "fp32") != "fp32"
    if not narrow:
        return None
    return words(
        "{model} keeps its numbers in fewer bits. What is healed is kept in 32 bits, since it learns in small steps:"
        " quantise it afterwards, or prune it with the same share again, to keep fewer.",
        model=model.name,
    )


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
    project: Project, names: tuple[str, str], before: Mapping[str, Any], after: Mapping[str, Any], run: Mapping[str, Any]
) -> dict[str, Any]:
    from llmstudio.core.models.checkpoint.read import weights_bytes
    from llmstudio.core.models.weights.small import as_written_with, memory_bytes
    from llmstudio.core.sparsity.structured.pace import writing_paces

    name = names[1]
    both = [load(project, each) for each in names]
    paces = writing_paces([each.model for each in both]) if recipe_of(both[1].about).task_facts.writes else (None, None)
    headline = recipe_of(project.about("model", name)).task_facts.headline.name
    measured_by = next((each for each in (headline, *MEASURES) if each in after), headline)
    found: dict[str, Any] = {"model": name, "steps": run["steps"], "seconds": run["seconds"], "measured_by": measured_by}
    sizes = [(weight.numel(), int(weight.detach().count_nonzero())) for weight in both[1].model.parameters()]
    found |= {"parameters": sum(size for size, _ in sizes), "nonzeros": sum(left for _, left in sizes)}
    found |= {name: run[name] for name in ("prunable", "zeros", "sparsity") if name in run}
    measured = zip(("before", "after"), (before, after), both, paces, strict=True)
    for when, figures, loaded, pace in measured:
        found |= {f"file_bytes_{when}": weights_bytes(loaded.path), f"tokens_per_second_{when}": pace}
        found[f"memory_bytes_{when}"] = memory_bytes(as_written_with(loaded.model))
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
    if typed.by not in (ALL, LORA):
        raise StudioError(
            "Healing is done by {whole} or by {small}, and not by {asked}.", whole=ALL, small=LORA, asked=typed.by
        )
    how = {"share": share, "by": typed.by, "teacher": typed.teacher, "changes": values_of(typed.set)}
    return lambda stop: heal(project, typed.model, name=typed.name, **how, stop=stop)


VERB = Verb(
    name="heal",
    help="let a model that has lost weights learn on; what is gone stays gone",
    arguments=(
        MODEL,
        argument("--share", default=str(SHARE), metavar="S", help=f"of the steps that it has learned for ({SHARE})"),
        argument("--by", default=ALL, metavar="B", help=f"what learns: {ALL} weights, or {LORA}, small matrices ({ALL})"),
        argument("--teacher", default=NONE, metavar="T", help=f"{PARENT} (as it was before), {NONE} or a model ({NONE})"),
        *NAMED,
    ),
    begin=_begin,
    reads=short,
    needs_torch=True,
)
