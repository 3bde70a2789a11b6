"""Where the bytes go: predicted by arithmetic, measured from the process."""
