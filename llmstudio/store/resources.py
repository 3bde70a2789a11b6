"""Icons, help texts and whatever else is shipped beside the code: one function finds them in every kind of installation."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path


@cache
def resources() -> Path:
    """The folder that holds them.

    In an installed wheel it lies inside the package, in the source tree beside it, in a frozen bundle where the bundle
    unpacks itself. The first that exists is taken.

    Raises:
        FileNotFoundError: None exists; the installation is incomplete.
    """
    package = Path(__file__).resolve().parent.parent
    places = [package / "resources", package.parent / "resources"]
    if bundle := getattr(sys, "_MEIPASS", None):
        places.insert(0, Path(bundle) / "llmstudio" / "resources")
    for place in places:
        if place.is_dir():
            return place
    raise FileNotFoundError(f"resources are missing; looked in {', '.join(map(str, places))}")


def resource(name: str) -> Path:
    """The file of this name, such as `icons/play.svg`.

    Raises:
        FileNotFoundError: There is no such file.
    """
    path = resources() / name
    if not path.exists():
        raise FileNotFoundError(f"the resource {name} is missing from {resources()}")
    return path
