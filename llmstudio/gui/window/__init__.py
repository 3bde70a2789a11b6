"""The window itself: tabs, menus, status bar, the way in and the way out.

- application: what happens before, while and after Qt is loaded
- main_window: tabs, menus, status bar, the way out
- tabs/: the row of tabs
- menus: menus and keys
- file_menu: projects, a model for other programs, the way out
- view_menu: colours, and how large everything is
- help_menu: keys, what this is, what to send
- menu_entry: an entry of a menu
- status_bar: the foot of the window
- job_sight: which job the status bar shows, and how it stands
- job_keys: what keys do to jobs: hold, go on, stop
- on_screen: where the window stands
- repaint: after a new layout plots are painted one by one
- closing: leaving while work is in progress
- polite_end: the way out when the system asks: nothing is asked, all is kept
- crash_log: the window's log, and what a crash left
"""
