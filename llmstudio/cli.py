"""The command line: reads words, runs the same jobs as the window, shows their events.

Exit status: 0 finished, 1 failed, 2 wrong words, 130 stopped. The first Ctrl+C asks the job to stop, the second quits.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from llmstudio import __version__
from llmstudio.app import jobs, looking, runner
from llmstudio.app.engine import check_room
from llmstudio.app.places import default_project
from llmstudio.app.preset import Preset
from llmstudio.app.presets import PRESETS, choose
from llmstudio.app.race.board import Runner
from llmstudio.app.race.racing import Budget
from llmstudio.app.starting import recipe_from
from llmstudio.app.verbs.export import check_format
from llmstudio.app.verbs.generate import new_seed, without_effect_on
from llmstudio.core.corpus.config import CorpusConfig
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Failed, Stopped
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.models.families import MODELS
from llmstudio.core.settings import change_all
from llmstudio.core.shortage import KINDS, shortage_of
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.tokenizer.config import TokenizerConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project
from llmstudio.terminal.printer import JsonPrinter, PlainPrinter, Show, complain, speak_utf8, stopping_on_ctrl_c
from llmstudio.terminal.talk import talk

_RANDOM = "random"
_WITH_TORCH = ("tour", "train", "race", "resume", "evaluate", "prune", "generate", "chat", "export")
T = TypeVar("T")
Job = Callable[[Stop], Iterator[Event]]
WindowDoctor = Callable[[argparse.Namespace], Iterator[Event]]


def main(argv: Sequence[str], *, window_doctor: WindowDoctor | None = None) -> int:
    """Run one verb and return its exit status. `window_doctor` is handed in, since no face knows the other."""
    speak_utf8()
    parser = _parser(as_json="--json" in argv, has_window=window_doctor is not None)
    arguments = parser.parse_args(list(argv), argparse.Namespace(window_doctor=window_doctor))
    show: Show = JsonPrinter() if arguments.json else PlainPrinter()
    try:
        return _obey(arguments, show)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return _reader_gone()
    except KINDS as error:
        if (short := shortage_of(error, arguments.verb)) is None:
            raise
        show(Failed(message=short.words))
        return 1


def _obey(arguments: argparse.Namespace, show: Show) -> int:
    """Open the project, and do there what the words say."""
    try:
        project = Project(arguments.project or default_project())
    except StudioError as error:
        show(Failed(message=error.words, remedies=error.remedies))
        return 1
    if arguments.verb in _WITH_TORCH:
        check_room()
    try:
        if arguments.verb == "chat":
            config = _generation(project, arguments)
            return talk(project, arguments.model, config, show, fresh=arguments.seed in (None, _RANDOM))
        job = arguments.job(project, arguments)
    except StudioError as error:
        show(Failed(message=error.words, remedies=error.remedies))
        return 2
    return _run(job, show)


def _run(job: Job, show: Show) -> int:
    stop = Stop()
    end: Event | None = None
    is_heard = True
    with stopping_on_ctrl_c(stop) as signals:
        try:
            for event in runner.run(job, stop):
                is_heard = is_heard and _is_shown(show, event)
                if not is_heard:  # nobody is there to wait for more; what was done so far is still kept
                    stop.request()
                end = event
        except KeyboardInterrupt:
            return 130
    if not is_heard and not signals:  # a terminal that is closed takes the reader with it: that is a wish to stop
        return 1
    return 130 if isinstance(end, Stopped) else 1 if isinstance(end, Failed) else 0


def _is_shown(show: Show, event: Event) -> bool:
    """Show an event; False if that cannot be: its reader has gone, the terminal is closed, the disk of a log is full."""
    try:
        show(event)
    except OSError as error:
        _reader_gone()
        if not isinstance(error, BrokenPipeError):
            with contextlib.suppress(OSError):
                complain(f"What this says cannot be written any more ({error.strerror}): the work ends here.")
        return False
    return True


def _reader_gone() -> int:
    """Whoever was reading has gone, as in `| head`; nothing more can be said, not even while closing."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - the interpreter closes it
    return 1


