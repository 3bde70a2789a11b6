"""A model that only counts which token follows which four, fitted to a race's text: what learning is measured by."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING

from llmstudio.app.items.ancestry import rows_of, tokenizer_of
from llmstudio.app.items.create import find_dataset
from llmstudio.app.race.board import Runner
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Noted
from llmstudio.core.shortage import KINDS, shortage_of
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset

_MOST_COUNTED = 20_000_000  # tokens; beyond them counting takes gigabytes


def yardstick(project: Project, race: str, runners: Sequence[Runner], *, stop: Stop) -> Generator[Event, None, float | None]:
    """Bits per byte of a 5-gram model of the text that the runners read, by the tokenizer of the first of them.

    The dataset is found through what the models store about their text, so the corpus itself may be gone.

    Returns:
        None if nothing is held out or there is too much to count. If counting fails, that is said, and the race still ends
        normally.
    """
    try:
        return _bits_per_byte(project, runners, stop)
    except StudioError as error:
        reason = error
    except KINDS as error:
        if (short := shortage_of(error)) is None:
            raise
        reason = short
    if not stop.requested:
        told = words("The yardstick of the race is left out. {reason}", reason=reason.words)
        yield Noted(job=race, message=told, level="warning")
    return None


def _bits_per_byte(project: Project, runners: Sequence[Runner], stop: Stop) -> float | None:
    import numpy as np

    from llmstudio.core.generation.counting.kneser_ney import fit

    model = next((project.about("model", r.name) for r in runners if project.exists("model", r.name)), None)
    if model is None:
        return None
    data = _tokens(project, model)
    rows, held_out = data.split("train"), data.split("val")
    if rows is None or held_out is None or rows.num_tokens > _MOST_COUNTED or stop.requested:
        return None
    vocab_size = tokenizer_of(project, model).vocab_size
    counted = fit([rows.row(i).tolist() for i in range(rows.num_rows)], vocab_size=vocab_size, stop=stop)
    logs = counted.logprobs([held_out.row(i).tolist() for i in range(held_out.num_rows)])
    nats = -float(sum(row.sum() for row in logs))
    num_bytes = int(np.sum(held_out.row_bytes))
    bits = nats / math.log(2) + 8 * float(np.sum(held_out.hidden_bytes))
    return bits / num_bytes if num_bytes else None


def _tokens(project: Project, model: About) -> Dataset:
    from llmstudio.core.dataset.tokens import Dataset

    found = find_dataset(project, {role: model.parent(role) for role in ("corpus", "tokenizer")}, rows_of(model))
    if found is None:
        raise StudioError("The tokens that {model} learned from are gone from this project.", model=model.name)
    return Dataset.open(found.path)
