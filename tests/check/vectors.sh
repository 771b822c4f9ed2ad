#!/usr/bin/env bash
# The published vectors are what their independent generators write from the specification.
set -euo pipefail
cd "$(dirname "$0")/../vectors"
# Debian's interpreter: python3-jwcrypto belongs to it, not to one found first on PATH.
export PYTHONDONTWRITEBYTECODE=1
/usr/bin/python3 make_format_vectors.py --check
/usr/bin/python3 make_tree_vectors.py --check
