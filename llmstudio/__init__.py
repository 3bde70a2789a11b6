"""llmstudio: text in, a tokenizer, a model grown from random weights, pruned, made small, and talked to.

Layers, lowest first: `core` (the engine), `store` (folders on disk), `app` (use cases), then two faces that never import
each other: `cli` (the terminal) and `gui` (the window). README.md carries the whole tree with a phrase a file.
"""

__version__ = "0.1.0"
