#!/usr/bin/env bash
# Builds the image and proves it where no container engine runs: buildah with chroot isolation, as root.
#
#   scripts/prove-image.sh BASE_DIRECTORY [extra options of `buildah build`]
#
# BASE_DIRECTORY is a root file system with Python, for example made by
#   debootstrap --variant=minbase --include=python3,python3-venv,ca-certificates bookworm base
# Proven: the Dockerfile's steps; the command as the image's user; nothing is written outside /data; the exit code of
# missing settings; the health check.
set -euo pipefail
base=$(realpath "${1:?name a directory with a root file system; see the head of this script}")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs

say() { printf '\n== %s\n' "$*"; }
expect() { # expect CODE COMMAND…
    local wanted=$1 code=0
    shift
    "$@" || code=$?
    [ "$code" = "$wanted" ] || { echo "exit code $code instead of $wanted: $*" >&2; exit 1; }
}

say "base image from $base"
container=$(buildah from scratch)
buildah add --quiet "$container" "$base" /
buildah commit --quiet --rm "$container" okoshi-base

say "the Dockerfile's steps"
buildah build --build-arg BASE_IMAGE=localhost/okoshi-base --format docker "$@" --tag okoshi .

say "the command as the image's user"
container=$(buildah from localhost/okoshi)
trap 'buildah rm "$container" > /dev/null' EXIT
root=$(buildah mount "$container")
inside() { buildah run "$container" -- "$@"; }
[ "$(inside id -u)" = 10001 ]
inside okoshi --version
touch "$root/before"
expect 2 inside okoshi run
inside okoshi health
inside okoshi config check
say "files that it wrote outside /data and /tmp (there must be none)"
written=$(find "$root" -xdev -newer "$root/before" -type f -not -path "$root/data/*" -not -path "$root/tmp/*" \
    -not -path "$root/before" -not -path "$root/etc/*" -not -path "$root/run/*")
[ -z "$written" ] || { echo "$written" >&2; exit 1; }
ls "$root/data"
du -sh "$root/opt/okoshi" | cut -f1
say "proven"
