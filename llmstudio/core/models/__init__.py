"""The families of models: what goes in, what comes out, and how their weights are kept.

In reading order: `config` and `base` (what every family has), `parts`, `families` (the table, and a file and its settings
each), `changes`, `build`, `checkpoint`; `remarks` (settings without effect).
"""
