"""The page on which whole units go, so that a smaller dense model is left.

- page: what one may do, and what became of it
- setup: its left side: how much goes, of what, how it is chosen, and the name of what is saved
- parts_choice: kinds of units to tick; why some cannot go
- view: which units go, bytes, before and after
- units_picture: every unit of a model, and which go
"""
