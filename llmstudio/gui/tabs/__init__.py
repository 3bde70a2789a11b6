"""The journey: home, corpus, tokenizer, train, prune, chat, inspect.

`NAME_tab.py` (`home.py`) is a tab as the window knows it, `NAME_*.py` are its parts; `race_*.py` are parts of Train. What
several tabs share has no tab's name. Tabs talk to the session; one hears of another only through it.
"""
