"""A run on this computer: where it computes, and how fast.

- setup: device, number format and threads, chosen by measuring
- crowding: fewer threads while other programs crowd the processor
- held_memory: what a run takes in memory
- timing: a run of so many seconds: how many steps fit in
"""
