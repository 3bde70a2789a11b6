"""What several tabs are built of.

- layout/: how a tab is laid out: what (left), the picture, and why; and where something missing or wrong is said
- pickers/: what is chosen, named and exported: items, names, files
- plots/: what plots are built of: axes, turns, thinned series, a run's columns
- readouts/: what shows a value: figures in a row, words, tokens, a job's progress
"""
