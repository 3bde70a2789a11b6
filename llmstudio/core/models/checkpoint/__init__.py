"""A model's weights on disk: one folder a checkpoint, written whole or not at all, verified when read.

    models/NAME/checkpoints/00001200/{model.safetensors, state.safetensors, facts.json, manifest.json}

Each tensor has a named codec (dense, or a bitmap with the nonzero values); tied tensors are stored once. `state` holds what
training needs to go on (optimizer moments); it may be missing in a checkpoint that is only to be talked to.

In reading order: `folders` (which there are), `card`, `codecs`, `write`, `verification`, `read`.
"""
