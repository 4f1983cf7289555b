#!/usr/bin/env bash
# Writes requirements/*.txt (every package, exact version, hashes) from pyproject.toml. No address of any registry is written.
set -euo pipefail
cd "$(dirname "$0")/.."
lock() {
    uv pip compile pyproject.toml --quiet --python-version 3.11 --python-platform linux --generate-hashes \
        --no-emit-index-url --no-header --no-annotate "$@"
}
lock --output-file requirements/runtime.txt
lock --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt
