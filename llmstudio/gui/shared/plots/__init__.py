"""What plots are built of: axes, turns, thinned series, a run's columns.

- quiet_axis: the frame of our plots
- scales: values become places on the axes
- axis_words: the name of an axis, and what an empty plot waits for
- end_labels: names and last values beside the lines
- crosshair: a line that says where it stands
- room: how low a plot may become
- export: a plot as PNG or SVG
- drawn_when_seen: no time spent on plots out of sight
- drawn_in_turn: what follows a run is drawn when its turn comes
- turns: plots take turns to draw
- series: a growing column, thinned for drawing
- run_data: a run as plots need it
- lines: what a plot draws, each line by its key
- run_plot: what plots over steps share
- column_plot: one column of a run over its steps
- curve_plot: a few curves over a short axis
"""
