#!/bin/sh
# Checks what the build cannot bring itself. What is missing is named in one sentence, with the
# command that installs it; the exit status is then 1.
#
#   prerequisites.sh python    prints the interpreter to use ($PYTHON, else the first that is new enough)
#   prerequisites.sh venv      the interpreter can make environments
#   prerequisites.sh compiler  a C compiler can link a program
#   prerequisites.sh rust      cargo is there and new enough
set -eu
cd "$(dirname "$0")/.."

fail() {
    printf 'clika: %s\n' "$1" >&2
    exit 1
}

# Prints the command that installs a package, given its name for apt, dnf, apk and Homebrew.
install_command() {
    as_root=$([ "$(id -u)" -eq 0 ] || echo "sudo ")
    if command -v apt-get >/dev/null; then
        echo "${as_root}apt-get install --yes $1"
    elif command -v dnf >/dev/null; then
        echo "${as_root}dnf install --assumeyes $2"
    elif command -v apk >/dev/null; then
        echo "${as_root}apk add $3"
    else
        echo "brew install $4"
    fi
}

at_least() {
    awk -v have="$1" -v need="$2" 'BEGIN {
        split(have, h, "."); split(need, n, ".")
        for (i = 1; i <= 3; i++) if (h[i] + 0 != n[i] + 0) exit (h[i] + 0 < n[i] + 0)
    }'
}

python_version() {
    "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null
}

find_python() {
    need=$(sed -n 's/^requires-python = ">=\(.*\)"/\1/p' pyproject.toml)
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        have=$(python_version "$candidate") || continue
        if at_least "$have" "$need"; then
            command -v "$candidate"
            return
        fi
    done
    first=${PYTHON:-python3}
    have=$(python_version "$first") || have=
    hint=$(install_command "python$need python$need-venv" "python$need" python3 "python@$need")
    fail "Python $need or newer is needed and $first is ${have:-missing}; install it with: $hint"
}

case "${1:-}" in
python)
    find_python
    ;;
venv)
    python=$(find_python)
    version=$(python_version "$python")
    hint=$(install_command "python${version%.*}-venv" "python3-pip" "py3-pip" python)
    "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
        fail "$python cannot make environments (no venv module); install it with: $hint"
    ;;
compiler)
    hint=$(install_command "gcc libc6-dev" gcc "gcc musl-dev" gcc)
    program=$(mktemp)
    trap 'rm -f "$program"' EXIT
    echo 'int main(void) { return 0; }' | cc -x c -o "$program" - 2>/dev/null ||
        fail "No C compiler that can link a program (cc) was found; install it with: $hint"
    ;;
rust)
    need=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    bring="run the same command with CLIKA_BOOTSTRAP_RUST=1 to bring one for this clone alone"
    have=$(cargo --version 2>/dev/null | cut -d ' ' -f 2) || have=
    [ -n "$have" ] ||
        fail "No Rust toolchain (cargo) was found; install it with: curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y (or $bring)"
    at_least "$have" "$need" ||
        fail "Rust $need or newer is needed and cargo is $have; install it with: rustup update stable (or $bring)"
    ;;
*)
    fail "usage: prerequisites.sh python|venv|compiler|rust"
    ;;
esac
