"""A model's weights on disk: one folder a checkpoint, written whole or not at all, verified when read.

    models/NAME/checkpoints/00001200/{model.safetensors, state.safetensors, facts.json, manifest.json}

Each tensor has a named codec (dense, or its nonzero numbers and where they stand; both also as integers with scales); tied
tensors are stored once. `state` holds what training needs to go on (optimizer moments); it may be missing in a checkpoint
that is only to be talked to.

- folders: which checkpoints a model has, and where: known without torch
- card: what a checkpoint says of itself, typed
- bases: where the tensors lie that a checkpoint does not hold itself
- places: where the numbers that are not zero stand, in nearly as few bits as chance allows
- grids: numbers that are integers times the scale of their row, or of a group
- tensors: a tensor as a file sees it, and what a codec is
- on_grid: codecs of integers and their scales
- codecs: the table of codecs: how one tensor lies in a file
- write: a folder that is there whole or not at all
- verification: whether a checkpoint is what it says, before anything is built from it
- read: the checkpoint asked for, and the model with its weights
"""
