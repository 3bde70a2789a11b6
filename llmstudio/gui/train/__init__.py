"""Train: a model is grown, held, stepped, stopped.

- tab: a model: grown, held, stepped, stopped
- setup: its left side: text, size, settings
- start: what the next run begins with: random weights, or those of a model that learns on
- size_slider: how large a model
- forecast: what the recipe will take here
- memory_bar: memory by kind, predicted and measured
- controls: hold, step, stop
- messages: what a run says in passing, with its ways out as buttons
- why: what is seen while a model learns
- model_export: a model for other programs: asked for, written, found
- run/: the run in sight: its numbers, plots, sample and differences
- modes/: other ways to train than one run at a time, a folder each
"""
