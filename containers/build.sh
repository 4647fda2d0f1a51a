#!/bin/bash
# Makes clika's images and what goes with them, by a Docker engine.
#
#   build.sh images [NAME ...]   clika-NAME from the wheel in dist/ and the locks
#   build.sh sbom [NAME ...]     images/clika-NAME.cdx.json: every package of the image, as CycloneDX
#   build.sh sifs [NAME ...]     images/clika-NAME.sif from the image, and its SHA-256 beside it
#
# NAME is scoring, inference or legacy; without one, the first two. Every call brings images/digests.csv up
# to date.
#
#   BASE                        the Debian 12 image to start from; debian:bookworm-slim
#   DOCKER                      the client; without it, the first that can run BuildKit
#   CA_BUNDLE, SSL_CERT_FILE    a file of certificates that downloads during the build trust
#   SYFT                        the program syft; `make sbom` brings it
set -euo pipefail
cd "$(dirname "$0")/.."

base=${BASE:-debian:bookworm-slim}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 315532800)}
export SOURCE_DATE_EPOCH

fail() {
    printf 'clika: %s\n' "$1" >&2
    exit 1
}

# A client from version 23 on needs its plugin buildx for BuildKit, an older one brings BuildKit itself.
runs_buildkit() {
    "$1" buildx version >/dev/null 2>&1 && return
    local major
    major=$("$1" version --format '{{.Client.Version}}' 2>/dev/null | cut -d . -f 1)
    [[ $major =~ ^[0-9]+$ ]] && ((major < 23))
}

find_docker() {
    local client
    for client in ${DOCKER:-docker /usr/bin/docker}; do
        if command -v "$client" >/dev/null && runs_buildkit "$client"; then
            "$client" version >/dev/null 2>&1 ||
                fail "$client reaches no engine; start one, and see that $(id -un) may use it."
            echo "$client"
            return
        fi
    done
    fail "No Docker client that runs BuildKit was found${DOCKER:+ as $DOCKER}; install Docker with its plugin buildx (on Debian 12 apt-get install --yes docker.io is enough)."
}

# The commit that the wheel and the locks are of.
revision() {
    local commit
    commit=$(git rev-parse HEAD 2>/dev/null) || { echo unknown && return; }
    [ -z "$(git status --porcelain 2>/dev/null)" ] || commit+=-modified
    echo "$commit"
}

require_image() {
    "$docker" image inspect "clika-$1:$version" >/dev/null 2>&1 ||
        fail "There is no image clika-$1:$version; make it with: make images IMAGES=$1"
}

build_image() {
    # legacy is inference with other locks over it.
    local file=${1/legacy/inference} secret=() bundle=${CA_BUNDLE:-${SSL_CERT_FILE:-}}
    if [ -n "$bundle" ]; then
        [ -f "$bundle" ] || fail "CA_BUNDLE or SSL_CERT_FILE names $bundle, which is no file."
        secret=(--secret "id=ca,src=$bundle")
    fi
    DOCKER_BUILDKIT=1 "$docker" build --file "containers/$file.Dockerfile" \
        --tag "clika-$1:$version" --tag "clika-$1:latest" \
        --build-arg "BASE=$base" --build-arg "IMAGE=$1" --build-arg "VERSION=$version" \
        --build-arg "REVISION=$(revision)" --build-arg SOURCE_DATE_EPOCH "${secret[@]}" .
}

# Syft runs in the image itself, read-only and without a network: nothing is copied out to be read.
write_sbom() {
    require_image "$1"
    local part=images/clika-$1.cdx.json.part
    "$docker" run --rm --network none --read-only --tmpfs /tmp --user 0 --workdir / \
        --volume "$(realpath "${SYFT:?is set by make sbom}"):/mnt/syft:ro" --entrypoint /mnt/syft \
        "clika-$1:$version" scan dir:/ --exclude ./mnt --override-default-catalogers image --quiet \
        --source-name "clika-$1" --source-version "$version" --output cyclonedx-json >"$part"
    mv "$part" "${part%.part}"
    echo "Wrote ${part%.part}"
}

