# Shared by the scripts: where things are, and installing what is missing. Sourced, not run.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C.UTF-8 # what is read and written is UTF-8, whatever the caller's locale
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT"

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 3; }
# wrong TEXT...: the command line is wrong, in which word, and where to read what it may be.
wrong() {
    printf 'scripts/%s: 命令有误 %s；用法 see scripts/%s --help\n' "${0##*/}" "$*" "${0##*/}" >&2
    exit 2
}
# bounded NAME VALUE LEAST MOST: VALUE is a number within these bounds.
bounded() {
    [[ $2 =~ ^(0|[1-9][0-9]{0,9})$ ]] && (($2 >= $3 && $2 <= $4)) ||
        wrong "$1 takes a number from $3 to $4, not '$2'"
}
# help_shown: prints the comment at the head of the script.
help_shown() { sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p;}' "$0"; exit 0; }

# Debian packages; grouped by what needs them.
PACKAGES_BUILD="gcc g++ libc6-dev cmake ninja-build pkg-config git ca-certificates
  libsecp256k1-dev libleveldb-dev libsodium-dev libssl-dev libmicrohttpd-dev libgnutls28-dev
  libjansson-dev libuv1-dev libsqlite3-dev libcyaml-dev libyaml-dev libcmocka-dev libcurl4-openssl-dev
  libjemalloc-dev libminizip-dev zlib1g-dev libexpat1-dev libxlsxwriter-dev"
PACKAGES_RUN="curl jq procps"
PACKAGES_TEST="$PACKAGES_RUN clang libclang-rt-14-dev python3 python3-jwcrypto iproute2 util-linux
  spin chromium fonts-wqy-microhei"

# Installs the Debian packages that are not there yet; says what it does.
install_missing() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    say "Installing from Debian 正在安装: ${missing[*]}"
    local run=()
    if [[ $(id -u) != 0 ]]; then
        command -v sudo >/dev/null || die "Need root or sudo to install: ${missing[*]}"
        run=(sudo)
    fi
    "${run[@]}" apt-get update -qq || die "apt-get update failed; is the network there?"
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${missing[@]}" >/dev/null || die "Installing failed: ${missing[*]}"
}

# build_preset NAME [TARGET...]: configures once, builds, and prints only what went wrong. Tests that
# run side by side call it too: one at a time.
build_preset() {
    local preset=$1 log="build/$1.log"
    shift
    mkdir -p build 2>/dev/null && { : >>"build/$preset.lock" && : >>"$log"; } 2>/dev/null ||
        die "${0##*/}: 无法写入 $ROOT/build：请以该目录的属主运行，或另取一份源码。 May not write there:" \
            "run this as the owner of that directory, or in a copy of the sources that is yours."
    {
        flock 9
        { [[ -f build/$preset/build.ninja ]] || cmake --preset "$preset"; } >"$log" 2>&1 &&
            cmake --build --preset "$preset" ${@:+--target "$@"} >>"$log" 2>&1 ||
            { tail -n 40 "$log" >&2; die "Building preset $preset failed; the whole log is $log"; }
    } 9>"build/$preset.lock"
}
