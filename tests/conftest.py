import os

from hypothesis import HealthCheck, settings

# Before anything loads Qt: tests need no screen, and run alike where there is one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# A law that holds is not broken by a computer that is busy.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