# --- verbs: words to a job. Whatever raises StudioError here is a wrong word; inside the job it is a failure. ---


def _tour(project: Project, arguments: argparse.Namespace) -> Job:
    return lambda stop: jobs.tour(project, stop=stop)


def _import(project: Project, arguments: argparse.Namespace) -> Job:
    config = _changed(CorpusConfig(), arguments.set)
    return lambda stop: jobs.import_corpus(project, arguments.sources, name=arguments.name, config=config, stop=stop)


def _tokenizer(project: Project, arguments: argparse.Namespace) -> Job:
    config = _changed(TokenizerConfig(), arguments.set, kind=arguments.kind, vocab_size=arguments.vocab_size)
    return lambda stop: jobs.build_tokenizer(project, arguments.corpus, name=arguments.name, config=config, stop=stop)


def _train(project: Project, arguments: argparse.Namespace) -> Job:
    names = {"corpus": arguments.corpus or "", "tokenizer": arguments.tokenizer or "", "name": arguments.name}
    if start := arguments.start:
        if arguments.model or arguments.preset:
            raise StudioError("A run from {model} keeps its family and shape: leave --model and --preset out.", model=start)
        recipe = recipe_from(project, start, _pairs(arguments.set))
    elif not (arguments.corpus and arguments.tokenizer):
        raise StudioError("A new model needs --corpus and --tokenizer, or --from MODEL to begin with that model's weights.")
    else:
        recipe = _changed(choose(arguments.model, arguments.preset).recipe, arguments.set)
    return lambda stop: jobs.train(project, recipe=recipe, stop=stop, start=start or "", **names)


def _race(project: Project, arguments: argparse.Namespace) -> Job:
    budget = Budget(arguments.seconds, arguments.tokens, arguments.parameters)
    wishes, given = arguments.runners, arguments.tokenizer
    tokenizers = given * len(wishes) if len(given) == 1 else given
    if len(tokenizers) != len(wishes):
        raise StudioError(
            "There are {n} runners and {m} tokenizers: give one for all, or one for each.", n=len(wishes), m=len(tokenizers)
        )
    runners = [
        Runner(
            f"{arguments.name} {number} {wish.replace(':', ' ')}", _changed(_wished(wish).recipe, arguments.set), tokenizer
        )
        for number, (wish, tokenizer) in enumerate(zip(wishes, tokenizers, strict=True), 1)
    ]
    return lambda stop: jobs.race(
        project, name=arguments.name, corpus=arguments.corpus, runners=runners, budget=budget, stop=stop
    )


def _resume(project: Project, arguments: argparse.Namespace) -> Job:
    changes = _pairs(arguments.set)
    if not project.exists("model", arguments.model) and jobs.is_race(project, arguments.model):
        if changes:
            raise StudioError("A race goes on with the settings that it began with: leave --set out.")
        return lambda stop: jobs.resume_race(project, arguments.model, stop=stop)
    return lambda stop: jobs.resume(project, arguments.model, changes=changes, stop=stop)


def _rename(project: Project, arguments: argparse.Namespace) -> Job:
    return lambda stop: jobs.rename(project, arguments.item, arguments.new)


def _delete(project: Project, arguments: argparse.Namespace) -> Job:
    if not arguments.yes:
        raise StudioError("Deleting {item} cannot be undone: add --yes if you mean it.", item=arguments.item)
    return lambda stop: jobs.delete(project, arguments.item)


def _evaluate(project: Project, arguments: argparse.Namespace) -> Job:
    return lambda stop: jobs.evaluate(project, arguments.model, text_file=arguments.text, stop=stop)


def _prune(project: Project, arguments: argparse.Namespace) -> Job:
    config = _changed(PruningConfig(), arguments.set, method=arguments.method, sparsity=arguments.sparsity)
    return lambda stop: jobs.prune(project, arguments.model, name=arguments.name, config=config, stop=stop)


def _generate(project: Project, arguments: argparse.Namespace) -> Job:
    config = _generation(project, arguments)
    return lambda stop: jobs.generate(
        project, arguments.model, prompt=arguments.prompt, config=config, raw=arguments.raw, stop=stop
    )


