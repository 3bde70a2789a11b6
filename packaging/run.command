#!/bin/sh
# Opens llmstudio when double-clicked in the macOS Finder.
exec sh "$(dirname -- "$0")/run.sh" "$@"
