"""Writing a checkpoint: a folder that is there whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from llmstudio.core.models.base import LanguageModel
from llmstudio.core.models.checkpoint.card import Base
from llmstudio.core.models.checkpoint.folders import FACTS, FOLDER, STATE, WEIGHTS
from llmstudio.core.models.weights.base import encoded, num_parameters
from llmstudio.core.settings import to_dict
from llmstudio.store.files import explained, staged_folder, write_json, write_manifest


def save_checkpoint(
    model_folder: Path,
    step: int,
    *,
    model: LanguageModel,
    kind: str,
    facts: Mapping[str, Any],
    state: Mapping[str, Tensor] | None = None,
    sparse: bool = False,
    base: Base | None = None,
) -> Path:
    """Write a checkpoint under `model_folder` and return its folder; one of the same step gives way once this one is whole.

    Args:
        model_folder: `models/NAME`.
        step: Optimizer steps taken so far.
        model: Its weights are stored under their parameter names.
        kind: The family's name in `MODELS`.
        facts: Plain values to keep beside the weights.
        state: Tensors that training needs to go on.
        sparse: Store each tensor by the codec that takes the fewest bytes.
        base: The checkpoint from which some of the tensors are read: only the others are stored.

    Raises:
        StudioError: The disk is full or may not be written; older checkpoints are untouched.
    """
    final = model_folder / FOLDER / f"{step:08d}"
    about = {
        "kind": kind,
        "config": to_dict(model.config),
        "vocab_size": model.vocab_size,
        "step": step,
        "parameters": num_parameters(model),
        "facts": dict(facts),
    }
    about |= {"changes": [dict(change) for change in model.changes]} if model.changes else {}
    about |= {"base": base.to_file()} if base is not None else {}
    with staged_folder(final, replace=True) as folder, explained(final):
        weights, codecs = encoded(model, sparse=sparse, without=base.tensors if base is not None else ())
        # The base is part of what these weights are, and so of their file, by whose hash they are known.
        write_tensors(weights, folder / WEIGHTS, metadata={"base": base.hash} if base is not None else None)
        if state is not None:
            write_tensors(state, folder / STATE)
        write_json(folder / FACTS, about | {"codecs": codecs})
        write_manifest(folder)
    return final


def write_tensors(tensors: Mapping[str, Tensor], path: Path, *, metadata: dict[str, str] | None = None) -> None:
    """Write tensors to a new file, as safetensors. Raises OSError if the system refuses."""
    try:
        save_file({name: t.detach().to("cpu").contiguous() for name, t in tensors.items()}, path, metadata=metadata)
    except SafetensorError as error:  # the library wraps the operating system's refusal in its own text
        raise OSError(28 if "No space" in str(error) else 5, str(error)) from error
