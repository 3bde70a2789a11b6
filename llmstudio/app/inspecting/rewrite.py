"""What a model of pairs makes of a text, as it is written and as a whole."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from llmstudio.app.inspecting.ready import ready
from llmstudio.core.work import Stop, check
from llmstudio.store.project import Project


@dataclass(frozen=True)
class Version:
    """A text that was written, and the score by which it was chosen; `is_whole` if it came to its own end; its tokens."""

    text: str
    score: float
    is_whole: bool
    ids: tuple[int, ...] = ()


@dataclass(frozen=True)
class Rewritten:
    """What a text was turned into, the best version first; `num_left_out` tokens of it were beyond the model's context."""

    versions: tuple[Version, ...]
    num_left_out: int


def rewriting(
    project: Project,
    model: str,
    text: str,
    *,
    beam_width: int,
    length_penalty: float,
    max_new_tokens: int,
    stop: Stop | None = None,
) -> Generator[str, None, Rewritten]:
    """What a model of pairs makes of a text, as it is written: yields the likeliest text so far after every token, and
    returns all versions.

    Raises:
        StudioError: The text is empty, or the model does not rewrite.
    """
    loaded = ready(project, model, "rewrite", stop)
    from llmstudio.core.generation.beam import beam_steps, most_read, nothing_to_rewrite
    from llmstudio.core.tokenizer.streaming import whole_text

    source = loaded.tokenizer.encode(text.strip())
    if not source:
        raise nothing_to_rewrite()
    limit = most_read(loaded.model)
    steps = beam_steps(
        loaded.model,
        source=source[:limit],
        beam_width=beam_width,
        max_new_tokens=max_new_tokens,
        strength=length_penalty,
        stop=stop,
    )
    while True:
        try:
            yield whole_text(loaded.tokenizer, next(steps))
        except StopIteration as end:
            found = end.value
            break
    check(stop)
    versions = tuple(Version(whole_text(loaded.tokenizer, one.ids), one.score, one.is_whole, one.ids) for one in found)
    return Rewritten(versions, max(0, len(source) - limit))
