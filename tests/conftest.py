import os
import signal

from hypothesis import HealthCheck, settings

# Before anything loads Qt: tests need no screen, and run alike where there is one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Whoever runs the tests with `nohup` has this signal ignored, which every process that a test starts would inherit and the
# program respects. A handler, unlike an ignored signal, is not inherited; the tests themselves go on as wished.
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda *_: None)

# A law that holds is not broken by a computer that is busy.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
