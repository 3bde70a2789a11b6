"""Sensitivity: how much worse a model gets if one layer alone loses weights; no model is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmstudio.app.pruning.sensitivity import WAYS, sensitivity
from llmstudio.app.runs.run_summary import HEADLINES, UNITS
from llmstudio.app.verbs.options import MODEL, SETTABLE, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.store.project import Project


def _begin(project: Project, typed: Typed) -> Job:
    config = changed(PruningConfig(), typed.set, method=typed.method, sparsity=typed.sparsity)
    return lambda stop: sensitivity(project, typed.model, config=config, by=typed.by, stop=stop)


def table(result: Mapping[str, Any]) -> str:
    """A line for each layer, with a bar as long as what its loss costs; below them what follows."""
    rows = result["rows"]
    if not rows:
        return ""
    measure = result["measured_by"]
    dearest = max(row["cost"] for row in rows)
    wide = max(len(row["part"]) for row in rows)
    sign = -1 if HEADLINES[measure].more_is_better else 1
    lines = [f"{UNITS[measure]}, on {result['tokens']:,} tokens: {result['figure_before']:.3f} before"]
    for row in rows:
        bar = "█" * round(24 * max(0.0, row["cost"]) / dearest) if dearest > 0 else ""
        lines.append(f"{row['part'].ljust(wide)}  {sign * row['cost']:+.4f}  {row['weights']:>10,} weights  {bar}".rstrip())
    if "spread" in result:
        alike, spread = result["expected_alike"], result["expected_spread"]
        lines.append(f"if costs added up: {sign * alike:+.3f} where all lose the same share, {sign * spread:+.3f} with")
        lines.append(f"--layer-shares {result['spread']}")
    return "\n".join(lines)


VERB = Verb(
    name="sensitivity",
    help="how much worse a model gets if one layer alone loses weights; nothing is saved but what was measured",
    arguments=(
        MODEL,
        argument("--method", metavar="M"),
        argument("--sparsity", metavar="S", help="the share that the layer loses"),
        argument("--by", choices=WAYS, default="part", help="whole layers, or their attention, feed-forward and so on"),
        *SETTABLE,
    ),
    begin=_begin,
    reads=table,
    needs_torch=True,
)
