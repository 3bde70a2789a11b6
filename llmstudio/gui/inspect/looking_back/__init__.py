"""Where a model looked in a text while it rewrote it.

- looking_back: all layers together, or one of them
- attention_map: the map of it
"""
