"""The terminal: how events look there, for people or as JSON for other programs; a chat in it.

- printable: control characters of others, shown as signs
- remedies: ways out, as they are typed
- writing: the one door to the terminal
- signals: Ctrl+C and its kin: the wish to stop
- json_lines: events as JSON for other programs
- printer: events as lines for people
- talk: a chat in the terminal
"""
