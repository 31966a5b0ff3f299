# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Hosts to spread work over, for tests: an SSH server and a Slurm cluster of one
# node each, on the loopback address, by the same user, with keys of their own.
# All they keep lies in a folder; nothing of the machine's own set-up is used.
#
#   ssh_up DIR     an SSH server; DIR/sshlogins is a file for GNU parallel's
#                  --sshloginfile; DIR/tmp is its TMPDIR
#   slurm_up DIR   munged, slurmctld, slurmd; exports SLURM_CONF
#   hosts_down     ends what was started

HOSTS_PIDFILES=()

# free_port FIRST: a port of the loopback address that nobody listens on.
free_port()
{
	local port=$1

	while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do
		port=$((port + 1))
	done
	echo "$port"
}

ssh_up()
{
	local dir=$1 port

	mkdir -p "$dir/tmp"
	chmod 700 "$dir"
	port=$(free_port $((22000 + $$ % 1000)))
	ssh-keygen -q -t ed25519 -N '' -f "$dir/host"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/user"
	cp "$dir/user.pub" "$dir/authorized"
	cat >"$dir/sshd_config" <<-END
	Port $port
	ListenAddress 127.0.0.1
	HostKey "$dir/host"
	PidFile "$dir/sshd.pid"
	AuthorizedKeysFile "$dir/authorized"
	PasswordAuthentication no
	UsePAM no
	StrictModes no
	SetEnv TMPDIR="$dir/tmp"
	END
	cat >"$dir/ssh_config" <<-END
	Host lab-*
	  HostName 127.0.0.1
	  Port $port
	  IdentityFile "$dir/user"
	  IdentitiesOnly yes
	  UserKnownHostsFile "$dir/known"
	  StrictHostKeyChecking accept-new
	  LogLevel ERROR
	END
	# root's server wants a folder to live in, which the package's service makes
	(( EUID != 0 )) || mkdir -p /run/sshd
	/usr/sbin/sshd -f "$dir/sshd_config" -E "$dir/log"
	HOSTS_PIDFILES+=("$dir/sshd.pid")
	printf '1/ssh -F %q lab-%s\n' "$dir/ssh_config" one "$dir/ssh_config" two >"$dir/sshlogins"
	# it goes to the background before it listens
	until_ok 30 ssh -F "$dir/ssh_config" lab-one true
}

slurm_up()
{
	local dir=$1 port host me

	port=$(free_port $((26000 + $$ % 1000)))
	host=$(hostname -s)
	me=$(id -un)
	mkdir -p "$dir/munge" "$dir/state" "$dir/spool"
	chmod 700 "$dir" "$dir/munge"
	(umask 077; head -c 1024 /dev/urandom >"$dir/munge/key")
	/usr/sbin/munged --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" \
		--pid-file="$dir/munge/pid" --log-file="$dir/munge/log" \
		--seed-file="$dir/munge/seed" || return
	HOSTS_PIDFILES+=("$dir/munge/pid" "$dir/slurmd.pid" "$dir/slurmctld.pid")
	cat >"$dir/slurm.conf" <<-END
	ClusterName=lab
	SlurmctldHost=$host(127.0.0.1)
	SlurmUser=$me
	SlurmdUser=$me
	SlurmctldPort=$port
	SlurmdPort=$(free_port $((port + 1)))
	AuthInfo=socket=$dir/munge/socket
	StateSaveLocation=$dir/state
	SlurmdSpoolDir=$dir/spool
	SlurmctldPidFile=$dir/slurmctld.pid
	SlurmdPidFile=$dir/slurmd.pid
	SlurmctldLogFile=$dir/slurmctld.log
	SlurmdLogFile=$dir/slurmd.log
	ProctrackType=proctrack/linuxproc
	TaskPlugin=task/none
	SelectType=select/cons_tres
	SelectTypeParameters=CR_CPU
	SwitchType=switch/none
	MpiDefault=none
	NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
	PartitionName=lab Nodes=$host Default=YES State=UP
	END
	# slurmd of Slurm 24 does not start where it may not use cgroups, as in a container;
	# that of 22 does, and does not know the word
	[[ $(/usr/sbin/slurmd -V) == *' 22.'* ]] || echo CgroupPlugin=disabled >"$dir/cgroup.conf"
	export SLURM_CONF=$dir/slurm.conf
	/usr/sbin/slurmctld -f "$SLURM_CONF" && /usr/sbin/slurmd -f "$SLURM_CONF" &&
		until_ok 60 slurm_idle
}

slurm_idle()
{
	[[ $(sinfo -h -o %t 2>/dev/null) == idle ]]
}

hosts_down()
{
	local f pid

	for f in "${HOSTS_PIDFILES[@]}"; do
		pid=$(cat "$f" 2>/dev/null) || continue
		kill "$pid" 2>/dev/null || continue
		until_ok 30 host_gone "$pid" || true
	done
}

# A process that nobody waits for is as good as gone.
host_gone()
{
	[[ ! -e /proc/$1 || $(ps -o stat= -p "$1") == Z* ]]
}
