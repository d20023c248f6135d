#!/usr/bin/env bash
# The documentation as a site, target/book, with every link followed. mdBook is compiled once, without
# what it serves and searches with (1.5 minutes on two cores), unless it is on the path.
set -euo pipefail
cd "$(dirname "$0")/.."
version=0.5.4
mdbook=$(command -v mdbook || true)
if [ -z "$mdbook" ]; then
  cargo install mdbook --version "$version" --locked --no-default-features --debug --quiet \
    --root target/mdbook
  mdbook=target/mdbook/bin/mdbook
fi
"$mdbook" build
if command -v python3 >/dev/null; then
  python3 scripts/check_site.py target/book
else
  echo "links are not followed: that needs Python"
fi
