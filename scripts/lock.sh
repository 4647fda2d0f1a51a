#!/bin/sh
# Writes locks/*.txt: every dependency with its hashes, for all platforms, naming no package index, so
# that a lock also installs behind a mirror. Versions already locked are kept; --upgrade takes the newest.
#
#   lock.sh UV [--upgrade]
set -eu
cd "$(dirname "$0")/.."
uv=$1
shift

lock() {
    name=$1
    shift
    # shellcheck disable=SC2086  # $upgrade is one option or none
    "$uv" pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --custom-compile-command "make locks" \
        $upgrade --output-file "locks/$name.txt" "$@"
}

upgrade="$*"
# dev holds the most; the others take its versions, so that locks can be installed one over another.
lock dev --group build --group dev pyproject.toml
lock base --constraints locks/dev.txt pyproject.toml
lock build --constraints locks/dev.txt --group build
lock docs --constraints locks/dev.txt --group build --group docs pyproject.toml
lock atlas --constraints locks/dev.txt --extra atlas pyproject.toml
lock gemma --constraints locks/dev.txt --extra gemma pyproject.toml
lock inference --constraints locks/dev.txt --extra inference pyproject.toml
# legacy has a few versions of its own; PyTorch and all the rest are the others', so that its image lies over
# that of inference. uv would note where a file of constraints is, so they are handed in without one.
shared=$(sed -n 's/^\([a-z0-9-]*==.*[^ ]\) \\$/\1/p' locks/dev.txt |
    grep -v -e '^accelerate=' -e '^huggingface-hub=' -e '^tokenizers=' -e '^transformers=')
case $shared in
*torch==*) printf '%s\n' "$shared" | lock legacy --constraints - --extra legacy pyproject.toml ;;
*) echo "lock.sh: locks/dev.txt pins no torch in the form that is read here" >&2 && exit 1 ;;
esac
lock maps --constraints locks/dev.txt --extra maps pyproject.toml
lock workflow --constraints locks/dev.txt --extra workflow pyproject.toml
lock bootstrap --group bootstrap
lock sbom --group sbom
lock toolchain --group toolchain
