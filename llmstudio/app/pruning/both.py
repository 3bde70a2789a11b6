"""Two models write on from one prompt with one seed, one after the other: what they lost is heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from llmstudio.app.verbs.generate import generate
from llmstudio.core.events import Event, Finished, Started, Stopped, inside
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

_JOB = "both"


def write_both(
    project: Project, models: Sequence[str], *, prompt: str, config: GenerationConfig, stop: Stop
) -> Iterator[Event]:
    """Let models write on from the same prompt with the same settings, in turns, so that none slows another.

    Result: answers, for each model in order what `generate` tells, and model; of one that was stopped those that are whole.

    Raises:
        StudioError: As `generate`.
    """
    yield Started(job=_JOB, title=words("Writing with both"), item=models[0] if models else "")
    answers: list[dict[str, Any]] = []
    for model in models:
        end = yield from inside(_JOB, generate(project, model, prompt=prompt, config=config, stop=stop))
        if isinstance(end, Stopped):
            yield Stopped(job=_JOB, result={"answers": answers})
            return
        answers.append({"model": model} | dict(end.result))
    yield Finished(job=_JOB, result={"answers": answers})
