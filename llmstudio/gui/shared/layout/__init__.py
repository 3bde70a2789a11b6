"""How a tab is laid out: what (left), the picture, and why; and where something missing or wrong is said.

- tab_layout: what all of them share: what, picture, why
- picture_column: where room is short, the picture gives way last
- why: what is seen, in two sentences; folds to a line
- terms: terms explained where they stand
- help_text: a text of the help, in a window of its own
- missing: what a tab lacks, and the job that is making it
- problems: where something went wrong is said
- remedies: what a button under a message does
- parts: parts below each other, with handles between them
- filled: one widget that fills another
- flow: widgets side by side, wrapping
- scroll_down: a page that scrolls up and down, never sideways
- front_page: a stack as high as the page in front
- short_button: a button that may be narrower than its text
- deaf: a start button that ignores a press meant for Stop
"""
