# Test programs side by side: each has a log of its own, and one line here when it ends. Sourced
# after common.sh.
# shellcheck shell=bash
#
#   program NAME COMMAND…    for each of them; then
#   programs_run             runs them, and adds to `passed`, `failed`, `skipped` and `failures`
#
# After isolation_find each runs with nothing but loopback, and as many at a time as there are cores.
# Where that network cannot be had, fixed ports would meet, so they run one by one. At most two that
# failed beside another are judged by a second run, alone, which is said at the end: on a machine that
# gives two networks of processes too little time the first says nothing of the product. Searches are
# the same each time and have one try.
source "$ROOT/scripts/lib/isolate.sh"

PROGRAM_TIMEOUT_S=900
# What takes longest begins first, or it would end alone. All others follow in their own order.
PROGRAMS_LONG=(test_node_network mutants model-mutants test_disk test_pause test_outage test_membership
    test_devnet test_law test_cli test_follow test_rollback test_genesis_cli sim test_gateway_direct)
# These judge how soon something happens: nothing runs beside them.
PROGRAMS_ALONE=(test_chaos test_crash test_fairness deadlines)

PROGRAMS_AGAIN_MAX=2
PROGRAM_PARTS=("") # only those whose names contain one of them
passed=0 failed=0 skipped=0 failures=() again=()
programs=()
beside=0                                    # whether another may run beside those that run now
unsettled=()                                # failed beside another
declare -A PROGRAM_COMMAND=()               # by name
declare -A PROGRAM_NAME=() PROGRAM_BEGUN=() # by process, of those that run

program() {
    local name=$1 part
    shift
    for part in "${PROGRAM_PARTS[@]}"; do
        [[ $name == *"$part"* ]] || continue
        programs+=("$name")
        PROGRAM_COMMAND[$name]=$(printf '%q ' "$@")
        return
    done
}

program_begin() {
    local name=$1 words=()
    eval "words=(${PROGRAM_COMMAND[$name]})"
    # In the background SIGINT is ignored, which is for the program itself to say.
    timeout "$PROGRAM_TIMEOUT_S" env --default-signal=INT,QUIT "${ISOLATED[@]}" "${words[@]}" \
        >"build/e2e-$name.log" 2>&1 </dev/null &
    PROGRAM_NAME[$!]=$name PROGRAM_BEGUN[$!]=$SECONDS
}

# program_end: waits until one of those that run has ended. Exit 77 means skipped, said aloud.
program_end() {
    local process status=0 name log seconds
    wait -n -p process "${!PROGRAM_NAME[@]}" || status=$?
    name=${PROGRAM_NAME[$process]} log=build/e2e-${PROGRAM_NAME[$process]}.log
    seconds=$((SECONDS - PROGRAM_BEGUN[$process]))
    unset "PROGRAM_NAME[$process]"
    case $status in
    0) passed=$((passed + 1)); say "   ok      $name ($seconds s)" ;;
    77) skipped=$((skipped + 1)); say "   skipped $name: $(tail -n 1 "$log")" ;;
    *)
        say "   FAILED  $name (exit $status, $seconds s)"
        tail -n 25 "$log"
        if ((beside)) && [[ $name == test_* ]]; then
            unsettled+=("$name")
            cp "$log" "build/e2e-$name.beside.log"
        else
            program_failed "$name" "exit $status"
        fi
        ;;
    esac
}

program_failed() { failed=$((failed + 1)); failures+=("$1 ($2), see build/e2e-$1.log"); }

programs_again() {
    local name before
    for name in "${unsettled[@]}"; do
        if ((${#unsettled[@]} > PROGRAMS_AGAIN_MAX)); then
            program_failed "$name" "beside another"
            continue
        fi
        say "   again   $name, alone"
        before=$passed
        programs_within 1 "$name"
        ((passed == before)) || again+=("$name failed beside another and passed alone, see build/e2e-$name.beside.log")
    done
}

# programs_within AT_ONCE NAME…
programs_within() {
    local at_once=$1 name
    shift
    for name in "$@"; do
        while ((${#PROGRAM_NAME[@]} >= at_once)); do program_end; done
        program_begin "$name"
    done
    while ((${#PROGRAM_NAME[@]})); do program_end; done
}

programs_run() {
    local at_once=1 name together=() alone=()
    ((${#ISOLATED[@]} == 0)) || at_once=$(nproc)
    while read -r name; do
        [[ -n ${PROGRAM_COMMAND[$name]:-} ]] || continue
        case " ${PROGRAMS_ALONE[*]} " in
        *" $name "*) alone+=("$name") ;;
        *) together+=("$name") ;;
        esac
    done < <(printf '%s\n' "${PROGRAMS_LONG[@]}" "${programs[@]}" | awk '!seen[$0]++')
    trap programs_abandon EXIT
    beside=$((at_once > 1))
    programs_within "$at_once" "${together[@]}"
    beside=0
    programs_within 1 "${alone[@]}"
    programs_again
    trap - EXIT
}

# Whoever interrupts this ends them too: timeout hands the signal on.
programs_abandon() { ((${#PROGRAM_NAME[@]} == 0)) || kill "${!PROGRAM_NAME[@]}" 2>/dev/null || true; }
