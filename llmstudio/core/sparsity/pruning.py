"""Pruning: from scores to masks with an exact number of zeros, over the whole model, each layer, each row, or in groups.

It neither trains nor measures. Asked for a sparsity, it takes away exactly `round(sparsity * prunable weights)`, also where
shares differ by layer; in groups of neighbours, what the pattern says.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from types import ModuleType

import torch
from torch import Tensor, nn

from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted, Progress
from llmstudio.core.models.base import LanguageModel
from llmstudio.core.sparsity.calibration import Calibration, Entering
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.masks import Masks, apply_masks, prunable
from llmstudio.core.sparsity.methods import functions
from llmstudio.core.sparsity.methods.layer import Layer
from llmstudio.core.sparsity.patterns import Pattern, lowest, shared_beside, zeros_of
from llmstudio.core.sparsity.shares import LEAST, MOST, balanced, counts_of, parts_of, shares_of
from llmstudio.core.tokenizer.fit import percent
from llmstudio.core.words import nearest, words
from llmstudio.core.work import Stop, check


def prune_model(model: nn.Module, config: PruningConfig) -> Masks:
    """Set the least important weights of `model` to zero, in place. Returns the masks that did it, by parameter name.

    For methods that read no text; see `prune_by_reading` for all.

    Raises:
        StudioError: As `prune_masks`.
    """
    masks = prune_masks(model, config)
    apply_masks(model, masks)
    return masks


def prune_masks(model: nn.Module, config: PruningConfig, only: Collection[str] | None = None) -> Masks:
    """The masks that pruning by `config` would apply; the model stays as it is. The same model and seed give the same masks.

    `only` names the matrices of which together `config.sparsity` goes; None for all that may go.

    Weights that are zero already go first and so count among the zeros: pruning again goes on where it stopped.

    Raises:
        StudioError: The model has nothing to prune, or holds weights that are not numbers, or shares were given of layers
            that it does not have.
    """
    assert not config.reads
    parameters = _parameters(model, config, only)
    generator = torch.Generator().manual_seed(config.seed)
    layers = {name: _layer(name, p, generator) for name, p in parameters.items()}
    scores = {name: functions(config.method).scores(layer) for name, layer in layers.items()}
    patterns = _patterns(parameters, scores, config)
    return {name: layer.kept(patterns[name], scores[name]) for name, layer in layers.items()}


def prune_by_reading(
    model: LanguageModel,
    config: PruningConfig,
    calibration: Calibration | None,
    *,
    job: str,
    stop: Stop,
    only: Collection[str] | None = None,
) -> Generator[Event, None, Masks]:
    """Prune `model` in place by any method, matrix by matrix as a text passes through them. Returns the masks.

    Args:
        model: To be pruned.
        config: How.
        calibration: What is read, by the model as it was; None for a method that reads nothing.
        job: Of the events.
        stop: Looked at after every batch.
        only: The matrices to prune, of which together `config.sparsity` goes; None for all that may go.

    Raises:
        StudioError: As `prune_masks`; and what enters a matrix is not a number.
        WasStopped: Somebody has asked to stop; the model is pruned in part.
    """
    yield from _told_shares(model, config, job)
    if calibration is None:
        masks = prune_masks(model, config, only)
        apply_masks(model, masks)
        yield from _told_spared(masks, config, job)
        return masks
    parameters, method = _parameters(model, config, only), functions(config.method)
    generator = torch.Generator().manual_seed(config.seed)
    order = calibration.order([*parameters])
    if unread := [name for name in parameters if name not in order]:
        message = words(
            "{unread|matrix is|matrices are} not used while this text is read ({name}): there the smallest weights go.",
            unread=len(unread),
            name=unread[0],
        )
        yield Noted(job=job, message=message, level="warning")
    passes = len(order) + (config.compares_all and len(order) > 0)
    progress = _Reading(job, passes * calibration.num_batches, calibration.batch_tokens, stop)
    scores: dict[str, Tensor] = {}
    if config.compares_all:
        found = yield from progress.read(calibration.entering(model, order))
        for name, p in parameters.items():
            scores[name] = _scores(method, _layer(name, p, generator, found.get(name)))
    patterns = _patterns(parameters, scores, config)
    masks = {}
    for name in [*unread, *order]:
        found = (yield from progress.read(calibration.entering(model, [name]))) if name in order else {}
        layer = _layer(name, parameters[name], generator, found.get(name), stop)
        if layer.gram is not None and hasattr(method, "fit") and not patterns[name].takes_nothing:
            weight, masks[name] = method.fit(layer, patterns[name])
        else:
            weight, masks[name] = layer.weight, layer.kept(patterns[name], _scores(method, layer))
        with torch.no_grad():
            parameters[name].copy_(weight)
        apply_masks(model, {name: masks[name]})
    yield from _told_spared(masks, config, job)
    return {name: masks[name] for name in parameters}


def layer_as_read(
    model: LanguageModel, matrix: str, calibration: Calibration, *, job: str, stop: Stop
) -> Generator[Event, None, tuple[str, Layer]]:
    """One matrix of a model with what enters it, and its name: the first that text enters if `matrix` is empty.

    Raises:
        StudioError: There is no such matrix, or nothing enters it.
        WasStopped: Somebody has asked to stop.
    """
    config = PruningConfig(keep_embeddings=False)
    parameters = _parameters(model, config)
    order = calibration.order([*parameters])
    name = matrix or next(iter(order), "")
    if name not in order:
        raise StudioError(
            "There is no matrix {name} that text enters. There are: {known}.", name=name, known=nearest(name, order)
        )
    progress = _Reading(job, calibration.num_batches, calibration.batch_tokens, stop)
    found = yield from progress.read(calibration.entering(model, [name]))
    generator = torch.Generator().manual_seed(config.seed)
    return name, _layer(name, parameters[name], generator, found[name], stop)


def _told_spared(masks: Masks, config: PruningConfig, job: str) -> Iterator[Event]:
    """Say which matrices would have lost all, or all but next to nothing, to others with larger scores."""
    if config.compares_all and (spared := [name for name, mask in masks.items() if _is_spared(mask)]):
        message = words(
            "{spared|matrix|matrices} would have lost nearly every weight, as {name}: {share} of each is left, since nothing"
            " passes through an empty one. Compared layer by layer, all lose the same share.",
            spared=len(spared),
            name=spared[0],
            share=percent(LEAST),
        )
        yield Noted(job=job, message=message, level="warning")


def _is_spared(mask: Tensor) -> bool:
    return mask.numel() > 0 and int(mask.sum()) <= math.ceil(LEAST * mask.numel())


class _Reading:
    """Progress of what reads a text again and again."""

    def __init__(self, job: str, num_batches: int, batch_tokens: int, stop: Stop) -> None:
        self.job, self.total, self.tokens, self.stop = job, num_batches * batch_tokens, batch_tokens, stop
        self.done = 0

    def read(self, entering: Iterator[dict[str, Entering]]) -> Generator[Event, None, dict[str, Entering]]:
        """What has entered, once all is read."""
        found: dict[str, Entering] = {}
        for so_far in entering:
            check(self.stop)
            found, self.done = so_far, self.done + self.tokens
            yield Progress(job=self.job, what=words("Reading and pruning"), done=self.done, total=self.total, unit="tokens")
        return found


def _told_shares(model: nn.Module, config: PruningConfig, job: str) -> Iterator[Event]:
    """Say which share each layer loses, where they differ: they may have been moved to lose in all what was asked for."""
    if not config.has_shares:
        return
    parameters = prunable(model, keep_embeddings=config.keep_embeddings)
    sizes, gone = {name: p.numel() for name, p in parameters.items()}, [int((p == 0).sum()) for p in parameters.values()]
    found = dict(zip(sizes, _shares(sizes, gone, config), strict=True))
    parts = {key: [(found[name], sizes[name]) for name in names] for key, names in parts_of([*sizes]).items()}
    shares = {key: sum(s * n for s, n in part) / max(1, sum(n for _, n in part)) for key, part in parts.items()}
    lost = ", ".join(f"{key} {percent(share)}" for key, share in shares.items())
    message = words("So that {share} of all go, layers lose: {lost}.", share=percent(config.sparsity), lost=lost)
    yield Noted(job=job, message=message)
    full = [key for key, part in parts.items() if all(share >= MOST for share, _ in part)]
    if full and config.sparsity < MOST:
        message = words(
            "{full|layer keeps|layers keep} only {share} ({name}), as nothing passes through an empty one.",
            full=len(full),
            name=full[0],
            share=percent(1 - MOST),
        )
        yield Noted(job=job, message=message, level="warning")
    if replace(config, layer_shares="").compares_all:
        message = words("With shares by layer, weights are compared layer by layer, not across the model.")
        yield Noted(job=job, message=message)


def refuse_shares(model: nn.Module, config: PruningConfig) -> None:
    """Raise StudioError if shares are given of layers that this model does not have, or are none."""
    if config.has_shares:
        shares_of(config.layer_shares, [*prunable(model, keep_embeddings=config.keep_embeddings)], config.sparsity)


def _shares(sizes: Mapping[str, int], gone: Sequence[int], config: PruningConfig) -> list[float]:
    """Which share each matrix loses, where shares are given by layer and so many weights are gone already."""
    shares, held = shares_of(config.layer_shares, [*sizes], config.sparsity)
    least = [zeros / max(1, size) for zeros, size in zip(gone, sizes.values(), strict=True)]
    return balanced(shares, [*sizes.values()], config.sparsity, held, least)


def _parameters(model: nn.Module, config: PruningConfig, only: Collection[str] | None = None) -> dict[str, nn.Parameter]:
    """What may go. Raises StudioError if there is nothing, or weights that are not numbers."""
    found = prunable(model, keep_embeddings=config.keep_embeddings)
    parameters = {name: p for name, p in found.items() if only is None or name in only}
    if not parameters:
        raise StudioError("This model has no weights to prune: take away the tick at the embeddings, or choose another one.")
    for name, parameter in parameters.items():
        # One pass: a sum is not a number if any value is not, or infinite.
        if not math.isfinite(float(parameter.detach().double().abs().sum())):
            raise StudioError(
                "{name} holds weights that are not numbers, so this model cannot be pruned: its training has diverged."
                " Choose an earlier checkpoint or train again with a lower learning rate.",
                name=name,
            )
    return parameters


def _layer(
    name: str, parameter: Tensor, generator: torch.Generator, entering: Entering | None = None, stop: Stop | None = None
) -> Layer:
    """A matrix, with what enters it if that was seen. Raises StudioError if what enters is not a number."""
    weight = parameter.detach().float().cpu()
    if entering is None:
        return Layer(weight, generator)
    if not math.isfinite(float(entering.gram.diagonal().double().sum())):
        raise StudioError(
            "What enters {name} is not a number on this text: prune by magnitude, which reads none.", name=name
        )
    return Layer(weight, generator, entering.gram.cpu(), entering.target(parameter.detach().float()).cpu(), stop)


def _scores(method: ModuleType, layer: Layer) -> Tensor:
    """How much each weight of a matrix matters: to a method that reads, by its size where nothing enters."""
    scores: Tensor = (method if layer.gram is not None else functions("magnitude")).scores(layer)
    return scores


def _patterns(parameters: Mapping[str, Tensor], scores: Mapping[str, Tensor], config: PruningConfig) -> dict[str, Pattern]:
    """How many weights of each matrix go, and where; `scores` say so if all of the model are compared."""
    sizes = [p.numel() for p in parameters.values()]
    keep, group = config.group
    if group:
        return {name: Pattern(zeros_of(p.shape, keep, group), keep=keep, group=group) for name, p in parameters.items()}
    gone = [int((p == 0).sum()) for p in parameters.values()]
    zeros = round(config.sparsity * sum(sizes))
    if config.has_shares:
        shares = _shares(dict(zip(parameters, sizes, strict=True)), gone, config)
        counts = counts_of(shares, sizes, max(zeros, sum(gone)))
    elif config.compares_all:
        # What is gone goes first, and so counts.
        own = [scores[name].masked_fill((p == 0).to(scores[name].device), -torch.inf) for name, p in parameters.items()]
        counts = shares_of_all(own, zeros)
    else:
        counts = shared_beside(gone, sizes, zeros)
    return {name: Pattern(k, by_row=config.compared == "row") for name, k in zip(parameters, counts, strict=True)}


def shares_of_all(scores: Sequence[Tensor], zeros: int) -> list[int]:
    """How many of each matrix are among the `zeros` lowest of all; a little of each is left.

    A matrix of which nothing is left passes nothing on, and no training could mend that.
    """
    most = [score.numel() - math.ceil(LEAST * score.numel()) for score in scores]
    full: set[int] = set()
    while True:
        free = [score.flatten() for at, score in enumerate(scores) if at not in full]
        rest = zeros - sum(most[at] for at in full)
        gone = iter(torch.split(lowest(torch.cat(free), rest), [len(each) for each in free]))
        counts = [most[at] if at in full else int(next(gone).sum()) for at in range(len(scores))]
        over = {at for at, count in enumerate(counts) if count > most[at]}
        if not over:
            return counts
        full |= over
