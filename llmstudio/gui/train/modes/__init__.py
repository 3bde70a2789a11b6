"""Other ways to train than one run at a time, a folder each."""
