"""The window itself: tabs, menus, status bar, the way in and the way out.

- application: what happens before, while and after Qt is loaded
- main_window: tabs, menus, status bar, the way out
- tabs: the table of tabs, in the order of the journey
- tab_pages: the tabs themselves, by name and in front
- menus: menus and keys
- tab_builder: tabs are built part by part, so that no turn is long
- tab_marks: which work is going on, and what the project has by now
- state_mark: the small mark on a tab
- status_bar: the foot of the window
- job_sight: which job the status bar shows, and how it stands
- job_keys: what keys do to jobs: hold, go on, stop
- on_screen: where the window stands
- repaint: after a new layout plots are painted one by one
- closing: leaving while work is in progress
- polite_end: the way out when the system asks: nothing is asked, all is kept
- crash_log: the window's log, and what a crash left
"""
