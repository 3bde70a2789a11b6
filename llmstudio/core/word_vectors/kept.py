"""Vectors of a vocabulary's words, and their file in a model's folder: what a run begins with stays as long as the run."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from llmstudio.store.files import write_bytes
from llmstudio.store.reading import damage_told, parse_json, read_bytes

FILE = "word_vectors.bin"
_MAX_BYTES = 4 << 30


@dataclass(frozen=True)
class WordVectors:
    """Attributes:
    ids: (N,) tokens.
    numbers: (N, D) their vectors.
    """

    ids: NDArray[np.int64]
    numbers: NDArray[np.float32]

    def save(self, folder: Path) -> None:
        """Write them into a model's folder."""
        header = json.dumps({"words": len(self.ids), "width": self.numbers.shape[1]}).encode() + b"\n"
        write_bytes(folder / FILE, header + self.ids.astype("<i8").tobytes() + self.numbers.astype("<f4").tobytes())

    @classmethod
    def load(cls, folder: Path) -> WordVectors | None:
        """Those of a model's folder; None if it began without. Raises StudioError if they are damaged."""
        path = folder / FILE
        if not path.exists():
            return None
        header, _, data = read_bytes(path, max_bytes=_MAX_BYTES).partition(b"\n")
        with damage_told(path):
            about = parse_json(header, path)
            count, width = int(about["words"]), int(about["width"])
            ids, numbers = np.frombuffer(data[: 8 * count], "<i8"), np.frombuffer(data[8 * count :], "<f4")
            return cls(ids.astype(np.int64), numbers.reshape(count, width).astype(np.float32))
