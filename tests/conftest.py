import os
import signal

from hypothesis import HealthCheck, settings

# Before anything loads Qt: tests need no screen, and run alike where there is one.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# Whoever runs the tests with `nohup`, or behind a shell's `&`, has a signal ignored, which every process that a test starts
# would inherit and the program respects. A handler, unlike an ignored signal, is not inherited; the tests go on as wished.
for _name in ("SIGHUP", "SIGINT"):
    if (_number := getattr(signal, _name, None)) is not None and signal.getsignal(_number) == signal.SIG_IGN:
        signal.signal(_number, lambda *_: None)

# A law that holds is not broken by a computer that is busy.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")
