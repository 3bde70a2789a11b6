"""What happens when a reader fails on one foreign record that nobody foresaw: that record is left out, and this is said.

A fault of ours still shows: it is a warning of Python's, which tests take for an error.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TypeVar

from llmstudio.core.corpus.reading.chats.told import FAILED, Told

T = TypeVar("T")
_FAILURES = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)


def or_left_out(make: Callable[[], T], otherwise: T, told: Told) -> T:
    """What `make` makes of a record, or `otherwise` if it fails, which is counted in `told`."""
    try:
        return make()
    except RecursionError:  # nested too deeply: foreseen, and no fault of ours
        told.add(FAILED)
    except _FAILURES as error:
        told.add(FAILED)
        warnings.warn(f"a record was left out: {error!r}", RuntimeWarning, stacklevel=2)
    return otherwise
