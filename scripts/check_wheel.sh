#!/usr/bin/env bash
# The wheel works on its own: built, installed into a fresh environment, run from another folder.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$(command -v uv || echo "$PWD/.setup/uv/bin/uv")
export UV_LINK_MODE=${UV_LINK_MODE:-hardlink}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$uv" build --quiet --wheel --out-dir "$work/dist"
"$uv" venv --quiet --python "$(command -v python3)" "$work/env"
# The lock file's versions, so that what was tested is what is installed.
"$uv" export --quiet --frozen --no-dev --no-emit-project --format requirements-txt > "$work/requirements.txt"
"$uv" pip install --quiet --python "$work/env/bin/python" -r "$work/requirements.txt" "$work"/dist/*.whl
cd "$work"
env/bin/jeongdap init project
cp "$OLDPWD"/examples/pdf/*.pdf project/pdf/
env/bin/jeongdap check -C project
env/bin/jeongdap build -C project --until check
