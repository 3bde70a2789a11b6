"""A language model beside a text VAE, on the same sentences: what the latent space costs, in nats a sentence.

A language model of running text knows what stood before a sentence and a VAE does not; so only those count that learned
sentence by sentence (`rows` single sentences) from the same text in the same tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmstudio.app.inspecting.ready import ready
from llmstudio.app.items.ancestry import corpus_of, dataset_at_once, recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.presets.by_name import choose
from llmstudio.app.verbs.evaluate import as_trained
from llmstudio.core.errors import StudioError
from llmstudio.core.recipe import Recipe, change
from llmstudio.core.settings import get
from llmstudio.core.work import Stop, check
from llmstudio.store.model_card import Result
from llmstudio.store.project import About, Project

if TYPE_CHECKING:
    from llmstudio.core.dataset.tokens import Rows

_ALIKE = 0.25  # of the VAE's parameters, more or fewer
_MOST_SENTENCES = 5000
_LEAST_SECONDS, _MOST_SECONDS = 30.0, 3600.0


@dataclass(frozen=True)
class Rival:
    """The language model of about a VAE's size.

    Attributes:
        name: The model's.
        kind: Its family, a name in `MODELS`.
        parameters: Its trainable numbers.
        nats: What a held-out sentence costs it.
    """

    name: str
    kind: str
    parameters: int
    nats: float


@dataclass(frozen=True)
class Match:
    """A race of a VAE against a language model: where, who, and what is equal for both."""

    corpus: str
    tokenizer: str
    recipes: tuple[Recipe, Recipe]
    parameters: int
    seconds: float


def rival(project: Project, model: str, *, stop: Stop) -> Rival | None:
    """The language model of the project that is nearest in size, measured on the VAE's held-out sentences; None without one.

    Raises:
        StudioError: It was stopped, or a model cannot be read.
    """
    from llmstudio.core.tasks.evaluation import score_rows
    from llmstudio.core.training.machine.setup import set_up

    vae = ready(project, model, "latent", stop)
    beside = _nearest(project, vae)
    rows = _held_out(project, vae, stop) if beside else None
    if beside is None or rows is None:
        return None
    found = load(project, beside.name)
    nats = 0.0
    for score in score_rows(found.model, rows, found.tokenizer, set_up(as_trained(found)), whole_documents=True):
        check(stop)
        nats = score.nats  # of all rows so far
    return Rival(beside.name, found.card.family, found.card.parameters, nats / rows.num_rows)


def match(project: Project, model: str) -> Match:
    """What a fair race against a language model would be: the VAE as it was grown, and an LSTM that learns its sentences.

    Raises:
        StudioError: The model's corpus or tokenizer is gone.
    """
    vae = ready(project, model, "latent")
    about, own = vae.about, recipe_of(vae.about)
    corpus = corpus_of(project, about)
    tokenizer = project.by_id("tokenizer", about.parent("tokenizer").id)
    if tokenizer is None:
        raise StudioError("The tokenizer of {model} is gone, so nothing can be raced against it.", model=model)
    changes = {
        "model.num_layers": 1,  # as the one that writes in the VAE
        "model.context_length": own.model.context_length,
        "model.dropout": get(own, "model.dropout"),
        "training.rows": "sentences",
        "training.batch_size": own.training.batch_size,
    }
    plain = change(choose("lstm", None).recipe, changes)
    result = about.model_card.result or Result()
    seconds = min(max(result.seconds, _LEAST_SECONDS), _MOST_SECONDS)
    return Match(corpus.name, tokenizer.name, (own, plain), vae.card.parameters, seconds)


def _nearest(project: Project, vae: Loaded) -> About | None:
    """Of the runs that are over."""
    size, ids = vae.card.parameters, _ids(vae.about)
    best: tuple[float, About] | None = None
    for item in project.items("model"):
        if _ids(item) != ids or item.model_card.result is None:
            continue
        try:
            recipe = recipe_of(item)
        except StudioError:  # a damaged model is told of where it is opened, and is nobody's rival
            continue
        off = abs(recipe.num_parameters(vae.tokenizer.vocab_size) - size) / size
        is_alike = recipe.task_facts.writes and recipe.training.rows == "sentences" and off <= _ALIKE
        if is_alike and (best is None or off < best[0]):
            best = (off, item)
    return best[1] if best else None


def _ids(about: About) -> tuple[str, str]:
    return about.parent("corpus").id, about.parent("tokenizer").id


def _held_out(project: Project, vae: Loaded, stop: Stop) -> Rows | None:
    """Sentences of the validation part as the VAE cuts them, a few thousand at most."""
    import numpy as np

    from llmstudio.core.dataset.sentences import cut_sentences
    from llmstudio.core.dataset.tokens import Rows

    held_out = dataset_at_once(project, vae.about, job="inspect", stop=stop).split("val")
    if held_out is None:
        return None
    rows = cut_sentences(held_out, vae.tokenizer, recipe_of(vae.about).model.context_length).rows
    if not rows.num_rows:
        return None
    chosen = np.arange(rows.num_rows)[:: -(-rows.num_rows // _MOST_SENTENCES)]
    ids = [rows.row(int(i)) for i in chosen]
    offsets = np.cumsum([0, *map(len, ids)])
    return Rows(np.concatenate(ids), offsets, None, rows.row_bytes[chosen], rows.hidden_bytes[chosen])
