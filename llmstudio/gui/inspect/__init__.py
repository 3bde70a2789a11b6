"""Inspect: play with models, and look inside.

- tab: play with models, and look inside
- whole_file/: a whole file through a model
- scores/: how well a model sorts held-out texts into classes
- looking_back/: where a model looked in a text while it rewrote it
- pages/: the pages of Inspect, each for what some models can do
"""
