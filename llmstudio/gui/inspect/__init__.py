"""Inspect: play with models, and look inside.

- tab: play with models, and look inside
- whole_file/: a whole file through a model
- pages/: the pages of Inspect, each for what some models can do
"""
