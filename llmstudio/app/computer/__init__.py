"""This computer: what it is, how fast, what a recipe would take of it, and where things are kept.

- places: where things are kept on this computer
- hardware: what this computer is
- probe: how fast it is, measured
- computing: number format and threads of a run, and why
- engine: loading torch while a window stays alive
- estimate: what a recipe will take, said before it starts
- paces: what real runs took here, to correct the forecast
"""
