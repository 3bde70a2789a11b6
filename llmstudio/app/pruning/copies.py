"""Copies of a model with less in them: made, measured beside it, and saved with the same ancestors."""

from __future__ import annotations

import copy
import itertools
import tempfile
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.ancestry import corpus_facts_of, dataset_of, recipe_of
from llmstudio.app.items.create import versions
from llmstudio.app.items.loaded import Loaded
from llmstudio.app.pruning.reading import Reads, reading
from llmstudio.app.runs.training import checkpoint_hash, new_model_files
from llmstudio.app.runs.whole_figures import keep_whole_figures
from llmstudio.app.verbs.evaluate import measure
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Evaluated, Event, Noted, Sampled, Saved
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.recipe import Recipe
from llmstudio.core.recipe import to_dict as recipe_to_dict
from llmstudio.core.settings import settings_of
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.tokenizer.config import END
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.files import folder_bytes
from llmstudio.store.lineage import Step, lineage_file
from llmstudio.store.project import Project
from llmstudio.store.reading import no_file

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.models.base import LanguageModel
    from llmstudio.core.sparsity.masks import Masks
    from llmstudio.core.sparsity.rounding import Rounding

_SAMPLE_TOKENS = 64


# before it is made


def told_settings(config: Reads, *, job: str) -> Iterator[Event]:
    """Say which settings that somebody has set do nothing beside the others. Raises StudioError if a text is not there."""
    if config.reads and config.calibration_text and not (file := Path(config.calibration_text).expanduser()).is_file():
        raise no_file(str(file))
    names = {each.path: each.fact.label for each in settings_of(type(config))}
    for path, why in config.told_idle().items():
        yield Noted(job=job, message=words("“{setting}” does nothing here: {why}.", setting=names[path], why=why))


def tokens_of(project: Project, loaded: Loaded, *, job: str, stop: Stop) -> Generator[Event, None, Dataset | None]:
    """What a model has learned from; None if that is gone, which is told, or if it was stopped."""
    try:
        return (yield from dataset_of(project, loaded.about, job=job, stop=stop))
    except StudioError as error:
        yield Noted(job=job, message=error.words, level="warning")
        return None


# made


def pruned_copy(
    project: Project, full: Loaded, data: Dataset | None, config: PruningConfig, *, job: str, stop: Stop
) -> Generator[Event, None, tuple[Loaded, Masks, float]]:
    """A copy of a model with weights gone, the masks, and how far rounding moved the others, as a share of their length.

    The loaded one may be talking meanwhile.

    Raises:
        StudioError: The weights cannot be pruned, or there is no text to read for a method that reads.
        WasStopped: Somebody has asked to stop.
    """
    from llmstudio.core.sparsity.pruning import prune_by_reading

    spare = replace(full, model=copy.deepcopy(full.model))
    with tempfile.TemporaryDirectory(prefix="llmstudio-") as folder:
        calibration = None
        if config.reads:
            calibration = yield from reading(project, full, data, config, Path(folder), job=job, stop=stop)
        masks = yield from prune_by_reading(spare.model, config, calibration, job=job, stop=stop)
        del calibration
    return spare, masks, (yield from _rounded(spare, config, job=job))


def _rounded(spare: Loaded, config: PruningConfig, *, job: str) -> Generator[Event, None, float]:
    """Round the weights to what the file is to hold, and say by how much that moves them."""
    from llmstudio.core.sparsity.rounding import WIDTHS, round_model

    width = WIDTHS[config.number_format]
    if width.bits == 32:
        return 0.0
    found = round_model(spare.model, width, keep_embeddings=config.keep_embeddings)
    yield from told_rounding(found, width.bits, job=job)
    return found.share


def told_rounding(found: Rounding, bits: int, *, job: str) -> Iterator[Event]:
    """Say how far rounding has moved a model's weights, and what it left or lost."""
    message = words(
        "Rounding to {bits} bits moves the weights by {share:.4f} % of their length, the furthest by {most:.2g}.",
        bits=bits,
        share=100 * found.share,
        most=found.most,
    )
    yield Noted(job=job, message=message)
    if found.zeros:
        yield Noted(job=job, message=words("Zero is the nearest to {zeros|weight|weights} more.", zeros=found.zeros))
    if found.left:
        message = words(
            "{left|matrix stays|matrices stay} in 32 bits ({name}): there are numbers above 65,504, the largest in 16 bits.",
            left=len(found.left),
            name=found.left[0],
        )
        yield Noted(job=job, message=message, level="warning")


# measured


def figures_of(loaded: Loaded, data: Dataset | None, *, job: str, stop: Stop) -> Generator[Event, None, dict[str, Any]]:
    """Validation figures and a sample text; what cannot be had is left out, and if it was stopped all of it."""
    figures: dict[str, Any] = {}
    if stop.requested:
        return figures
    if data is not None and data.held_out("val") is not None:
        found = yield from measure(loaded, data, ("val",), job=job, stop=stop)
        if found is None:
            return {}
        figures |= found
        yield Evaluated(job=job, step=loaded.step, split="val", figures=found)
    prompt, text = sample_text(loaded, data)
    yield Sampled(job=job, step=loaded.step, prompt=prompt, text=text)
    return figures | {"prompt": prompt, "sample": text}


def figures_before(full: Loaded, data: Dataset | None, *, job: str, stop: Stop) -> Generator[Event, None, dict[str, Any]]:
    """As `figures_of`, of the model that is copied, which keeps what was measured of it."""
    from llmstudio.core.models.checkpoint.verification import weights_hash

    found = yield from figures_of(full, data, job=job, stop=stop)
    if "tokens" in found:  # all of the validation text was read
        numbers = {name: value for name, value in found.items() if isinstance(value, int | float)}
        keep_whole_figures(full.about.path, weights_hash(full.path), full.step, numbers)
    return found


