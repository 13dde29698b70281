#!/bin/sh
# Renews the hash-locked requirement files from pyproject.toml. Needs uv; run it from anywhere.
set -eu
cd "$(dirname "$0")/.."
lock() {
    uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet "$@" pyproject.toml
}
lock --extra build --output-file requirements/main.txt
lock --extra build --extra dev --output-file requirements/dev.txt
lock --extra build --extra browser --output-file requirements/browser.txt
lock --extra build --extra ocr --output-file requirements/ocr.txt
lock --extra build --extra apprise --output-file requirements/apprise.txt
lock --extra build --extra parquet --output-file requirements/parquet.txt
lock --extra build --extra mcp --output-file requirements/mcp.txt
