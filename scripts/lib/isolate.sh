# A network of its own for each test program: nothing but loopback, so that the fixed ports of two
# of them, of two runs on one machine, or of a developer's devnet never meet, and nothing reaches
# the outside. For campaigns also a process tree of its own. Sourced after common.sh.
# shellcheck shell=bash
#
#   isolation_find || say "not possible here"
#   "${ISOLATED[@]}" COMMAND…          a program
#   enclosed COMMAND…                  a campaign, to its end
#
# These words exec one another, so the process that is started is COMMAND in the end, and signals sent
# to it arrive there. Root makes the namespace itself. Who is not gets a user namespace around it, in
# which COMMAND is the same user as before and may no more than before.

ISOLATED=() INSIDE=()
LOOPBACK_UP='ip link set lo up && exec "$@"'

# isolation_find: sets ISOLATED; returns 1, and leaves it empty, where the kernel allows neither.
isolation_find() {
    local plain=(setpriv --ambient-caps=-all --inh-caps=-all)
    ISOLATED=(unshare --net sh -c "$LOOPBACK_UP" isolated)
    isolation_works && return 0
    ISOLATED=(unshare --user --map-current-user --keep-caps --net sh -c "$LOOPBACK_UP" isolated "${plain[@]}")
    isolation_works && return 0
    ISOLATED=()
    return 1
}

# Loopback is up, and it is not ours.
isolation_works() {
    local here there
    here=$(readlink /proc/self/ns/net) || return 1
    there=$("${ISOLATED[@]}" sh -c 'ip -o link show lo up | grep -q . && readlink /proc/self/ns/net' 2>/dev/null) &&
        [[ -n $there && $there != "$here" ]]
}

# inside_find: sets INSIDE to what a command line has in front of it to run in a network and a process
# tree of its own: no port there is anybody else's, and whatever it has started ends with its first
# process. Empty where that is not allowed, and INSIDE_REFUSED says why: not root, for instance, and no
# user namespaces.
inside_find() {
    local user=()
    [[ $(id -u) == 0 ]] || user=(--user --map-root-user)
    INSIDE=(unshare "${user[@]}" --net --mount --propagation unchanged --pid --fork
        --kill-child=KILL --mount-proc sh -c "$LOOPBACK_UP" inside)
    INSIDE_REFUSED=$("${INSIDE[@]}" true 2>&1) || INSIDE=()
}

# enclosed COMMAND...: runs it inside, where that is allowed, and returns how it ended. Nothing that it
# starts outlives this script, however that is ended; its temporary files lie in a directory that goes
# too, unless this script is killed with -9 or DIRCHAIN_KEEP is set.
enclosed() {
    local child status=0 stopped=""
    inside_find
    [[ -n ${DIRCHAIN_KEEP:-} ]] || enclosed_temporary
    trap 'stopped=130' INT
    trap 'stopped=143' TERM HUP
    setpriv --pdeathsig KILL "${INSIDE[@]}" "$@" &
    child=$!
    while wait "$child" && status=0 || status=$?; [[ -n $stopped ]]; do
        enclosed_stop "$child" "$stopped"
    done
    trap - INT TERM HUP
    return "$status"
}

# enclose_script ARGUMENT...: what comes after this line runs enclosed, as the same script once more.
enclose_script() {
    if [[ ${DIRCHAIN_ENCLOSED:-} == "$0" ]]; then
        unset DIRCHAIN_ENCLOSED
        return 0
    fi
    DIRCHAIN_ENCLOSED=$0 enclosed bash "$0" "$@"
    exit 0
}

enclosed_temporary() {
    TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/dirchain-XXXXXX")
    export TMPDIR
    trap 'rm -rf "$TMPDIR"' EXIT
}

# enclosed_stop CHILD STATUS: SIGTERM to the command itself; if that takes too long, an end to all.
enclosed_stop() {
    local first=$1 i
    trap '' INT TERM HUP
    ((${#INSIDE[@]} == 0)) || read -r first <"/proc/$1/task/$1/children" || true
    kill -TERM "${first:-$1}" 2>/dev/null || true
    for ((i = 0; i < 50; i++)); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
    say "interrupted" >&2
    exit "$2"
}
