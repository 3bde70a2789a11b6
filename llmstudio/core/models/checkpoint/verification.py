"""Is a checkpoint what it says it is? Asked of hashes, file headers and arithmetic, before anything is built or copied.

A file that was cut, altered or made by somebody else must not be built from: a header that promises more than a
description means memory without end, and a moment shorter than its weight ends the process when it is first used.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from llmstudio.core.errors import StudioError
from llmstudio.core.models.changes import CHANGES, change_of
from llmstudio.core.models.checkpoint.bases import base_folder, lost_base
from llmstudio.core.models.checkpoint.card import CheckpointCard, read_card
from llmstudio.core.models.checkpoint.codecs import CODECS, TYPES
from llmstudio.core.models.checkpoint.folders import FACTS, STATE, WEIGHTS, step_of
from llmstudio.core.models.checkpoint.places import Shape
from llmstudio.core.models.families import MODELS
from llmstudio.core.models.families.earlier import read_shape
from llmstudio.core.shortage import refuse_shortage
from llmstudio.store.files import MANIFEST, Manifest, verify_manifest
from llmstudio.store.reading import damage, damage_told, read_json


def weights_hash(folder: Path) -> str:
    """SHA-256 of a checkpoint's weights, as its manifest says. Raises StudioError if that is missing or damaged."""
    return read_json(folder / MANIFEST, Manifest)["files"][WEIGHTS]["sha256"]


def verified(folder: Path) -> CheckpointCard:
    """What the checkpoint in `folder` says of itself, after everything in it has been compared with that.

    Raises:
        StudioError: A file is missing, altered, or holds something else than the description says.
    """
    manifest = verify_manifest(folder)
    card = read_card(folder)
    with damage_told(folder):
        _require(manifest["files"].keys() >= {WEIGHTS, FACTS} and step_of(folder) == card.step)
        shapes = _based_on(folder, card)
        with _header(folder / WEIGHTS) as file:
            shapes |= _weight_shapes(file, card.codecs)
        is_known = card.family in MODELS and all(recorded.get("change") in CHANGES for recorded in card.changes)
        _require(not is_known or num_parameters(card) == sum(map(prod, shapes.values())))
        if (folder / STATE).exists():
            _require(STATE in manifest["files"])
            with _header(folder / STATE) as file:
                _check_moments(file, shapes)
    return card


def _based_on(folder: Path, card: CheckpointCard) -> dict[str, Shape]:
    """Shapes of the tensors that are read from another checkpoint, which is verified as well."""
    base = card.base
    if base is None:
        return {}
    below = base_folder(folder, base)
    try:
        under = verified(below)
    except StudioError as error:
        raise (lost_base(folder, base) if base.model else error) from error
    _require(under.base is None and weights_hash(below) == base.hash)
    _require(bool(base.model) or under.changes == card.changes)
    names = set(base.tensors or under.codecs)
    _require(names <= under.codecs.keys())
    with _header(below / WEIGHTS) as file:
        shapes = _weight_shapes(file, under.codecs)
    return {name: shape for name, shape in shapes.items() if name in names}


def num_parameters(card: CheckpointCard) -> int:
    """Numbers that a model of a known family has by its shape. Raises StudioError if damaged or unknown."""
    config: Any = read_shape(card.family, card.config)
    count = int(config.num_parameters(card.vocab_size))
    for recorded in card.changes:
        count = change_of(recorded).num_parameters(count, recorded)
    return count


def _weight_shapes(file: Any, codecs: Mapping[str, str]) -> dict[str, Shape]:
    """The shape of each weight by name; every tensor of the file belongs to one of them."""
    shapes, used = {}, set()
    for name, codec in codecs.items():
        _require(codec in CODECS)
        shapes[name], entries = CODECS[codec].described(name, file)
        for entry in entries:
            _require(_shape_of(file, entry.name, TYPES[entry.dtype]) == entry.shape)
            used.add(entry.name)
    _require(set(file.keys()) == used)
    return shapes


def _check_moments(file: Any, shapes: Mapping[str, Shape]) -> None:
    """Each moment is as large as its weight, or one number; what else a run carries is looked at by whoever takes it up."""
    for key in file.keys():  # noqa: SIM118 - a file of tensors is no dict
        name = key.rsplit(":", 1)[0]
        _require(name not in shapes or _shape_of(file, key, "F32") in (shapes[name], ()))


def _shape_of(file: Any, name: str, dtype: str) -> Shape:
    part = file.get_slice(name)
    _require(part.get_dtype() == dtype)
    return tuple(part.get_shape())


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("a checkpoint is not what it says")


@contextlib.contextmanager
def _header(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt") as file:
            yield file
    except SafetensorError as error:
        refuse_shortage(error)
        raise damage(path) from error
