"""Rows as they are learned, before a run.

- view: the rows, with what is only read in grey
- preview: the button that shows them, and what they are made of
"""
