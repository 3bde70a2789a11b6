"""How many bytes a sparse matrix takes on disk and how long it takes to read, beside what others write; then whole models.

    python tests/benchmarks/sparse_file.py [--rounds N] [--rows N] [--embed-dim D]

A matrix of rows x 4 rows normal numbers, the smallest of which are gone, all others the same in 16 bits. Each way writes a
real file and reads it into a dense matrix of 32-bit numbers, the ways by turns; times are medians. The limit is H(p) bits a
number for the places and 16 bits a number that is left. Then a decoder pruned by magnitude, all layers together, its numbers
rounded to 16 bits, its checkpoint written, verified and read, beside the dense checkpoint of the whole model. scipy is a
peer, left out where it is not installed.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save, save_file
from torch import Tensor

from llmstudio.core.models.build import build_model
from llmstudio.core.models.checkpoint.codecs import CODECS, encode
from llmstudio.core.models.checkpoint.read import find_checkpoint, load_weights
from llmstudio.core.models.checkpoint.write import save_checkpoint
from llmstudio.core.models.families.decoder_config import DecoderConfig
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.patterns import lowest
from llmstudio.core.sparsity.pruning import prune_model
from llmstudio.core.sparsity.report import report
from llmstudio.core.sparsity.rounding import round_model, rounded
from llmstudio.core.sparsity.storage import bound_bits

Way = tuple[Callable[[Tensor, Path], object], Callable[[Path], Tensor]]
SPARSITIES = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)


def ours() -> Way:
    """The checkpoint's codec, in a safetensors file of its own."""

    def read(path: Path) -> Tensor:
        return CODECS["sparse"].decode("w", load_file(path))

    return lambda matrix, path: save_file(encode("w", matrix, sparse=True)[1], path), read


def dense(dtype: torch.dtype) -> Way:
    """safetensors with every number."""
    return lambda matrix, path: save_file({"w": matrix.to(dtype)}, path), lambda path: load_file(path)["w"].float().clone()


def torch_csr() -> Way:
    """torch's rows with 32-bit indices and 16-bit values, as torch saves them."""

    def write(matrix: Tensor, path: Path) -> None:
        rows = matrix.half().to_sparse_csr()
        parts = rows.crow_indices().int(), rows.col_indices().int(), rows.values()
        torch.save(torch.sparse_csr_tensor(*parts, size=rows.shape), path)

    return write, lambda path: torch.load(path, weights_only=True).to_dense().float()


