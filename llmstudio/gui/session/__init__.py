"""The only door from the window to the use cases, and the threads behind it.

- session: the only door from the window to the use cases
- lane: one job at a time, its thread, and what it says, handed over in bundles
- questions: look-ups off the window's thread
- items: the items of the open project, read once and again when anyone has changed them
- worker: threads that pull jobs
- garbage: the garbage collector, kept off threads that work
- clock: how long this process lives already
- outside: what other programs make, rename and delete in the open project
- weights_seen: whether the weights in sight are still those on disk
- job_watch: which jobs concern a tab
"""
