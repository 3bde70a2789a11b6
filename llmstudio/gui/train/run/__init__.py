"""The run in sight: which it is, what is done with it, how it is shown.

- view: which run is in sight
- watch: the run on the work lane: begun, held, over
- controls: hold, step, stop
- picture/: three numbers, two plots, a sample
- tools: the strip above the plots
- two_groups: tools at both ends of a row, or in two rows
- runs: runs on disk, and the one going on
- overlays: runs laid over the one in sight
- mistakes: which class the model in sight takes for which, asked while somebody looks
- drawing: how smooth the curves are, over which axes
- elsewhere: another program at work in the project, and the run that it trains
- exports: runs as tables and pictures outside the project
- model_export: a model for other programs: asked for, written, found
"""
