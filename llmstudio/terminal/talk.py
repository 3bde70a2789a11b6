"""A chat in the terminal: type, read the answer as it is written. Ctrl+C stops an answer; /quit ends, /help tells more."""

from __future__ import annotations

import io
import re
import shlex
import sys
from dataclasses import replace

from llmstudio.app import job_runner
from llmstudio.app.items.ancestry import corpus_facts_of, recipe_of
from llmstudio.app.verbs.generate import ignored, new_seed, reply
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Failed, Finished, Noted, Progress, Stopped
from llmstudio.core.generation.chat import ASSISTANT, STORY, USER, Chat, mode_for
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from llmstudio.terminal.printer import Show
from llmstudio.terminal.signals import stopping_on_ctrl_c

_FIGURES = ("tokens", "tokens_per_second", "prompt_tokens", "num_dropped", "seed", "stop_reason")
_HELP = words("/story TEXT gives a story to talk about, /new begins anew, /quit ends; Ctrl+C stops an answer.")


_ENDING, _ANEW, _HELPING = ("/quit", "/exit", "/bye", "/q"), ("/new", "/clear", "/reset"), ("/help", "/?")
_COMMAND = re.compile(r"/(?:[^\W\d_]+|\?)")
_PLAY = {"classes": ("classify", "FILE"), "tags": ("tag", "FILE")}  # by how records become rows
_NO_LETTER = "\ufffd"
_NOT_READ = words("Some letters of this line could not be read: it is in another encoding than the terminal's.")


def talk(project: Project, model: str, config: GenerationConfig, show: Show, *, fresh: bool = False) -> int:
    """Read lines from standard input and answer them until /quit or the end of the input. Returns the exit status.

    A model whose texts held no answers writes on from what is typed, instead of answering it. Every answer has a seed of
    its own, which is told: with one seed for all, different questions would end alike. The seeds count on from the one in
    `config`, so that the same talk can be had again; or each is drawn, if `fresh`.
    """
    try:
        kind = _record_kind(project, model)
    except StudioError as error:
        show(Failed(job="chat", message=error.words, remedies=error.remedies))
        return 1
    mode = mode_for(kind)
    show(Noted(job="chat", message=_HELP))
    if kind in ("pairs", "labelled"):
        message = words(
            "{model} has learned single answers, no conversations: each line is answered by itself.", model=model
        )
        show(Noted(job="chat", message=message))
    if mode == "completion":
        message = words(
            "{model} has only read texts and never learned to answer: it writes on from what you type.", model=model
        )
        show(Noted(job="chat", message=message))
    for note in ignored(project, model, config):
        show(replace(note, job="chat"))
    chat, answers = Chat(mode=mode), 0
    _read_any_bytes()
    while (line := _read_line()) is not None:
        command, text = _command(line)
        if command in _ENDING:
            break
        if command in _ANEW:
            chat = Chat(mode=mode)
        elif command == "/story":
            chat = Chat().say(STORY, text)
        elif command in _HELPING:
            show(Noted(job="chat", message=_HELP))
        elif command:
            message = words("There is no command {command}. {help}", command=command, help=_HELP)
            show(Noted(job="chat", message=message, level="warning"))
        elif line:
            if _NO_LETTER in line:
                show(Noted(job="chat", message=_NOT_READ, level="warning"))
            before = chat if chat.mode == "chat" else Chat(mode=mode)
            asked = before.say(USER, line, parent=before.leaf)
            seed = new_seed() if fresh else (config.seed + answers) % 2**31
            end = _answer(project, model, asked, replace(config, seed=seed), show)
            if isinstance(end, Failed):
                return 1
            chat = asked.say(ASSISTANT, parent=asked.leaf, **end.result["message"])
            answers += 1
    show(Finished(job="chat", result={"model": model, "answers": answers}))
    return 0


def _answer(project: Project, model: str, chat: Chat, config: GenerationConfig, show: Show) -> Finished | Stopped | Failed:
    """Show the pieces of an answer; its end is no end of the talk, so what it says is shown as a remark."""
    stop = Stop()
    with stopping_on_ctrl_c(stop):
        for event in job_runner.run(lambda stop: reply(project, model, chat=chat, config=config, stop=stop), stop):
            if isinstance(event, Failed):
                show(replace(event, job="chat"))
                return event
            if isinstance(event, Finished | Stopped):
                tokens, pace = int(event.result["tokens"]), round(event.result["tokens_per_second"])
                message = words(
                    "({tokens|token|tokens}, {pace:,} tokens/s, seed {seed})", tokens=tokens, pace=pace, seed=config.seed
                )
                show(Noted(job="chat", message=message, details={name: event.result[name] for name in _FIGURES}))
                return event
            if isinstance(event, Progress) and "remarks" in event.details:
                figures = {name: event.details[name] for name in ("prompt_tokens", "num_dropped")}
                for remark in event.details["remarks"]:
                    show(Noted(job="chat", message=remark, level="warning", details=figures))
            else:
                show(replace(event, job="chat"))
    raise AssertionError("a job ended without saying so")


def _record_kind(project: Project, model: str) -> str:
    about = project.about("model", model)
    recipe = recipe_of(about)
    if not recipe.task_facts.writes:
        verb, given = _PLAY.get(recipe.task_facts.rows, ("generate", "--prompt TEXT"))
        raise StudioError(
            "{model} is no model to chat with. It can {ability}. Play with it by: {command}",
            model=model,
            ability=recipe.task_facts.ability,
            command=f"{verb} {shlex.quote(model)} {given}",
        )
    return str(corpus_facts_of(project, about).get("record_kind", ""))


def _command(line: str) -> tuple[str, str]:
    """The command that a line begins with, in small letters, and what follows; an empty command if it is something said."""
    first, _, text = line.partition(" ")
    return (first.lower(), text.strip()) if _COMMAND.fullmatch(first) else ("", line)


def _read_any_bytes() -> None:
    """Read a line also where it is in another encoding: what of it makes no letters becomes a sign that says so."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")


def _read_line() -> str | None:
    """The next line typed; None at the end of the input, or if Ctrl+C is pressed while nothing is being said."""
    if sys.stdin is None:
        return None
    if sys.stdin.isatty() and sys.stdout is not None:
        sys.stdout.write("> ")
        sys.stdout.flush()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        return None
    return line.strip() if line else None
