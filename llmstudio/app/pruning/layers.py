"""What a setting does to the layers of a model: counted, and measured as far as it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmstudio.app.pruning import preview
from llmstudio.app.pruning.looks import looks_of
from llmstudio.app.pruning.preview import Outlook
from llmstudio.app.pruning.sensitivity import Part, asked, parts_kept
from llmstudio.app.pruning.sweep import ways
from llmstudio.app.pruning.where import where
from llmstudio.app.runs.run_summary import MEASURES
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.picture import MatrixPicture
from llmstudio.core.sparsity.shares import parts_of
from llmstudio.store.project import Project


@dataclass(frozen=True)
class LayerShare:
    """A layer, or a part of one: its name (`shares.parts_of`), how many weights it has, what share of them goes or is gone.

    Attributes:
        key: Its name.
        weights: How many it has.
        share: Of them, that goes.
        least: Of them, that is gone already.
    """

    key: str
    weights: int
    share: float
    least: float = 0.0


@dataclass(frozen=True)
class Known:
    """What is known of a setting.

    Attributes:
        outlook: What it would leave.
        gone: Zeros of each matrix as it is.
        parts: What each layer alone would cost, those measured.
        looks: What was measured of the setting, and of those beside it (`ways`).
        picture: Of the matrix that is looked at.
    """

    outlook: Outlook
    gone: Mapping[str, int]
    parts: Mapping[str, Part]
    looks: tuple[tuple[PruningConfig, Mapping[str, Any]], ...]
    picture: MatrixPicture | None

    @property
    def measure(self) -> str:
        """What figures of layers count."""
        return next((part.measured_by for part in self.parts.values()), MEASURES[0])

    def layers(self, by: str) -> list[LayerShare]:
        """Layers, or their parts, as the setting has them."""
        layers = {layer.name: layer for layer in self.outlook.counts.layers if layer.is_prunable}
        found = []
        for key, names in parts_of([*layers], by=by).items():
            weights = sum(layers[name].weights for name in names)
            zeros, gone = sum(layers[name].zeros for name in names), sum(self.gone[name] for name in names)
            found.append(LayerShare(key, weights, zeros / max(1, weights), gone / max(1, weights)))
        return found

    def costs(self, by: str) -> dict[str, float]:
        """What each costs alone, those measured."""
        return {one.key: self.parts[one.key].cost for one in self.layers(by) if one.key in self.parts}


def look(project: Project, model: str, config: PruningConfig, matrix: str) -> Known:
    """Find out; `matrix`: which is looked at, empty for the first.

    Raises:
        StudioError: As `preview.outlook`.
    """
    about = project.about("model", model)
    found = preview.outlook(project, model, config)
    now = preview.outlook(project, model, PruningConfig(sparsity=0.0, keep_embeddings=config.keep_embeddings))
    shown = matrix or next((layer.name for layer in found.counts.layers if layer.is_prunable), "")
    own, looks = asked(config), looks_of(about)
    return Known(
        outlook=found,
        gone={layer.name: layer.zeros for layer in now.counts.layers},
        parts={part: kept for (one, part), kept in parts_kept(about).items() if one == own},
        looks=tuple((way, looks[way]) for way in ways(config) if way in looks),
        picture=where(project, model, shown, config) if shown else None,
    )
