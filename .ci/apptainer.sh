#!/bin/bash
# Brings Apptainer to a Debian 12 machine, whose own archive has none: from Debian's unstable branch, under
# /opt/apptainer and with the C library of Debian 13 beside it, so that the system's own stays as it is.
# Outside /opt it leaves a link in /usr/local/bin, packages that Apptainer calls, and /dev/fuse open to
# all users, which mount images by it. Does nothing where there is an Apptainer.
#
#   .ci/apptainer.sh
set -euo pipefail
prefix=/opt/apptainer
link=/usr/local/bin/apptainer

# shellcheck source=.ci/refusals.sh
. "${BASH_SOURCE[0]%/*}/refusals.sh"
refuse_but_as_root
if command -v apptainer >/dev/null; then
    exec apptainer --version
fi
refuse_on_a_cluster
# shellcheck source=/dev/null
. /etc/os-release
[ "$ID-${VERSION_ID:-}" = debian-12 ] ||
    refuse "this is made for Debian 12, and here is $PRETTY_NAME; install Apptainer as its documentation says"

export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq --yes --no-install-recommends \
    ca-certificates fakeroot fuse3 patchelf squashfs-tools squashfuse uidmap >/dev/null

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work"/{lists/partial,cache/archives/partial,packages}
chmod -R 755 "$work"
# Debian's mirror as this machine knows it; the other branches are asked in a world of apt's own.
# shellcheck disable=SC2016  # apt-get fills it in
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Codename: bookworm' | head -n 1)
key=/usr/share/keyrings/debian-archive-keyring.gpg
for branch in sid trixie; do
    echo "deb [signed-by=$key] $mirror $branch main"
done >"$work/sources.list"
elsewhere=(
    -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State::Lists="$work/lists" -o Dir::State::Status=/dev/null -o Dir::Cache="$work/cache"
    -o APT::Sandbox::User=root -o Acquire::Languages=none
    # A mirror may lag behind, or be a snapshot.
    -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false
)
apt-get -qq "${elsewhere[@]}" update
(cd "$work/packages" && apt-get -qq "${elsewhere[@]}" download \
    apptainer/sid libc6/trixie libseccomp2/trixie libsqlite3-0/trixie)
rm -rf "$prefix"
for package in "$work"/packages/*.deb; do
    dpkg-deb --extract "$package" "$prefix"
done

libraries=$prefix/usr/lib/x86_64-linux-gnu
for program in "$prefix/usr/bin/apptainer" "$libraries/apptainer/bin/starter"; do
    patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$libraries" "$program"
done
patchelf --force-rpath --set-rpath "$libraries" "$libraries"/libsqlite3.so.0.*.*
# The program finds its files from where it lies: from $prefix/usr it does, and its starter from
# $prefix/usr/lib.
ln -sfn ../etc "$prefix/usr/etc"
ln -sfn ../var "$prefix/usr/var"
ln -sfn ../../etc "$prefix/usr/lib/etc"
ln -sfn ../../var "$prefix/usr/lib/var"
ln -sfn . "$prefix/usr/lib/lib"
ln -sfn ../bin "$prefix/usr/lib/bin"

# Root asks for every capability, and fails where this machine's root lacks one: it is to ask for those
# that are there.
python3 - >"$prefix/etc/apptainer/capability.json" <<'PY'
import json
from pathlib import Path

NAMES = """chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable
net_bind_service net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot
sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease
audit_write audit_control setfcap mac_override mac_admin syslog wake_alarm block_suspend audit_read
perfmon bpf checkpoint_restore""".split()
status = Path("/proc/self/status").read_text().splitlines()
held = next(int(line.split()[1], 16) for line in status if line.startswith("CapEff"))
root = [f"CAP_{name.upper()}" for bit, name in enumerate(NAMES) if held >> bit & 1]
print(json.dumps({"users": {"root": root}}))
PY
sed -i 's/^root default capabilities = .*/root default capabilities = file/' "$prefix/etc/apptainer/apptainer.conf"

[ ! -e /dev/fuse ] || chmod 666 /dev/fuse
ln -sfn "$prefix/usr/bin/apptainer" "$link"
"$link" --version
