#!/usr/bin/env bash
# Everything a fresh machine lacks. As root it installs system packages itself; as a user it says what needs root and goes on
# where it can. Usage: scripts/setup.sh [demo|test]
set -euo pipefail
cd "$(dirname "$0")/.."
purpose=${1:-demo}

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# Korean fonts (rendering, plots), OCR engine, and the two shared libraries that OpenCV (of paddleocr) opens.
packages=(fonts-nanum tesseract-ocr tesseract-ocr-kor libgl1 libglib2.0-0 ca-certificates)
# The review screens are tested in a real browser.
[ "$purpose" = test ] && packages+=(chromium chromium-driver)

install_packages() {
    local missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" = 0 ]; then
        say "installing ${missing[*]}"
        mkdir -p .setup
        { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
            >.setup/apt.log 2>&1 || { tail -n 5 .setup/apt.log >&2; say "apt-get failed; all it said: .setup/apt.log"; return 1; }
    else
        say "these need root, once: apt-get install -y --no-install-recommends ${missing[*]}"
        return 1
    fi
}

command -v apt-get >/dev/null || { packages=(); say "no apt-get here: install Nanum fonts and Tesseract (kor) by hand for OCR and plots"; }
if [ ${#packages[@]} -gt 0 ]; then
    install_packages "${packages[@]}" || say "going on without them: what they are for will be skipped or said (jeongdap check)"
fi

find_uv() {
    if command -v uv >/dev/null; then command -v uv
    elif [ -x .setup/uv/bin/uv ]; then echo .setup/uv/bin/uv
    fi
}

make_uv() {
    if python3 -m venv .setup/uv >/dev/null 2>&1; then
        .setup/uv/bin/python -m pip install --quiet --disable-pip-version-check uv
    else  # Debian's python3 comes without venv and pip
        rm -rf .setup/uv && python3 scripts/fetch_uv.py .setup/uv/bin/uv
    fi
}

command -v python3 >/dev/null || fail "python3 is missing; with root: apt-get install -y python3 python3-venv"
python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' ||
    fail "python3 is $(python3 --version 2>&1 | cut -d' ' -f2); 3.11, 3.12 or 3.13 is needed (paddlepaddle has no wheels for others)"
[ -n "$(find_uv)" ] || make_uv ||
    fail "uv is missing and cannot be fetched: is the network up? Else install uv (https://docs.astral.sh/uv/) and run make again"
uv=$(find_uv)

# Hard links where cache and project share a file system, quiet copies elsewhere.
export UV_LINK_MODE=${UV_LINK_MODE:-hardlink}
say "Python packages of the pipeline"
"$uv" sync --frozen --quiet --python "$(python3 -c 'import sys; print(sys.executable)')"
say "Python packages of the review server (an environment of its own)"
UV="$uv" .venv/bin/python -P -c 'from review.embedded import server_python; server_python()'
