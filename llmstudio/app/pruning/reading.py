"""Reading a text to see what enters a model's matrices: one of one's own, or what the model has learned from."""

from __future__ import annotations

import copy
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from llmstudio.app.items.ancestry import recipe_of
from llmstudio.app.items.loaded import Loaded
from llmstudio.app.verbs.evaluate import encoded_file, hidden_share
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.quantizing.config import QuantizingConfig
from llmstudio.core.tokenizer.fit import MUCH, percent
from llmstudio.core.words import words
from llmstudio.core.work import Stop, WasStopped, check
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.sparsity.calibration import Calibration

Reads = PruningConfig | QuantizingConfig


def reading(
    project: Project, full: Loaded, data: Dataset | None, config: Reads, folder: Path, *, job: str, stop: Stop
) -> Generator[Event, None, Calibration]:
    """A model's way of reading.

    Args:
        project: Of the model.
        full: The model, which may be talking meanwhile.
        data: What it has learned from; None if that is gone.
        config: Which text is read, and how much of it.
        folder: For the tokens of a text of one's own. It is thrown away, after what is given back.
        job: Of the events.
        stop: Looked at while a text is made into tokens.

    Raises:
        StudioError: There is no text, or it does not suffice.
        WasStopped: Somebody has asked to stop.
    """
    text = yield from _text_to_read(project, full, data, config, folder, job=job, stop=stop)
    calibration = _calibration(full, text, config)
    if config.calibration_text and calibration.is_strange(full.card.run.val_loss):
        message = words(
            "{model} finds this text strange, as if in another language: give one like its own.", model=full.about.name
        )
        yield Noted(job=job, message=message, level="warning")
    return calibration


def _calibration(full: Loaded, text: Dataset, config: Reads) -> Calibration:
    """A model's way of reading a text. Raises StudioError if the text does not suffice."""
    from llmstudio.core.sparsity.calibration import Calibration

    recipe = recipe_of(full.about)
    try:
        tasks = recipe.make_task(text, full.tokenizer), recipe.make_task(text, full.tokenizer)
        # What the whole model makes of it is seen in a copy, too: whoever talks with it must not be seen, nor see this.
        return Calibration(copy.deepcopy(full.model), tasks, config.calibration_tokens)
    except StudioError as error:
        if not config.calibration_text:
            raise
        # What else could be done about it is a setting of training, which pruning has not.
        rows, context = max(2, recipe.training.batch_size), recipe.model.context_length
        held = text.split("train")
        if held is not None and held.num_tokens <= rows * context:
            raise StudioError(
                "{file} has {tokens|token|tokens}, too few to fill {rows|row|rows} of {context}: give a longer text.",
                file=config.calibration_text,
                tokens=held.num_tokens,
                rows=rows,
                context=context,
            ) from error
        raise StudioError("{file} cannot be read: {reason}", file=config.calibration_text, reason=error.words) from error


def _text_to_read(
    project: Project, full: Loaded, data: Dataset | None, config: Reads, folder: Path, *, job: str, stop: Stop
) -> Generator[Event, None, Dataset]:
    """What a method reads: a file of one's own, or what the model has learned from."""
    if config.calibration_text:
        path = Path(config.calibration_text).expanduser()
        text = yield from encoded_file(project, full, path, folder, job=job, stop=stop)
        if text is None:
            raise WasStopped
        if (share := hidden_share(text, ("train",))) > MUCH:
            message = words(
                "{share} of this text is unknown to {model}: what enters its matrices there is not what enters on its own"
                " text. Give one like that.",
                share=percent(share),
                model=full.about.name,
            )
            yield Noted(job=job, message=message, level="warning")
        return text
    if data is None:
        check(stop)  # else the tokens were not made anew because somebody asked to stop
        raise StudioError(
            "This method reads text to see what enters each matrix, and the text of {model} is gone: choose a file of your"
            " own (calibration_text), or the method {method}, which reads none.",
            model=full.about.name,
            method="magnitude" if isinstance(config, PruningConfig) else "nearest",
        )
    return data
