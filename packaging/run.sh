#!/bin/sh
# Opens llmstudio. The first time it sets itself up in .venv; where there is no screen it walks the journey in the terminal.
#   sh packaging/run.sh                the window
#   sh packaging/run.sh tour --json    any verb of the command line
#   sh packaging/run.sh --install      a desktop entry with an icon (--uninstall removes it)
packaging=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
. "$packaging/find_python.sh"
exec "$python" -E -s "$packaging/launch.py" "$@"
