"""Sweep: what pruning more and more costs, by several methods; no model is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmstudio.app.pruning.descent import LASSO, USUAL_OF_ONE, descend
from llmstudio.app.pruning.sweep import SHARES, USUAL, sweep
from llmstudio.app.runs.run_summary import UNITS
from llmstudio.app.verbs.options import MODEL, SETTABLE, changed
from llmstudio.app.verbs.verb import Job, Typed, Verb, argument
from llmstudio.core.errors import StudioError
from llmstudio.core.settings import number
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.methods import METHODS
from llmstudio.store.project import Project


def _begin(project: Project, typed: Typed) -> Job:
    config = changed(PruningConfig(), typed.set)
    usual = USUAL_OF_ONE if typed.matrix else USUAL
    methods = usual if typed.methods is None else [name.strip() for name in typed.methods.split(",") if name.strip()]
    shares = _shares(typed.shares)
    if typed.matrix:
        one = {"matrix": typed.matrix, "methods": methods, "shares": shares}
        return lambda stop: descend(project, typed.model, **one, config=config, stop=stop)
    return lambda stop: sweep(project, typed.model, methods=methods, shares=shares, config=config, stop=stop)


def _shares(typed: str) -> list[float]:
    try:
        return [number(share) for share in typed.split(",") if share.strip()]
    except ValueError:
        raise StudioError("{shares} are no shares of the weights, as in 0.5,0.7,0.9.", shares=typed) from None


def table(result: Mapping[str, Any]) -> str:
    """A line for each share, the methods side by side; below them where each curve has its knee."""
    points = result["points"]
    methods = list(dict.fromkeys(point["method"] for point in points))
    figures = {(point["method"], result["sparsity_before"]): point["figure_before"] for point in points}
    figures |= {(point["method"], point["sparsity"]): point["figure"] for point in points}
    told = {key: "–" if figure is None else f"{figure:.3f}" for key, figure in figures.items()}
    heads = [str(METHODS[method].label) for method in methods]
    unit = str(UNITS[points[0]["measured_by"]]) if points else ""
    if tokens := max((point["tokens"] or 0 for point in points), default=0):
        unit = f"{unit}, on {tokens:,} tokens of the validation text"
    lines = [unit, "  gone  " + "  ".join(heads) + "  file"]
    for share in sorted({share for _, share in told}):
        cells = [told.get((method, share), "").rjust(len(head)) for method, head in zip(methods, heads, strict=True)]
        own = [point["file_bytes"] for point in points if point["sparsity"] == share and point["file_bytes"]]
        lines.append("  ".join([f"{100 * share:4.0f} %", *cells, _size(own)]))
    knees = [f"{METHODS[method].label} {100 * at:.0f} %" for method, at in result["knees"].items() if at is not None]
    return "\n".join([*lines, *(["knee: " + ", ".join(knees)] if knees else [])])


def _size(files: Sequence[int]) -> str:
    """Bytes of the files of several methods, which may differ by a little: the nonzeros of one lie closer together."""
    least, most = (f"{each(files) / 1e6:.2f}" if files else "" for each in (min, max))
    return f"{least if least == most else f'{least} to {most}'} MB" if files else ""


def matrix_table(result: Mapping[str, Any]) -> str:
    """A line for each share of one matrix, the methods side by side; then those of the lasso, whose shares are its own."""
    curves = {method: {share: lost for share, lost in curve} for method, curve in result["curves"].items()}
    lasso = curves.pop(LASSO, {})
    heads = [str(METHODS[method].label) for method in curves]
    lines = [f"lost of what {result['matrix']} gives, in percent", "  gone  " + "  ".join(heads)]
    for share in sorted({share for curve in curves.values() for share in curve}):
        cells = [f"{100 * curve[share]:.2f}".rjust(len(head)) for curve, head in zip(curves.values(), heads, strict=True)]
        lines.append("  ".join([f"{100 * share:4.0f} %", *cells]))
    path = ", ".join(f"{100 * lost:.2f} at {100 * share:.0f} %" for share, lost in sorted(lasso.items()))
    return "\n".join([*lines, f"lasso, the weights that are left made best: {path}"])


VERB = Verb(
    name="sweep",
    help="what pruning more and more costs, by several methods; nothing is saved but what was measured",
    arguments=(
        MODEL,
        argument(
            "--methods",
            metavar="M,M",
            help=f"of {', '.join(METHODS)} ({','.join(USUAL)}; of one matrix {','.join(USUAL_OF_ONE)})",
        ),
        argument("--shares", default=",".join(f"{share:g}" for share in SHARES), metavar="S,S", help="of the weights"),
        argument("--matrix", default="", metavar="NAME", help="look at one matrix alone: what is lost of what it gives"),
        *SETTABLE,
    ),
    begin=_begin,
    reads=lambda result: matrix_table(result) if "curves" in result else table(result),
    needs_torch=True,
)