def _export(project: Project, arguments: argparse.Namespace) -> Job:
    check_format(arguments.format)
    return lambda stop: jobs.export(project, arguments.model, format=arguments.format, out=arguments.out, stop=stop)


def _list(project: Project, arguments: argparse.Namespace) -> Job:
    return lambda stop: looking.list_items(project)


def _show(project: Project, arguments: argparse.Namespace) -> Job:
    return lambda stop: looking.show(project, arguments.item)


def _doctor(project: Project, arguments: argparse.Namespace) -> Job:
    if arguments.window:
        return lambda stop: arguments.window_doctor(arguments)
    return lambda stop: looking.doctor(project, stop=stop)


def _wished(word: str) -> Preset:
    """A preset by its own name, by its family's or by both, as in `lstm:nano`."""
    return choose(word, None) if word in MODELS else choose(None, word)


def _generation(project: Project, arguments: argparse.Namespace) -> GenerationConfig:
    given = _pairs(arguments.set)
    for name in ("max_new_tokens", "temperature", "top_k", "top_p", "seed"):
        if (value := getattr(arguments, name)) is not None:
            given.setdefault(name, value)
    if given.get("seed") == _RANDOM:
        given["seed"] = str(new_seed())
    try:
        hidden = without_effect_on(project, arguments.model)
    except StudioError:  # of a missing model the job tells
        hidden = frozenset()
    return change_all(GenerationConfig(), given, hidden=hidden)


def _changed(config: T, pairs: Sequence[str], **options: Any) -> T:
    """`config` with options that were given and `PATH=VALUE` pairs set, all at once."""
    changes = {path: value for path, value in options.items() if value is not None}
    return change_all(config, changes | _pairs(pairs))


def _pairs(pairs: Sequence[str]) -> dict[str, str]:
    """Values by path, as they were typed."""
    found = {}
    for pair in pairs:
        path, separator, value = pair.partition("=")
        if not separator:
            raise StudioError("{pair} is not PATH=VALUE, as in training.max_steps=200.", pair=pair)
        found[path.strip()] = value
    return found


# --- the parser ---


class _Parser(argparse.ArgumentParser):
    """Says its refusal in one sentence, in JSON too where JSON was asked for."""

    as_json = False

    def error(self, message: str) -> NoReturn:
        """Refuse wrong words."""
        sentence = words("{message}. See {program} --help.", message=message.rstrip("."), program=self.prog)
        show: Show = JsonPrinter() if self.as_json else PlainPrinter()
        show(Failed(message=sentence))
        sys.exit(2)


