# Sourced with $packaging set: sets $python to the environment's own Python, or to one on this computer that can make it.
# What a plain `python3` means comes first: it is the one its system looks after.

find_python() {
    for name in python3 python3.13 python3.12 python3.11 python3.14; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' >/dev/null 2>&1; then
            python=$name
            return 0
        fi
    done
    return 1
}

python=$packaging/../.venv/bin/python
if [ ! -x "$python" ] && ! find_python; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing Python with apt-get."
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv; } >/dev/null
    fi
    if ! find_python; then
        if command -v apt-get >/dev/null; then
            remedy="sudo apt-get install python3-venv"
        elif command -v dnf >/dev/null; then
            remedy="sudo dnf install python3"
        elif command -v pacman >/dev/null; then
            remedy="sudo pacman -S python"
        elif command -v brew >/dev/null; then
            remedy="brew install python@3.13"
        else
            remedy="the installer from https://www.python.org/downloads/"
        fi
        echo "llmstudio needs Python 3.11 to 3.14 with venv, and none was found; get it with: $remedy" >&2
        exit 1
    fi
fi
