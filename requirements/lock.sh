#!/bin/sh
# Locks every requirements/*.in together, so that no two files disagree, then each file with hashes.
# uv ignores pip's own configuration, so no index address or local folder gets into the files.
set -eu
cd "$(dirname "$0")"
uv="${UV:-uv}"
together="$(mktemp)"
trap 'rm -f "$together" "$together.txt"' EXIT
cat ./*.in | grep -v '^#' > "$together"
"$uv" pip compile -q --universal --python-version 3.11 --no-header --no-annotate "$together" -o "$together.txt"
for source in ./*.in; do
    "$uv" pip compile -q --universal --generate-hashes --python-version 3.11 --no-header \
        --constraint "$together.txt" --no-annotate "$source" -o "${source%.in}.txt"
done
