#!/usr/bin/env bash
# The ready-made desktop: a screen without a graphics card in which IDC Browser runs, shown by a web page on 127.0.0.1.
#
#   desktop.sh packages                                                                    only Debian's packages, as root
#   desktop.sh install [--from DIR] [--slicer DIR|TARBALL] [--shared DIR] [--host NAME]   once, as root (Debian 12, Ubuntu 24.04)
#   desktop.sh start | stop | restart | status | log | password                            as the user of the session
#   desktop.sh run                                                                         the session in the foreground (systemd, containers)
#
# Nothing listens on other addresses than 127.0.0.1: reach it by a tunnel (ssh -L 6080:127.0.0.1:6080 MACHINE) or a reverse proxy with TLS.
# A second run of install changes nothing.
set -eu

PREFIX=${IDC_DESKTOP_PREFIX:-/opt/idc-browser}
CONF=$PREFIX/desktop.conf
HERE=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
# xauth: only the user of the session may use its screen. util-linux (setpriv), openbox and Mesa are the rest of a screen without a graphics card.
PACKAGES="tigervnc-standalone-server novnc openbox xauth supervisor python3-venv fonts-dejavu-core ca-certificates \
libgl1 libegl1 libgl1-mesa-dri libegl-mesa0 libx11-6 libxrender1 libxcursor1 libfontconfig1 libdbus-1-3 libglib2.0-0 libxkbcommon0 libxkbcommon-x11-0 \
libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-shape0 libxcb-glx0 libxcb-randr0 libxcb-shm0 libxcb-sync1 \
libxcb-xfixes0 libxcb-xkb1 libx11-xcb1 libgssapi-krb5-2 libgomp1"

fail() { echo "desktop.sh: $1" >&2; exit "${2:-2}"; }

# --- install -------------------------------------------------------------------------------------------------------------------------------

