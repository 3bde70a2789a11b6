"""Race: grow several models by turns and see which comes out best."""

from __future__ import annotations

from llmstudio.app.presets.by_name import choose
from llmstudio.app.presets.preset import Preset
from llmstudio.app.race.board import Runner
from llmstudio.app.race.racing import Budget, race
from llmstudio.app.race.standings import board
from llmstudio.app.verbs.options import NAMED, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.models.families import MODELS
from llmstudio.store.project import Project


def _begin(project: Project, typed: Typed) -> Job:
    budget = Budget(typed.seconds, typed.tokens, typed.parameters)
    wishes, given = typed.runners, typed.tokenizer
    tokenizers = given * len(wishes) if len(given) == 1 else given
    if len(tokenizers) != len(wishes):
        raise StudioError(
            "There are {n} runners and {m} tokenizers: give one for all, or one for each.", n=len(wishes), m=len(tokenizers)
        )
    runners = [
        Runner(f"{typed.name} {number} {wish.replace(':', ' ')}", changed(_wished(wish).recipe, typed.set), tokenizer)
        for number, (wish, tokenizer) in enumerate(zip(wishes, tokenizers, strict=True), 1)
    ]
    return lambda stop: race(project, name=typed.name, corpus=typed.corpus, runners=runners, budget=budget, stop=stop)


def _wished(word: str) -> Preset:
    """A preset by its own name, by its family's or by both, as in `lstm:nano`."""
    return choose(word, None) if word in MODELS else choose(None, word)


VERB = Verb(
    name="race",
    help="grow several models by turns and see which comes out best",
    arguments=(
        argument("corpus", metavar="CORPUS"),
        argument("runners", nargs="+", metavar="RUNNER", help="two to six: lstm, lstm:nano, small_gpt"),
        argument(
            "--tokenizer", required=True, action="append", metavar="T", help="once for all, or once for each runner in turn"
        ),
        argument("--seconds", type=float, default=0.0, metavar="S", help="each one's own time"),
        argument("--tokens", type=int, default=0, metavar="N", help="tokens that each reads"),
        argument("--parameters", type=int, default=0, metavar="P", help="size that each is brought to"),
        *NAMED,
    ),
    begin=_begin,
    reads=board,
    needs_torch=True,
)
