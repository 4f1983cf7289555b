#!/usr/bin/env bash
# A private PostgreSQL for tests, bench and trials of the relay, in a folder of its own: never the machine's own cluster, never a real practice.
#   postgresql.sh start FOLDER [OPTION=VALUE ...]   makes it if it is not there, starts it, prints its address (the last line)
#   postgresql.sh stop FOLDER                       stops it
# It listens on a socket in FOLDER alone, which only its owner may enter. As root it runs as the user postgres.
set -euo pipefail

action=${1:?start or stop}
folder=$(realpath -m "${2:?folder}")
shift 2

find_bin() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1; }

as_owner() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

bin=$(find_bin)
if [ -z "$bin" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Debian's postgresql" >&2
    export DEBIAN_FRONTEND=noninteractive
    # Debian would start a cluster of its own at once: none is wanted.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] || echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    apt-get update -qq >&2
    apt-get install -y -qq --no-install-recommends postgresql >/dev/null
    bin=$(find_bin)
fi
if [ -z "$bin" ]; then
    echo "PostgreSQL is not installed: sudo apt-get install --no-install-recommends postgresql" >&2
    exit 3
fi

if [ "$action" = stop ]; then
    as_owner "$bin/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    exit 0
fi

mkdir -p "$folder"
if [ "$(id -u)" -eq 0 ]; then chown postgres "$folder"; fi
chmod 700 "$folder"
if [ ! -e "$folder/data/PG_VERSION" ]; then
    echo "Making a cluster in $folder" >&2
    as_owner "$bin/initdb" -D "$folder/data" -U relay --auth=trust --encoding=UTF8 --locale=C --no-sync >/dev/null
fi
if ! as_owner "$bin/pg_ctl" -D "$folder/data" status >/dev/null 2>&1; then
    options="-c listen_addresses= -c unix_socket_directories=$folder"
    for one in "$@"; do options+=" -c $one"; done
    echo "Starting it" >&2
    as_owner "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -o "$options" -w -t 30 start >/dev/null
fi
echo "postgresql:///postgres?host=$folder&user=relay"
