"""Generate and chat: a prompt or a conversation in, text out, piece by piece."""

from __future__ import annotations

import secrets
import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import Any

from llmstudio.app.items.ancestry import corpus_facts_of, recipe_of
from llmstudio.app.items.loaded import load
from llmstudio.app.verbs.options import MODEL, SETTABLE, values_of
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped
from llmstudio.core.generation.chat import Chat, mode_for
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.settings import change_all, to_dict
from llmstudio.core.tasks import TaskFacts
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

_ASKS = ("?", "？")
RANDOM = "random"
"""What is typed instead of a seed."""
_ASKED = {
    "turns": "{model} has learned conversations: the prompt is asked as a person's turn. --raw lets it write on instead.",
    "pairs": "{model} has learned pairs: the prompt is asked as the first half of one. --raw lets it write on instead.",
    "labelled": "{model} has learned texts with labels: it is asked for the prompt's label. --raw lets it write on instead.",
}


def generate(
    project: Project,
    model: str,
    *,
    prompt: str,
    config: GenerationConfig | None = None,
    which: str = "best",
    raw: bool = False,
    stop: Stop,
) -> Iterator[Event]:
    """Let a model write on from `prompt`, fill its blanks, rewrite or rebuild it: whatever the model was trained for.

    A model of conversations, pairs or labelled texts is asked as the rows were laid out that it learned from, which is said;
    if `raw`, it writes on from the bare prompt. Of one that does not write, `raw` is said to have no effect. An empty prompt
    asks nothing: the model begins a text.
    Result: text, tokens, tokens_per_second, first_token_seconds, stop_reason, seed, and hidden_share: of the prompt's bytes,
    those that the model does not know and so does not read.
    """
    yield Started(job="generate", title=words("Writing"), item=model)
    about = project.about("model", model)
    kind = str(corpus_facts_of(project, about).get("record_kind", ""))
    chat = Chat(mode=mode_for(kind) if prompt.strip() and not raw else "completion").say("user", prompt)
    task = recipe_of(about).task_facts
    writes = task.writes
    # What rewrites conversations reads a prompt as a turn, unless raw.
    if raw and not writes and not ("rewrite" in task.pages and kind == "turns"):
        yield _without_effect("--raw", model, task)
    if writes and chat.mode == "chat":
        yield Noted(job="generate", message=words(_ASKED[kind], model=model))
    elif writes and kind == "text" and prompt.rstrip().endswith(_ASKS):
        message = words(
            "{model} has only read texts and never learned to answer: it writes on from the question.", model=model
        )
        yield Noted(job="generate", message=message)
    yield (yield from speak("generate", project, model, chat, config or GenerationConfig(), which, stop))


def reply(
    project: Project,
    model: str,
    *,
    chat: Chat,
    config: GenerationConfig | None = None,
    which: str = "best",
    stop: Stop,
) -> Iterator[Event]:
    """Answer the shown branch of `chat`, which stays as it is.

    Before the answer, a `Progress` tells in its details `prompt_tokens`, `num_dropped` and, in `remarks`, what is not read.

    Result, also of `Stopped`: as `generate`, and `message`: everything but the speaker and the parent that
    `chat.say("assistant", parent=chat.leaf, **message)` takes.
    """
    config = config or GenerationConfig()
    yield Started(job="reply", title=words("Answering"), item=model)
    end = yield from speak("reply", project, model, chat, config, which, stop)
    yield replace(end, result=dict(end.result) | {"message": message_of(model, config, end.result)})


def message_of(model: str, config: GenerationConfig, result: Mapping[str, Any]) -> dict[str, Any]:
    """What a chat keeps of an answer, given how the job that wrote it ended, see `reply`."""
    return {
        "text": result.get("text", ""),
        "model": model,
        "settings": to_dict(config),
        "tokens": result.get("tokens", 0),
        "tokens_per_second": result.get("tokens_per_second", 0.0),
        "first_token_s": result.get("first_token_seconds", 0.0),
        "prompt_tokens": result["prompt_tokens"],
        "num_dropped": result["num_dropped"],
        "stop_reason": result.get("stop_reason", "stopped"),
        "time": time.time(),
        "ids": result.get("ids", []),
    }


