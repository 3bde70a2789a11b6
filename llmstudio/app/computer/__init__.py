"""This computer: what it is, how fast, what a recipe would take of it, and where things are kept.

- places: where things are kept on this computer
- hardware: what this computer is
- probe: how fast it is, measured
- computing: number format and threads of a run, and why
- engine: loading torch while a window stays alive
- dealt: a recipe as a text fills it
- past_runs: what real runs took here
- memory: the memory that a recipe will take, put right by those
- making: how long it takes to make up texts of rare classes before the first step
- estimate: what a recipe will take in all, said before it starts
- paces: how past runs correct the time that is foretold
"""
