"""How much a unit matters: the lowest scores go first. Scores are compared within one place alone.

Adding one is a function and a line in `choice`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from llmstudio.core.batch import Batch
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.entering import seen_entering
from llmstudio.core.models.shrinking.units import Units
from llmstudio.core.models.taps import Tap
from llmstudio.core.tasks.base import Task
from llmstudio.core.tokenizer.config import PAD

Scores = dict[str, Tensor]
"""One for each unit, by the name of its place."""


def magnitude(model: LanguageModel, places: Sequence[Units]) -> Scores:
    """The length of the vector of all of a unit's weights: small ones do little."""
    tensors = {name: parameter.detach().float() for name, parameter in model.named_parameters()}
    found = {}
    for units in places:
        squares = torch.zeros(units.count)
        for cut in units.cuts:
            squares += cut.by_unit(tensors[cut.name].square(), units.count).cpu()
        for name, tensor in tensors.items():
            if (layer := units.layer_of(name)) is not None:
                squares[layer] += tensor.square().sum().cpu()
        found[units.name] = squares.sqrt()
    return found


def at_random(model: LanguageModel, places: Sequence[Units], seed: int) -> Scores:
    """By lot: what every other score has to beat."""
    generator = torch.Generator().manual_seed(seed)
    return {units.name: torch.rand(units.count, generator=generator) for units in places}


def taylor(model: LanguageModel, places: Sequence[Units], task: Task, batches: Sequence[Batch]) -> Iterator[Scores]:
    """How much the loss would change if a unit fell silent, to first order, squared and summed over batches; after each.

    If what a unit gives were multiplied by g, the loss's derivative at g = 1 would be the sum of w dL/dw over the weights
    w that read it. Source: Molchanov et al. 2019, arXiv:1906.10771.
    """
    found = {units.name: torch.zeros(units.count) for units in places}
    for number, batch in enumerate(batches):
        _gradients(model, task, batch, number)
        with torch.no_grad():
            effects = {name: (p * p.grad).float() for name, p in model.named_parameters() if p.grad is not None}
            for units in places:
                gates = [cut.by_unit(effects[cut.name], units.count).cpu() for cut in units.read if cut.name in effects]
                found[units.name] += torch.stack(gates).sum(0).square() if gates else 0.0
        model.zero_grad(set_to_none=True)
        yield found


def activation(model: LanguageModel, places: Sequence[Units], task: Task, batches: Sequence[Batch]) -> Iterator[Scores]:
    """How much a unit gives to those that read it: |x| |w|, x being what it gives over all tokens so far and w the weights
    that read it; after each batch.

    Source: Sun et al. 2023 (Wanda), arXiv:2306.11695, for single weights.
    """
    tensors = {name: parameter.detach().float() for name, parameter in model.named_parameters()}
    squares: dict[str, Tensor] = {}

    def look(name: str, x: Tensor) -> None:
        squares[name] = squares.get(name, 0) + x.float().reshape(-1, x.shape[-1]).square().sum(0)

    for number, batch in enumerate(batches):
        with torch.random.fork_rng(devices=()), torch.no_grad(), seen_entering(model, look):
            torch.manual_seed(number)
            task.loss(model, batch.to(model.device), task.weight(batch))
        found = {}
        for units in places:
            cuts = [cut for cut in units.read if cut.name in squares]
            given = [cut.by_unit(tensors[cut.name].square() * squares[cut.name], units.count).cpu() for cut in cuts]
            found[units.name] = torch.stack(given).sum(0).sqrt() if given else torch.zeros(units.count)
        yield found


def influence(model: LanguageModel, places: Sequence[Units], batches: Sequence[Batch]) -> Iterator[Scores]:
    """Of layers, how much each turns the vectors that pass: 1 - cos between what enters and what leaves; after each batch.

    Source: Men et al. 2024 (ShortGPT), arXiv:2403.03853.
    """
    found = {units.name: torch.zeros(units.count) for units in places}
    for batch in batches:
        for name, turned in _turned(model, batch).items():
            half, _, number = name.rpartition("layers.")
            if f"{half}layers" in found:
                found[f"{half}layers"][int(number)] += turned
        yield found


def _gradients(model: LanguageModel, task: Task, batch: Batch, seed: int) -> None:
    batch = batch.to(model.device)
    with torch.random.fork_rng(devices=()), torch.enable_grad():
        torch.manual_seed(seed)
        model.zero_grad(set_to_none=True)
        task.loss(model, batch, task.weight(batch)).backward()  # type: ignore[no-untyped-call]


@torch.no_grad()
def _turned(model: LanguageModel, batch: Batch) -> dict[str, float]:
    """By the name of each layer's point."""
    batch = batch.to(model.device)
    before: dict[str, Tensor] = {}
    found: dict[str, float] = {}

    def look(name: str, passing: Tensor) -> Tensor:
        half, is_layer, _ = name.rpartition("layers.")
        if name.endswith("embed"):
            before[name.removesuffix("embed")] = passing
        elif is_layer and half in before and passing.shape == before[half].shape:
            ids = batch.source if half and batch.source is not None else batch.ids
            cosine = F.cosine_similarity(before[half].float(), passing.float(), dim=-1)
            found[name] = float((1 - cosine)[ids != PAD].mean())
            before[half] = passing
        elif is_layer:
            before[half] = passing
        return passing

    if model.reads_source and batch.source is None:
        model.features(batch, Tap(look))
    else:
        model(batch, tap=Tap(look))
    return found
