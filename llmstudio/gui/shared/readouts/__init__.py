"""What shows a value: figures in a row, words, tokens, a job's progress.

- figure_row: the few numbers that matter
- quality_text: how good a model is, in words
- chip: a token as a chip: what it says, and its colour
- chip_rows: where chips stand
- token_strip: text as coloured chips
- value_strip: a text as chips coloured by a number
- share_bars: words with their shares as bars
- prompt_and_own: the prompt is quiet, the model's own words are strong
- differences_table: runs side by side
- progress_pane: what a running job is at
- job_bar: how far a job is
"""
