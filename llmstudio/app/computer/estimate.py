"""What a recipe will take, said before it is started: memory, time, and what to hope for. Arithmetic only, no torch.

Time is a sum of three costs with coefficients fitted to steps timed on this very computer (`probe.py`): a fixed cost a
layer (starting each operation), moving activations through memory, and multiplying.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from llmstudio.app.computer.dealt import dealt
from llmstudio.app.computer.hardware import Probe
from llmstudio.app.computer.making import making_seconds
from llmstudio.app.computer.memory import memory
from llmstudio.app.computer.past_runs import PastRun
from llmstudio.core.recipe import Recipe
from llmstudio.core.training_config import LOOKS
from llmstudio.core.words import Words, words

LOOK_SHARE = 1 / 3
"""What reading a token in a look costs, as a share of learning from it: the way back takes twice the way there."""


@dataclass(frozen=True)
class Correction:
    """By what a forecast of time is to be multiplied.

    A measurement taken beside busy programs can only be too slow: it says what a run takes at most.

    Attributes:
        most: The factor, or its upper end.
        least: Its lower end, equal to `most` if it is sure; None if nothing was measured on a quiet computer.
        runs: How many real runs it goes by.
        load: Share of the processors that other programs took when it was measured; below 0 if that is not known.
    """

    most: float = 1.0
    least: float | None = 1.0
    runs: int = 0
    load: float = 0.0


SURE = Correction()


@dataclass(frozen=True)
class Estimate:
    """A forecast.

    Attributes:
        parameters: Trainable numbers.
        peak_bytes: Memory at the fullest moment, beyond what the program has anyway.
        breakdown: The same by kind.
        seconds_per_1000_steps: Without the looks in between; None if this computer was not measured yet.
        seconds: Of the whole run, looks and the making up of texts included, at most; None if not known.
        least_seconds: The same at least: less where the computer was busy when it was measured, None if that is not known.
        making_seconds: Those of them before the first step, in which texts of rare classes are made up; 0 if none are.
        tokens_per_parameter: Tokens the run will read over parameters; None if it is not known how many it will read.
        passes: How often the run reads the whole text; None if not known.
        expectation: What to hope for, in words.
    """

    parameters: int
    peak_bytes: int
    breakdown: Mapping[str, int]
    seconds_per_1000_steps: float | None
    seconds: float | None
    least_seconds: float | None
    making_seconds: float
    tokens_per_parameter: float | None
    passes: float | None
    expectation: Words


def estimate(
    recipe: Recipe,
    *,
    vocab_size: int,
    dataset_tokens: int,
    held_out_tokens: int = 0,
    num_rows: int | None = None,
    longest_document: int | None = None,
    have_answers: bool = False,
    num_classes: int = 0,
    class_counts: Sequence[int] = (),
    probe: Probe | None,
    correction: Correction | None = None,
    past: Sequence[PastRun] = (),
) -> Estimate:
    """Forecast a run of `recipe` on a text of `dataset_tokens` training tokens.

    Args:
        recipe: The model and how it learns.
        vocab_size: V; new tokens of a recipe come beside, as many as it may be.
        dataset_tokens: Tokens of the training part; 0 if not known yet.
        held_out_tokens: Tokens of the validation part, which looks read.
        num_rows: Documents, conversations or pairs of the training part; None if not known.
        longest_document: Tokens of the longest document; None if not known.
        have_answers: Whether the text is conversations, pairs or labelled, whose answers are known.
        num_classes: Classes or tags that it has; 0 if not known.
        class_counts: Texts of each class of the training part; empty if there are none or they are not known.
        probe: This computer's speed; None if not measured, then there is no forecast of time.
        correction: By what real runs here took longer than foretold; None if there are none and the measurement is sure.
        past: Runs that were made here, which tell what memory like ones take.
    """
    vocab_size += recipe.teach.new_tokens
    filled = dealt(
        recipe,
        vocab_size=vocab_size,
        num_tokens=dataset_tokens,
        num_rows=num_rows,
        longest_document=longest_document,
        have_answers=have_answers,
        num_classes=num_classes,
        held_out_tokens=held_out_tokens,
    )
    recipe = filled.recipe
    training, model = recipe.training, recipe.model
    breakdown = memory(filled, probe, past)
    parameters = recipe.num_parameters(vocab_size)
    step_tokens = training.batch_size * model.context_length * training.grad_accumulation_steps
    factors = correction or SURE
    each = step_seconds(recipe, vocab_size=vocab_size, probe=probe) if probe else None
    each = each * factors.most if each is not None else None
    look = LOOK_SHARE * each * min(training.eval_tokens, held_out_tokens) / step_tokens if each is not None else None
    steps: float | None = training.max_steps
    whole: float | None = None
    if training.max_seconds:
        whole = training.max_seconds
        steps = (whole - min(LOOKS * look, 0.3 * whole)) / each if each and look is not None else None
    elif each is not None and look is not None:
        looks = 1 + math.ceil(training.max_steps / training.look_interval)
        whole = training.max_steps * each + looks * look + LOOK_SHARE * each * held_out_tokens / step_tokens
    least = whole if training.max_seconds else _less(whole, factors)
    making = making_seconds(
        recipe,
        vocab_size=vocab_size,
        num_tokens=dataset_tokens,
        num_rows=num_rows,
        longest_document=longest_document,
        class_counts=class_counts,
        probe=probe,
    ) if probe is not None else 0.0  # fmt: skip
    seen = steps * step_tokens if steps else None
    passes = seen / dataset_tokens if seen and dataset_tokens else None
    return Estimate(
        parameters=parameters,
        peak_bytes=sum(breakdown.values()),
        breakdown=breakdown,
        seconds_per_1000_steps=each * 1000 if each else None,
        seconds=None if whole is None else whole + making,
        least_seconds=None if least is None else least + making,
        making_seconds=making,
        tokens_per_parameter=seen / parameters if seen else None,
        passes=passes,
        expectation=expectation(seen / parameters if seen else None, passes),
    )


def _less(seconds: float | None, factors: Correction) -> float | None:
    return seconds * factors.least / factors.most if seconds is not None and factors.least is not None else None


def expectation(tokens_per_parameter: float | None, passes: float | None) -> Words:
    """What to hope for from a run that reads so many tokens a parameter and goes over its text so many times.

    Source: about 20 tokens a parameter is the best use of computing (Hoffmann et al. 2022, arXiv:2203.15556); up to four
    passes are nearly as good as fresh text, more than forty add nothing (Muennighoff et al. 2023, arXiv:2305.16264).
    """
    if tokens_per_parameter is None:
        return words("How much it will read is not known yet: measure this computer, or give a number of steps.")
    if passes is not None and passes > 40:
        return words(
            "It goes over the text {passes:,} times: it will learn it by heart. More text would help.", passes=round(passes)
        )
    if tokens_per_parameter < 1:
        return words(
            "Less than one token for each parameter: it will hardly learn words. Give it more time or make it smaller."
        )
    if passes is not None and passes > 4:
        return words(
            "It goes over the text {passes:,} times: it begins to repeat what it read. More text would help.",
            passes=round(passes),
        )
    if tokens_per_parameter < 5:
        return words("A few tokens for each parameter: words and short phrases, little sense. More time would help.")
    if tokens_per_parameter < 60:
        return words("Well fed: about 20 tokens for each parameter make the most of the time (Hoffmann et al. 2022).")
    return words("More than a model of this size can use up: with the same time, a larger model would learn more.")


def step_seconds(recipe: Recipe, *, vocab_size: int, probe: Probe) -> float | None:
    """Seconds of one optimizer step on the measured computer; None if no steps were timed."""
    if not probe.steps:
        return None
    costs = np.array([_costs(**_shape(timed)) for timed in probe.steps])
    seconds = np.array([timed["seconds"] for timed in probe.steps])
    model, training = recipe.model, recipe.training
    tokens = training.batch_size * model.context_length
    shape = {
        "layers": model.num_layers,
        "width": model.embed_dim,
        "tokens": tokens,
        "vocab_size": vocab_size,
        "flops": step_flops(recipe, vocab_size=vocab_size),
    }
    once = float(_fit(costs, seconds) @ np.array(_costs(**shape)))
    return once * training.grad_accumulation_steps


def step_flops(recipe: Recipe, *, vocab_size: int) -> float:
    """Floating-point operations of one forward and backward pass over a batch.

    Six a parameter and token, and what the family needs to look back. Source: Kaplan et al. 2020, arXiv:2001.08361.
    """
    model = recipe.model
    tokens = recipe.training.batch_size * model.context_length
    return tokens * (6.0 * recipe.num_parameters(vocab_size) + model.attention_flops(model.context_length))


def _shape(timed: Mapping[str, float]) -> dict[str, float]:
    return {name: timed[name] for name in ("layers", "width", "tokens", "vocab_size", "flops")}


def _costs(*, layers: float, width: float, tokens: float, vocab_size: float, flops: float) -> list[float]:
    # A layer moves some twenty vectors of its width a token, the loss a few of the vocabulary's.
    return [layers, tokens * (20 * layers * width + 4 * vocab_size), flops]


def _fit(costs: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """Non-negative coefficients with the least relative error; by trying every choice of costs that may be nonzero."""
    rows, target = costs / seconds[:, None], np.ones(len(seconds))
    best, least = np.zeros(costs.shape[1]), np.inf
    for count in range(1, costs.shape[1] + 1):
        for chosen in itertools.combinations(range(costs.shape[1]), count):
            part = rows[:, chosen]
            scale = np.abs(part).max(axis=0)  # the costs differ by ten powers of ten
            solved = np.linalg.lstsq(part / scale, target, rcond=None)[0] / scale
            error = float(((part @ solved - target) ** 2).sum())
            if (solved >= 0).all() and error < least - 1e-12:
                best, least = np.zeros(costs.shape[1]), error
                best[list(chosen)] = solved
    return best
