#!/bin/sh
# Checks style and types, then runs the tests; sets itself up in .venv if needed. Arguments go to pytest, which then runs alone:
#   sh packaging/test.sh tests/core -k tokenizer
packaging=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
. "$packaging/find_python.sh"
exec "$python" -E -s "$packaging/check.py" "$@"
