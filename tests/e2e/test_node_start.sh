#!/usr/bin/env bash
# Starting a node: what is wrong is told in one sentence with exit code 3, in English and Chinese;
# one node on one directory; a clean stop on SIGTERM and SIGINT.
source "$(dirname "$0")/../../scripts/lib/common.sh"
for BIN in "${DIRCHAIN_BIN:-}" "$ROOT/build/release/bin" "$ROOT/build/dev/bin"; do
    [[ -n $BIN && -x $BIN/dirchaind ]] && break
done
WORK=$(mktemp -d)
NET=$WORK/net
BASE_PORT=${BASE_PORT:-27600}
source "$ROOT/scripts/lib/network.sh"
cleanup() {
    network_stop KILL >/dev/null 2>&1 || true
    rm -rf "$WORK"
}
trap cleanup EXIT

checks=0
fail() { echo "FAILED: $*"; [[ -s $WORK/out ]] && cat "$WORK/out"; exit 1; }
# refused SAYS COMMAND…: exit 3, one line, and it says this.
refused() {
    local says=$1 got=0
    shift
    "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || got=$?
    grep -v '^{' "$WORK/err" >"$WORK/said" || true # the log is JSON; the sentence is not
    [[ $got == 3 ]] || { cat "$WORK/err"; fail "exit $got instead of 3: $*"; }
    [[ $(wc -l <"$WORK/said") == 1 ]] || { cat "$WORK/err"; fail "not one line: $*"; }
    grep -qF -- "$says" "$WORK/said" || { cat "$WORK/said"; fail "does not say \"$says\""; }
    grep -qP '[\x{4e00}-\x{9fff}]' "$WORK/said" || fail "no Chinese: $(cat "$WORK/said")"
    checks=$((checks + 3))
}

network_make 4
DIR=$NET/minzheng
run_node() { (cd "$DIR" && exec timeout 20 "$BIN/dirchaind" --config "$@"); }
# variant NAME SED…: a changed copy of the configuration.
variant() {
    local name=$1
    shift
    sed "$@" "$DIR/dirchaind.yaml" >"$DIR/$name.yaml"
}

# ---- usage ----------------------------------------------------------------------------------------
got=0; "$BIN/dirchaind" >/dev/null 2>&1 || got=$?
[[ $got == 2 ]] || fail "no configuration: exit $got"
got=0; "$BIN/dirchaind" --nonsense >/dev/null 2>&1 || got=$?
[[ $got == 2 ]] || fail "unknown option: exit $got"
"$BIN/dirchaind" --help >"$WORK/help"
grep -q -- --config "$WORK/help" || fail "--help"
"$BIN/dirchaind" --version | grep -qE '^dirchaind [0-9]' || fail "--version"
# checked SAYS CONFIG: --check finds it in order, says this, and has made nothing.
checked() {
    local before
    before=$(cd "$DIR" && find . | sort)
    (cd "$DIR" && "$BIN/dirchaind" --config "$2" --check) >"$WORK/out" || fail "--check $2"
    grep -qF -- "$1" "$WORK/out" || fail "--check $2 does not say \"$1\""
    [[ $(cd "$DIR" && find . | sort) == "$before" ]] || fail "--check $2 leaves something behind"
    checks=$((checks + 3))
}
checked "keys are in order" dirchaind.yaml
grep -qF "a node runs" "$WORK/out" && fail "--check sees a node where none runs"
checks=$((checks + 5))

# ---- configuration --------------------------------------------------------------------------------
refused "absent.yaml" run_node absent.yaml
variant key '$ a log_livel: info'
refused "key.yaml:$(grep -n log_livel "$DIR/key.yaml" | cut -d: -f1): log_livel: 配置中没有此键" run_node key.yaml
variant type '$ a worker_threads: many'
refused "worker_threads: 此处应为非负整数" run_node type.yaml
variant member 's/^member: .*/member: 11440000006940175X/'
refused "member" run_node member.yaml

# ---- genesis --------------------------------------------------------------------------------------
variant nowhere 's/^genesis: .*/genesis: nowhere.json/'
refused "nowhere.json" run_node nowhere.yaml
sed 's/"network": *"devnet"/"network":"elsewhere"/' "$NET/genesis.json" >"$DIR/forged.json"
cmp -s "$NET/genesis.json" "$DIR/forged.json" && fail "the forgery changed nothing"
variant forged 's/^genesis: .*/genesis: forged.json/'
refused "signature" run_node forged.yaml
head -c 200 "$NET/genesis.json" >"$DIR/short.json"
variant short 's/^genesis: .*/genesis: short.json/'
refused "JSON" run_node short.yaml

