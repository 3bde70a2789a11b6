"""Before one prunes: what arithmetic says of a setting, what a quick look says, and what was measured of a model's lineage.

None of this saves anything. `outlook` needs the weights, so it loads torch; `lineage` does not.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llmstudio.app.computer.engine import load_engine
from llmstudio.app.items.ancestry import ancestors, dataset_of, is_healed, pruned_from, recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.pruning.copies import pruned_copy, sample_text, told_settings
from llmstudio.app.pruning.looks import keep_look
from llmstudio.app.runs.run_summary import MEASURES, Quality, summary_of
from llmstudio.app.verbs.evaluate import scores
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.settings import from_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.tokenizer.config import END
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped
from llmstudio.store.lineage import QUANTIZED
from llmstudio.store.model_card import Result
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.sparsity.report import PruningReport

# Enough to tell a hurt model from a whole one (a few thousandths of a bit), read in seconds on a laptop.
LOOK_TOKENS = 20_000
_PACE_TOKENS = 48
_JOB = "try"


@dataclass(frozen=True)
class Member:
    """A model of a lineage: where it comes from, how sparse it is, and what was measured.

    Attributes:
        model: Its name.
        parent: Name of the model it was pruned from; empty for the one that was trained.
        config: How it was pruned; None for the one that was trained, or if this version cannot read it.
        sparsity: Share of the weights that may go which are zero; of the one that was trained 0, unless it became sparse as
            it learned.
        bits_per_byte: Of its best weights; None if it was not measured.
        is_whole: Whether that is on all of the validation text, and not on a sample of it.
        result: What came out when it was made.
        quality: The headline figure of its family, of the same weights; None if it was not measured.
        is_healed: Whether it has learned on after it was pruned; its parent is the pruned one, and `config` that one's.
        quantized: How it was quantised, where that made it.
    """

    model: str
    parent: str
    config: PruningConfig | None
    sparsity: float
    bits_per_byte: float | None
    is_whole: bool
    result: Result
    quality: Quality | None = None
    is_healed: bool = False
    quantized: QuantizingConfig | None = None

    @property
    def measure(self) -> str:
        """What its figure counts, one of `MEASURES`."""
        return MEASURES[0] if self.quality is None else self.quality.measure

    @property
    def figure(self) -> float | None:
        """Its headline figure; None if it was not measured."""
        return self.bits_per_byte if self.quality is None else self.quality.value


@dataclass(frozen=True)
class Outlook:
    """What pruning would leave, counted and not measured.

    Attributes:
        model: Whose weights were counted.
        config: The setting that was asked about.
        counts: What would be left; bytes before are those of the file that is there.
        earlier_step: Step of the weights that are pruned, where the best ones are damaged; None where they are whole.
    """

    model: str
    config: PruningConfig
    counts: PruningReport
    earlier_step: int | None = None


def lineage(project: Project, model: str) -> list[Member]:
    """A model, what it was pruned from, and all that was pruned from that or healed; the sparsest last.

    Raises:
        StudioError: There is no such model.
    """
    items = {item.id: item for item in project.items("model")}
    own = project.about("model", model)
    root = [own, *ancestors(own, items.values())][-1]
    found, known = [root], {root.id}
    while more := [item for item in items.values() if item.id not in known and pruned_from(item) in known]:
        found += more
        known |= {item.id for item in more}
    members = (_member(project, item, items) for item in found)
    return sorted(members, key=lambda member: member.sparsity)


def _earlier_step(project: Project, loaded: Loaded) -> int | None:
    """Step of the weights that were taken in the place of those that a run's figure is of; None where these are there."""
    measured = summary_of(project, loaded.about).quality
    is_other = bool(loaded.notes) and measured is not None and loaded.step < measured.step
    return loaded.step if is_other else None


def without_lost(lineage: Sequence[Member], earlier: Mapping[str, int]) -> list[Member]:
    """A lineage in which a figure is that of weights which are still there.

    Args:
        lineage: As `lineage` gives it.
        earlier: The step of the weights that are pruned, by the name of each model whose best ones are damaged.
    """
    return [_of_earlier(lineage, one, earlier[one.model]) if one.model in earlier else one for one in lineage]


