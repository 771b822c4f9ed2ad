# shellcheck shell=bash
# What tests of the command line share. Their working directory is their own: what a command says is
# in ./out, and all of it in ./told, which columns.py judges in the end.
mkdir told
checks=0
fail() { echo "FAILED: $*"; [[ -s out ]] && cat out; exit 1; }
# expect CODE COMMAND…: runs it, keeps what it says
expect() {
    local want=$1 got=0
    shift
    "$@" >out 2>&1 </dev/null || got=$?
    checks=$((checks + 1))
    cp out "told/$checks"
    [[ $got == "$want" ]] || fail "exit $got instead of $want: $*"
}
# says TEXT: so the last command said
says() { grep -qF -- "$1" out || fail "does not say \"$1\""; checks=$((checks + 1)); }
