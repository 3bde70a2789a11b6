"""The terminal: how events look there, for people or as JSON for other programs; a chat in it.

Read in this order: `printable`, `remedies`, `writing`, `signals`, `json_lines`, `printer`, `talk`.
"""
