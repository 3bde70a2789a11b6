"""A whole file through a model: what a page does with one text, done with every text of a file.

- whole_file: a button that asks for both files, begins the job, and tells what came of it
"""
