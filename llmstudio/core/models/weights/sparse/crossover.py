"""Whether sparse or dense products are faster here: measured once for matrices of these shapes, kept, and asked ever after.

All of a model's matrices are multiplied one after another, as a token passes through them, so that what does not stay in a
cache is read from memory on both sides. Both sides take turns, and the best of each counts: a busy neighbour slows either.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from collections.abc import Sequence
from importlib.metadata import version

import numpy as np
import torch
from torch.nn import functional as F

from llmstudio.core.errors import StudioError
from llmstudio.core.models.weights.sparse.building import KERNELS
from llmstudio.core.models.weights.sparse.layout import Layout
from llmstudio.core.models.weights.sparse.products import Array, Product
from llmstudio.store.files import write_json
from llmstudio.store.places import cache_folder
from llmstudio.store.reading import read_json

_FILE = "sparse.json"
_ROUNDS = 5


def is_sparse_faster(matrices: Sequence[Array], layouts: Sequence[Layout], vectors: int) -> bool:
    """Whether the nonzeros of these matrices (rows, width) are multiplied with so many vectors faster than all numbers."""
    vectors = 1 << (vectors - 1).bit_length()  # few numbers of them, so that few are measured
    weights = sum(matrix.size for matrix in matrices)
    density = sum(len(layout.values) for layout in layouts) / max(1, weights)
    shapes = Counter(f"{layout.rows}x{layout.width}" for layout in layouts)
    name = f"{vectors} with " + " ".join(f"{count}*{shape}" for shape, count in sorted(shapes.items()))
    kept = _kept()
    if name not in kept:
        kept[name] = density * _dense_by_sparse_seconds(matrices, layouts, vectors)
        _keep(kept)
    return density < kept[name]


def machine_key() -> str:
    """What a measurement is good for: this kind of processor, its cores, the threads in use, the libraries."""
    libraries = " | ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "torch"))
    return f"{KERNELS.module.PROCESSOR} | {os.cpu_count()} cores, {torch.get_num_threads()} in use | {libraries}"


def _dense_by_sparse_seconds(matrices: Sequence[Array], layouts: Sequence[Layout], vectors: int) -> float:
    products = [Product(layout) for layout in layouts]
    inputs = {layout.width: np.ones((vectors, layout.width), np.float32) for layout in layouts}
    best_dense = best_sparse = float("inf")
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for matrix, layout in zip(matrices, layouts, strict=True):
            x = inputs[layout.width]
            # What the fastest dense decoder multiplies with, and what models read with.
            x.dot(matrix.T) if vectors == 1 else F.linear(torch.from_numpy(x), torch.from_numpy(matrix))
        between = time.perf_counter()
        for product, layout in zip(products, layouts, strict=True):
            product(inputs[layout.width])
        best_dense, best_sparse = min(best_dense, between - began), min(best_sparse, time.perf_counter() - between)
    return best_dense / max(best_sparse, 1e-9)


def _kept() -> dict[str, float]:
    """Densities below which sparse is faster, by shapes, if they were measured on this machine."""
    try:
        found = read_json(cache_folder() / _FILE, dict)
        densities = found["densities"] if found["key"] == machine_key() else {}
        return {str(name): float(density) for name, density in densities.items()}
    except (StudioError, AttributeError, KeyError, TypeError, ValueError):
        return {}


def _keep(densities: dict[str, float]) -> None:
    with contextlib.suppress(OSError, StudioError):
        cache_folder().mkdir(parents=True, exist_ok=True)
        write_json(cache_folder() / _FILE, {"key": machine_key(), "densities": densities})
