"""A race: several models grown by turns under one budget.

- board: who came out best, and how it is remembered
- round_robin: whose turn it is, who drops out, how far it still is
- racing: several recipes under one budget, by turns
- resuming: going on with a race that was cut off
- yardstick: what a race is measured by: a model that only counts
- standings: a race's leaderboard as lines
"""
