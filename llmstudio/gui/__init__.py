"""The window: the only place that imports PySide6 or pyqtgraph.

- look/: how things look and how words and numbers are written: colours, type, spacing
- session/: the only door from the window to the use cases, and the threads behind it
- forms/: a form made from a configuration, a row a setting
- shared/: what several tabs are built of
- home/: the first page, and the guided journey
- corpus/: text is chosen, cleaned, imported and looked at
- tokenizer/: built and looked at
- train/: a model is grown, held, stepped, stopped
- prune/: weights are taken away, and what that costs is shown
- chat/: talking to a model
- inspect/: play with models, and look inside
- window/: the window itself: tabs, menus, status bar, the way in and the way out
- doctor/: the window's self-test
"""
