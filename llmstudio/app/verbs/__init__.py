"""The verbs, a file each, named as it is typed: each a job that takes a project first and returns the events of its work."""
