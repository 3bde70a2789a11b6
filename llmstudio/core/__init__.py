"""The engine: everything that works without a window. Nothing below imports Qt."""