def _parser(*, as_json: bool, has_window: bool) -> argparse.ArgumentParser:
    _Parser.as_json = as_json
    parser = _Parser(
        prog="llmstudio",
        description="Grow a small language model on your own computer.",
        epilog="Without a verb the window opens; with --project DIR alone, on that project.",
    )
    parser.add_argument("--version", action="version", version=f"llmstudio {__version__}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=_Parser)

    _verb(verbs, "tour", _tour, "the whole journey on the built-in sample")

    made = _verb(verbs, "import", _import, "text in: a corpus out")
    made.add_argument("sources", nargs="+", metavar="SOURCE", help="files, folders, archives, or sample:NAME")
    _named(made)

    made = _verb(verbs, "tokenizer", _tokenizer, "learn how to cut text into tokens")
    made.add_argument("corpus", metavar="CORPUS")
    made.add_argument("--kind", help="bpe, wordpiece, unigram, word, char or byte")
    made.add_argument("--vocab-size", metavar="V")
    _named(made)

    made = _verb(verbs, "train", _train, "grow a model from random weights, or from those of another")
    made.add_argument("--corpus", metavar="C", help="with --from: another text than that model's")
    made.add_argument("--tokenizer", metavar="T")
    made.add_argument("--from", dest="start", metavar="MODEL", help="begin with this model's weights and tokenizer")
    made.add_argument("--model", metavar="KIND", help=f"the family: {', '.join(MODELS)} (default: the preset's)")
    made.add_argument("--preset", metavar="P", help=f"{', '.join(dict.fromkeys(p.name for p in PRESETS.values()))} (micro)")
    _named(made)

    made = _verb(verbs, "race", _race, "grow several models by turns and see which comes out best")
    made.add_argument("corpus", metavar="CORPUS")
    made.add_argument("runners", nargs="+", metavar="RUNNER", help="two to six: lstm, lstm:nano, small_gpt")
    made.add_argument(
        "--tokenizer", required=True, action="append", metavar="T", help="once for all, or once for each runner in turn"
    )
    made.add_argument("--seconds", type=float, default=0.0, metavar="S", help="each one's own time")
    made.add_argument("--tokens", type=int, default=0, metavar="N", help="tokens that each reads")
    made.add_argument("--parameters", type=int, default=0, metavar="P", help="size that each is brought to")
    _named(made)

    one = _verb(verbs, "resume", _resume, "go on where training stopped; with --set, at another rate or for more steps")
    one.add_argument("model", metavar="MODEL", help="a model, or a race")
    _settable(one)

    one = _verb(verbs, "rename", _rename, "give an item another name")
    one.add_argument("item", metavar="ITEM", help="a name, or KIND/NAME")
    one.add_argument("new", metavar="NEW", help="its new name")

    one = _verb(verbs, "delete", _delete, "remove an item for good; what was made from it stays")
    one.add_argument("item", metavar="ITEM", help="a name, or KIND/NAME")
    one.add_argument("--yes", action="store_true", help="you mean it: this cannot be undone")

    one = _verb(verbs, "evaluate", _evaluate, "measure a model on text it has not seen")
    one.add_argument("model", metavar="MODEL")
    one.add_argument("--text", type=Path, metavar="FILE", help="a text file instead of the validation part")

    made = _verb(verbs, "prune", _prune, "set the least important weights to zero")
    made.add_argument("model", metavar="MODEL")
    made.add_argument("--method", metavar="M")
    made.add_argument("--sparsity", metavar="S")
    _named(made)

    one = _verb(verbs, "generate", _generate, "let a model write on from a prompt")
    one.add_argument("model", metavar="MODEL")
    one.add_argument("--prompt", required=True, metavar="TEXT")
    one.add_argument("--raw", action="store_true", help="write on from the prompt, also if the model has learned to answer")
    _speaking(one)

    one = _verb(verbs, "chat", _generate, "talk to a model")
    one.add_argument("model", metavar="MODEL")
    _speaking(one)

    one = _verb(verbs, "export", _export, "write a model for other programs")
    one.add_argument("model", metavar="MODEL")
    one.add_argument("--format", required=True, metavar="FORMAT", help=", ".join(jobs.FORMATS))
    one.add_argument("out", type=Path, metavar="OUT")

    _verb(verbs, "list", _list, "what is in the project")
    one = _verb(verbs, "show", _show, "what an item says of itself")
    one.add_argument("item", metavar="ITEM", help="a name, or KIND/NAME")
    one = _verb(verbs, "doctor", _doctor, "what this computer can do; tests the installation")
    if has_window:
        one.add_argument("--window", action="store_true", help="open the real window and measure how smooth it stays")
    else:
        one.set_defaults(window=False)
    return parser


def _verb(verbs: Any, name: str, job: Callable[..., Job], help: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = verbs.add_parser(name, help=help, description=help)
    made.add_argument("--project", type=Path, metavar="DIR", help="the project's folder")
    made.add_argument("--json", action="store_true", help="one JSON object a line")
    made.set_defaults(job=job)
    return made


def _settable(made: argparse.ArgumentParser) -> None:
    made.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="any setting, as often as needed")


def _named(made: argparse.ArgumentParser) -> None:
    made.add_argument("--name", required=True, metavar="N")
    _settable(made)


def _speaking(made: argparse.ArgumentParser) -> None:
    made.add_argument("--max-new-tokens", metavar="K")
    made.add_argument("--temperature", metavar="X")
    made.add_argument("--top-k", metavar="K")
    made.add_argument("--top-p", metavar="P")
    made.add_argument("--seed", metavar="S", help=f"a number, or {_RANDOM} for another text each time")
    _settable(made)
