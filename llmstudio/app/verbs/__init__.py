"""The verbs, a file each, named as it is typed: the job, which takes a project and returns its events, and its `Verb`.

Read in this order: `verb`, `figures`, `options`, `tour`, then those that the tour goes through; `table` lists all.
"""
