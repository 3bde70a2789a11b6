"""A race: several runs side by side, in turns.

- mode: a race within the tab: switch, start, end
- setup: who races, on what, with what alike
- runner: one runner as it is chosen
- runs: races as the project keeps them
- view: curves, leaderboard, samples, differences
- data: a race as its pictures need it
- plot: every runner's curve in one picture
- leaderboard: who stands where in a race
- samples_beside: what every runner writes, side by side
- export: a race as a table outside the project
"""
