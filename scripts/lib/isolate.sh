# A network of its own for each test program: nothing but loopback, so that the fixed ports of two
# of them, of two runs on one machine, or of a developer's devnet never meet, and nothing reaches
# the outside. Sourced after common.sh.
# shellcheck shell=bash
#
#   isolation_find || say "not possible here"
#   "${ISOLATED[@]}" COMMAND…
#
# The words exec one another, so the process that is started is COMMAND in the end, and signals sent
# to it arrive there. Root makes the namespace itself. Who is not gets a user namespace around it, in
# which COMMAND is the same user as before and may no more than before.

ISOLATED=()

# isolation_find: sets ISOLATED; returns 1, and leaves it empty, where the kernel allows neither.
isolation_find() {
    local up='ip link set lo up && exec "$@"' plain=(setpriv --ambient-caps=-all --inh-caps=-all)
    ISOLATED=(unshare --net sh -c "$up" isolated)
    isolation_works && return 0
    ISOLATED=(unshare --user --map-current-user --keep-caps --net sh -c "$up" isolated "${plain[@]}")
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
