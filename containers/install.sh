#!/bin/sh
# Installs what an image is made of into a Debian 12 system, as root. The Dockerfiles and clika.def
# beside it call it, step by step, so that each step is a layer that is made again only when it changes.
#
#   install.sh uv                    uv, in its locked version, into /opt/uv
#   install.sh locks NAME            Python, and what the locks of the image pin, into /opt/clika
#   install.sh clika NAME REVISION   the wheel of dist/, and /opt/clika/image.json, which says what is in
#
# NAME is scoring, inference or legacy, whose locks may be put over those of inference; REVISION the
# commit, which image.json repeats.
# dist/, locks/, uv/ (what the first step made) and cache/ (of downloads) are looked for beside this file,
# and ca.crt: a CA bundle, used for every download where it is there. What a step leaves is the same for
# the same versions, timestamps too.
set -eu
cd "$(dirname "$0")"

# The earliest date of a wheel's archive, for what no commit has made.
: "${SOURCE_DATE_EPOCH:=315532800}"
export SOURCE_DATE_EPOCH
began=$(mktemp)
trap 'rm -f "$began"' EXIT
mkdir -p /work

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

debian() {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends "$@" >/dev/null
    apt-get clean
    # Lists, logs and copies, which differ from one installation to the next.
    rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/cache/ldconfig/aux-cache \
        /var/lib/dpkg/*-old /var/log/apt /var/log/alternatives.log /var/log/dpkg.log
}

# Bytecode that is never compared with its source: the image is read-only, and times say nothing in it.
packages() {
    verb=$1
    shift
    PYC_INVALIDATION_MODE=UNCHECKED_HASH uv/bin/uv pip "$verb" --quiet --compile-bytecode \
        --link-mode copy --python /opt/clika/bin/python "$@"
}

if [ -s ca.crt ]; then
    export PIP_CERT="$PWD/ca.crt" SSL_CERT_FILE="$PWD/ca.crt"
fi
export PIP_CACHE_DIR="$PWD/cache/pip" UV_CACHE_DIR="$PWD/cache/uv"

step=${1:-}
case "${2:-}" in
scoring) locks="base atlas maps" ;;
inference) locks="inference atlas maps" ;;
legacy) locks="legacy atlas maps" ;;
*) [ "$step" = uv ] || fail "There is no image '${2:-}'; choose scoring, inference or legacy." ;;
esac
case "$step" in
uv)
    debian ca-certificates python3-venv
    python3 -m venv /opt/uv
    /opt/uv/bin/python -m pip install --quiet --disable-pip-version-check \
        --require-hashes --requirement locks/bootstrap.txt
    ;;
locks)
    if [ ! -d /opt/clika ]; then
        debian python3
        # uv uses the system's Python alone: it brings none of its own.
        UV_PYTHON_DOWNLOADS=never uv/bin/uv venv --quiet --python /usr/bin/python3 /opt/clika
    fi
    rm -rf /opt/clika/locks
    mkdir /opt/clika/locks
    for lock in $locks; do
        cp "locks/$lock.txt" /opt/clika/locks/
    done
    # What is there and in none of them goes. One dependency has no wheel; what builds it is pinned too
    # and does not stay.
    packages sync --require-hashes --build-constraints locks/build.txt /opt/clika/locks/*.txt
    # What was built from source stays for the next build; wheels would take as much disk as the image.
    uv/bin/uv cache prune --quiet --ci
    ;;
clika)
    name=$2 revision=${3:-unknown}
    set -- dist/clika-*.whl
    [ $# -eq 1 ] && [ -f "$1" ] || fail "dist/ must hold one wheel of clika; make wheel builds it."
    packages install --no-deps "$1"
    /opt/clika/bin/python - "clika-$name" "$revision" >/opt/clika/image.json <<'PY'
import hashlib, importlib.metadata, json, pathlib, platform, sys

packages = {d.name.lower(): d.version for d in importlib.metadata.distributions()}
locks = sorted(pathlib.Path("/opt/clika/locks").iterdir())
facts = {
    "title": sys.argv[1],
    "version": packages["clika"],
    "revision": sys.argv[2],
    "debian": pathlib.Path("/etc/debian_version").read_text().strip(),
    "python": platform.python_version(),
    "locks": {path.stem: hashlib.sha256(path.read_bytes()).hexdigest() for path in locks},
    "packages": dict(sorted(packages.items())),
}
print(json.dumps(facts, indent=2))
PY
    ;;
*)
    fail "usage: install.sh uv | locks NAME | clika NAME REVISION"
    ;;
esac

# Only where a step writes: /tmp, /var/tmp and a home may be the host's, which Apptainer lends to a build.
find /etc /opt /usr /var /work -xdev -path /var/tmp -prune -o -newer "$began" \
    -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
# The engine itself writes to these two before a step begins, and to /etc again after it.
touch --date="@$SOURCE_DATE_EPOCH" /etc /opt
