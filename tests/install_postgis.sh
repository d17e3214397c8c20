#!/bin/sh
# The database tests start a PostgreSQL with PostGIS of their own: install Debian's where that is
# possible, else say how. No server is left running: a fresh install would start one at once.
set -eu
newest() {
    ls -d /usr/lib/postgresql/*/bin/initdb 2> /dev/null | cut -d / -f 5 | sort -n | tail -n 1
}
release=$(newest)
if [ -n "$release" ] && [ -f "/usr/share/postgresql/$release/extension/postgis.control" ]; then
    exit 0
fi
if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get > /dev/null; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    if [ -z "$release" ]; then
        settings=/etc/postgresql-common/createcluster.d
        mkdir -p "$settings"
        echo "create_main_cluster = false" > "$settings/geoplan.conf"
        apt-get install -y -qq postgresql
        rm "$settings/geoplan.conf"
        release=$(newest)
    fi
    apt-get install -y -qq --no-install-recommends "postgresql-$release-postgis-3"
else
    echo "The database tests need PostgreSQL with PostGIS: install both (Debian: apt-get install postgresql postgresql-postgis)." >&2
    exit 1
fi
