"""The modes of Train: one run at a time, or another way, a folder each.

- table: the modes, a line each
- switch: a chip for each mode, above what belongs to it
- teach/: a model learns a task from labels, tags, pairs or chats
- race/: a race: several runs side by side, in turns
"""
