"""What plots are built of: axes, turns, thinned series, a run's columns."""
