"""Where the zeros of a model are, or would be: one matrix as a picture, and its rows."""

from __future__ import annotations

from llmstudio.app.computer.engine import load_engine
from llmstudio.app.items.loaded import load
from llmstudio.app.pruning.preview import counted
from llmstudio.core.errors import StudioError
from llmstudio.core.sparsity.config import PruningConfig
from llmstudio.core.sparsity.picture import MatrixPicture, picture_of
from llmstudio.store.project import Project


def where(project: Project, model: str, matrix: str, config: PruningConfig | None = None) -> MatrixPicture:
    """Where zeros are in a matrix of a model as it is; with `config`, where they would be if it was pruned so.

    A method that reads is not run: its zeros are as many, and the smallest weights stand for them.

    Raises:
        StudioError: No such model or matrix, no whole checkpoint, or weights that cannot be pruned.
    """
    for _ in load_engine():
        pass
    from llmstudio.core.sparsity.pruning import prune_masks

    loaded = load(project, model)
    parameter = dict(loaded.model.named_parameters()).get(matrix)
    if parameter is None or parameter.dim() != 2:
        raise StudioError("{model} has no matrix {name}.", model=model, name=matrix)
    gone = parameter.detach() == 0
    if config is not None and (mask := prune_masks(loaded.model, counted(config)).get(matrix)) is not None:
        gone |= ~mask.to(gone.device)
    return picture_of(matrix, gone.cpu().numpy())
