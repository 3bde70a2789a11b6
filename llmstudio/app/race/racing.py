"""A race: several recipes grown on one corpus under the same budget, taking turns, and who came out best.

The runners share the processor by turns and each has a stopwatch of its own, so nobody pays for the others. They read the
same text: in exactly the same order if batch shape and seed are equal, otherwise cut into windows of their own.
Every runner becomes a model of the project. It remembers its race, and the runners that dropped out before they were
models; the leaderboard is read from these models, so no other record is kept.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from llmstudio.app.computer.computing import chosen
from llmstudio.app.items.create import encode, find_dataset
from llmstudio.app.items.locks import writing
from llmstudio.app.presets.by_name import preset_of
from llmstudio.app.race.board import Runner, leaderboard, planned, remember, runners_in
from llmstudio.app.race.round_robin import JOB, Lap, round_robin
from llmstudio.app.race.yardstick import yardstick
from llmstudio.app.verbs.train import train
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Started, Stopped, inside
from llmstudio.core.models.families import MODELS
from llmstudio.core.recipe import Recipe, to_dict
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import About, Project, folded

_STEPS_LOOKED_AT = 50

_UNEQUAL_TOKENS = words(
    "The runners read with different tokenizers: as many tokens are not as much text. Bits per byte compare all the same;"
    " equal seconds would be fairer."
)


@dataclass(frozen=True)
class Budget:
    """What all runners have alike; 0 leaves a thing to each recipe.

    Attributes:
        seconds: Each one's own time, from its first step to its last look.
        tokens: Tokens that each reads.
        parameters: Size that every model is brought to, by its width.
    """

    seconds: float = 0.0
    tokens: int = 0
    parameters: int = 0


def race(
    project: Project, *, name: str, corpus: str, runners: Sequence[Runner], budget: Budget, stop: Stop
) -> Iterator[Event]:
    """Grow two to six models by turns. Events carry the runner's number in their path: `race/1/train`.

    After every turn a `Progress` of the race itself says how far all are together; its details hold `seconds`, what each
    runner's own stopwatch shows, by number. A runner that fails drops out with a `Noted` and the others go on.

    Result: race, places (best first, as `Place`), yardstick (bits per byte of a model that only counts).

    Raises:
        StudioError: Too few or too many runners, no budget, a name is taken, a device is not here, or nobody could go on.
    """
    check(runners, budget)
    _refuse_devices(runners)
    if runners_in(project, name):
        raise StudioError("There was a race called {name} already: choose another name.", name=name)
    for runner in runners:
        project.refuse_taken("model", runner.name)
    yield Started(job=JOB, title=words("Race {name}", name=name), item=name, total=len(runners))
    vocab_sizes = {r.tokenizer: project.about("tokenizer", r.tokenizer).tokenizer_card.vocab_size for r in runners}
    ready = [replace(r, recipe=fair(r.recipe, budget, vocab_sizes[r.tokenizer])) for r in runners]
    ready = _prompted(project, corpus, ready)
    if budget.tokens and len(vocab_sizes) > 1:
        yield Noted(job=JOB, message=_UNEQUAL_TOKENS)
    for tokenizer in vocab_sizes:  # before any stopwatch runs
        end = yield from inside(JOB, encode(project, corpus, tokenizer, stop=stop))
        if isinstance(end, Stopped):
            yield Stopped(job=JOB, result={"race": name})
            return
    for runner in ready:  # the same: measuring this computer is nobody's time
        if (yield from chosen(runner.recipe.training, job=JOB, stop=stop)) is None:
            yield Stopped(job=JOB, result={"race": name})
            return
    if budget.tokens:
        ready = [_for_tokens(project, corpus, r, budget.tokens) for r in ready]
    plan = [{"name": r.name, "recipe": to_dict(r.recipe), "tokenizer": r.tokenizer} for r in ready]
    about = {"name": name, "budget": asdict(budget), "yardstick": None, "time": time.time(), "plan": plan}
    jobs = {
        number: train(
            project,
            corpus=corpus,
            tokenizer=r.tokenizer,
            name=r.name,
            recipe=r.recipe,
            stop=stop,
            race=planned(project, about, number, r),
        )
        for number, r in enumerate(ready)
    }
    yield from run_out(project, about, ready, jobs, stop=stop)


def run_out(
    project: Project,
    about: dict[str, Any],
    runners: Sequence[Runner],
    jobs: Mapping[int, Iterator[Event]],
    *,
    stop: Stop,
    begun: dict[int, Lap] | None = None,
) -> Iterator[Event]:
    """The race itself, from the first turn to the leaderboard.

    Args:
        project: Where it is run.
        about: What every model is told of it; its `plan` goes once all have reached the end.
        runners: All of them, by number.
        jobs: The training of those that have something left to do, by number.
        stop: Ends all; with `keep=False` their models go, unless the race had been begun before.
        begun: How far runners had come in an earlier sitting.

    Raises:
        StudioError: Nobody could go on.
    """
    name, laps = str(about["name"]), begun if begun is not None else {}
    names = {number: runner.name for number, runner in enumerate(runners)}
    with writing(project):
        try:
            yield from round_robin(jobs, names, budget_s=about["budget"]["seconds"], stop=stop, begun=laps)
            is_over = all(isinstance(lap.end, Finished) for lap in laps.values() if lap.error is None)
            if is_over and any(lap.end for lap in laps.values()):
                yield Progress(job=JOB, what=words("Counting for the yardstick"), done=0)
                about["yardstick"] = yield from yardstick(project, JOB, runners, stop=stop)
            if is_over:
                del about["plan"]
        finally:  # also if the race breaks off: what there is stays a race
            remember(project, runners, about, laps)
    if not is_over:
        if not stop.keep and begun is None:
            for runner in runners:  # those that were over already have not heard of it
                if project.exists("model", runner.name):
                    project.delete("model", runner.name)
        yield Stopped(job=JOB, result={"race": name})
        return
    errors = [lap.error for lap in laps.values() if lap.error is not None]
    if len(errors) == len(laps):
        raise errors[-1]
    places = leaderboard(project, name)
    yield Finished(job=JOB, result={"race": name, "places": [asdict(p) for p in places], "yardstick": about["yardstick"]})


def fair(recipe: Recipe, budget: Budget, vocab_size: int) -> Recipe:
    """A recipe under a budget: its width brought to the size, its steps to the tokens, its clock to the seconds.

    Raises:
        StudioError: No width gives about that many parameters.
    """
    training = recipe.training
    model = _of_size(recipe, vocab_size, budget.parameters) if budget.parameters else recipe.model
    if budget.tokens:
        step_tokens = training.batch_size * training.grad_accumulation_steps * model.context_length
        training = replace(training, max_steps=max(1, round(budget.tokens / step_tokens)), max_seconds=0.0)
    if budget.seconds:
        training = replace(training, max_seconds=budget.seconds)
    return replace(recipe, model=model, training=training)


def _prompted(project: Project, corpus: str, runners: Sequence[Runner]) -> list[Runner]:
    """Runners without a prompt of their own get that of the others, or the first words of the held-out text: left alone,
    each would choose one by its own tokens.
    """
    own = [runner.recipe.training.sample_prompt for runner in runners]
    shared = next(filter(None, own), "") or _first_words(project.about("corpus", corpus))
    prompted = []
    for runner, prompt in zip(runners, own, strict=True):
        training = replace(runner.recipe.training, sample_prompt=prompt or shared)
        prompted.append(replace(runner, recipe=replace(runner.recipe, training=training)))
    return prompted


def _first_words(about: About) -> str:
    """The beginning of the held-out part: all that is said before the first answer, a whole source or a whole labelled
    text; of plain text, some words.
    """
    from llmstudio.core.corpus.corpus import Corpus
    from llmstudio.core.corpus.records import texts_of

    corpus = Corpus(about.path)
    record = next((record for split in ("val", "train") for record in corpus.records(split)), {})
    if "turns" in record:
        asked = itertools.takewhile(lambda turn: turn["who"] != "assistant", record["turns"])
        return " ".join(turn["what"] for turn in asked)
    if "source" in record:
        return str(record["source"])
    if about.corpus_card.record_kind == "labelled":
        return str(record.get("text", ""))
    begin = (texts_of(record)[0] if record else "").strip().split("\n", 1)[0][:24]
    return begin.rsplit(" ", 1)[0] if " " in begin else begin[:8]


def _for_tokens(project: Project, corpus: str, runner: Runner, tokens: int) -> Runner:
    """The recipe with as many steps as read so many tokens; padding in rows of whole documents does not count.

    A runner that the text does not suit stays as it is; it drops out in words of its own.
    """
    from llmstudio.core.dataset.tokens import Dataset
    from llmstudio.core.tokenizer.tokenizer import Tokenizer

    parents = {"corpus": project.about("corpus", corpus), "tokenizer": project.about("tokenizer", runner.tokenizer)}
    recipe, made = runner.recipe, find_dataset(project, parents)
    if made is None:
        return runner
    training, tokenizer = recipe.training, Tokenizer.load(parents["tokenizer"].path)
    try:
        batches = recipe.make_task(Dataset.open(made.path), tokenizer).batches()
    except StudioError:
        return runner
    read = sum(batches.batch(i).num_tokens for i in range(_STEPS_LOOKED_AT)) / _STEPS_LOOKED_AT
    steps = max(1, round(tokens / read))
    return replace(runner, recipe=replace(recipe, training=replace(training, max_steps=steps)))


def check(runners: Sequence[Runner], budget: Budget) -> None:
    """Refuse what is no race. Raises StudioError: too few or too many runners, two of one name, or no budget."""
    if not 2 <= len(runners) <= 6:
        raise StudioError("A race needs two to six runners, not {n}.", n=len(runners))
    if len({folded(r.name) for r in runners}) < len(runners):
        raise StudioError("Every runner needs a name of its own.")
    given = (budget.seconds, budget.tokens, budget.parameters)
    if not any(given) or not all(0 <= value < math.inf for value in given):
        raise StudioError("A race needs a budget: so many seconds, so many tokens, or so many parameters for each.")


def _refuse_devices(runners: Sequence[Runner]) -> None:
    """Raises StudioError if a runner asks for a device that is not here: it would be out, and the race one of the rest."""
    from llmstudio.core.training.machine.setup import refuse_device

    for runner in runners:
        try:
            refuse_device(runner.recipe.training)
        except StudioError as error:
            raise StudioError("“{runner}” cannot race. {reason}", runner=runner.name, reason=error.words) from error


def _of_size(recipe: Recipe, vocab_size: int, parameters: int) -> Any:
    """The configuration of the same shape whose width gives the count nearest to `parameters`.

    Heads allow few widths: what a layer does inside is then made a little narrower or wider, to come nearer.
    """
    config: Any = recipe.model
    base = config.embed_dim
    best = None

    def off(candidate: Any) -> int:
        return abs(int(candidate.num_parameters(vocab_size)) - parameters)

    for width in range(8, 16 * base + 1, 8):
        factor = width / base
        changes: dict[str, int] = {"embed_dim": width}
        if config.hidden_dim:
            changes["hidden_dim"] = max(8, round(config.hidden_dim * factor / 8) * 8)
        candidate = _valid(config, changes)
        if candidate is None:
            continue  # this width does not divide into the heads
        if best is None or off(candidate) < off(best):
            best = candidate
        elif candidate.num_parameters(vocab_size) > 4 * parameters:
            break
    if best is not None:
        within = best.hidden_dim or 3 * best.embed_dim  # about what a Transformer's layers have if left to themselves
        wider = (_valid(best, {"hidden_dim": hidden}) for hidden in range(max(8, within // 16 * 8), 2 * within, 8))
        best = min((best, *filter(None, wider)), key=off)
    if best is None or off(best) > 0.1 * parameters:
        began = preset_of(recipe)
        raise StudioError(
            "{preset} cannot be brought to {n:,} parameters by its width: the nearest is {near}.",
            preset=began.label if began else MODELS[recipe.kind].label,
            n=f"{parameters:,}",
            near=f"{best.num_parameters(vocab_size):,}" if best else "–",
        )
    return best


def _valid(config: Any, changes: Mapping[str, int]) -> Any:
    """`config` with these changes; None if its family refuses them."""
    try:
        return replace(config, **changes)
    except StudioError:
        return None
