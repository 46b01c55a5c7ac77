#!/bin/sh
# Installs the real servers that the integration tests start, and what some make faults with, where this is
# Debian and we are root. Elsewhere it says what is missing: the tests that need it are then skipped, each with
# its reason.
set -eu

PATH="$PATH:/usr/sbin:/sbin"

missing=""
want() { # want PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
want nginx nginx
want apache2 apache2
want caddy caddy
want haproxy haproxy
want lighttpd lighttpd
[ -e /usr/lib/lighttpd/mod_openssl.so ] || missing="$missing lighttpd-mod-openssl"
want dnsmasq dnsmasq-base
want curl curl
want faketime faketime
want strace strace
want mkfs.ext4 e2fsprogs
want prometheus prometheus
want prometheus-blackbox-exporter prometheus-blackbox-exporter
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "servers: not Debian, so not installed, their tests are skipped:$missing" >&2
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "servers: missing, their tests are skipped; as root: apt-get install --no-install-recommends$missing" >&2
    exit 0
fi

echo "servers: installing$missing"
# shellcheck disable=SC2086 - a list of packages
"$(dirname "$0")/../install_packages.sh" $missing