def _of_earlier(lineage: Sequence[Member], own: Member, step: int) -> Member:
    """With what was measured of the weights of `step` when they were pruned, else with no figure."""
    pruned = [child for child in lineage if child.parent == own.model and child.result.told.get("step") == step]
    figure = next((value for child in pruned if (value := _told_before(child, own.measure)) is not None), None)
    quality = None if figure is None else Quality(own.measure, figure, step, is_whole=True)
    bits = figure if own.measure == "bits_per_byte" else None
    return replace(own, quality=quality, bits_per_byte=bits, is_whole=quality is not None)


def whole_figure(lineage: Sequence[Member], model: str) -> float | None:
    """The headline figure of one of a lineage on all of the validation text, if that was measured; else what there is."""
    own = next((member for member in lineage if member.model == model), None)
    if own is None or own.is_whole:
        return own.figure if own is not None else None
    before = (_told_before(member, own.measure) for member in lineage if member.parent == model)
    return next((figure for figure in before if figure is not None), own.figure)


def _told_before(child: Member, measure: str) -> float | None:
    """What was measured of a child's parent when it was pruned."""
    return child.result.figures_before.get(measure)


def on_all_of_the_text(lineage: Sequence[Member], model: str, look: Mapping[str, Any]) -> float | None:
    """Where a look at a part of the text lies beside figures for all of it: a part may be easier or harder as a whole, so
    what pruning cost there is added to the model's own figure.
    """
    measure = next((member.measure for member in lineage if member.model == model), MEASURES[0])
    before, after, whole = look.get(f"{measure}_before"), look.get(f"{measure}_after"), whole_figure(lineage, model)
    if after is None or before is None or whole is None:
        return after
    return float(whole + after - before)


def outlook(project: Project, model: str, config: PruningConfig) -> Outlook:
    """Count what pruning a model's best checkpoint would leave. Milliseconds for a small model that is in memory.

    Raises:
        StudioError: No such model, no whole checkpoint, or weights that cannot be pruned.
    """
    for _ in load_engine():
        pass
    from llmstudio.core.models.checkpoint.read import weights_bytes
    from llmstudio.core.sparsity.pruning import prune_masks
    from llmstudio.core.sparsity.report import report

    loaded = load(project, model)
    masks = prune_masks(loaded.model, counted(config))
    found = report(loaded.model, masks, keep_embeddings=config.keep_embeddings, values=config.number_format)
    counts = replace(found, file_bytes_before=weights_bytes(loaded.path))
    return Outlook(model, config, counts, _earlier_step(project, loaded))


def counted(config: PruningConfig) -> PruningConfig:
    """A setting by which as many weights of each matrix go, if not the same ones, without reading a text."""
    return replace(config, method="magnitude", scope=config.compared) if config.reads else config