def speak(
    job: str, project: Project, model: str, chat: Chat, config: GenerationConfig, which: str, stop: Stop
) -> Generator[Event, None, Finished | Stopped]:
    """Let a model answer `chat` as a part of `job`, and return how that ends: its result is that of `generate`."""
    yield Progress(job=job, what=words("Loading {model}", model=model), done=0)
    loaded = load(project, model, which, to_write=True)
    for note in loaded.notes:
        yield Noted(job=job, message=note, level="warning")
    if job != "reply":
        yield from (replace(note, job=job) for note in ignored(project, model, config))
    from llmstudio.core.tasks.base import Asked, task_class
    from llmstudio.core.tokenizer.fit import not_read, unknown_share

    asked = Asked(chat, config, loaded.record_kind, stop)
    task = task_class(recipe_of(loaded.about).task_facts)
    answering, new = task.answer(loaded.model, loaded.tokenizer, asked), task.newly_cut(asked)
    counts = {"prompt_tokens": answering.num_read, "num_dropped": answering.num_dropped}
    remarks = [remark for remark in (answering.remark, not_read(loaded.tokenizer, new)) if remark is not None]
    if job != "reply":  # a chat says so beside its message
        for remark in remarks:
            yield Noted(job=job, message=remark, level="warning")
    else:
        facts = counts | {"remarks": remarks}
        yield Progress(job=job, what=words("Reading"), done=answering.num_read, unit="tokens", details=facts)
    end: Finished | Stopped | None = None
    for event in answering.events:
        if isinstance(event, Finished | Stopped):
            extra = {"model": model, **counts, "hidden_share": unknown_share(loaded.tokenizer, new), "seed": config.seed}
            end = replace(event, job=job, result=dict(event.result) | extra)
        elif not isinstance(event, Started):
            yield replace(event, job=job)
    assert end is not None, "a job ended without saying so"
    return end


def new_seed() -> int:
    """A seed that nobody could foretell, short enough to be typed again."""
    return secrets.randbelow(1_000_000)


def without_effect_on(project: Project, model: str) -> frozenset[str]:
    """Settings of speaking that do nothing with this model. Raises StudioError if there is none."""
    return recipe_of(project.about("model", model)).task_facts.idle


def ignored(project: Project, model: str, config: GenerationConfig) -> Iterator[Noted]:
    """Says of every setting that was changed and has no effect with this model. Raises StudioError if there is no model."""
    task = recipe_of(project.about("model", model)).task_facts
    for name in sorted(task.idle):
        if getattr(config, name) != getattr(GenerationConfig, name):
            yield _without_effect(name, model, task)


def _without_effect(name: str, model: str, task: TaskFacts) -> Noted:
    message = words(
        "{name} has no effect here: {model} was trained to {ability}.", name=name, model=model, ability=task.ability
    )
    return Noted(job="generate", message=message, level="warning")


def config_of(project: Project, typed: Typed) -> GenerationConfig:
    """The settings that were typed. Raises StudioError if one of them is wrong."""
    given = values_of(typed.set)
    for name in ("max_new_tokens", "temperature", "top_k", "top_p", "seed"):
        if (value := getattr(typed, name)) is not None:
            given.setdefault(name, value)
    if given.get("seed") == RANDOM:
        given["seed"] = str(new_seed())
    try:
        hidden = without_effect_on(project, typed.model)
    except StudioError:  # of a missing model the job tells
        hidden = frozenset()
    return change_all(GenerationConfig(), given, hidden=hidden)


def _begin(project: Project, typed: Typed) -> Job:
    config = config_of(project, typed)
    return lambda stop: generate(project, typed.model, prompt=typed.prompt, config=config, raw=typed.raw, stop=stop)


SAMPLING = (
    argument("--max-new-tokens", metavar="K"),
    argument("--temperature", metavar="X"),
    argument("--top-k", metavar="K"),
    argument("--top-p", metavar="P"),
    argument("--seed", metavar="S", help=f"a number, or {RANDOM} for another text each time"),
    *SETTABLE,
)
VERB = Verb(
    name="generate",
    help="let a model write on from a prompt",
    arguments=(
        MODEL,
        argument("--prompt", required=True, metavar="TEXT"),
        argument("--raw", action="store_true", help="write on from the prompt, also if the model has learned to answer"),
        *SAMPLING,
    ),
    begin=_begin,
    needs_torch=True,
)
