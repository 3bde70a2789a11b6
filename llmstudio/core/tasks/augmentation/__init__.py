"""Texts changed a little each time they are learned from, where there are few of them.

- neighbours: the tokens whose vectors lie nearest to those of others
- augmenting: words left out, swapped, or replaced by neighbours
"""
