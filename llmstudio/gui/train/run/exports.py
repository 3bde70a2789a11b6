"""What a run is written to outside the project: numbers as tables, plots as pictures."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from llmstudio.core.training.history import write_csv
from llmstudio.gui.shared.plots.run_data import RunData
from llmstudio.store.files import write_bytes


def write_table(path: Path, runs: Sequence[RunData]) -> Path:
    """Write runs below each other as CSV, the first column saying which. Raises StudioError if it cannot be written."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    for number, run in enumerate(runs):
        own = io.StringIO()
        write_csv(own, run.steps, run.evaluations)
        head, *rows = csv.reader(io.StringIO(own.getvalue()))
        writer.writerows([["model", *head]] if number == 0 else [])
        writer.writerows([run.name, *row] for row in rows)
    return write_file(path, table.getvalue().encode())


def write_file(path: Path, data: bytes) -> Path:
    """Write bytes to a file that the person chose. Raises StudioError if it cannot be written."""
    write_bytes(path, data)
    return path
