"""A race: several runs side by side, in turns.

- mode: a race within the tab: begun, gone on with, over
- setup: who races, on what, with what alike
- preparation: keeps the form of a race in step with the project
- runner: one runner as it is chosen
- runs: races as the project keeps them
- messages: what a race says, with ways out for the right runner
- view: curves, leaderboard, samples, differences
- data: a race as its pictures need it
- plot: every runner's curve in one picture
- leaderboard: who stands where in a race
- samples_beside: what every runner writes, side by side
- export: a race outside the project, as a picture or a table
"""
