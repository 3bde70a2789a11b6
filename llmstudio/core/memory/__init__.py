"""Where the bytes go: predicted by arithmetic, measured from the process.

- estimate: predicted by arithmetic
- measure: measured from the process
"""
