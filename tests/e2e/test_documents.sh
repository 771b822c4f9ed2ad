#!/usr/bin/env bash
# What docs/integrators.md shows works as it stands there: its programs are taken from the page and
# run against a real network; only the port is another.
source "$(dirname "$0")/../../scripts/lib/common.sh"
WORK=$(mktemp -d)
NET=$WORK/net
BASE_PORT=${BASE_PORT:-26600}
source "$ROOT/scripts/lib/network.sh"
build_preset release dirchain dirchaind
cleanup() {
    network_stop KILL >/dev/null 2>&1 || true
    rm -rf "$WORK"
}
trap cleanup EXIT
fail() { echo "FAILED: $*"; exit 1; }

# program NAME: the block of the page that begins with "# NAME:".
program() {
    awk -v name="# $1:" '/^```/ { inside = 0 } index($0, name) == 1 { inside = 1 } inside' \
        "$ROOT/docs/integrators.md" | sed "s/127\.0\.0\.1:7701/127.0.0.1:$((BASE_PORT + 101))/" >"$WORK/$1"
    [[ -s $WORK/$1 ]] || fail "the page has no $1"
}
for name in key.py submit.py follow.py; do program "$name"; done

network_make 4
# A second signer with a token, as the page's section on tokens wants it.
(umask 077 && head -c 24 /dev/urandom | base64 >"$NET/minzheng/oa.token")
sed -i 's#^signers:#signers:\n  - {key_file: keys/compile.key, name: oa, token_file: oa.token}#' "$NET/minzheng/dirchaind.yaml"
network_start
node=$(api_url 1)
cd "$WORK"

public=$(/usr/bin/python3 key.py)
[[ $public =~ ^0[23][0-9a-f]{64}$ ]] || fail "key.py printed $public"
DIRCHAIN_NODE=$node "$BIN/dirchain" member key add --name oa-system --role compile --public "$public" \
    --key "$NET/minzheng/keys/chief.key" --passphrase-file "$NET/minzheng/passphrase" >/dev/null
[[ $(/usr/bin/python3 submit.py) == dirchain-receipt/1 ]] || fail "submit.py got no receipt"

# Its transaction is on the ledger; the same duty again is refused, with the reason.
lists_wait 1
txid=$(curl -sf "$node/v1/transactions?type=duty.publish" | jq -re '.items[0].txid')
DIRCHAIN_NODE=$node "$BIN/dirchain" audit pack --tx "$txid" --genesis "$NET/genesis.json" --out case.pack >/dev/null
"$BIN/dirchain" audit verify case.pack --genesis "$NET/genesis.json" | grep -qF 'The pack verifies.' || fail "the receipt does not verify"
again=$(/usr/bin/python3 submit.py 2>&1) && fail "the same duty was taken twice"
[[ $(jq -r .code <<<"$again") == duplicate ]] || fail "instead of duplicate: $again"

# The stream begins at the first block and tells heights although nothing happens by itself.
timeout 5 /usr/bin/python3 follow.py >follow.out || true
grep -qx 'up to 1' follow.out || fail "follow.py did not begin at block 1"
grep -qx 'up to 3' follow.out || fail "follow.py did not follow"

# The node signs for a token, and for no other.
body='{"code":"OA-0002","name":"社会组织注销登记","category":"行政许可","implementer":"广东省民政厅","basis":"《社会团体登记管理条例》第十九条"}'
grep -qF -- "$body" "$ROOT/docs/integrators.md" || fail "the page shows another body"
post() { curl -s -m 60 -H "Authorization: Bearer $1" -H 'Content-Type: application/json' -d "$body" "$node/v1/duties"; }
[[ $(post "$(<"$NET/minzheng/oa.token")" | jq -r .format) == dirchain-receipt/1 ]] || fail "no receipt for a token"
grep -q '"oa had this node sign duty.publish [0-9a-f]\{64\} by key compile"' "$NET/minzheng/log" || fail "the log does not say who had it signed"
[[ $(post "not-the-token-of-anybody" | jq -r .code) == token ]] || fail "a wrong token was taken"

curl -sf "$node/openapi.json" | jq -e '.paths["/v1/transactions"].post' >/dev/null || fail "no OpenAPI"
echo "the page is true"