def sample_text(loaded: Loaded, data: Dataset | None) -> tuple[str, str]:
    """What a model makes of held-out text, by what it was trained for: (prompt, text).

    Without such text, one that writes begins with an empty page; any other has nothing to say.
    """
    from llmstudio.core.generation.generate import decode
    from llmstudio.core.tokenizer.streaming import whole_text

    recipe, tokenizer = recipe_of(loaded.about), loaded.tokenizer
    if data is not None:
        sampling = replace(recipe, training=replace(recipe.training, sample_tokens=_SAMPLE_TOKENS, seed=0))
        return sampling.make_task(data, tokenizer).sample(loaded.model)
    if not recipe.task_facts.writes:
        return "", ""
    written = decode(loaded.model, [END], GenerationConfig(max_new_tokens=_SAMPLE_TOKENS, seed=0))
    return "", whole_text(tokenizer, list(itertools.takewhile(lambda token: token != END, written)))


def as_they_write(full: Loaded, spare: Loaded) -> dict[str, tuple[Any, Any]]:
    """Of a model and its copy: memory_bytes of the weights, and tokens_per_second (None of one that does not write)."""
    from llmstudio.core.models.weights.small import as_written_with, memory_bytes
    from llmstudio.core.sparsity.structured.pace import writing_paces

    both = [as_written_with(full.model), as_written_with(spare.model)]
    paces = writing_paces(both) if recipe_of(full.about).task_facts.writes else (None, None)
    return {
        "memory_bytes": (memory_bytes(both[0]), memory_bytes(both[1])),
        "tokens_per_second": (paces[0], paces[1]),
    }


# saved


@dataclass(frozen=True)
class Copy:
    """A copy that is to be saved.

    Attributes:
        model: Its weights.
        verb: What made it, as its lineage keeps it (`store.lineage`).
        settings: How, as its lineage keeps them.
        recipe: By which it would learn on.
        seed: By which whatever was drawn was drawn.
        figures: Of the model that it was made from, and of itself, as `figures_of` gives them.
        is_sparse: Whether its file takes the fewest bytes that hold all of its numbers, and not 32 bits for each.
        kept: What its checkpoint keeps of it besides.
        about: What its `about.json` keeps of it besides.
    """

    model: LanguageModel
    verb: str
    settings: Mapping[str, Any]
    recipe: Recipe
    seed: int
    figures: tuple[Mapping[str, Any], Mapping[str, Any]]
    is_sparse: bool = True
    kept: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


def saved_copy(
    project: Project,
    full: Loaded,
    name: str,
    made: Copy,
    *,
    told: Mapping[str, Any],
    beside: Mapping[str, tuple[Any, Any]] | None = None,
    job: str,
) -> Generator[Event, None, dict[str, Any]]:
    """Save a copy of `full` as a model of its own. Returns the result of the job.

    Args:
        project: Of both.
        full: The model that it was made from.
        name: Of the copy.
        made: The copy.
        told: What the result tells besides.
        beside: What it tells of both, before and after.
        job: Of the events.

    The result has model, step, what is told, file_bytes, bits_per_byte, val_loss, the headline figure of a task that has
    another, prompt and sample; those of both models with _before and _after.

    Raises:
        StudioError: The name is taken meanwhile, or the disk is full.
    """
    from llmstudio.core.models.checkpoint.folders import WEIGHTS
    from llmstudio.core.models.checkpoint.read import weights_bytes
    from llmstudio.core.models.checkpoint.write import save_checkpoint

    headline, about = made.recipe.task_facts.headline.name, full.about
    lineage = (*about.model_card.lineage, Step(made.verb, about.as_parent, dict(made.settings)))
    if moved := project.make_room("model", name):
        yield Noted(job=job, message=moved)
    with project.create("model", name, made_from=dict(about.parents) | {"parent": about.as_parent}) as (folder, facts):
        new_model_files(folder, full.tokenizer, corpus_facts_of(project, about))
        kept = dict(full.card.run.told) | {"val_loss": made.figures[1].get("loss")} | dict(made.kept)
        path = save_checkpoint(folder, full.step, model=made.model, kind=full.card.family, facts=kept, sparse=made.is_sparse)
        sizes = weights_bytes(full.path), (path / WEIGHTS).stat().st_size
        result: dict[str, Any] = {"model": name, "step": full.step, **told}
        for place, (when, found) in enumerate(zip(("before", "after"), made.figures, strict=True)):
            result |= {f"file_bytes_{when}": sizes[place]}
            result |= {f"bits_per_byte_{when}": found.get("bits_per_byte"), f"val_loss_{when}": found.get("loss")}
            if headline in found:
                result[f"{headline}_{when}"] = found[headline]
            result |= {f"{what}_{when}": both[place] for what, both in (beside or {}).items()}
            result |= {"prompt": found.get("prompt", ""), f"sample_{when}": found.get("sample")}
        facts |= {
            "recipe": recipe_to_dict(made.recipe),
            **made.about,
            "lineage": lineage_file(lineage),
            "seed": made.seed,
            "versions": versions(),
            "state": made.verb,
            "result": result,
            "hash": checkpoint_hash(folder),
        }
    place_on_disk = project.path("model", name)
    yield Saved(job=job, kind="model", name=name, location=str(place_on_disk), num_bytes=folder_bytes(place_on_disk))
    return result
