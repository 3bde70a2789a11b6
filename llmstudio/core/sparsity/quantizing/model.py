"""A whole model in few bits: its matrices in the order of the pass, each on what those before it, rounded, leave for it."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator

import torch

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.checkpoint.grids import recognised
from llmstudio.core.models.roles import TABLES, roles_of
from llmstudio.core.sparsity.calibration import Calibration, Entering
from llmstudio.core.sparsity.masks import prunable
from llmstudio.core.sparsity.methods.layer import Layer
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.sparsity.quantizing.matrix import Steps, fit
from llmstudio.core.sparsity.rounding import FEW, Rounding, Width, moved, round_model, rounded, shared, widths_of
from llmstudio.core.words import words
from llmstudio.core.work import Stop, check


def width_of(config: QuantizingConfig) -> Width:
    """How wide matrices are kept."""
    if config.group == "auto":
        return Width(config.bits, 0 if config.bits == 8 else FEW)
    return Width(config.bits, 0 if config.group == "row" else int(config.group))


def bits_already(model: LanguageModel, config: QuantizingConfig) -> int | None:
    """The width in which all matrices are kept that would be quantised; None if one of them is kept in more than 8 bits."""
    grids = [recognised(p.detach()) for p in prunable(model, keep_embeddings=config.keep_embeddings).values()]
    return max((grid.bits for grid in grids if grid is not None), default=None) if all(grids) else None


def quantize_model(
    model: LanguageModel, config: QuantizingConfig, calibration: Calibration | None, *, job: str, stop: Stop
) -> Generator[Event, None, Rounding]:
    """Quantise `model` in place. Tables, and matrices that nothing enters, are rounded to the nearest.

    Args:
        model: To be quantised; what of it is zero stays so.
        config: How.
        calibration: What is read, by the model as it was; None for a method that reads nothing.
        job: Of the events.
        stop: Looked at after every batch.

    Raises:
        StudioError: The model has no matrices, or what enters one is not a number.
        WasStopped: Somebody has asked to stop; the model is quantised in part.
    """
    may, roles = prunable(model, keep_embeddings=config.keep_embeddings), roles_of(model)
    if not may:
        raise StudioError("This model has no matrices to quantise: choose another one, or its embeddings too.")
    width = width_of(config)
    if calibration is None:
        return round_model(model, width, keep_embeddings=config.keep_embeddings)
    before = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    widths, order = widths_of(model, width, keep_embeddings=config.keep_embeddings), calibration.order([*may])
    order = [name for name in order if roles[name] not in TABLES]
    total, done, left = len(order) * calibration.num_batches * calibration.batch_tokens, 0, []
    yield from _told_unread([name for name in may if name not in order and roles[name] not in TABLES], job)
    for name, own in widths.items():
        if name not in order:
            new = rounded(before[name], own)
            left += [name] if new is before[name] else []
            model.get_parameter(name).detach().copy_(new)
    for name in order:
        found: dict[str, Entering] = {}
        for so_far in calibration.entering(model, [name]):
            check(stop)
            found, done = so_far, done + calibration.batch_tokens
            yield Progress(job=job, what=words("Reading and rounding"), done=done, total=total, unit="tokens")
        layer = _layer(name, before[name], found[name], stop)
        steps = Steps(layer.weight, width.bits, shared(layer.weight, widths[name]))
        if not bool(steps.scales.isfinite().all()):
            left.append(name)
            continue
        model.get_parameter(name).detach().copy_(fit(layer, steps).dense())
    return moved(model, before, left)


def _told_unread(names: list[str], job: str) -> Iterator[Event]:
    if names:
        message = words(
            "{unread|matrix is|matrices are} not used while this text is read ({name}): rounded to the nearest.",
            unread=len(names),
            name=names[0],
        )
        yield Noted(job=job, message=message, level="warning")


def _layer(name: str, weight: torch.Tensor, entering: Entering, stop: Stop) -> Layer:
    """A matrix and what enters it. Raises StudioError if that is not a number."""
    if not math.isfinite(float(entering.gram.diagonal().double().sum())):
        raise StudioError(
            "What enters {name} is not a number on this text: round to the nearest, which reads none.", name=name
        )
    weight = weight.float().cpu()
    return Layer(weight, torch.Generator(), entering.gram.cpu(), entering.target(weight).cpu(), stop)
