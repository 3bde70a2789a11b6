"""Use cases: what a person can ask for, shared by the terminal and the window. Still no Qt."""
