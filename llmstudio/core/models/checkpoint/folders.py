"""Where a model's checkpoints lie and which there are: asked of names alone, so that a window can ask without torch.

What is in them is another matter (`verification.py`, `read.py`).
"""

from __future__ import annotations

from pathlib import Path

from llmstudio.store.sweeping import name_put_aside

FOLDER = "checkpoints"
WEIGHTS, STATE, FACTS = "model.safetensors", "state.safetensors", "facts.json"


def checkpoint_folders(model_folder: Path) -> list[Path]:
    """Folders of all checkpoints, oldest first; they may be damaged.

    One that was put aside by a program that died before its successor lay in its place is among them; one that was still
    being written is not.
    """
    folder = model_folder / FOLDER
    paths = list(folder.iterdir()) if folder.is_dir() else []
    found = {path.name: path for path in paths if is_step(path.name)}
    for path in paths:
        if is_step(name := name_put_aside(path)):
            found.setdefault(name, path)
    return [found[name] for name in sorted(found)]


def has_begun(model_folder: Path) -> bool:
    """True once a model has a checkpoint; a run that was killed before its first one has nothing but its recipe."""
    return bool(checkpoint_folders(model_folder))


def holds_training_state(model_folder: Path) -> bool:
    """True if a run can go on from one of its checkpoints; others hold weights alone."""
    return any((folder / STATE).exists() for folder in checkpoint_folders(model_folder))


def is_step(name: str) -> bool:
    """True if `name` is a step's number, as the folders are called."""
    return name.isascii() and name.isdecimal()


def folder_beside(folder: Path, step: int) -> Path:
    """The folder of another checkpoint of the same model; there may be none."""
    others = (other for other in checkpoint_folders(folder.parent.parent) if step_of(other) == step)
    return next(others, folder.parent / f"{step:08d}")


def step_of(folder: Path) -> int:
    """The step of a checkpoint's folder, also of one that was put aside."""
    return int(name_put_aside(folder) or folder.name)
