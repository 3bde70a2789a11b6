"""A sweep: a model looked at with ever more of its weights gone, by one method after the other."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from typing import Any

from llmstudio.app.items.loaded import load
from llmstudio.app.pruning.knee import knee
from llmstudio.app.pruning.looks import looks_of
from llmstudio.app.pruning.preview import nothing_to_measure_on, try_pruning
from llmstudio.app.runs.run_summary import MEASURES
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped, inside
from llmstudio.core.settings import to_dict
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.methods import METHODS
from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

SHARES = (0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
USUAL = ("magnitude", "wanda", "sparsegpt", "admm")
_MOST = 0.99
_JOB = "sweep"


def sweep(
    project: Project,
    model: str,
    *,
    methods: Sequence[str] = USUAL,
    shares: Sequence[float] = SHARES,
    config: PruningConfig,
    stop: Stop,
) -> Iterator[Event]:
    """Look at a model pruned by these methods at these shares, the other settings being those of `config`.

    Every look is kept at once (`looks`), so that a sweep that was stopped goes on where it was, and tells looks of another
    day. After each, a `Progress` holds in its details `config`, and `result` as `try_pruning` gives it.

    Result: model; sparsity_before, the share that was gone already; points, each with method, sparsity, measured_by (what
    `figure` counts), figure and figure_before, file_bytes, memory_bytes, nonzeros, tokens_per_second and tokens (of
    validation text, measured on); and knees, by method the sparsity at the bend of its curve, or None.

    Raises:
        StudioError: No such model or method, a share is no share, nothing was held out to measure on, or as `try_pruning`.
    """
    from llmstudio.core.sparsity.masks import share_gone

    wanted = _planned(methods, shares, config)
    yield Started(job=_JOB, title=words("Pruning {name} more and more", name=model), item=model)
    about = project.about("model", model)
    gone = share_gone(load(project, model).model, keep_embeddings=config.keep_embeddings)
    if idle := [one for one in wanted if 0 < one.sparsity <= gone]:
        yield Noted(
            job=_JOB,
            message=words("{share} of these weights are gone already: smaller shares take none.", share=percent(gone)),
        )
        wanted = [one for one in wanted if one not in idle]
    if not wanted:
        raise StudioError(
            "All of these shares of {model} are gone already: give one above {share}.", model=model, share=percent(gone)
        )
    found: list[tuple[PruningConfig, dict[str, Any]]] = []
    if (yield from _looked_at(project, about, wanted, found, stop)):
        yield Finished(job=_JOB, result=_result(model, gone, found))
    else:
        yield Stopped(job=_JOB, result=_result(model, gone, found))


def ways(config: PruningConfig) -> list[PruningConfig]:
    """Shares by layer, and what they stand beside: the method as it is usually, and every layer losing the same share."""
    usual = replace(config, layer_shares="")
    alike = [replace(usual, scope="layer")] if usual.compares_all else []
    return [*([config] if config.has_shares else []), *alike, usual]


def compare(project: Project, model: str, *, config: PruningConfig, stop: Stop) -> Iterator[Event]:
    """Look at a model pruned by shares by layer, and without them (`ways`); looks of another day are told again.

    Result: model; points as those of `sweep`, each with scope and layer_shares.

    Raises:
        StudioError: As `sweep`.
    """
    yield Started(job=_JOB, title=words("Pruning {name} with shares by layer and without", name=model), item=model)
    found: list[tuple[PruningConfig, dict[str, Any]]] = []
    is_whole = yield from _looked_at(project, project.about("model", model), ways(config), found, stop)
    points = [{**_point(one, result), "scope": one.scope, "layer_shares": one.layer_shares} for one, result in found]
    end = Finished if is_whole else Stopped
    yield end(job=_JOB, result={"model": model, "points": points})


def _looked_at(
    project: Project,
    about: About,
    wanted: Sequence[PruningConfig],
    found: list[tuple[PruningConfig, dict[str, Any]]],
    stop: Stop,
) -> Generator[Event, None, bool]:
    """Look at copies pruned so, each of which joins `found`; False if that was stopped."""
    known, began, measured = looks_of(about), time.monotonic(), 0
    notes: set[str] = set()
    for number, one in enumerate(wanted):
        result = known.get(one)
        if result is None:
            look = _Part(number, len(wanted), notes)
            end = yield from look.pulled(inside(_JOB, try_pruning(project, about.name, config=one, stop=stop)))
            if isinstance(end, Stopped):
                return False
            result, measured = dict(end.result), measured + 1
        if all(result.get(f"{measure}_after") is None for measure in MEASURES):
            raise nothing_to_measure_on(about.name)
        found.append((one, result))
        left = len(wanted) - number - 1
        yield Progress(
            job=_JOB,
            what=words("Pruned copies measured"),
            done=number + 1,
            total=len(wanted),
            unit="models",
            remaining_s=left * (time.monotonic() - began) / measured if measured else None,
            details={"config": to_dict(one), "result": result},
        )
    return True


class _Part:
    """One look of a sweep: its own progress becomes that of the whole, and what is remarked again and again is told once."""

    def __init__(self, number: int, total: int, told: set[str]) -> None:
        self.number, self.total, self.told, self._share = number, total, told, 0.0

    def pulled(self, events: Generator[Event, None, Finished | Stopped]) -> Generator[Event, None, Finished | Stopped]:
        """Pull the look to its end, which is returned."""
        while True:
            try:
                event = next(events)
            except StopIteration as end:
                ended: Finished | Stopped = end.value
                return ended
            if isinstance(event, Progress) and event.total:
                self._share = max(self._share, 0.9 * float(event.done) / float(event.total))
                done = self.number + self._share
                yield Progress(job=_JOB, what=words("Measuring pruned copies"), done=done, total=self.total)
            elif isinstance(event, Noted) and str(event.message) not in self.told:
                self.told.add(str(event.message))
                yield event


def refuse_unknown(methods: Sequence[str], shares: Sequence[float]) -> None:
    """Raises StudioError for a method that there is not, for what is no share, and where there is none."""
    for method in methods:
        if method not in METHODS:
            raise StudioError("There is no method {method}. There are: {known}.", method=method, known=", ".join(METHODS))
    for share in shares:
        if not 0 <= share <= _MOST:
            raise StudioError("{share} is no share of the weights: give numbers from 0 to {most}.", share=share, most=_MOST)
    if not methods or not shares:
        raise StudioError("Name at least one method and one share of the weights, as in 0.5,0.9.")


def _planned(methods: Sequence[str], shares: Sequence[float], config: PruningConfig) -> list[PruningConfig]:
    """Every method at every share, the gentlest first. Raises StudioError as `refuse_unknown`, and beside a pattern."""
    refuse_unknown(methods, shares)
    if config.pattern != "any":
        raise StudioError("A pattern says how many weights stay: choose the pattern anywhere to prune more and more.")
    return [replace(config, method=each, sparsity=share) for each in methods for share in sorted({*shares})]


def _result(model: str, gone: float, found: Sequence[tuple[PruningConfig, dict[str, Any]]]) -> dict[str, Any]:
    points = [_point(config, result) for config, result in found]
    knees: dict[str, float | None] = {}
    for method in dict.fromkeys(point["method"] for point in points):
        own = [point for point in points if point["method"] == method]
        curve = [(gone, own[0]["figure_before"])] + [(point["sparsity"], point["figure"]) for point in own]
        at = knee([(share, figure) for share, figure in curve if figure is not None])
        knees[method] = None if at is None else curve[at][0]
    return {"model": model, "sparsity_before": gone, "points": points, "knees": knees}


def _point(config: PruningConfig, result: dict[str, Any]) -> dict[str, Any]:
    measure = next((each for each in MEASURES if result.get(f"{each}_after") is not None), MEASURES[0])
    told = {name: result.get(name) for name in ("file_bytes", "memory_bytes", "nonzeros", "tokens_per_second", "tokens")}
    figures = {"figure": result.get(f"{measure}_after"), "figure_before": result.get(f"{measure}_before")}
    return {"method": config.method, "sparsity": config.sparsity, "measured_by": measure} | figures | told
