"""Where the tensors lie that a checkpoint does not hold itself: in another of its run, or in a checkpoint of another model.

A model that is kept as a small adapter names its base by the other model's id, by the step and by the hash of the weights.
So that model may be renamed, and learn on: the checkpoint which others read stays. Before it is deleted, they get a copy.

    models/NAME/base/00001200/{model.safetensors, facts.json, manifest.json}
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

from llmstudio.core.errors import StudioError
from llmstudio.core.models.checkpoint.card import Base, read_card
from llmstudio.core.models.checkpoint.folders import FACTS, WEIGHTS, checkpoint_folders, folder_beside, step_of
from llmstudio.store.files import MANIFEST, Manifest, staged_folder, write_manifest
from llmstudio.store.item_files import ABOUT
from llmstudio.store.reading import read_json

COPY = "base"
DAMAGED = (
    "{model} keeps only what it learned beside {base}, whose weights of step {step:,} are damaged. Bring them back from a"
    " copy, or train {model} anew."
)
_GONE = (
    "{model} keeps only what it learned beside {base}, and {base} is gone from this project. Bring it back from a copy, or"
    " train {model} anew."
)
_OTHERS = (
    "{model} keeps only what it learned beside {base}, whose weights of step {step:,} are gone or others by now. Bring them"
    " back from a copy, or train {model} anew."
)


class BaseLost(StudioError):
    """What a model keeps beside another one cannot be used, for that one is not as it was."""


def base_folder(folder: Path, base: Base) -> Path:
    """The folder of the checkpoint on which that in `folder` is based; within one run it may be missing.

    Raises:
        BaseLost: The other model is gone, or has other weights by now.
    """
    if not base.model:
        return folder_beside(folder, base.step)
    model = folder.parent.parent
    if _hash(copied := model / COPY / f"{base.step:08d}") == base.hash:
        return copied
    other = next((path for path in _models_beside(model) if _id(path) == base.model), None)
    if other is None:
        raise lost_base(folder, base, _GONE)
    found = next((one for one in checkpoint_folders(other) if step_of(one) == base.step and _hash(one) == base.hash), None)
    if found is None:
        raise lost_base(folder, base, _OTHERS)
    return found


def lost_base(folder: Path, base: Base, template: str = DAMAGED) -> BaseLost:
    """What is said where that on which the checkpoint in `folder` is based cannot be used."""
    return BaseLost(template, model=folder.parent.parent.name, base=base.name, step=base.step)


def steps_read_by_others(model_folder: Path) -> set[int]:
    """Steps of those of a model's checkpoints from which other models read their base."""
    return {base.step for _, base in _readers(model_folder)}


def hand_over(model_folder: Path) -> list[str]:
    """Give every model that reads its base from this one a copy of it. Returns their names.

    Raises:
        StudioError: The disk is full or may not be written.
    """
    readers = list(_readers(model_folder))
    for reader, base in readers:
        place = reader / COPY / f"{base.step:08d}"
        source = next((one for one in checkpoint_folders(model_folder) if _hash(one) == base.hash), None)
        if source is None or _hash(place) == base.hash:
            continue
        with staged_folder(place, replace=True) as staged:
            for name in (WEIGHTS, FACTS):
                shutil.copyfile(source / name, staged / name)
            write_manifest(staged)
    return [reader.name for reader, _ in readers]


def _readers(model_folder: Path) -> Iterator[tuple[Path, Base]]:
    """Models beside this one that read their base from it. All checkpoints of a model have one base."""
    own = _id(model_folder)
    for path in _models_beside(model_folder) if own else ():
        with contextlib.suppress(StudioError):  # damaged: whoever opens it is told
            folders = checkpoint_folders(path)
            base = read_card(folders[-1]).base if folders else None
            if base is not None and base.model == own:
                yield path, base


def _models_beside(model_folder: Path) -> list[Path]:
    return [path for path in model_folder.parent.iterdir() if not path.name.startswith(".")]


def _id(path: Path) -> str:
    with contextlib.suppress(StudioError):
        if (path / ABOUT).is_file():
            held = read_json(path / ABOUT)
            return str(held.get("id", "")) if isinstance(held, dict) else ""
    return ""


def _hash(folder: Path) -> str:
    with contextlib.suppress(StudioError):
        if (folder / MANIFEST).is_file():
            return read_json(folder / MANIFEST, Manifest)["files"].get(WEIGHTS, {"sha256": ""})["sha256"]
    return ""
