"""The run in sight: its numbers, plots, sample and differences."""
