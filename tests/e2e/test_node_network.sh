#!/usr/bin/env bash
# Four validators and an observer, real processes on loopback: they agree; one that was killed comes
# back by sync; all four killed at once resume; without a quorum nothing is decided; strangers and
# misbehaving validators change nothing; equivocation is on record; every node stops cleanly.
source "$(dirname "$0")/../../scripts/lib/common.sh"
for BIN in "${DIRCHAIN_BIN:-}" "$ROOT/build/release/bin" "$ROOT/build/dev/bin"; do
    [[ -n $BIN && -x $BIN/dirchaind && -x $BIN/hostile_peer ]] && break
done
WORK=$(mktemp -d)
NET=$WORK/net
BASE_PORT=${BASE_PORT:-28600}
source "$ROOT/scripts/lib/network.sh"
stranger=
cleanup() {
    [[ -z $stranger ]] || kill -KILL "$stranger" 2>/dev/null || true
    network_stop KILL >/dev/null 2>&1 || true
    [[ -n ${KEEP:-} ]] && cp -r "$NET" "$KEEP"
    rm -rf "$WORK"
}
trap cleanup EXIT

checks=0
fail() { echo "FAILED: $*"; tail -n 4 "$NET"/*/log 2>/dev/null; exit 1; }
passed() { checks=$((checks + 1)); }
get() { curl -sf -m 5 "$(api_url "$1")$2"; }

# publish I FROM TO: duties FROM…TO of agency i by its own node, each waited for; txids are kept.
publish() {
    local i=$1 n
    for ((n = $2; n <= $3; n++)); do
        "$BIN/dirchain" duty publish --node "$(api_url "$i")" --genesis "$NET/genesis.json" \
            --key "$NET/${MEMBER_FOLDER[$i]}/keys/compile.key" \
            --passphrase-file "$NET/${MEMBER_FOLDER[$i]}/passphrase" --timeout-s 60 --json \
            --code "T-$n" --name "职权 $n" --category 行政许可 --implementer 测试单位 --basis 依据 \
            >"$WORK/receipt" || return 1
        grep -oE '"txid": ?"[0-9a-f]{64}"' "$WORK/receipt" | head -n 1 | grep -oE '[0-9a-f]{64}' \
            >>"$WORK/acknowledged"
    done
}

# Every node that runs has the same block at every height they share.
agree() {
    local i low=999999999 height first this
    for i in "$@"; do
        height=$(node_height "$i") || fail "node $i does not answer"
        ((height < low)) && low=$height
    done
    for ((height = low; height >= 1 && height > low - 30; height--)); do
        first=""
        for i in "$@"; do
            this=$(get "$i" "/v1/blocks/$height" | jq -er .hash) || fail "block $height of $i"
            [[ -z $first || $this == "$first" ]] || fail "height $height: $first / $this"
            first=$this
        done
    done
    passed
}

# Every acknowledged transaction is on these nodes.
kept() {
    local i txid
    for i in "$@"; do
        while read -r txid; do
            get "$i" "/v1/transactions/$txid" >/dev/null || fail "node $i lost $txid"
        done <"$WORK/acknowledged"
    done
    passed
}

# wait_same I J: node i is where node j is.
wait_same() {
    local height
    height=$(node_height "$2")
    node_wait "$1" "$height" 60
    passed
}

peers_up() { get "$1" /v1/status | jq '[.node.peers[] | select(.up)] | length'; }

network_make 4 --param message_delay_ms=500 --param precision_ms=200 --param idle_block_ms=2000
network_start

# ---- agreement -------------------------------------------------------------------------------------
publish 1 1 8 || fail "publishing"
publish 2 9 16 || fail "publishing"
for i in 0 3 4; do wait_same "$i" 1; done
agree 0 1 2 3 4
kept 0 1 2 3 4

# ---- one is killed, the others go on, it comes back by sync ----------------------------------------
node_stop 3 KILL
publish 1 17 24 || fail "publishing with three of four"
before=$(node_height 1)
node_start 3
node_wait 3 "$before" 60
publish 3 25 28 || fail "publishing at the node that came back"
sleep 1.5 # the status is renewed once a second
synced=$(get 3 /v1/status | jq .node.counters.blocks_synced)
((synced > 0)) || fail "came back without sync"
wait_same 0 3
agree 0 1 2 3 4
kept 0 1 2 3 4

# ---- all at once ------------------------------------------------------------------------------------
(publish 2 29 60 || true) &
publisher=$!
sleep 2
for i in 1 2 3 4; do kill -KILL "$(<"$NET/${MEMBER_FOLDER[$i]}/pid")"; done
wait "$publisher" 2>/dev/null || true
for i in 1 2 3 4; do node_stop "$i" KILL; done
before=$(node_height 0)
for i in 1 2 3 4; do node_start "$i"; done
for i in 1 2 3 4; do node_wait "$i" $((before + 1)) 60; done
publish 4 61 64 || fail "publishing after all were killed"
for i in 0 1 2 3; do wait_same "$i" 4; done
agree 0 1 2 3 4
kept 0 1 2 3 4

# ---- no quorum, no block ----------------------------------------------------------------------------
node_stop 3
node_stop 4
sleep 1
before=$(node_height 1)
sleep 6
((before == $(node_height 1))) || fail "two of four decided a block"
passed
node_start 3
node_wait 1 $((before + 1)) 60
node_start 4
wait_same 4 1
publish 1 65 68 || fail "publishing after the quorum came back"
passed

# ---- a stranger: a member's code, another key --------------------------------------------------------
node_stop 4
dir=$NET/${MEMBER_FOLDER[4]}
cp -r "$dir" "$WORK/stranger"
rm "$WORK/stranger/keys/peer.key"
rm -rf "$WORK/stranger/data"
"$BIN/dirchain" key create --member "${MEMBER_CODE[4]}" --dir "$WORK/stranger/keys" --light \
    --passphrase-file "$dir/passphrase" peer >/dev/null
sed -i "s#^genesis: .*#genesis: $NET/genesis.json#" "$WORK/stranger/dirchaind.yaml"
refused=$(get 1 /v1/status | jq .node.traffic.refused)
(cd "$WORK/stranger" && exec "$BIN/dirchaind" --config dirchaind.yaml) >"$WORK/stranger/log" 2>&1 &
stranger=$!
sleep 4
[[ $(peers_up 4) == 0 ]] || fail "the stranger has peers"
[[ $(node_height 4) == 0 ]] || fail "the stranger has blocks"
(($(get 1 /v1/status | jq .node.traffic.refused) > refused)) || fail "nobody refused the stranger"
kill -TERM "$stranger"
got=0; wait "$stranger" || got=$?
[[ $got == 0 ]] || fail "the stranger's exit code is $got"
stranger=
passed

# ---- a validator that misbehaves ----------------------------------------------------------------------
number=69
for manner in equivocate noise heights; do
    (cd "$dir" && exec "$BIN/hostile_peer" dirchaind.yaml "$manner" 8) >"$WORK/hostile" 2>&1 &
    hostile=$!
    sleep 2
    before=$(node_height 1)
    publish 1 $number $((number + 2)) || fail "publishing beside $manner"
    number=$((number + 3))
    got=0; wait "$hostile" || got=$?
    [[ $got == 0 ]] || fail "$manner did nothing: $(cat "$WORK/hostile")"
    for i in 1 2 3; do
        node_running "$i" || fail "$manner stopped node $i"
        node_wait "$i" $((before + 1)) 30
    done
    passed
done
evidence=0
for ((height = 1; height <= $(node_height 1); height++)); do
    found=$(get 1 "/v1/blocks/$height" | jq '.evidence | length')
    evidence=$((evidence + found))
done
((evidence > 0)) || fail "the equivocation is not on record"
passed
sleep 31 # whoever misbehaved is cut off for so long
node_start 4
wait_same 4 1
agree 0 1 2 3 4
kept 0 1 2 3 4

# ---- the end -------------------------------------------------------------------------------------------
for i in 0 1 2 3 4; do
    node_stop "$i" TERM
    grep -q 'stopping on SIGTERM' "$NET/${MEMBER_FOLDER[$i]}/log" || fail "node $i did not stop by itself"
    ! grep -q '"level":"error"' "$NET/${MEMBER_FOLDER[$i]}/log" || fail "errors in the log of node $i"
done
passed
echo "$checks checks, $(wc -l <"$WORK/acknowledged") acknowledged transactions"
