import os

# Before anything loads Qt: tests need no screen, and run alike where there is one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
