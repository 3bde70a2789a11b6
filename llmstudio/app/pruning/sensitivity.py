"""Layer sensitivity: how much worse a model gets if one layer alone loses weights, measured a layer at a time.

What was measured lies in the model's folder, for another day. From it follow shares by layer (`spread`).
"""

from __future__ import annotations

import copy
import tempfile
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from llmstudio.app.items.ancestry import dataset_of, recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.pruning.looks import is_figure, keep_beside
from llmstudio.app.pruning.preview import LOOK_TOKENS, nothing_to_measure_on
from llmstudio.app.pruning.reading import reading
from llmstudio.app.runs.run_summary import HEADLINES
from llmstudio.app.verbs.evaluate import scores
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.settings import from_dict, to_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.shares import expected, parts_of, spread
from llmstudio.core.typed import made
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped, check
from llmstudio.store.project import About, Project
from llmstudio.store.reading import read_json

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.sparsity.calibration import Calibration

FILE = "sensitivity.json"
WAYS = ("layer", "part")
"""Whole layers, or their attention, feed-forward and so on each by itself."""
_JOB = "sensitivity"


class PartFile(TypedDict):
    """One layer or part that alone lost weights: how, and what was measured."""

    config: dict[str, Any]
    part: str
    weights: int
    measured_by: str
    figure: float
    figure_before: float
    tokens: int


class SensitivityFile(TypedDict):
    """All that was measured of the weights of this hash."""

    hash: str
    parts: list[PartFile]


@dataclass(frozen=True)
class Part:
    """What it costs if one layer or part alone loses weights.

    Attributes:
        part: Its name (`shares.parts_of`).
        weights: How many it has.
        measured_by: What the figures count.
        figure: Of the copy in which it has lost weights.
        figure_before: Of the whole model, on the same text.
        tokens: Of validation text, on which both were measured.
    """

    part: str
    weights: int
    measured_by: str
    figure: float
    figure_before: float
    tokens: int

    @property
    def cost(self) -> float:
        """How much worse it gets, in the figure's own unit; below zero where it gets better, as by chance."""
        worse = self.figure - self.figure_before
        return -worse if HEADLINES[self.measured_by].more_is_better else worse


Kept = dict[tuple[PruningConfig, str], Part]


def asked(config: PruningConfig) -> PruningConfig:
    """What of a setting decides about a layer alone: settings that are idle or of the whole model are as usual."""
    usual = PruningConfig()
    idle = {name: getattr(usual, name) for name in (*config.idle(), "layer_shares", "number_format", "keep_embeddings")}
    return replace(config, **idle)


def parts_kept(model: About) -> Kept:
    """What was measured of a model's weights as they are; nothing where there is nothing, or it is damaged."""
    try:
        found = made(SensitivityFile, read_json(model.path / FILE, dict))
        if found["hash"] != model.model_card.hash:
            return {}
        return {
            (from_dict(PruningConfig, one["config"]), one["part"]): Part(
                **{name: one[name] for name in Part.__dataclass_fields__}  # type: ignore[literal-required]
            )
            for one in found["parts"]
            if one["measured_by"] in HEADLINES and is_figure(one["figure"]) and is_figure(one["figure_before"])
        }
    except (StudioError, TypeError, KeyError):
        return {}


def _keep(model: About, config: PruningConfig, part: Part) -> None:
    kept = parts_kept(model) | {(config, part.part): part}
    keep_beside(model, FILE, {"parts": [{"config": to_dict(one), **vars(found)} for (one, _), found in kept.items()]})


def sensitivity(project: Project, model: str, *, config: PruningConfig, by: str = "part", stop: Stop) -> Iterator[Event]:
    """Measure copies of a model in each of which one layer, or one part of a layer, loses the share that `config` says.

    Each is kept at once, so that what was stopped goes on where it was. After each, a `Progress` holds in its details `row`,
    as in the result.

    Result: model, method, sparsity, by, measured_by, figure_before (of the whole model), tokens (of validation text, on
    which all was measured); rows, each with part, weights, figure and cost (how much worse); of all rows also spread, the
    shares by layer that follow from it, as `layer_shares` takes them, and expected_alike and expected_spread, what losing
    the same share everywhere and losing these would cost if costs added up.

    Raises:
        StudioError: No such model or way, nothing was held out to measure on, or the weights cannot be pruned.
    """
    from llmstudio.core.sparsity.masks import prunable

    if by not in WAYS:
        raise StudioError("{by} is none of: {known}.", by=by, known=", ".join(WAYS))
    yield Started(job=_JOB, title=words("How sensitive the layers of {name} are", name=model), item=model)
    full = load(project, model)
    for note in full.notes:
        yield Noted(job=_JOB, message=note, level="warning")
    own = asked(config)
    sizes = {name: p.numel() for name, p in prunable(full.model, keep_embeddings=config.keep_embeddings).items()}
    parts = parts_of([*sizes], by=by)
    # A file of one's own may be another one tomorrow.
    known = {part: found for (one, part), found in parts_kept(full.about).items() if one == own and not own.calibration_text}
    found: list[Part] = []
    measuring = _Measuring(project, full, replace(own, keep_embeddings=config.keep_embeddings), stop)
    began, measured = time.monotonic(), 0
    try:
        for number, (key, names) in enumerate(parts.items()):
            part = known.get(key)
            if part is None:
                part = yield from measuring.part(key, names, (number, len(parts)))
                measured += 1
                if not own.calibration_text:
                    _keep(full.about, own, part)
            found.append(part)
            left = len(parts) - number - 1
            yield Progress(
                job=_JOB,
                what=words("Layers measured"),
                done=number + 1,
                total=len(parts),
                unit="layers",
                remaining_s=left * (time.monotonic() - began) / measured if measured else None,
                details={"row": _row(part)},
            )
    except WasStopped:
        yield Stopped(job=_JOB, result=_result(model, config, by, found, is_whole=False))
        return
    finally:
        measuring.close()
    yield Finished(job=_JOB, result=_result(model, config, by, found, is_whole=True))


