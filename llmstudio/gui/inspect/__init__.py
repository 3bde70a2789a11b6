"""Inspect: play with models, and look inside.

- tab: play with models, and look inside
- pages/: the pages of Inspect, each for what some models can do
"""
