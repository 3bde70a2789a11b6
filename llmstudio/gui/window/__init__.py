"""The window itself: tabs, menus, status bar, the way in and the way out."""