# The engine keeps a copy of its own while it saves an image; after that, as much is unpacked and packed.
require_room() {
    local bytes needed free
    bytes=$("$docker" image inspect --format '{{.Size}}' "clika-$1:$version")
    needed=$((bytes * 22 / 10 / 1000000000 + 1))
    free=$(($(stat --file-system --format '%a * %S' images) / 1000000000))
    [ "$free" -ge "$needed" ] ||
        fail "Making images/clika-$1.sif takes $needed GB of free disk for a while, and $free GB are free in $PWD/images."
}

build_sif() {
    require_image "$1"
    require_room "$1"
    command -v apptainer >/dev/null ||
        fail "Apptainer was not found; see https://apptainer.org/docs/admin/main/installation.html"
    # An image is unpacked on the way, 7 GB of files for inference: not into a /tmp that may be memory.
    work=$(mktemp -d "$PWD/images/build.XXXXXX")
    trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
    "$docker" save --output "$work/image.tar" "clika-$1:$version"
    # What it has fetched it reads no more: that is dropped for what it unpacks.
    APPTAINER_TMPDIR=${APPTAINER_TMPDIR:-$work} apptainer build --disable-cache \
        --mksquashfs-args "-comp zstd -Xcompression-level 1" \
        "$work/clika-$1.sif" "docker-archive:$work/image.tar" 2>&1 |
        while IFS= read -r line; do
            printf '%s\n' "$line"
            [[ $line != *"Extracting OCI image"* ]] || rm -f "$work/image.tar"
        done
    mv "$work/clika-$1.sif" images/
    rm -rf "$work"
    trap - EXIT
    (cd images && sha256sum "clika-$1.sif" >"clika-$1.sif.sha256")
    echo "Wrote images/clika-$1.sif"
}

# What the table says of the file for Apptainer: of the one just made, or what it said of this very image.
sif_columns() {
    local name=$1 id=$2
    if [ "$each" = build_sif ] && [[ " ${names[*]} " == *" $name "* ]]; then
        echo "$(cut -d ' ' -f 1 "images/clika-$name.sif.sha256"),$(stat --format %s "images/clika-$name.sif")"
    else
        awk -F , -v id="$id" '$3 == id { found = $5 "," $6 } END { print found == "" ? "," : found }' \
            "$([ -f images/digests.csv ] && echo images/digests.csv || echo /dev/null)"
    fi
}

label() {
    "$docker" image inspect --format "{{index .Config.Labels \"org.opencontainers.image.$2\"}}" "clika-$1:$version"
}

# One row for each image of this version that the engine has.
write_digests() {
    local name image id contents
    {
        echo "image,tag,image_id,contents_sha256,sif_sha256,sif_bytes,commit,base"
        for name in scoring inference legacy; do
            image=clika-$name:$version
            id=$("$docker" image inspect --format '{{.Id}}' "$image" 2>/dev/null) || continue
            contents=$("$docker" run --rm --network none --entrypoint sh "$image" \
                -c 'dpkg-query --show; cat /opt/clika/image.json' | sha256sum)
            echo "clika-$name,$version,$id,${contents%% *},$(sif_columns "$name" "$id"),$(label "$name" revision),$(label "$name" base.name)"
        done
    } >images/digests.csv.part
    mv images/digests.csv.part images/digests.csv
}

case "${1:-}" in
images) each=build_image ;;
sbom) each=write_sbom ;;
sifs) each=build_sif ;;
*) fail "usage: build.sh images|sbom|sifs [scoring] [inference] [legacy]" ;;
esac
shift
names=("$@")
[ $# -gt 0 ] || names=(scoring inference)
for name in "${names[@]}"; do
    [[ $name == scoring || $name == inference || $name == legacy ]] ||
        fail "There is no image '$name'; choose scoring, inference or legacy."
done
docker=$(find_docker)
mkdir -p images
for name in "${names[@]}"; do
    "$each" "$name"
done
write_digests
