# A network on loopback: ceremony, configuration, starting and stopping its nodes. Sourced after
# common.sh by scripts/devnet and the end-to-end tests.
# shellcheck shell=bash
#
#   NET/genesis.json, NET/chain (its hash), NET/<folder>/{keys/*.key,passphrase,join.json,dirchaind.yaml,data,log,pid}
#
# Node i of samples/agencies.tsv (0 is the center) listens on BASE+i for peers, BASE+100+i for the
# API and BASE+200+i for its gateway: at LISTEN_HOST, and for the others to be found at PEER_HOST, in
# which %d stands for i.

NET=${NET:-$ROOT/devnet}
BASE_PORT=${BASE_PORT:-7600}
BIN=${BIN:-$ROOT/build/release/bin}
LISTEN_HOST=${LISTEN_HOST:-127.0.0.1}
PEER_HOST=${PEER_HOST:-127.0.0.1}

declare -a MEMBER_CODE MEMBER_NAME MEMBER_FOLDER
read_members() {
    local count=$1 code name folder
    MEMBER_CODE=() MEMBER_NAME=() MEMBER_FOLDER=()
    while IFS=$'\t' read -r code name folder; do
        [[ $code == \#* || -z $code ]] && continue
        ((${#MEMBER_CODE[@]} <= count)) || break
        MEMBER_CODE+=("$code") MEMBER_NAME+=("$name") MEMBER_FOLDER+=("$folder")
    done <"$ROOT/samples/agencies.tsv"
    ((${#MEMBER_CODE[@]} == count + 1)) || die "samples/agencies.tsv names $((${#MEMBER_CODE[@]} - 1)) agencies; $count were asked for."
}

api_url() { printf 'http://127.0.0.1:%d' $((BASE_PORT + 100 + $1)); }

# keys_make I: a random passphrase and key files, cheap to open since the chain is marked
# test (KEY_COST and GENESIS_KIND may be set empty for another, and KEY_NAMES to fewer).
keys_make() {
    local dir=$NET/${MEMBER_FOLDER[$1]} names=${KEY_NAMES:-chief compile review approve gateway audit vote peer}
    (($1 == 0)) && names="$names admin"
    mkdir -p "$dir"
    (umask 077 && head -c 18 /dev/urandom | base64 >"$dir/passphrase")
    # shellcheck disable=SC2086
    "$BIN/dirchain" key create --member "${MEMBER_CODE[$1]}" --dir "$dir/keys" ${KEY_COST---light} \
        --passphrase-file "$dir/passphrase" $names >/dev/null
}

# shellcheck disable=SC2059
peer_host() { printf "$PEER_HOST" "$1"; }

# The center's parties may be others: CENTER_PARTIES="center supervisor provider".
join_make() {
    local i=$1 dir=$NET/${MEMBER_FOLDER[$1]} party parties=()
    local names="provider consumer"
    ((i == 0)) && names=${CENTER_PARTIES:-center supervisor}
    for party in $names; do parties+=(--party "$party"); done
    "$BIN/dirchain" member join-request --member "${MEMBER_CODE[$i]}" --name "${MEMBER_NAME[$i]}" \
        "${parties[@]}" --peer "$(peer_host "$i"):$((BASE_PORT + i))" \
        --gateway "$(peer_host "$i"):$((BASE_PORT + 200 + i))" --keys "$dir/keys" \
        --passphrase-file "$dir/passphrase" --out "$dir/join.json" >/dev/null
}

# genesis_make AGENCIES [dirchain genesis make options]
# PROFILE is a file of samples/profiles, putuo if not named. outage_ms is wide, since advancing a
# test chain's clock by days looks like an outage, and an outage approves nothing.
genesis_make() {
    local count=$1 i args=()
    shift
    for ((i = 0; i <= count; i++)); do args+=("$NET/${MEMBER_FOLDER[$i]}/join.json"); done
    for ((i = 1; i <= count; i++)); do args+=(--validator "${MEMBER_CODE[$i]}"); done
    "$BIN/dirchain" genesis make "${args[@]}" --network devnet --center "${MEMBER_CODE[0]}" \
        --profile "$ROOT/samples/profiles/${PROFILE:-putuo}.json" \
        --calendar "$ROOT/samples/calendar/2025.json" --calendar "$ROOT/samples/calendar/2026.json" \
        ${GENESIS_KIND---test} --param idle_block_ms=1000 --param outage_ms=$((20 * 86400000)) --out "$NET/genesis.json" --key "$NET/center/keys/admin.key" \
        --passphrase-file "$NET/center/passphrase" "$@" >/dev/null
    "$BIN/dirchain" genesis verify "$NET/genesis.json" --json | jq -r .hash >"$NET/chain"
}

# Every file beneath a node's files/ is a resource named like it, without the ending.
resources_of() {
    local file first=1
    for file in "$1"/*; do
        [[ -f $file ]] || continue
        ((first)) || printf ', '
        first=0
        printf '{id: %s, path: %s}' "$(basename "${file%.*}")" "$(basename "$file")"
    done
}

config_write() {
    local i=$1 dir=$NET/${MEMBER_FOLDER[$1]} vote="vote: keys/vote.key, "
    ((i == 0)) && vote=""
    mkdir -p "$dir/files" "$dir/inbox"
    (umask 077 && head -c 24 /dev/urandom | base64 >"$dir/gateway.token")
    cat >"$dir/dirchaind.yaml" <<YAML
data_directory: data
genesis: ../genesis.json
member: ${MEMBER_CODE[$i]}
peer_listen: $LISTEN_HOST:$((BASE_PORT + i))
api_listen: $LISTEN_HOST:$((BASE_PORT + 100 + i))
gateway_listen: $LISTEN_HOST:$((BASE_PORT + 200 + i))
keys: {${vote}peer: keys/peer.key, passphrase_file: passphrase}
signers:
  - {key_file: keys/gateway.key, name: gateway, token_file: gateway.token}
exchange:
  key: gateway
  root: files
  inbox: inbox
  resources: [$(resources_of "$dir/files")]
  rate_bytes_per_s: ${EXCHANGE_RATE:-0}
log_level: info
web_directory: $ROOT/web
YAML
}

# network_make AGENCIES [genesis options]: a new network in an empty NET.
network_make() {
    local count=$1 i
    shift
    read_members "$count"
    for ((i = 0; i <= count; i++)); do
        keys_make "$i"
        join_make "$i"
        mkdir -p "$NET/${MEMBER_FOLDER[$i]}/files"
        [[ ${MEMBER_FOLDER[$i]} == linye ]] && cp "$ROOT/samples/files/alberi.csv" "$NET/linye/files/"
        config_write "$i"
    done
    genesis_make "$count" "$@"
    if ((count == 1)); then # nobody can tell the only validator that this is the first start
        (cd "$NET/${MEMBER_FOLDER[1]}" && "$BIN/dirchaind" --config dirchaind.yaml --init >/dev/null)
    fi
}

node_start() {
    local dir=$NET/${MEMBER_FOLDER[$1]}
    node_running "$1" && return 0
    (cd "$dir" && exec setsid nohup "$BIN/dirchaind" --config dirchaind.yaml) \
        >>"$dir/log" 2>&1 </dev/null &
    echo $! >"$dir/pid"
    disown
}

node_running() {
    local dir=$NET/${MEMBER_FOLDER[$1]}
    [[ -f $dir/pid ]] && kill -0 "$(<"$dir/pid")" 2>/dev/null
}

# lists_wait I [SECONDS]: until the lists of node I have all that its ledger has now. Its indexer
# comes after everything else, so that who asks at once after a transaction may be early.
lists_wait() {
    local i=$1 left=$((${2:-60} * 5)) height='' now
    while ((left-- > 0)); do
        height=${height:-$(node_height "$i" || true)}
        now=$(curl -sf -m 5 "$(api_url "$i")/v1/duties?limit=1" | jq -r .height || true)
        [[ -n $height && -n $now ]] && ((now >= height)) && return 0
        sleep 0.2
    done
    die "The lists of node ${MEMBER_FOLDER[$i]} did not reach height ${height:-of its ledger, which it does not say}."
}

# node_stop I [SIGNAL]: waits until the process is gone.
node_stop() {
    local dir=$NET/${MEMBER_FOLDER[$1]} signal=${2:-TERM} pid i
    [[ -f $dir/pid ]] || return 0
    pid=$(<"$dir/pid")
    kill "-$signal" "$pid" 2>/dev/null || { rm -f "$dir/pid"; return 0; }
    for ((i = 0; i < 300; i++)); do
        kill -0 "$pid" 2>/dev/null || { rm -f "$dir/pid"; return 0; }
        sleep 0.1
    done
    die "Node ${MEMBER_FOLDER[$1]} (process $pid) does not stop."
}

# Of this chain: what answers there may be another network's node.
node_height() {
    curl -sf -m 2 "$(api_url "$1")/v1/status" |
        jq -r --arg chain "$(<"$NET/chain")" 'select(.chain == $chain) | .tip.height'
}

# node_wait I HEIGHT [SECONDS]: until node I has a block of that height. Its process first: whoever
# answers for one that has ended is somebody else.
node_wait() {
    local i=$1 height=$2 left=$((${3:-60} * 5)) now
    while ((left-- > 0)); do
        node_running "$i" || { tail -n 5 "$NET/${MEMBER_FOLDER[$i]}/log" >&2; die "Node ${MEMBER_FOLDER[$i]} has ended; see its log."; }
        now=$(node_height "$i" || true)
        [[ -n $now ]] && ((now >= height)) && return 0
        sleep 0.2
    done
    die "Node ${MEMBER_FOLDER[$i]} did not reach height $height; see $NET/${MEMBER_FOLDER[$i]}/log"
}

# ports_of_nodes: where the nodes will listen.
ports_of_nodes() {
    local i
    for ((i = 0; i < ${#MEMBER_CODE[@]}; i++)); do
        say $((BASE_PORT + i)) $((BASE_PORT + 100 + i)) $((BASE_PORT + 200 + i))
    done
}

# ports_free PORT...: nobody listens there.
ports_free() {
    local port
    for port in "$@"; do
        if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            die "端口 $port 已被占用 Port $port is in use, perhaps by another network; BASE_PORT=18600 takes other ports."
        fi
    done
}

network_start() {
    local i
    for ((i = 0; i < ${#MEMBER_CODE[@]}; i++)); do node_start "$i"; done
    for ((i = 0; i < ${#MEMBER_CODE[@]}; i++)); do node_wait "$i" 1; done
}

network_stop() {
    local i
    for ((i = 0; i < ${#MEMBER_CODE[@]}; i++)); do node_stop "$i" "${1:-TERM}"; done
}
