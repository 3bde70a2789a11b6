"""What the tags of a model may be used for where texts are cleaned."""

COUNT, PART, REPLACE, DROP = "count", "part", "replace", "drop"
"""Counted alone; spaces between the words it finds; types in the place of names; names left out."""
