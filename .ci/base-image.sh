#!/bin/bash
# Prints the name of a base image for the images of containers/, for a machine with a Docker engine
# where no registry may be at hand. Debian 12 is pulled where that can be done; elsewhere it is made
# from Debian's packages by debootstrap and brought into the engine as clika-base:bookworm, once.
#
#   BASE=$(.ci/base-image.sh) make images
#
# As root, on Debian or a system with apt; DOCKER names the client.
set -euo pipefail
docker=${DOCKER:-docker}
official=debian:bookworm-slim
made=clika-base:bookworm

# shellcheck source=.ci/refusals.sh
. "${BASH_SOURCE[0]%/*}/refusals.sh"
refuse_but_as_root
"$docker" version >/dev/null 2>&1 ||
    refuse "No Docker engine answers to $docker; start one, or install it with: apt-get install --yes docker.io"

for image in "$made" "$official"; do
    if "$docker" image inspect "$image" >/dev/null 2>&1; then
        echo "$image"
        exit
    fi
done
if "$docker" pull --quiet "$official" >/dev/null 2>&1; then
    echo "$official"
    exit
fi

command -v debootstrap >/dev/null ||
    { apt-get update -qq && apt-get install -qq --yes --no-install-recommends debootstrap; } >&2
# The mirror that this machine's own packages come from, where it is known.
# shellcheck disable=SC2016  # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' |
    head -n 1)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
debootstrap --variant=minbase bookworm "$work/root" "${mirror:-http://deb.debian.org/debian}" >&2
# As in the official image: what was fetched to make it, its logs and its copies of lists are not in it.
rm -rf "$work"/root/var/{cache/apt,lib/apt/lists,log}/* "$work"/root/debootstrap \
    "$work"/root/var/{cache/debconf,lib/dpkg}/*-old "$work"/root/var/cache/ldconfig/aux-cache
tar -C "$work/root" --numeric-owner --create . | "$docker" import - "$made" >&2
echo "$made"
