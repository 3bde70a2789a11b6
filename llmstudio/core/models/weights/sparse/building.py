"""The kernels of sparse products, built when a sparse model first needs them, and why there are none where there are none.

numba is imported here and nowhere else: it takes a second. What it builds is kept in the user's cache folder, so that only
the first time on a computer takes a few seconds. All of it happens in a thread of its own: whoever needs the kernels waits a
while at most, and computes densely until they are there.
"""

from __future__ import annotations

import sys
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from llmstudio.core.loading import preload, read_ahead
from llmstudio.core.words import Words, words
from llmstudio.store.places import cache_folder

PATIENCE_S = 20.0
"""Seconds that a caller waits for kernels being built, which takes a processor two or three."""


class Kernels:
    """The kernels of this process.

    Attributes:
        module: `kernels`, once they are built and have passed their test.
        failure: Why they never will be.
    """

    def __init__(self) -> None:
        self.module: Any = None
        self.failure: Words | None = None
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None

    def why_not(self, patience_s: float = PATIENCE_S) -> Words | None:
        """None once they can be used; otherwise why not (yet). The first call begins to build them."""
        if self.module is None and self.failure is None:
            with self._guard:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._build, name="sparse kernels", daemon=True)
                    self._thread.start()
            self._thread.join(patience_s)
        if self.module is not None:
            return None
        return self.failure or words("The kernels of sparse products are still being built for this computer.")

    def _build(self) -> None:
        try:
            _bring_compiler()
            numba = import_module("numba")
            if not numba.config.CACHE_DIR:
                numba.config.CACHE_DIR = str(cache_folder() / "kernels")
            module = import_module(f"{__package__}.kernels")
            _try(module)
        except ModuleNotFoundError as error:
            self.failure = words(
                "{name} is not installed, which builds the kernels of sparse products.", name=error.name or ""
            )
        except Exception as error:  # whatever a compiler fails of, dense products go on
            self.failure = words(
                "The kernels of sparse products could not be built on this computer ({reason}).",
                reason=" ".join(f"{type(error).__name__}: {error}".split())[:200],
            )
        else:
            self.module = module


def _bring_compiler() -> None:
    """Load numba's compiler, 170 MB of machine code, without holding Python's lock as its own import does."""
    found = find_spec("llvmlite")
    if sys.platform != "win32" and found is not None and found.submodule_search_locations:
        for library in Path(next(iter(found.submodule_search_locations))).glob("binding/libllvmlite.*"):
            read_ahead(library)
            preload(library, names_for_all=False)


def _try(module: Any) -> None:
    """Raise AssertionError unless a small product comes out right, for one vector and for a tile of them."""
    width = 14
    dense = np.zeros((3, width), np.float32)
    dense[0, [1, 5]], dense[2] = (2, 3), np.arange(1, width + 1)
    starts, columns = np.array([0, 2, 2, 2 + width], np.int64), np.array([1, 5, *range(width)], np.uint16)
    values, box = dense[dense != 0], np.zeros(module.BOX, np.int64)
    for tiles, lanes in ((0, 1), (1, module.LANES)):
        x = np.arange(width * lanes, dtype=np.float32).reshape(width, lanes)
        y = np.zeros((3, lanes), np.float32)
        is_finite = module.multiply(box, starts, columns, values, x.ravel(), y.ravel(), width, 1, width, tiles, 2)
        assert is_finite, "a finite product is called infinite"
        assert np.array_equal(y, dense @ x), "the product is wrong"
    integers, sums = np.arange(-6, 6, dtype=np.int8), np.zeros(2, np.float32)
    module.multiply_integers(integers, np.array([1, 2, 3, 4], np.float32), np.ones(6, np.float32), sums, 2, 3)
    assert np.array_equal(sums, [-27, 57]), "the product of integers is wrong"


KERNELS = Kernels()
"""The kernels of this process, which all models share."""
