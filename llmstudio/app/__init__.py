"""Use cases: what both faces, terminal and window, ask for. No Qt; torch only inside functions.

Read in this order: `recipe`, `presets`, `jobs` (every verb), `runner` (how a job is pulled), `hardware`, `loaded`.
"""
