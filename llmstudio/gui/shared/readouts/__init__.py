"""What shows a value: figures in a row, words, tokens, a job's progress."""
