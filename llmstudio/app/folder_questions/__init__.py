"""Questions over a folder: its passages searched, and those that suit laid before the question.

- kept_index: the index of a folder, kept in the project and made anew when files change
- indexing: a folder read before the first question
- in_file: a passage where it stands in its file
- asking: a model that can be asked so, and as many passages as it can read
"""
