#!/bin/bash
# A Slurm cluster on this one machine, for the tests: two nodes on loopback, one of them with fake
# GPUs, and no accounting.
#
#   .ci/slurm.sh install    Slurm and munge from Debian's packages
#   .ci/slurm.sh up         start it; says when both nodes are idle
#   .ci/slurm.sh down       cancel its jobs, stop it and remove its files
#
# It needs root. The workflow's executor reads /etc/slurm/slurm.conf and no other place, so that is
# where the configuration goes; a machine that has one of its own is left alone.
set -euo pipefail

state=/var/tmp/clika-slurm
gpus=2

# shellcheck source=.ci/refusals.sh
. "${BASH_SOURCE[0]%/*}/refusals.sh"
refuse_but_as_root
refuse_on_a_cluster
[ ! -e "$state" ] || [ -O "$state" ] || refuse "$state is another user's"

install_packages() {
    if ! type -P slurmctld slurmd munged >/dev/null; then
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            slurm-wlm munge >/dev/null
    fi
    slurmctld -V
}

start_munge() {
    install -d -o munge -g munge -m 755 /run/munge
    if [ ! -s /etc/munge/munge.key ]; then
        dd if=/dev/urandom of=/etc/munge/munge.key bs=1 count=128 status=none
    fi
    chown munge: /etc/munge/munge.key
    chmod 400 /etc/munge/munge.key
    if ! munge -n >/dev/null 2>&1; then
        runuser -u munge -- "$(command -v munged)"
        pgrep -n -x munged >"$state/run/munged.pid"
    fi
}

# Memory is enforced where control groups of version 1 can be written, as on a real cluster.
write_configuration() {
    local tracking=proctrack/pgid task=task/none host
    host=$(hostname -s)
    mkdir -p /etc/slurm
    rm -f /etc/slurm/cgroup.conf
    if [ -w /sys/fs/cgroup/memory ] && [ -w /sys/fs/cgroup/freezer ]; then
        tracking=proctrack/cgroup task=task/cgroup
        printf '%s\n' CgroupPlugin=cgroup/v1 CgroupMountpoint=/sys/fs/cgroup \
            ConstrainRAMSpace=yes >/etc/slurm/cgroup.conf
    fi
    cat >"$conf" <<EOF
$mark
ClusterName=clika
SlurmctldHost=localhost
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
SlurmctldPort=16817
StateSaveLocation=$state/state
SlurmdSpoolDir=$state/spool/%n
SlurmctldPidFile=$state/run/slurmctld.pid
SlurmdPidFile=$state/run/slurmd-%n.pid
SlurmctldLogFile=$state/log/slurmctld.log
SlurmdLogFile=$state/log/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=$tracking
TaskPlugin=$task
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$state/log/jobs.txt
SchedulerParameters=sched_interval=1,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=500
MinJobAge=3600
ReturnToService=2
KillWait=3
PropagateResourceLimits=NONE
GresTypes=gpu
NodeName=cpu1 NodeHostname=$host NodeAddr=127.0.0.1 Port=16821 CPUs=8 RealMemory=16000 State=UNKNOWN
NodeName=gpu1 NodeHostname=$host NodeAddr=127.0.0.1 Port=16822 CPUs=8 RealMemory=16000 Gres=gpu:$gpus State=UNKNOWN
PartitionName=cpu Nodes=cpu1 Default=YES MaxTime=INFINITE State=UP
PartitionName=gpu Nodes=gpu1 MaxTime=INFINITE State=UP
EOF
    printf 'AutoDetect=off\nNodeName=gpu1 Name=gpu Count=%s File=%s/gpu[0-%s]\n' \
        "$gpus" "$state" $((gpus - 1)) >/etc/slurm/gres.conf
}

up() {
    type -P slurmctld slurmd munged >/dev/null || refuse "Slurm is not installed; run: $0 install"
    mkdir -p "$state"/{state,spool,log,run}
    start_munge
    # A device node schedules; a plain file leaves CUDA_VISIBLE_DEVICES empty.
    for ((i = 0; i < gpus; i++)); do
        [ -c "$state/gpu$i" ] || mknod -m 666 "$state/gpu$i" c 1 3
    done
    write_configuration
    slurmctld -c
    slurmd -N cpu1
    slurmd -N gpu1
    for _ in $(seq 60); do
        if [ "$(sinfo -h -N -t idle -o %N 2>/dev/null | sort -u | wc -l)" = 2 ]; then
            sinfo -N
            return
        fi
        sleep 0.5
    done
    sinfo -N -o '%N %T %E'
    refuse "the nodes did not become idle; $state/log says more"
}

# Jobs end before the daemons do: a step whose daemon is gone ignores SIGTERM.
down() {
    if [ -e "$conf" ]; then
        timeout 10 scancel -u "$(id -un)" 2>/dev/null || true
        for _ in $(seq 40); do
            [ -n "$(timeout 5 squeue -h 2>/dev/null || true)" ] || break
            sleep 0.5
        done
    fi
    for file in "$state"/run/*.pid; do
        [ -e "$file" ] || continue
        pid=$(cat "$file")
        # After a restart of the machine the number may be anybody's.
        case $(cat "/proc/$pid/comm" 2>/dev/null) in slurmctld | slurmd | munged) ;; *) continue ;; esac
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 40); do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.25
        done
    done
    rm -f "$conf" /etc/slurm/gres.conf /etc/slurm/cgroup.conf
    rm -rf "$state"
    find /sys/fs/cgroup -depth -path '*/slurm_*' -type d -exec rmdir {} \; 2>/dev/null || true
}

case ${1-} in
install) install_packages ;;
up) up ;;
down) down ;;
*) refuse "one of: install, up, down" ;;
esac
