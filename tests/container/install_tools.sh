#!/bin/sh
# Installs what `make container-check` runs: Docker's engine, what its stand-in images are made of, and what
# checks and plays the files beside the image. Debian, and root: the check needs both, and says so.
set -eu

PATH="$PATH:/usr/sbin:/sbin"

missing=""
want() { # want PROGRAM PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
want dockerd docker.io
want mmdebstrap mmdebstrap
want ip iproute2
want nsenter util-linux
want prometheus prometheus
want promtool prometheus
want curl curl
want git git
want systemd-analyze systemd
want podman podman
want catatonit catatonit
want runc runc
want busybox busybox-static
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
    echo "container-check: needs Debian and root to install:$missing" >&2
    exit 1
fi
echo "container-check: installing$missing"
# shellcheck disable=SC2086 - a list of packages
"$(dirname "$0")/../install_packages.sh" $missing
