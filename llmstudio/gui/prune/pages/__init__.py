"""What the pages of Prune share, each of which is one way of making a model smaller.

A page is a `Page` and a line in `PAGES` of the tab.

- page: a model in sight, settings, jobs, and what is said of them
- jobs: what a page has at work
- share_dial: how much goes
- side_by_side: a model before and after
"""
