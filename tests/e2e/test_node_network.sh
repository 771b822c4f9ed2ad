#!/usr/bin/env bash
# Four validators and an observer, real processes on loopback: they agree; one that was killed comes
# back by sync; all four killed at once resume; strangers and members that misbehave change nothing,
# and are taken back in time; equivocation is on record; without a quorum nothing is decided; every
# node stops cleanly.
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

# Every node that runs has the same block at every height they share, of the last thirty.
agree() {
    local i low=999999999 height from first="" these
    for i in "$@"; do
        height=$(node_height "$i") || fail "node $i does not answer"
        ((height < low)) && low=$height
    done
    from=$((low > 30 ? low - 29 : 1))
    for i in "$@"; do
        these=$(get "$i" "/v1/blocks/[$from-$low]" | jq -r '"\(.header.height // .height) \(.hash)"') ||
            fail "blocks $from to $low of $i"
        [[ $(wc -l <<<"$these") == $((low - from + 1)) ]] || fail "blocks of $i: $these"
        [[ -z $first || $these == "$first" ]] || fail "node $i: $(diff <(echo "$first") <(echo "$these"))"
        first=$these
    done
    passed
}

# Every acknowledged transaction is on these nodes.
kept() {
    local i answers
    for i in "$@"; do
        answers=$(sed "s#.*#url = $(api_url "$i")/v1/transactions/&#" "$WORK/acknowledged" |
            curl -s -m 30 -K - -w '%{stderr}%{http_code} %{url_effective}\n' 2>&1 >/dev/null)
        [[ $(grep -c '^200 ' <<<"$answers") == $(wc -l <"$WORK/acknowledged") ]] ||
            fail "node $i lost $(grep -v '^200 ' <<<"$answers")"
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

network_make 4 --param message_delay_ms=500 --param precision_ms=200 --param idle_block_ms=1000
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

# ---- members that misbehave ---------------------------------------------------------------------------
# misbehave I MANNER: in the background, in the place of a node that is stopped. How far the chain was
# when it ended is kept: what stands still meanwhile may hurry afterwards.
declare -A hostile=()
misbehave() {
    (
        cd "$NET/${MEMBER_FOLDER[$1]}"
        got=0; "$BIN/hostile_peer" dirchaind.yaml "$2" 6 >"$WORK/$2" 2>&1 || got=$?
        node_height 1 >"$WORK/$2.height"
        exit "$got"
    ) &
    hostile[$2]=$!
}
# goes_on FROM TO: the others publish meanwhile, and all of it is on each of them.
goes_on() {
    local i manner got before
    sleep 2
    before=$(node_height 1)
    publish 1 "$1" "$2" || fail "publishing beside ${!hostile[*]}"
    for manner in "${!hostile[@]}"; do
        got=0; wait "${hostile[$manner]}" || got=$?
        [[ $got == 0 ]] || fail "$manner did nothing: $(cat "$WORK/$manner")"
        (($(<"$WORK/$manner.height") > before)) || fail "no block beside $manner"
    done
    for i in 1 2 3; do
        node_running "$i" || fail "${!hostile[*]} stopped node $i"
        node_wait "$i" $((before + 1)) 30
        passed
    done
    hostile=()
}
node_stop 0
misbehave 4 equivocate
misbehave 0 forge
goes_on 65 67
misbehave 0 noise
misbehave 4 heights
goes_on 68 70
evidence=$(get 1 "/v1/blocks/[1-$(node_height 1)]" | jq '.evidence | length' | awk '{ n += $1 } END { print n }')
((evidence > 0)) || fail "the equivocation is not on record"
passed

# ---- no quorum, no block ----------------------------------------------------------------------------
node_stop 3
sleep 1
before=$(node_height 1)
sleep 4
((before == $(node_height 1))) || fail "two of four decided a block"
passed
node_start 3
node_wait 1 $((before + 1)) 60
publish 1 71 74 || fail "publishing after the quorum came back"
passed

# ---- who misbehaved is cut off for half a minute, and no longer ---------------------------------------
node_start 0
node_start 4
for ((i = 0; $(peers_up 1) < 4; i++)); do
    ((i < 200)) || fail "node 1 does not take back who misbehaved"
    sleep 0.2
done
for i in 0 4; do wait_same "$i" 1; done
agree 0 1 2 3 4
kept 0 1 2 3 4

# ---- votes of ever later rounds, rightly signed, are not worth the others' time -------------------------
node_stop 4
misbehave 4 climb
goes_on 75 77
sleep 1 # the status is renewed once a second
for i in 1 2 3; do
    blamed=$(get "$i" /v1/status | jq -r '.node.peers[] | select(.member == "'${MEMBER_CODE[4]}'") | .blamed_for')
    [[ $blamed == "votes without end" ]] || fail "node $i blames who climbs for: $blamed"
done
agree 0 1 2 3

# ---- the end -------------------------------------------------------------------------------------------
for i in 0 1 2 3 4; do
    node_stop "$i" TERM
    grep -q 'stopping on SIGTERM' "$NET/${MEMBER_FOLDER[$i]}/log" || fail "node $i did not stop by itself"
    ! grep -q '"level":"error"' "$NET/${MEMBER_FOLDER[$i]}/log" || fail "errors in the log of node $i"
done
passed
echo "$checks checks, $(wc -l <"$WORK/acknowledged") acknowledged transactions"