install_desktop() {
  local from="" slicer="" shared="" hosts=""
  while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || fail "$1 needs a value."
    case $1 in
      --from) from=$(readlink -f "$2") ;;
      --slicer) slicer=$(readlink -f "$2") ;;
      --shared) shared=$2 ;;
      --host) hosts="$hosts $2" ;;
      *) fail "Unknown option $1; see the head of $0." ;;
    esac
    shift 2
  done
  [ "$(id -u)" = 0 ] || fail "install changes the system: run it as root (sudo $0 install)." 5
  [ -z "$slicer" ] || [ -e "$slicer" ] || fail "There is no $slicer." 3
  case $shared in "" | /*) ;; *) fail "The shared store is an absolute path, not $shared." ;; esac
  install_packages
  check_wheelhouse "$from"
  mkdir -p "$PREFIX"
  install_program "$from"
  same_tree "$HERE" "$PREFIX/desktop"
  same_file "$HERE/../../IDCBrowser.png" "$PREFIX/desktop/pages/icon.png"
  install_slicer "$slicer" "$from"
  write_conf "$shared" "$hosts"
  same_link "$PREFIX/desktop/desktop.sh" /usr/local/bin/idc-browser-desktop
  same_link "$PREFIX/venv/bin/idc-browser" /usr/local/bin/idc-browser
  echo "Installed in $PREFIX. As the user of the session: idc-browser-desktop start"
}

install_packages() {
  local missing=""
  for package in $PACKAGES; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || missing="$missing $package"
  done
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || fail "This system has no apt-get. Needed are:$missing"
  apt-get update -qq
  # shellcheck disable=SC2086 # one word for each package
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Every file of it is what its list says, before pip sees one.
check_wheelhouse() {
  [ -n "$1" ] || return 0
  PYTHONPATH=$HERE/../../IDCBrowser python3 -B - "$1" <<'PYTHON' || exit 3
import sys
from pathlib import Path

from IDCBrowserLib.errors import IDCBrowserError
from IDCBrowserLib.provisioning.wheelhouse import check

try:
    check(Path(sys.argv[1]))
except IDCBrowserError as error:
    sys.exit(f"desktop.sh: {error}")
PYTHON
}

# The program in an environment of its own; nothing when the same sources or wheels were installed before.
install_program() {
  local from=$1 root stamp work
  root=$(cd "$HERE/../.." && pwd)
  stamp=$(program_sum "$root" "$from")
  [ "$(cat "$PREFIX/venv/.installed" 2>/dev/null)" = "$stamp" ] && return 0
  [ -x "$PREFIX/venv/bin/python" ] || python3 -m venv "$PREFIX/venv"
  if [ -n "$from" ]; then
    "$PREFIX/venv/bin/python" -m pip install --quiet --upgrade --no-index --find-links "$from/wheels" "idc-browser[standalone,desktop]"
  else
    # Building leaves files in a source folder, so it is a copy.
    work=$(mktemp -d)
    cp -r "$root/IDCBrowser" "$root/pyproject.toml" "$root/README.md" "$root/LICENSE.txt" "$work"
    "$PREFIX/venv/bin/python" -m pip install --quiet --upgrade -c "$root/Resources/Setup/constraints.txt" "${work}[standalone,desktop]"
    rm -rf "$work"
  fi
  echo "$stamp" >"$PREFIX/venv/.installed"
}

program_sum() {
  if [ -n "$2" ]; then
    sha256sum "$2/wheelhouse.json" | cut -c1-64
  else
    (cd "$1" && find IDCBrowser pyproject.toml Resources/Setup/constraints.txt -type f -not -name '*.pyc' -not -path '*.egg-info/*' -print0 |
      LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64)
  fi
}

install_slicer() {
  local slicer=$1 from=$2 folder
  [ -n "$slicer" ] || return 0
  folder=$slicer
  if [ -f "$slicer" ]; then
    folder=$PREFIX/slicer-$(sha256sum "$slicer" | cut -c1-12)
    if [ ! -d "$folder" ]; then
      rm -rf "$folder.part"
      mkdir "$folder.part"
      tar -xf "$slicer" -C "$folder.part" --strip-components 1 --no-same-owner || fail "$slicer is no archive of Slicer." 3
      mv "$folder.part" "$folder"
    fi
  fi
  [ -x "$folder/Slicer" ] || fail "$folder holds no program named Slicer." 3
  same_link "$folder" "$PREFIX/slicer"
  same_tree "$HERE/../../IDCBrowser" "$PREFIX/module"
  "$PREFIX/venv/bin/idc-browser" setup --slicer "$folder" ${from:+--from "$from"} --packages-only --yes
}

write_conf() {
  local text
  text=$(printf '# Written by desktop.sh install.\nIDC_DESKTOP_SHARED=%q\nIDC_DESKTOP_HOSTS=%q\n' "$1" "$2")
  [ "$(cat "$CONF" 2>/dev/null)" = "$text" ] || echo "$text" >"$CONF"
}

same_link() { [ "$(readlink "$2" || true)" = "$1" ] || ln -sfn "$1" "$2"; }

same_file() { cmp -s "$1" "$2" || install -m 644 "$1" "$2"; }

# Copy a folder unless the copy is the same; what python compiled and the icon do not count.
same_tree() {
  if ! diff -rq -x __pycache__ -x icon.png -x '*.egg-info' "$1" "$2" >/dev/null 2>&1; then
    rm -rf "$2.part"
    cp -r "$1" "$2.part"
    find "$2.part" -name __pycache__ -prune -exec rm -rf {} +
    rm -rf "$2"
    mv "$2.part" "$2"
  fi
}

# --- session -------------------------------------------------------------------------------------------------------------------------------

# Where sockets and logs lie: a folder of this user alone, not on a network disk, and the same one for every login, systemd and cron.
session_folders() {
  [ "$(id -u)" != 0 ] || fail "A session has no business being root: start it as an ordinary user." 5
  [ -f "$CONF" ] || fail "Nothing is installed in $PREFIX; run first, as root: $0 install" 3
  # shellcheck source=/dev/null
  . "$CONF"
  IDC_DESKTOP_STATE=/tmp/idc-browser-desktop-$(id -u)
  export IDC_DESKTOP_STATE
  mkdir -m 700 "$IDC_DESKTOP_STATE" 2>/dev/null || true
  if [ ! -d "$IDC_DESKTOP_STATE" ] || [ -L "$IDC_DESKTOP_STATE" ] || [ ! -O "$IDC_DESKTOP_STATE" ]; then
    fail "$IDC_DESKTOP_STATE belongs to somebody else." 5
  fi
  chmod 700 "$IDC_DESKTOP_STATE"
  mkdir -p "$IDC_DESKTOP_STATE/log"
  mkdir -m 700 "$IDC_DESKTOP_STATE/inbox" 2>/dev/null || true
  export IDC_DESKTOP_PORT=${IDC_DESKTOP_PORT:-6080} IDC_DESKTOP_PREFIX=$PREFIX IDC_DESKTOP_SHARED IDC_DESKTOP_HOSTS
  export IDC_DESKTOP_PASSWORD=${IDC_DESKTOP_PASSWORD:-$HOME/.config/idc-browser-desktop/password}
  export IDC_DESKTOP_SELF=$HERE/desktop.sh
}

make_password() {
  [ -s "$IDC_DESKTOP_PASSWORD" ] && return 0
  mkdir -p "$(dirname "$IDC_DESKTOP_PASSWORD")"
  (umask 077 && python3 -c 'import secrets; print(secrets.token_urlsafe(9))' >"$IDC_DESKTOP_PASSWORD")
}

# A number for the screen that no other screen of this machine has, from one on that is the user's own: a restart finds the same again.
choose_screen() {
  local number=$((20 + $(id -u) % 20000))
  until screen_is_free "$number"; do number=$((number + 1)); done
  IDC_DESKTOP_SCREEN=$number
  : >"$IDC_DESKTOP_STATE/xauthority"
  # Arguments can be read by everybody on the machine, so the key is not among them.
  python3 -c 'import secrets, sys; print("add", f":{sys.argv[1]}", ".", secrets.token_hex(16))' "$number" |
    xauth -q -f "$IDC_DESKTOP_STATE/xauthority" source -
}

# Free is also what a killed screen of this user left behind; the next one takes it over.
screen_is_free() {
  local lock=/tmp/.X$1-lock socket=/tmp/.X11-unix/X$1 owner
  if [ -e "$lock" ]; then
    [ -O "$lock" ] && owner=$(tr -dc 0-9 <"$lock") && [ -n "$owner" ] && [ ! -d "/proc/$owner" ]
  else
    [ ! -e "$socket" ] || [ -O "$socket" ]
  fi
}

supervise() {
  [ -n "${IDC_DESKTOP_SCREEN:-}" ] || choose_screen
  rm -f "$IDC_DESKTOP_STATE/ended"
  IDC_DESKTOP_STARTED=${IDC_DESKTOP_STARTED:-$(date +%s)}
  export IDC_DESKTOP_SCREEN IDC_DESKTOP_STARTED DISPLAY=:$IDC_DESKTOP_SCREEN XAUTHORITY=$IDC_DESKTOP_STATE/xauthority
  # Drawn by the processor; the program then spares repaints.
  export LIBGL_ALWAYS_SOFTWARE=1 IDC_BROWSER_INBOX=$IDC_DESKTOP_STATE/inbox
  cd "$HOME"
  # A folder that is locked is left alone by systemd-tmpfiles, which clears old files out of /tmp.
  exec 4<"$IDC_DESKTOP_STATE"
  flock --shared 4
  exec supervisord --nodaemon --configuration "$HERE/session/supervisord.conf"
}

supervisor_pid() {
  local pid
  pid=$(cat "$IDC_DESKTOP_STATE/supervisord.pid" 2>/dev/null) || return 1
  grep -q "supervisord" "/proc/$pid/cmdline" 2>/dev/null && echo "$pid"
}

address() { echo "http://127.0.0.1:$(cat "$IDC_DESKTOP_STATE/listening" 2>/dev/null || echo "$IDC_DESKTOP_PORT")/"; }

start() {
  if supervisor_pid >/dev/null; then
    echo "The session runs already: $(address)"
    return 0
  fi
  port_is_free || fail "Port $IDC_DESKTOP_PORT is used by another program; choose another one: IDC_DESKTOP_PORT=6081 idc-browser-desktop start" 4
  make_password
  rm -f "$IDC_DESKTOP_STATE/listening"
  IDC_DESKTOP_GUARD=true setsid "$HERE/desktop.sh" _supervise </dev/null >>"$IDC_DESKTOP_STATE/log/supervisord.out" 2>&1 &
  for _ in $(seq 150); do
    if [ -s "$IDC_DESKTOP_STATE/listening" ]; then
      echo "The session runs: $(address) (the password: idc-browser-desktop password)"
      return 0
    fi
    sleep 0.2
  done
  fail "The session did not come up within 30 seconds; see: $0 log" 4
}

port_is_free() {
  python3 - "$IDC_DESKTOP_PORT" <<'PYTHON' 2>/dev/null
import socket, sys
with socket.socket() as ours:
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ours.bind(("127.0.0.1", int(sys.argv[1])))
    ours.listen()
PYTHON
}

stop() {
  local pid
  touch "$IDC_DESKTOP_STATE/ended"
  if ! pid=$(supervisor_pid); then
    echo "No session runs."
    return 0
  fi
  kill -TERM "$pid"
  for _ in $(seq 100); do
    kill -0 "$pid" 2>/dev/null || { echo "The session has ended."; return 0; }
    sleep 0.2
  done
  fail "The session does not end; its supervisor is process $pid." 4
}

status() {
  supervisor_pid >/dev/null || { echo "No session runs."; return 3; }
  supervisorctl --configuration "$HERE/session/supervisord.conf" status || true
  address
}

# --- started by the supervisor -------------------------------------------------------------------------------------------------------------

wait_for_screen() { until [ -S "/tmp/.X11-unix/X$IDC_DESKTOP_SCREEN" ]; do sleep 0.1; done; }

screen() {
  # What a killed server left would keep the next one from starting.
  rm -f "$IDC_DESKTOP_STATE/vnc"
  exec Xtigervnc ":$IDC_DESKTOP_SCREEN" -geometry 1280x720 -depth 24 -auth "$XAUTHORITY" -nolisten tcp -nolisten local -desktop "IDC Browser" \
    -rfbport -1 -rfbunixpath "$IDC_DESKTOP_STATE/vnc" -rfbunixmode 0600 -SecurityTypes None -FrameRate 20 -AlwaysShared
}

# openbox wants an absolute path for its menu.
windows() {
  wait_for_screen
  sed "s|<file>MENU</file>|<file>$HERE/session/openbox/menu.xml</file>|" "$HERE/session/openbox/rc.xml" >"$IDC_DESKTOP_STATE/openbox.xml"
  exec openbox --config-file "$IDC_DESKTOP_STATE/openbox.xml"
}

program() {
  wait_for_screen
  if has_slicer; then
    exec "$PREFIX/slicer/Slicer" --additional-module-paths "$PREFIX/module" --python-code "slicer.util.selectModule('IDCBrowser')"
  fi
  # shellcheck disable=SC2086 # one word for each argument
  exec "$PREFIX/venv/bin/idc-browser" window ${IDC_DESKTOP_ARGUMENTS:-}
}

has_slicer() { [ -x "$PREFIX/slicer/Slicer" ]; }

web() {
  local arguments=()
  if has_slicer; then arguments+=(--slicer); fi
  for name in $IDC_DESKTOP_HOSTS; do arguments+=(--host "$name"); done
  exec "$PREFIX/venv/bin/python" "$HERE/session/session_server.py" --port "$IDC_DESKTOP_PORT" --vnc "$IDC_DESKTOP_STATE/vnc" --shared "$IDC_DESKTOP_SHARED" \
    --password-file "$IDC_DESKTOP_PASSWORD" --inbox "$IDC_DESKTOP_STATE/inbox" --pages "$HERE/pages" --novnc /usr/share/novnc \
    --listening "$IDC_DESKTOP_STATE/listening" "${arguments[@]}"
}

# The supervisor restarts what dies, this process among it; and this process restarts the supervisor.
guard() {
  local supervisor=$PPID
  while kill -0 "$supervisor" 2>/dev/null; do sleep 1; done
  [ ! -e "$IDC_DESKTOP_STATE/ended" ] || exit 0
  exec >>"$IDC_DESKTOP_STATE/log/supervisord.out" 2>&1
  supervise
}

case ${1:-} in
  packages) [ "$(id -u)" = 0 ] || fail "packages changes the system: run it as root (sudo $0 packages)." 5; install_packages ;;
  install) shift; install_desktop "$@" ;;
  start | stop | status) session_folders; "$1" ;;
  restart) session_folders; stop; start ;;
  run) session_folders; make_password; export IDC_DESKTOP_GUARD=false; supervise ;;
  log) session_folders; tail -n 50 "$IDC_DESKTOP_STATE"/log/* ;;
  password) session_folders; make_password; cat "$IDC_DESKTOP_PASSWORD" ;;
  _supervise) session_folders; supervise ;;
  _screen | _windows | _program | _web | _guard) session_folders; "${1#_}" ;;
  *) sed -n '2,10p' "$0" | sed 's/^# \{0,1\}//' >&2; exit 2 ;;
esac