class _Measuring:
    """A whole model, and what is needed to measure copies of it, made when the first is asked for."""

    def __init__(self, project: Project, full: Loaded, config: PruningConfig, stop: Stop) -> None:
        self._project, self._full, self._config, self._stop = project, full, config, stop
        self._folder = tempfile.TemporaryDirectory(prefix="llmstudio-")
        self._data: Dataset | None = None
        self._calibration: Calibration | None = None
        self._before: dict[str, float] | None = None
        self._done = 0.0

    def part(self, key: str, names: Sequence[str], place: tuple[int, int]) -> Generator[Event, None, Part]:
        """Measure a copy in which only these matrices have lost weights; `place` is which of how many it is."""
        from llmstudio.core.sparsity.pruning import prune_by_reading

        if self._before is None:
            yield from self._begin(place)
        assert self._before is not None
        spare = replace(self._full, model=copy.deepcopy(self._full.model))
        pruning = prune_by_reading(spare.model, self._config, self._calibration, job=_JOB, stop=self._stop, only=names)
        for event in pruning:
            if isinstance(event, Progress) and event.total:
                yield self._progress(place, 0.5 * float(event.done) / float(event.total))
            else:
                yield event
        after = yield from self._figures(spare, place)
        headline = recipe_of(self._full.about).task_facts.headline.name
        measure = headline if headline in after else "bits_per_byte"
        parameters = dict(spare.model.named_parameters())
        weights = sum(parameters[name].numel() for name in names)
        return Part(key, weights, measure, after[measure], self._before[measure], int(after["tokens"]))

    def _begin(self, place: tuple[int, int]) -> Generator[Event, None, None]:
        self._data = yield from dataset_of(self._project, self._full.about, job=_JOB, stop=self._stop)
        check(self._stop)
        if self._data is None or self._data.held_out("val") is None:
            raise nothing_to_measure_on(self._full.about.name)
        self._before = yield from self._figures(self._full, place)
        if self._config.reads:
            self._calibration = yield from reading(
                self._project, self._full, self._data, self._config, Path(self._folder.name), job=_JOB, stop=self._stop
            )

    def _figures(self, loaded: Loaded, place: tuple[int, int]) -> Generator[Event, None, dict[str, float]]:
        part = self._data and self._data.held_out("val")
        assert part is not None
        rows, score = part.split("val"), None
        assert rows is not None
        total = min(rows.num_tokens, LOOK_TOKENS)
        for score in scores(loaded, part, max_tokens=LOOK_TOKENS):
            check(self._stop)
            yield self._progress(place, 0.5 + 0.4 * min(1.0, score.tokens / max(1, total)))
        return score.figures() if score else {}

    def _progress(self, place: tuple[int, int], share: float) -> Progress:
        """How much of all is done, the measuring of the whole model being a part of the first; it never falls."""
        number, total = place
        self._done = max(self._done, number + share)
        return Progress(job=_JOB, what=words("Measuring layers"), done=self._done, total=total)

    def close(self) -> None:
        """Let go of what was read."""
        self._calibration = self._data = None  # a mapped file cannot be removed everywhere
        self._folder.cleanup()


def _row(part: Part) -> dict[str, Any]:
    return {"part": part.part, "weights": part.weights, "figure": part.figure, "cost": part.cost}


def _result(model: str, config: PruningConfig, by: str, found: Sequence[Part], *, is_whole: bool) -> dict[str, Any]:
    result: dict[str, Any] = {"model": model, "method": config.method, "sparsity": config.share, "by": by}
    result |= {"rows": [_row(part) for part in found]}
    if found:
        first = found[0]
        result |= {"measured_by": first.measured_by, "figure_before": first.figure_before, "tokens": first.tokens}
    if is_whole and config.pattern == "any":
        costs, sizes = {p.part: p.cost for p in found}, {p.part: p.weights for p in found}
        shares = spread(costs, sizes, config.sparsity)
        result |= {
            "spread": shares_text(shares),
            "expected_alike": expected(costs, config.sparsity, dict.fromkeys(costs, config.sparsity)),
            "expected_spread": expected(costs, config.sparsity, shares),
        }
    return result


def shares_text(shares: Mapping[str, float]) -> str:
    """Shares by layer as the setting `layer_shares` takes them."""
    return ",".join(f"{key}={share:.3f}" for key, share in shares.items())
