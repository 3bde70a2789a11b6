"""The tour: text to tokenizer to model to a sparse copy to answers, on the built-in tiny world, in under three minutes.

Seed and number of steps are fixed in the preset `tour`, so that the journey can be rehearsed: the same machine tells the
same story again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmstudio.app.items.ancestry import dataset_of
from llmstudio.app.items.chats import begin_chat
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.items.locks import writing
from llmstudio.app.presets.by_name import preset
from llmstudio.app.verbs.generate import reply
from llmstudio.app.verbs.import_corpus import import_corpus
from llmstudio.app.verbs.prune import prune
from llmstudio.app.verbs.tokenizer import build_tokenizer
from llmstudio.app.verbs.train import train
from llmstudio.app.verbs.verb import Verb
from llmstudio.core.awake import awake_s
from llmstudio.core.corpus.config import SAMPLE, CorpusConfig
from llmstudio.core.corpus.samples import Question, questions, suggested
from llmstudio.core.events import Evaluated, Event, Finished, Noted, Progress, Sampled, Started, Stopped, inside
from llmstudio.core.generation.chat import Chat
from llmstudio.core.generation.config import GenerationConfig
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.words import words
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Dataset

JOB = "tour"
WORLD = "tour"
NUM_DOCUMENTS = 20_000
NUM_QUESTIONS = 500
SPARSITY = 0.5
NAMES = {
    "corpus": "Tiny world",
    "tokenizer": "Tiny words",
    "model": "Tiny reader",
    "pruned": "Tiny reader, half",
    "chat": "Tour",
}
_ANSWER_TOKENS = 12


def tour(
    project: Project,
    *,
    stop: Stop,
    replay: bool = True,
    recipe: Recipe | None = None,
    num_documents: int = NUM_DOCUMENTS,
    num_questions: int = NUM_QUESTIONS,
) -> Iterator[Event]:
    """The whole journey; names that are taken get a number, so it may be taken again in the same project.

    Result: seconds, model, bits_per_byte, questions_right, random_questions_right, trigram_questions_right.

    Args:
        project: Where everything lands.
        stop: Ends the journey where it is; what is finished stays.
        replay: The stored seed; False draws another, for another story.
        recipe: Instead of the preset's, to try the journey with another model.
        num_documents: Stories to write and to learn from.
        num_questions: Held-out questions to ask.
    """
    began = awake_s()
    plan = preset("tour")
    recipe = recipe or plan.recipe
    if not replay:
        recipe = change(recipe, {"training.seed": random.SystemRandom().randrange(2**31)})
    yield Started(job=JOB, title=words("Grow your first model"), total=6)
    with writing(project):
        names = {kind: project.free_name("model" if kind == "pruned" else kind, wish) for kind, wish in NAMES.items()}
        stages: tuple[Callable[[], Iterator[Event]], ...] = (
            lambda: import_corpus(
                project,
                [f"{SAMPLE}{WORLD}"],
                name=names["corpus"],
                config=CorpusConfig(sample_count=num_documents, sample_seed=recipe.training.seed),
                stop=stop,
            ),
            lambda: build_tokenizer(project, names["corpus"], name=names["tokenizer"], config=plan.tokenizer, stop=stop),
            lambda: train(
                project,
                corpus=names["corpus"],
                tokenizer=names["tokenizer"],
                name=names["model"],
                recipe=recipe,
                stop=stop,
            ),
            lambda: _ask(project, names["model"], num_questions, stop=stop),
            lambda: prune(project, names["model"], name=names["pruned"], config=PruningConfig(sparsity=SPARSITY), stop=stop),
            lambda: _chat(project, names["model"], names["chat"], stop=stop),
        )
        results: list[dict[str, Any]] = []
        for stage in stages:
            end = yield from inside(JOB, stage())
            results.append(dict(end.result))
            if isinstance(end, Stopped):
                yield Stopped(job=JOB, step=len(results) - 1, result={"model": names["model"]})
                return
    _, _, trained, asked, _, _ = results
    result = {
        "seconds": awake_s() - began,
        "model": names["model"],
        "bits_per_byte": trained["bits_per_byte"],
        "questions_right": asked["questions_right"],
        "random_questions_right": asked["random_questions_right"],
        "trigram_questions_right": asked["trigram_questions_right"],
    }
    yield Finished(job=JOB, step=len(stages), result=result)


def _ask(project: Project, model: str, count: int, *, stop: Stop) -> Iterator[Event]:
    """Put held-out questions to the model, to chance, and to a model that only counts; the shares each gets right."""
    yield Started(
        job="evaluate",
        title=words("Asking {count|question|questions} on stories it has never read", count=count),
        total=count,
    )
    loaded = load(project, model)
    data = yield from dataset_of(project, loaded.about, job="evaluate", stop=stop)
    asked = questions(WORLD, count=count)
    shares = (yield from _shares(loaded, data, asked, stop)) if data else None
    if shares is None:
        yield Stopped(job="evaluate")
        return
    yield Evaluated(job="evaluate", step=loaded.step, split="questions", figures=shares)
    percent = {name: round(100 * share) for name, share in shares.items()}
    yield Noted(
        job="evaluate",
        message=words(
            "{right} % of the questions answered right. Guessing gives {chance} %, counting words {trigram} %.",
            right=percent["questions_right"],
            chance=percent["random_questions_right"],
            trigram=percent["trigram_questions_right"],
        ),
    )
    yield Finished(job="evaluate", step=len(asked), result=shares)


def _shares(
    loaded: Loaded, data: Dataset, asked: Sequence[Question], stop: Stop
) -> Generator[Event, None, dict[str, float] | None]:
    from llmstudio.core.dataset.encoding import encode_turns
    from llmstudio.core.generation.counting.ngram import count
    from llmstudio.core.generation.generate import answer_greedily
    from llmstudio.core.tokenizer.config import ASSISTANT

    def prompt(question: Question) -> list[int]:
        turns = [{"who": "story", "what": question.passage}, {"who": "user", "what": question.question}]
        return [*encode_turns(loaded.tokenizer, turns)[0], ASSISTANT]

    prompts = [prompt(question) for question in asked]
    right = 0
    answers = answer_greedily(loaded.model, prompts, max_new_tokens=_ANSWER_TOKENS, stop=stop)
    for done, (index, ids) in enumerate(answers, 1):
        right += loaded.tokenizer.decode(ids).strip() == asked[index].answer
        if done % 20 == 0:
            details = {"right": right}
            yield Progress(
                job="evaluate", what=words("Asking"), done=done, total=len(asked), unit="questions", details=details
            )
    if stop.requested:
        return None
    rows = data.split("train")
    assert rows is not None, "a dataset has training rows"
    counted = count(rows.ids)
    written = [loaded.tokenizer.decode(counted.answer(ids, max_new_tokens=_ANSWER_TOKENS)).strip() for ids in prompts]
    dice = random.Random(0)
    drawn = [dice.choice(question.candidates) for question in asked]
    return {
        "questions_right": right / len(asked),
        "random_questions_right": _share_right(drawn, asked),
        "trigram_questions_right": _share_right(written, asked),
    }


def _share_right(answers: Sequence[str], asked: Sequence[Question]) -> float:
    return sum(answer == question.answer for answer, question in zip(answers, asked, strict=True)) / len(asked)


def _chat(project: Project, model: str, name: str, *, stop: Stop) -> Iterator[Event]:
    """Three suggested questions, each on a story of its own, answered word by word; kept as a chat."""
    yield Started(job="chat", title=words("Talking to {name}", name=model), item=model)
    chat = Chat()
    for question in suggested(WORLD):
        chat = chat.say("story", question.passage)
        chat = chat.say("user", question.question, parent=chat.leaf)
        config = GenerationConfig(temperature=0.0, max_new_tokens=_ANSWER_TOKENS)
        answering = (replace(event, job="") for event in reply(project, model, chat=chat, config=config, stop=stop))
        end = yield from inside("chat", answering)
        if isinstance(end, Stopped):
            yield Stopped(job="chat")
            return
        chat = chat.say("assistant", parent=chat.leaf, **end.result["message"])
        yield Sampled(job="chat", prompt=f"{question.passage}\n{question.question}", text=end.result["text"])
    name = begin_chat(project, name, chat, model=model)
    yield Finished(job="chat", result={"chat": name})


VERB = Verb(
    name="tour",
    help="the whole journey on the built-in sample",
    begin=lambda project, typed: lambda stop: tour(project, stop=stop),
    needs_torch=True,
)