# ---- keys -----------------------------------------------------------------------------------------
(umask 077 && echo "not the passphrase" >"$DIR/wrong")
variant wrong 's/passphrase_file: passphrase/passphrase_file: wrong/'
refused "passphrase does not open" run_node wrong.yaml
cp "$DIR/passphrase" "$DIR/open" && chmod 0644 "$DIR/open"
variant open 's/passphrase_file: passphrase/passphrase_file: open/'
refused "0600" run_node open.yaml
variant kind 's#peer: keys/peer.key#peer: keys/chief.key#'
refused "chief.key: 密钥文件用途不符" run_node kind.yaml
variant foreign 's#peer: keys/peer.key#peer: ../sifa/keys/peer.key#; s#passphrase_file: .*}#passphrase_file: ../sifa/passphrase}#; s#vote: keys/vote.key, ##'
refused "belongs to another member" run_node foreign.yaml

# ---- disk -----------------------------------------------------------------------------------------
variant file 's#^data_directory: .*#data_directory: passphrase#'
refused "passphrase" run_node file.yaml
if unshare -rm true 2>/dev/null; then
    mkdir "$DIR/small"
    variant small 's#^data_directory: .*#data_directory: small/data#'
    refused "disk is full" unshare -rm bash -c \
        "mount -t tmpfs -o size=64k none '$DIR/small' && cd '$DIR' && exec '$BIN/dirchaind' --config small.yaml"
fi

# ---- ports, a second instance ---------------------------------------------------------------------
node_start 1
for ((i = 0; i < 100; i++)); do
    grep -q 'peers on port' "$DIR/log" && break
    sleep 0.1
done
grep -q 'peers on port' "$DIR/log" || fail "the node did not start: $(tail -n 3 "$DIR/log")"
refused "In use by another process" run_node dirchaind.yaml
checked "a node runs on data: not looked at" dirchaind.yaml # before an upgrade, or a change of keys
cp "$WORK/out" "$WORK/checked"
refused "passphrase does not open" run_node wrong.yaml --check
variant twice 's#^data_directory: .*#data_directory: other#' # the same vote key runs already
refused "keys.vote: keys/vote.key: 本机另一进程正以此投票密钥运行" run_node twice.yaml
variant ports 's#^data_directory: .*#data_directory: third#; s#vote: keys/vote.key, ##'
refused "peer_listen" run_node ports.yaml
sed -i "s/^peer_listen: .*/peer_listen: 127.0.0.1:$((BASE_PORT + 50))/" "$DIR/ports.yaml"
refused "gateway_listen" run_node ports.yaml
sed -i "s/^gateway_listen: .*/gateway_listen: 127.0.0.1:$((BASE_PORT + 51))/" "$DIR/ports.yaml"
refused "api_listen 127.0.0.1:$((BASE_PORT + 101))" run_node ports.yaml

# ---- a clean stop, and a store that was tampered with ----------------------------------------------
stops() { # SIGNAL
    local pid got=0
    pid=$(<"$DIR/pid")
    kill "-$1" "$pid"
    for ((i = 0; i < 100; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -0 "$pid" 2>/dev/null && fail "does not stop on $1"
    grep -q "stopping on SIG$1" "$DIR/log" || fail "says nothing on $1"
    rm -f "$DIR/pid"
    checks=$((checks + 2))
}
stops TERM
for signal in TERM INT; do
    (cd "$DIR" && exec "$BIN/dirchaind" --config dirchaind.yaml) 2>>"$DIR/log" &
    pid=$!
    sleep 1
    kill "-$signal" "$pid"
    got=0; wait "$pid" || got=$?
    [[ $got == 0 ]] || fail "exit $got after SIG$signal"
    checks=$((checks + 1))
done
(cd "$DIR" && "$BIN/dirchaind" --config dirchaind.yaml --verify) | grep -q "in order: 高度 height" || fail "--verify"
variant empty 's#^data_directory: .*#data_directory: nothing#'
refused "nothing/ledger" bash -c "cd '$DIR' && '$BIN/dirchaind' --config empty.yaml --verify"
checks=$((checks + 1))
variant other "s#^genesis: .*#genesis: $WORK/second/genesis.json#"
(NET=$WORK/second; network_make 4)
refused "data/ledger: 该目录中的账本始于另一份创世文件" run_node other.yaml
: >"$DIR/data/safety"
refused "safety" run_node dirchaind.yaml

# ---- a chain of one validator, so that there is a block: its record must not get lost ---------------
NET=$WORK/single
BASE_PORT=$((BASE_PORT + 400))
network_make 1
DIR=$NET/minzheng
node_start 1
node_wait 1 1
node_stop 1
mv "$DIR/data/safety" "$DIR/kept"
refused "data/safety: 账本存在而安全记录缺失" run_node dirchaind.yaml
mv "$DIR/kept" "$DIR/data/safety"
(cd "$DIR" && "$BIN/dirchaind" --config dirchaind.yaml --verify) | grep -qE "高度 height [1-9]" || fail "--verify of blocks"
checks=$((checks + 1))

/usr/bin/python3 "$ROOT/tests/e2e/columns.py" "$WORK/help" "$WORK/checked" || fail "a line of more than 80 columns"
echo "$checks checks"
