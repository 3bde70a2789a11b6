from __future__ import annotations

import pytest

from llmstudio.app.pruning.preview import outlook
from llmstudio.app.pruning.where import where
from llmstudio.app.verbs.prune import prune
from llmstudio.core.errors import StudioError
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.work import Stop
from llmstudio.store.project import Project

MATRIX = "blocks.0.feed_forward.up.weight"


@pytest.mark.parametrize("method", ["magnitude", "wanda"])
def test_that_a_picture_shows_as_many_zeros_as_are_counted(project: Project, method: str) -> None:
    config = PruningConfig(method=method, sparsity=0.8, layer_shares="1.attention=0.6")
    (layer,) = (one for one in outlook(project, "Tiny", config).counts.layers if one.name == MATRIX)
    found = where(project, "Tiny", MATRIX, config)
    assert found.zeros == layer.zeros
    assert found.rows * found.width == layer.weights
    assert where(project, "Tiny", MATRIX).zeros == 0


def test_that_a_pruned_model_shows_its_own_zeros_where_they_were_foretold(project: Project) -> None:
    config = PruningConfig(sparsity=0.7)
    list(prune(project, "Tiny", name="Thin", config=config, stop=Stop()))
    foretold, found = where(project, "Tiny", MATRIX, config), where(project, "Thin", MATRIX)
    assert (found.cells == foretold.cells).all()
    assert found.zeros == foretold.zeros > 0


def test_that_what_is_kept_whole_has_no_zeros_and_what_is_not_there_is_told(project: Project) -> None:
    assert where(project, "Tiny", "embed.weight", PruningConfig(sparsity=0.9)).zeros == 0
    for name in ("blocks.7.attention.out.weight", "norm.weight"):
        with pytest.raises(StudioError, match="no matrix"):
            where(project, "Tiny", name)
