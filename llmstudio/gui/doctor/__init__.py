"""The window's self-test.

- self_test: the window's self-test
- headless_run: a run of the command line beside the window
- heartbeat: how long the window keeps a person waiting
"""
