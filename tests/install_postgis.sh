#!/bin/sh
# The database tests start a PostgreSQL with PostGIS of their own: install Debian's where that is
# possible, else say how. Nothing keeps running: a fresh install would start a cluster at once.
set -eu
if ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1 \
    && ls /usr/share/postgresql/*/extension/postgis.control > /dev/null 2>&1; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    if ! ls /usr/lib/postgresql/*/bin/initdb > /dev/null 2>&1; then
        apt-get install -y -qq postgresql-common
        mkdir -p /etc/postgresql-common/createcluster.d
        echo "create_main_cluster = false" > /etc/postgresql-common/createcluster.d/geoplan.conf
        apt-get install -y -qq postgresql
    fi
    release=$(ls /usr/lib/postgresql | sort -n | tail -n 1)
    apt-get install -y -qq --no-install-recommends "postgresql-$release-postgis-3"
else
    echo "The database tests need PostgreSQL with PostGIS: install both (Debian: apt-get install postgresql postgresql-postgis)." >&2
    exit 1
fi
