#!/usr/bin/env bash
# Prove the installation on a bare Debian: debootstrap a minimal system into FOLDER, clone this checkout below its
# /root (where only root may enter), and run COMMAND there. Needs root and the Debian package debootstrap.
#
#   tests/bare_debian.sh FOLDER [COMMAND]      COMMAND defaults to the two commands of the README
#
# Everything runs in process and mount namespaces of its own, so nothing stays behind but FOLDER.
# The settings of this machine for apt, pip and npm are taken along; SHARE names further folders to
# show inside, read-only (a folder of wheels that pip is told to use, say); RELEASE is bookworm if unset.
set -euo pipefail

if [ $# -lt 1 ]; then
  echo "usage: tests/bare_debian.sh FOLDER [COMMAND]" >&2
  exit 2
fi
folder=$(realpath -m "$1")
command=${2:-./run.sh start --demo && ./run.sh stop && ./run.sh test}
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
release=${RELEASE:-bookworm}

if [ ! -e "$folder/etc/debian_version" ]; then
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/debian.sources 2>/dev/null |
    sed -nE 's/^(URIs:|deb) +(https?:[^ ]+).*/\2/p' | head -1) || true
  debootstrap --variant=minbase "$release" "$folder" "${mirror:-}" >"$folder.log"
fi

# Settings of this machine: package sources, certificates, pip and npm. None of them is part of the project.
settings=()
for path in /etc/apt/sources.list.d/debian.sources /etc/apt/apt.conf.d/99* /etc/resolv.conf /etc/pip.conf /root/.config/pip \
  /root/.npmrc /usr/local/share/ca-certificates /etc/ssl/certs; do
  [ -e "$path" ] && settings+=("$path")
done
tar -ch "${settings[@]}" 2>/dev/null | tar -x -C "$folder"
[ -e "$folder/etc/apt/sources.list.d/debian.sources" ] && rm -f "$folder/etc/apt/sources.list"

rm -rf "$folder/root/sharpeyes"
git clone -q "$checkout" "$folder/root/sharpeyes"

mapfile -t environment < <(env | grep -E '^(PIP|NPM|NODE|SSL|CURL|REQUESTS|SHARPEYES)_[A-Z_]*=|^[a-z]+_proxy=')

# The words are expanded inside.
# shellcheck disable=SC2016
unshare --mount --pid --fork --kill-child bash -c '
  set -euo pipefail
  folder=$1 command=$2
  shift 2
  mount -t proc proc "$folder/proc"
  mount --rbind /dev "$folder/dev"
  for shared in ${SHARE:-}; do
    mkdir -p "$folder$shared"
    mount --bind -o ro "$shared" "$folder$shared"
  done
  chroot "$folder" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb "$@" bash -c "cd /root/sharpeyes && $command"
' bash "$folder" "$command" "${environment[@]}"
