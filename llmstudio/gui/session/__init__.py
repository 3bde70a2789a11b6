"""The only door from the window to the use cases, and the threads behind it."""
