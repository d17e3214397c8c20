#!/bin/sh
# The browser tests drive Debian's Chromium: install it where that is possible, else say how.
set -eu
if [ "$(id -u)" = 0 ] && [ -f /etc/debian_version ] && command -v apt-get > /dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium fonts-dejavu-core
else
    echo "The browser tests need Chromium as 'chromium' on the PATH: install it (Debian: apt-get install chromium)." >&2
    exit 1
fi
