"""Corpus: text is chosen, cleaned, imported and looked at.

- tab: text: chosen, cleaned, imported
- setup: its left side: what is read, and how
- first_look: a source before it is imported
- importing: an import prepared, begun, followed, and what is said of it
- view: the text before and after cleaning
- opened: the corpus in sight, read from disk, or why it cannot be
- statistics: a corpus in pictures
- queries: what it asks for off the window's thread
- source_list: the sources of an import
- sample_list: the built-in samples
- column_picker: which column holds what
- cleaning_list: steps as switches with counts
- text_preview: text before and after, changes tinted
- tagged_words: words with their tags behind them
- text_lines: a short list under a heading
- bar_plot: counts as bars
"""