def zipped() -> Way:
    """The dense file of 16-bit numbers in a zip archive."""

    def write(matrix: Tensor, path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("w", save({"w": matrix.half()}))

    def read(path: Path) -> Tensor:
        with zipfile.ZipFile(path) as archive:
            held = archive.read("w")
        (header,) = np.frombuffer(held, "<u8", 1)
        shape = json.loads(held[8 : 8 + header])["w"]["shape"]
        return torch.from_numpy(np.frombuffer(held, np.float16, offset=8 + int(header)).astype(np.float32)).view(shape)

    return write, read


def scipy_npz() -> Way:
    """scipy's rows, compressed; it knows no 16-bit numbers, so these stand in 32 bits of which the lower are zeros."""
    from scipy import sparse

    def write(matrix: Tensor, path: Path) -> None:
        held = io.BytesIO()
        sparse.save_npz(held, sparse.csr_matrix(matrix.numpy()))
        path.write_bytes(held.getvalue())

    return write, lambda path: torch.from_numpy(sparse.load_npz(path).toarray())


def matrices(rows: int, rounds: int, folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Of every sparsity and way: bytes as a multiple of the limit, and milliseconds to read."""
    ways = {
        "llmstudio": ours(),
        "safetensors, 32 bits": dense(torch.float32),
        "safetensors, 16 bits": dense(torch.float16),
        "torch CSR": torch_csr(),
        "zip of the dense file": zipped(),
    }
    try:
        ways["scipy save_npz"] = scipy_npz()
    except ImportError:
        print("scipy is not installed: left out")
    found: dict[str, dict[str, dict[str, float]]] = {}
    for sparsity in SPARSITIES:
        weights = torch.randn(rows, 4 * rows, generator=torch.Generator().manual_seed(0)) / 30
        matrix = rounded(weights.masked_fill(lowest(weights.abs(), round(sparsity * weights.numel())), 0))
        limit = bound_bits(matrix.numel(), int(matrix.count_nonzero()), 16) / 8
        sizes = {}
        for name, (write, read) in ways.items():
            path = folder / name
            write(matrix, path)
            sizes[name] = path.stat().st_size / limit
            assert torch.equal(read(path), matrix), name
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, (_, read) in ways.items():
                begun = time.perf_counter()
                read(folder / name)
                times[name].append(1000 * (time.perf_counter() - begun))
        found[f"{sparsity:.0%}"] = {
            name: {"times_limit": sizes[name], "read_ms": statistics.median(times[name])} for name in ways
        }
        told = (f"{name} {sizes[name]:.3f} ({statistics.median(times[name]):.1f} ms)" for name in ways)
        print(f"{rows} x {4 * rows}, {sparsity:.0%} gone, {limit / 1e6:.3f} MB at least: " + ", ".join(told), flush=True)
    return found


def models(width: int, rounds: int, folder: Path) -> dict[str, dict[str, float]]:
    """Of every sparsity a decoder's file as a multiple of its limit, and seconds until its weights are read."""
    shape = DecoderConfig(num_layers=4, embed_dim=width, num_heads=4, context_length=128)
    whole = build_model("decoder", shape, 1000)
    save_checkpoint(folder / "whole", 1, model=whole, kind="decoder", facts={})
    found: dict[str, dict[str, float]] = {}
    for sparsity in SPARSITIES:
        model = build_model("decoder", shape, 1000)
        config = PruningConfig(sparsity=sparsity)
        masks = prune_model(model, config)
        round_model(model)
        counts = report(model, masks, keep_embeddings=config.keep_embeddings)
        place = folder / f"{sparsity}"
        path = save_checkpoint(place, 1, model=model, kind="decoder", facts={}, sparse=True) / "model.safetensors"
        assert path.stat().st_size == counts.file_bytes
        times: dict[Path, list[float]] = {place: [], folder / "whole": []}
        for _ in range(rounds):
            for each, taken in times.items():
                begun = time.perf_counter()
                checkpoint, _ = find_checkpoint(each)
                load_weights(model, checkpoint)
                taken.append(1000 * (time.perf_counter() - begun))
        read, read_whole = (statistics.median(taken) for taken in times.values())
        found[f"{sparsity:.0%}"] = {
            "parameters": counts.parameters,
            "file_bytes": counts.file_bytes,
            "times_limit": counts.file_bytes / counts.file_bytes_bound,
            "opened_ms": read,
            "whole_opened_ms": read_whole,
        }
        print(
            f"decoder of {counts.parameters:,}, {sparsity:.0%} of what may go gone: {counts.file_bytes / 1e6:.2f} MB,"
            f" {counts.file_bytes / counts.file_bytes_bound:.3f} times the limit; verified and read in {read:.0f} ms,"
            f" the dense checkpoint of {4 * counts.parameters / 1e6:.1f} MB in {read_whole:.0f} ms",
            flush=True,
        )
    return found


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--rows", type=int, default=1024)
    parser.add_argument("--embed-dim", type=int, default=256)
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore", module="torch|__main__", message="Sparse")  # what torch says of its own CSR
    with tempfile.TemporaryDirectory() as folder:
        files = matrices(chosen.rows, chosen.rounds, Path(folder))
        whole = models(chosen.embed_dim, chosen.rounds, Path(folder))
    print(json.dumps({"benchmark": "sparse_file", "rows": chosen.rows, "matrices": files, "models": whole}))


if __name__ == "__main__":
    main()