def try_pruning(project: Project, model: str, *, config: PruningConfig, stop: Stop) -> Iterator[Event]:
    """Measure a pruned copy on a part of the validation text, and throw it away; what was measured is kept (`looks`).

    Result: model, sparsity of the copy and sparsity_before, tokens looked at, bits_per_byte_before, bits_per_byte_after,
    sample_before, sample_after, and of a model with another headline figure that one, before and after; nonzeros of the
    copy; its file_bytes, memory_bytes (of its weights, as it writes) and the tokens_per_second at which it writes (None of
    one that does not), and these of the whole model with _before. The figures are None where no validation text is left.

    Raises:
        StudioError: As `outlook`.
    """
    from llmstudio.core.models.checkpoint.read import weights_bytes
    from llmstudio.core.models.weights.small import as_written_with, memory_bytes
    from llmstudio.core.sparsity.masks import share_gone
    from llmstudio.core.sparsity.report import report

    yield Started(job=_JOB, title=words("Trying {name} with fewer weights", name=model), item=model)
    full = load(project, model)
    for note in full.notes:
        yield Noted(job=_JOB, message=note, level="warning")
    data = yield from dataset_of(project, full.about, job=_JOB, stop=stop)
    yield from told_settings(config, job=_JOB)
    try:
        spare, masks, _ = yield from pruned_copy(project, full, data, config, job=_JOB, stop=stop)
    except WasStopped:
        yield Stopped(job=_JOB)
        return
    gone = {"sparsity": share_gone(spare.model, keep_embeddings=config.keep_embeddings)}
    gone |= {"sparsity_before": share_gone(full.model, keep_embeddings=config.keep_embeddings)}
    result: dict[str, Any] = {"model": model} | gone
    headline = recipe_of(full.about).task_facts.headline.name
    for place, (when, loaded) in enumerate((("before", full), ("after", spare))):
        figures = yield from _look(loaded, data, place, stop)
        if stop.requested:
            yield Stopped(job=_JOB)
            return
        result |= {f"bits_per_byte_{when}": figures.get("bits_per_byte"), "tokens": figures.get("tokens", 0)}
        if headline in figures:
            result[f"{headline}_{when}"] = figures[headline]
        result["prompt"], result[f"sample_{when}"] = sample_text(loaded, data)
    counts = report(spare.model, masks, keep_embeddings=config.keep_embeddings)
    result |= {"nonzeros": counts.nonzeros, "file_bytes": counts.file_bytes, "tokens_per_second": _pace(spare)}
    result |= {"file_bytes_before": weights_bytes(full.path), "tokens_per_second_before": _pace(full)}
    result |= {"memory_bytes": memory_bytes(as_written_with(spare.model))}
    result |= {"memory_bytes_before": memory_bytes(as_written_with(full.model))}
    if not config.calibration_text:  # a file of one's own may be another one tomorrow
        keep_look(full.about, config, result)
    yield Finished(job=_JOB, result=result)


def nothing_to_measure_on(model: str) -> StudioError:
    """Why a model cannot be measured."""
    return StudioError("There is nothing to measure {model} on: no text was held out, or it is gone.", model=model)


def _pace(loaded: Loaded) -> float | None:
    """Tokens a second that a model writes, the middle of three short texts; None of one that does not write."""
    from llmstudio.core.generation.generate import decode
    from llmstudio.core.models.weights.small import as_written_with

    if not recipe_of(loaded.about).task_facts.writes:
        return None
    model, config, paces = as_written_with(loaded.model), GenerationConfig(max_new_tokens=_PACE_TOKENS, seed=0), []
    for _ in range(3):
        began = time.perf_counter()
        written = sum(1 for _ in decode(model, [END], config, stop_ids=()))
        paces.append(written / max(1e-9, time.perf_counter() - began))
    return sorted(paces)[1]


def _look(loaded: Loaded, data: Dataset | None, place: int, stop: Stop) -> Generator[Event, None, dict[str, float]]:
    part = data.held_out("val") if data is not None else None
    rows = None if part is None else part.split("val")
    if part is None or rows is None:
        return {}
    total, score = min(rows.num_tokens, LOOK_TOKENS), None
    for score in scores(loaded, part, max_tokens=LOOK_TOKENS):
        if stop.requested:
            return {}
        done = place * total + min(score.tokens, total)
        yield Progress(job=_JOB, what=words("Measuring"), done=done, total=2 * total, unit="tokens")
    return score.figures() if score else {}


def _member(project: Project, item: About, items: Mapping[str, About]) -> Member:
    run, parent = summary_of(project, item), items.get(pruned_from(item))
    pruned = next((one for one in (item, *ancestors(item, items.values())) if not is_healed(one)), item)
    card, config, quantized = pruned.model_card, None, None
    result = item.model_card.result or Result()
    gone = result if "sparsity" in result.told else card.result or Result()
    if card.is_pruned:
        with contextlib.suppress(StudioError):
            if card.last_step.verb == QUANTIZED:
                quantized = from_dict(QuantizingConfig, card.last_step.settings)
            else:
                config = from_dict(PruningConfig, card.last_step.settings)
    return Member(
        model=item.name,
        parent=parent.name if parent else "",
        config=config,
        sparsity=gone.sparsity,
        bits_per_byte=run.bits_per_byte,
        is_whole=run.quality is not None and run.quality.is_whole,
        result=result,
        quality=run.quality,
        is_healed=pruned is not item,
        quantized=quantized,
    )
