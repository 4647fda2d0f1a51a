#!/bin/sh
# Makes sure of a Rust toolchain. Where there is none and CLIKA_BOOTSTRAP_RUST=1, maturin's own
# bootstrap brings one to .bootstrap/rust, for this clone alone; nothing else on the machine changes.
#
#   rust_toolchain.sh UV PYTHON
set -eu
cd "$(dirname "$0")/.."
uv=$1 python=$2
PATH=$PWD/.bootstrap/rust/bin:$PATH
export PATH

if [ "${CLIKA_BOOTSTRAP_RUST:-0}" != 1 ] || sh scripts/prerequisites.sh rust 2>/dev/null; then
    exec sh scripts/prerequisites.sh rust
fi
UV_VENV_CLEAR=1 "$uv" venv --quiet --python "$python" .bootstrap/toolchain
"$uv" pip install --quiet --python .bootstrap/toolchain/bin/python \
    --require-hashes -r locks/toolchain.txt
.bootstrap/toolchain/bin/python -m puccinialin --location .bootstrap/rust >/dev/null
# The toolchain's own folder holds the programs themselves: unlike rustup's front ends in cargo/bin
# they need no variable to find each other.
set -- .bootstrap/rust/rustup/toolchains/*/bin
ln -sfn "${1#.bootstrap/rust/}" .bootstrap/rust/bin
exec sh scripts/prerequisites.sh rust
