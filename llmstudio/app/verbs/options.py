"""Arguments that several verbs share, and settings as they are typed: `--set PATH=VALUE`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from llmstudio.app.verbs.verb import argument
from llmstudio.core import recipe as recipes
from llmstudio.core.errors import StudioError
from llmstudio.core.settings import change_all

T = TypeVar("T")

SETTABLE = (argument("--set", action="append", default=[], metavar="PATH=VALUE", help="any setting, as often as needed"),)
NAMED = (argument("--name", required=True, metavar="N"), *SETTABLE)
MODEL = argument("model", metavar="MODEL")
ITEM = argument("item", metavar="ITEM", help="a name, or KIND/NAME")


def changed(config: T, pairs: Sequence[str], **options: Any) -> T:
    """`config` with options that were given and `PATH=VALUE` pairs set, all at once; a recipe's by earlier paths too."""
    changes = {path: value for path, value in options.items() if value is not None} | values_of(pairs)
    change: Any = recipes.change if isinstance(config, recipes.Recipe) else change_all
    made: T = change(config, changes)
    return made


def values_of(pairs: Sequence[str]) -> dict[str, str]:
    """Values by path, as they were typed."""
    found = {}
    for pair in pairs:
        path, separator, value = pair.partition("=")
        if not separator:
            raise StudioError("{pair} is not PATH=VALUE, as in training.max_steps=200.", pair=pair)
        found[path.strip()] = value
    return found
