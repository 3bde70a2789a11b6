"""The row of tabs.

- table: which there are, in the order of the journey
- pages: the tabs themselves, by name and in front
- builder: they are built part by part, so that no turn is long
- marks: which work is going on, and what the project has by now
- state_mark: the small mark on a tab
"""
