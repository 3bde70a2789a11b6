"""Export: a model as a folder or a file that other programs open."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from llmstudio.app.items.ancestry import name_now, recipe_of
from llmstudio.app.items.loaded import Loaded, load
from llmstudio.app.verbs.options import MODEL
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.events import Event, Finished, Noted, Progress, Saved, Started, Stopped
from llmstudio.core.interop.chat_layout import what_was_learned
from llmstudio.core.recipe import Recipe
from llmstudio.core.tasks.settings import MarkedSettings
from llmstudio.core.tokenizer.in_gguf import why_not_in_gguf
from llmstudio.core.words import Words, plain_bytes, words
from llmstudio.core.work import Stop
from llmstudio.store.files import folder_bytes
from llmstudio.store.model_card import Result
from llmstudio.store.project import Project
from llmstudio.store.sweeping import sweep

FORMATS: dict[str, Words] = {
    "hugging_face": words("Hugging Face folder, for transformers and its relatives"),
    "gguf": words("GGUF file, for llama.cpp and its relatives"),
}


NOT_EXPORTABLE = "This model cannot be exported for other programs. {reason}"


NOT_TO_GGUF = "This model can be exported to hugging_face, but not to gguf. {reason}"


_HAS_HEAD = words(
    "What it tells of texts or words comes from a head for classes, for which other programs' files have no place. Classify"
    " and tag write its answers into a file that any program reads."
)
_NO_LAYOUT = "{model} has read running text and no conversations: it is written without a chat layout."


def check_format(format: str) -> None:
    """Raises StudioError, naming the formats there are, if `format` is none of them."""
    if format not in FORMATS:
        raise StudioError("There is no format {format}. There are: {names}.", format=format, names=", ".join(FORMATS))


def why_not(recipe: Recipe) -> Words | None:
    """Why a model of this recipe could not be exported, and which settings would change that; None if it could."""
    reason = recipe.model.why_not_exportable() or (_HAS_HEAD if _has_head(recipe) else None)
    return None if reason is None else words(NOT_EXPORTABLE, reason=reason)


def _has_head(recipe: Recipe) -> bool:
    """Whether what a model of this recipe learns lies in a head for classes."""
    return issubclass(recipe.task_facts.settings, MarkedSettings)


def why_not_to_gguf(tokenizer_kind: str) -> Words | None:
    """Why a model that reads with a tokenizer of this kind could not become a GGUF file; None if it could, or if it has no
    kind yet.
    """
    reason = why_not_in_gguf(tokenizer_kind) if tokenizer_kind else None
    return None if reason is None else words(NOT_TO_GGUF, reason=reason)


def place_of(out: Path, format: str) -> Path:
    """Where an export to `out` really goes: a folder as it is named, a GGUF file with its ending."""
    out = Path(os.path.realpath(Path(out).expanduser()))
    return out if format != "gguf" or out.suffix.lower() == ".gguf" else out.with_name(out.name + ".gguf")


def export(
    project: Project, model: str, *, format: str = "hugging_face", out: Path, which: str = "best", stop: Stop
) -> Iterator[Event]:
    """Write a model's checkpoint to the new folder or file `out`. Result: model, format, path, num_bytes.

    Raises:
        StudioError: No such model or format, the place is taken already, or other programs do not know such a model.
    """
    check_format(format)
    if _has_head(recipe_of(project.about("model", model))):
        raise StudioError(NOT_EXPORTABLE, reason=_HAS_HEAD)
    yield Started(job="export", title=words("Exporting {name}", name=model), item=model)
    yield Progress(job="export", what=words("Loading {model}", model=model), done=0)
    loaded = load(project, model, which)
    for note in loaded.notes:
        yield Noted(job="export", message=note, level="warning")
    if stop.requested:
        yield Stopped(job="export")
        return
    out = place_of(out, format)
    sweep(out.parent, deep=False)
    yield Progress(job="export", what=words("Writing {name}", name=out.name), done=0)
    facts, kind = _card(project, loaded), loaded.record_kind
    if format == "gguf":
        from llmstudio.core.interop.gguf import export_gguf

        export_gguf(loaded.model, loaded.tokenizer, out, name=model, facts=facts, record_kind=kind)
    else:
        from llmstudio.core.interop.hugging_face import export as export_folder

        export_folder(loaded.model, loaded.tokenizer, out, facts=facts, name=model, record_kind=kind)
    if kind == "text":
        yield Noted(job="export", message=words(_NO_LAYOUT, model=model))
    size = folder_bytes(out) if out.is_dir() else out.stat().st_size
    yield from _told_size(loaded, size)
    yield Saved(job="export", kind="model", name=model, location=str(out), num_bytes=size)
    yield Finished(job="export", result={"model": model, "format": format, "path": str(out), "num_bytes": size})


def _told_size(loaded: Loaded, size: int) -> Iterator[Event]:
    """Say of a model that lies in few bytes here that it does not there."""
    from llmstudio.core.models.checkpoint.read import weights_bytes

    if not loaded.card.run.pruning and not loaded.card.is_quantized:
        return
    message = words(
        "{model} takes {ours} here, where zeros are left out and matrices may lie in few bits. It takes {theirs} there,"
        " where every number is written in 32 bits, zeros too; it says the same.",
        model=loaded.about.name,
        ours=plain_bytes(weights_bytes(loaded.path)),
        theirs=plain_bytes(size),
    )
    yield Noted(job="export", message=message)


def _card(project: Project, loaded: Loaded) -> dict[str, str]:
    """What the model card says, by heading."""
    from llmstudio.core.sparsity.masks import count

    result, weights = loaded.about.model_card.result or Result(), count(loaded.model)
    zeros = weights.parameters - weights.nonzeros
    lines = {
        "Corpus": name_now(project, "corpus", loaded.about.parent("corpus")),
        "Learned from": what_was_learned(loaded.record_kind),
        "Parameters": f"{loaded.card.parameters:,}" + (f", {zeros:,} of them zero" if loaded.card.run.pruning else ""),
        "Steps": f"{loaded.step:,}",
        "Tokenizer": f"{loaded.tokenizer.kind}, {loaded.tokenizer.vocab_size:,} tokens",
    }
    for heading, value in (("Validation loss", result.val_loss), ("Bits per byte", result.bits_per_byte)):
        if value is not None:
            lines[heading] = f"{value:.4f}"
    return {heading: text for heading, text in lines.items() if text}


def _begin(project: Project, typed: Typed) -> Job:
    check_format(typed.format)
    return lambda stop: export(project, typed.model, format=typed.format, out=typed.out, stop=stop)


VERB = Verb(
    name="export",
    help="write a model for other programs",
    arguments=(
        MODEL,
        argument("--format", required=True, metavar="FORMAT", help=", ".join(FORMATS)),
        argument("out", type=Path, metavar="OUT"),
    ),
    begin=_begin,
    needs_torch=True,
)
