"""llmstudio: text in, a tokenizer, a model grown from random weights, pruned, made small, and talked to.

Layers, lowest first, then two faces that never import each other:

- core/: the engine; no Qt anywhere below
- store/: folders on disk and what each says of itself; knows nothing else of their contents
- app/: use cases for both faces; no Qt
- terminal/: how events look there, and a chat in it
- gui/: the window; the only place that imports Qt
- cli: the command line: words to a job, its events to the terminal
- __main__: no words: the window; else the command line
"""

__version__ = "0.1.0"
