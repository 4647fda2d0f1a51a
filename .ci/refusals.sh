# What the scripts of this folder that change a machine do not do. Sourced; a refusal ends with 77.
# shellcheck shell=bash
conf=/etc/slurm/slurm.conf
mark="# Written by clika's .ci/slurm.sh"

refuse() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 77
}

refuse_but_as_root() {
    [ "$(id -u)" -eq 0 ] || refuse "it installs packages and writes to the system's folders; run it as root"
}

refuse_on_a_cluster() {
    if [ -e "$conf" ] && ! head -1 "$conf" | grep -qxF "$mark"; then
        refuse "$conf is not of these scripts: this machine is part of a cluster, and stays as it is"
    fi
}
