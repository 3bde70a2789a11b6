"""What an item says of itself on disk: its `about.json`; of a model also the recipe that it was grown by, `recipe.json`.

Whoever reads an item gets both as one mapping of facts, and whoever writes one gives them as one. Each fact lies in one
place. Where both files are written, the recipe is first: a model whose program was killed in between has one, be it the
new one or the old.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llmstudio.core.errors import StudioError
from llmstudio.core.typed import matches
from llmstudio.store.cards import FILES, AboutFile
from llmstudio.store.files import write_json
from llmstudio.store.model_card import RecipeFile
from llmstudio.store.reading import damage, read_json

FORMAT = 1
ABOUT, RECIPE = "about.json", "recipe.json"
_RECIPE_FACT = "recipe"


def read_about(path: Path, kind: str, *, is_chat: bool) -> AboutFile:
    """What the item at `path` says of itself; a chat is one file, any other item a folder.

    Raises:
        StudioError: It is damaged, of another kind or a newer version.
    """
    data = read_json(path if is_chat else path / ABOUT)
    check_version(data, path.name)
    if not matches(data, AboutFile) or data["kind"] != kind:
        raise damage(path)
    if kind == "model":
        recipe = {_RECIPE_FACT: read_json(path / RECIPE, RecipeFile)}
        data["facts"] = recipe | data.get("facts", {}) | recipe  # the first, whatever copy an early version kept
    if not matches(data.get("facts", {}), FILES[kind]):
        raise damage(path)
    about: AboutFile = data
    return about


def write_about(
    folder: Path, kind: str, name: str, *, made_from: Mapping[str, Any], facts: Mapping[str, Any], item_id: str = ""
) -> None:
    """Write what an item says of itself; a new id unless one is given."""
    head = {"format": FORMAT, "kind": kind, "id": item_id or uuid.uuid4().hex, "name": name, "created": time.time()}
    _write(folder, head | {"made_from": dict(made_from)}, facts)


def update_facts(folder: Path, **facts: Any) -> None:
    """Change some facts of an existing item, keeping all else."""
    data = read_json(folder / ABOUT, AboutFile)
    held = data.get("facts", {})
    if data["kind"] == "model":
        held.pop(_RECIPE_FACT, None)  # a copy that early versions kept
    _write(folder, data, held | facts)


def _write(folder: Path, head: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
    held = dict(facts)
    if head["kind"] == "model" and _RECIPE_FACT in held:
        write_json(folder / RECIPE, held.pop(_RECIPE_FACT))
    write_json(folder / ABOUT, {**head, "facts": held})


def check_version(data: Any, name: str) -> None:
    """Raises StudioError if what was read is of a newer version."""
    version = data.get("format", 0) if isinstance(data, dict) else 0
    if not isinstance(version, int) or version > FORMAT:
        raise StudioError("{name} was made by a newer version of this program: update the program to open it.", name=name)
