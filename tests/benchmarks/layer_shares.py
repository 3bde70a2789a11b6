"""Whether shares by layer that follow from what each layer costs alone are better than the same share everywhere.

    python tests/benchmarks/layer_shares.py --project DIR --model M [--methods M,M] [--shares S,S]

For each method and share, the layers' parts are measured one by one, shares are spread by that (`core/sparsity/shares.py`),
and copies are measured with them, with the same share everywhere, and, of a method that ranks the whole model, as usual; all
on the same 20,000 tokens of validation text. Told is what each costs, and what was expected of the spread ones.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmstudio.app.pruning.sensitivity import sensitivity
from llmstudio.app.pruning.sweep import compare
from llmstudio.core.events import Event, Finished
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project


def result_of(events: Iterator[Event]) -> Mapping[str, Any]:
    """What came out of a job."""
    *_, end = events
    assert isinstance(end, Finished), end
    return end.result


def told(project: Project, model: str, config: PruningConfig) -> dict[str, object]:
    """What shares by layer cost beside others, for one method at one share."""
    found = result_of(sensitivity(project, model, config=config, stop=Stop()))
    own = replace(config, layer_shares=found["spread"])
    points = result_of(compare(project, model, config=own, stop=Stop()))["points"]
    costs = {
        "spread" if point["layer_shares"] else "alike" if point["scope"] == "layer" else "usual": round(
            point["figure"] - point["figure_before"], 4
        )
        for point in points
    }
    row = {"method": config.method, "share": config.sparsity, "expected": round(found["expected_spread"], 4)}
    return row | costs | {"shares": found["spread"]}


def main() -> None:
    """Tell a line for each method and share."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--methods", default="magnitude,sparsegpt")
    parser.add_argument("--shares", default="0.6,0.75")
    typed = parser.parse_args()
    for method in typed.methods.split(","):
        for share in map(float, typed.shares.split(",")):
            config = PruningConfig(method=method, sparsity=share)
            print(json.dumps(told(Project(typed.project), typed.model, config)), flush=True)


if __name__ == "__main__":
    main()
