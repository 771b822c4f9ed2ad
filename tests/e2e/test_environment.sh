#!/usr/bin/env bash
# What is wrong around a node, in all the ways it can be: configuration, genesis, keys, disk, ports,
# a second process. Each is told in one sentence, English and Chinese, with exit code 3, and nothing
# is left behind: once it is mended, the same node starts. A disk that fills up under load stops the
# node, loses nothing, and the node catches up when there is room again.
# (test_node_start.sh has the plainest cases.)
if [[ -z ${PRIVATE_MOUNTS:-} ]]; then # disks of a few hundred KiB: where the kernel lets us mount
    for how in "unshare -m" "unshare -rm"; do
        if $how true 2>/dev/null; then PRIVATE_MOUNTS=1 exec $how bash "$0" "$@"; fi
    done
fi
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib/common.sh"
WORK=$(mktemp -d -t dirchain-environment-XXXXXX)
NET=$WORK/net
BASE_PORT=${BASE_PORT:-9620}
source "$ROOT/scripts/lib/network.sh"
cleanup() {
    network_stop KILL >/dev/null 2>&1 || true
    umount "$NET"/*/disk 2>/dev/null || true
    rm -rf --one-file-system "$WORK"
}
trap cleanup EXIT

# mount_disk: a disk of its own, of 64 KiB for now, in the working directory; fails if not allowed.
mount_disk() {
    mkdir disk
    [[ -n ${PRIVATE_MOUNTS:-} ]] && mount -t tmpfs -o size=64k none disk 2>/dev/null
}

cases=0
fail() { printf 'FAILED: %s\n' "$*"; exit 1; }
part() { printf '%5d s  %s\n' "$SECONDS" "$*"; }

# told SAYS COMMAND…: ends within 20 s with exit code 3 and one line that says so, in both languages.
# What libraries report goes to the log, one JSON object a line; the sentence is the other line. The
# command-line tool breaks it at 80 columns and indents what follows.
told() {
    local says=$1 got=0
    shift
    timeout -s KILL 20 "$@" >"$WORK/out" 2>"$WORK/err" </dev/null || got=$?
    grep -v '^{"time"' "$WORK/err" | sed -z 's/\n  */ /g' >"$WORK/said" || true
    cases=$((cases + 1))
    [[ $got == 3 ]] || fail "exit code $got instead of 3: $* — $(tail -n 3 "$WORK/err")"
    [[ $(wc -l <"$WORK/said") == 1 ]] || fail "not one sentence: $* — $(<"$WORK/said")"
    [[ ! -s $WORK/out ]] || fail "something on standard output: $* — $(<"$WORK/out")"
    grep -qF -- "$says" "$WORK/said" || fail "does not say \"$says\": $(<"$WORK/said")"
    # Chinese first, English beside it, the stable code at the end.
    grep -qP '[\x{4e00}-\x{9fff}]+.*[。”] [A-Za-z]+ .* \[[a-z0-9-]+\]$' "$WORK/said" ||
        fail "not in Chinese and English with a code: $(<"$WORK/said")"
    printf '         %s\n' "$(sed "s#$WORK#…#g" "$WORK/said")"
}

network_make 4
DIR=$NET/minzheng
cd "$DIR"
# refused SAYS SED…: the node with its configuration changed so; with the option $how, if any.
how=
refused() {
    local says=$1
    shift
    sed "$@" dirchaind.yaml >changed.yaml
    told "$says" "$BIN/dirchaind" --config changed.yaml ${how:+"$how"}
}
# misled SAYS JQ: the node with its genesis changed so, and its signature left as it was.
misled() {
    jq -c "$2" "$NET/genesis.json" >changed.json
    cmp -s <(jq -cS . "$NET/genesis.json") <(jq -cS . changed.json) && fail "changes nothing: $2"
    refused "$1" 's#^genesis: .*#genesis: changed.json#'
}
# starts: as configured, the node runs and stops cleanly.
starts() {
    local pid i got=0
    "$BIN/dirchaind" --config "${1:-dirchaind.yaml}" >>log 2>&1 &
    pid=$!
    for ((i = 0; i < 100; i++)); do
        curl -sf -m 1 -o /dev/null "$(api_url 1)/healthz" && break
        sleep 0.1
    done
    curl -sf -m 1 -o /dev/null "$(api_url 1)/healthz" || fail "does not start: $(tail -n 3 log)"
    kill -TERM "$pid"
    wait "$pid" || got=$?
    [[ $got == 0 ]] || fail "exit code $got after SIGTERM"
    cases=$((cases + 1))
}

# ---- configuration ------------------------------------------------------------------------------
part "configuration 配置"
: >empty.yaml
told "empty.yaml:1: 文件为空" "$BIN/dirchaind" --config empty.yaml
told "absent.yaml" "$BIN/dirchaind" --config absent.yaml
told "files: 不是普通文件" "$BIN/dirchaind" --config files
head -c 4000 /dev/urandom >random.yaml
told "[config-encoding]" "$BIN/dirchaind" --config random.yaml
{ cat dirchaind.yaml; printf -- '---\nfoo: 1\n'; } | iconv -t UTF-16 >wide.yaml
told "wide.yaml:1: 不是纯 UTF-8 文本" "$BIN/dirchaind" --config wide.yaml
{ echo '# 配置' | iconv -t GBK; cat dirchaind.yaml; } >gbk.yaml
told "gbk.yaml:1: 不是纯 UTF-8 文本" "$BIN/dirchaind" --config gbk.yaml
{ cat dirchaind.yaml; head -c 300000 /dev/zero | tr '\0' '#'; } >large.yaml
told "large.yaml" "$BIN/dirchaind" --config large.yaml
at=changed.yaml
refused "$at:$(($(wc -l <dirchaind.yaml) + 1)): data_dir: 配置中没有此键" '$ a data_dir: data'
refused "$at:7: keys.votes: 配置中没有此键" 's/keys: {vote/keys: {votes/'
refused "$at:7: keys: 此处应为键值表" 's/^keys: .*/keys: [vote, peer]/'
refused "worker_threads: 0…64: 数值或日期超出允许范围" '$ a worker_threads: 100000'
refused "worker_threads: 此处应为非负整数" '$ a worker_threads: -1'
refused "worker_threads: 此处应为非负整数" '$ a worker_threads: two'
refused "worker_threads: 此处应为非负整数" '$ a worker_threads: 4x'
refused "$at:15: exchange.rate_bytes_per_s: 此处应为非负整数" 's/rate_bytes_per_s: .*/rate_bytes_per_s: 10MB/'
refused "$at:16: exchange.chunk_bytes: 1024…4194304" '/rate_bytes/ a \ \ chunk_bytes: 1'
refused "$at:16: exchange.chunk_bytes: 1024…4194304" '/rate_bytes/ a \ \ chunk_bytes: 4294967297'
refused "$at:$(($(wc -l <dirchaind.yaml) + 1)): 此处又开始另一份" '$ a ---\nlog_level: debug'
refused "$at:1: member: 缺少此必填键" '/^member:/d'
refused "$at:1: keys: 缺少此必填键" '/^keys:/d'
refused "member: 此键重复出现" '$ a member: 11440000006940175Y'
refused "member: 统一社会信用代码校验位错误" 's/^member: .*/member: 11440000006940175X/'
refused "api_listen: 此处应为“主机:端口”" 's/^api_listen: .*/api_listen: 127.0.0.1:70000/'
refused "$at:5: api_listen: 此处应为“主机:端口”，端口为 1 至 65535" 's/^api_listen: .*/api_listen: 127.0.0.1:0/'
refused "$at:5: api_listen: 127.0.0.1:$((BASE_PORT + 1)): 本节点已在此地址监听" \
    "s/^api_listen: .*/api_listen: 127.0.0.1:$((BASE_PORT + 1))/"
refused "$at:6: gateway_listen: 0.0.0.0:$((BASE_PORT + 101)): 本节点已在此地址监听" \
    "s/^gateway_listen: .*/gateway_listen: 0.0.0.0:$((BASE_PORT + 101))/"
refused "$at:8: signers[1].name: gateway: 相同内容已存在" 's/^  - {key_file.*/&\n&/'
refused "$at:9: exchange.key: gateway: signers 中没有此名称的密钥" '/^signers:/d; /^  - {key_file/d'
refused "peer_listen: 此处应为“主机:端口”" 's/^peer_listen: .*/peer_listen: 127.0.0.1/'
refused "peers[0].endpoint: 此处应为" '$ a peers: [{member: 11440000006939916J, endpoint: nowhere}]'
refused "peers[0].endpoint: 缺少此必填键" '$ a peers: [{member: 11440000006939916J}]'
refused "peers: 此处应为列表" '$ a peers: nobody'
refused "web_directory: 此处应为 1 至 4096 字节的文本" 's/^web_directory: .*/web_directory: [web]/'
refused "log_level: debug, info, warn, error: 取值不在允许的范围内" 's/^log_level: .*/log_level: loud/'
refused "[config-syntax]" 's/^member: /\tmember: /'
refused "[config-syntax]" 's#^web_directory: .*#web_directory: \&a web\nlog_level: *a#; /^log_level/d'
refused "nowhere: 未找到" 's/^web_directory: .*/web_directory: nowhere/'
refused "dirchaind.yaml: 不是目录" 's/^web_directory: .*/web_directory: dirchaind.yaml/'

# ---- what may leave -------------------------------------------------------------------------------
part "resources 资源"
resource() { refused "$1" "s#^  resources: .*#  resources: [{id: $2, path: $3}]#"; }
resource "resources[0].path: ../passphrase: 路径超出配置的根目录" a ../passphrase
resource "resources[0].path: /etc/passwd: 路径超出配置的根目录" a /etc/passwd
resource "resources[0].path: b/../../c: 路径超出配置的根目录" a b/../../c
resource "$at:14: exchange.resources[0].id" .. b
resource "$at:14: exchange.resources[1].id: a: 相同内容已存在" a 'b}, {id: a, path: c'
for how in "" --check; do # told by both
    refused "exchange.root: nofiles: 未找到" 's/^  root: .*/  root: nofiles/'
    refused "exchange.root: passphrase: 不是目录" 's/^  root: .*/  root: passphrase/'
    refused "exchange.key: nobody: signers 中没有此名称的密钥" 's/^  key: .*/  key: nobody/'
done
how=
chmod 0640 gateway.token
refused "signers[0].token_file: gateway.token: 文件可被他人读取" ''
chmod 0606 gateway.token
refused "gateway.token: 文件可被他人读取" ''
chmod 0600 gateway.token

# ---- genesis ------------------------------------------------------------------------------------
part "genesis 创世文件"
refused "genesis: nowhere.json: 未找到" 's#^genesis: .*#genesis: nowhere.json#'
refused "files" 's#^genesis: .*#genesis: files#'
: >changed.json
refused "JSON" 's#^genesis: .*#genesis: changed.json#'
sed '0,/"network"/s//"network": "twice", "network"/' "$NET/genesis.json" >changed.json
refused "twice" 's#^genesis: .*#genesis: changed.json#'
misled "signature" '.network = "elsewhere"'
misled "signature" '.test = false'
misled "signature" '.validators |= .[0:3]'
misled "calendars" '.calendars |= .[0:1]'
misled "members[1]" '.members[1].name = "冒名单位"'
misled "members[2]" '.members[2].vote_key = .members[1].vote_key'
misled "tx_lifetime_ms" '.params.tx_lifetime_ms = 1'
misled "extra" '.extra = 1'
misled "signature" 'del(.signature)'
misled "center" '.center = "11440000006940175Y"'

# ---- keys ---------------------------------------------------------------------------------------
part "keys 密钥"
(umask 077 && echo "not the passphrase" >wrong && : >nothing && head -c 100 keys/vote.key >short.key)
refused "passphrase does not open" 's/passphrase_file: passphrase/passphrase_file: wrong/'
refused "nothing" 's/passphrase_file: passphrase/passphrase_file: nothing/'
refused "keys.passphrase_file: absent: 未找到" 's/passphrase_file: passphrase/passphrase_file: absent/'
refused "/dev/null: 不是普通文件" 's#passphrase_file: passphrase#passphrase_file: /dev/null#'
refused "keys.vote: short.key: " 's#vote: keys/vote.key#vote: short.key#'
refused "keys.peer: absent.key: 未找到" 's#peer: keys/peer.key#peer: absent.key#'
refused "passphrase does not open" 's#vote: keys/vote.key#vote: ../linye/keys/vote.key#'
for file in vote.key peer.key; do
    for mode in 0644 0640 0604; do
        chmod $mode "keys/$file"
        refused "$file: 文件可被他人读取" ''
        chmod 0600 "keys/$file"
    done
done
"$BIN/dirchain" key create --member "${MEMBER_CODE[2]}" --dir linye --light \
    --passphrase-file passphrase vote peer >/dev/null
refused "linye" 's#vote: keys/vote.key#vote: linye/vote.key#'
starts # nothing of all that was left behind

# ---- disk ---------------------------------------------------------------------------------------
part "disk 磁盘"
small='s#^data_directory: .*#data_directory: disk/data#'
if mount_disk; then
    for size in 64k 200k 300k 400k; do # full for the first file, or for a later one
        mount -o remount,size=$size none disk
        refused "The disk is full" "$small"
    done
    mount -o remount,size=64m none disk
    sed "$small" dirchaind.yaml >small.yaml
    starts small.yaml # there is room now
    mount -o remount,ro none disk
    refused "disk/data" "$small"
    umount disk
else
    part "no mounting here: file size limits instead of small disks"
fi
# A limit of 4 KiB on files: nothing is killed by a signal, it is told.
sed 's#^data_directory: .*#data_directory: limited#' dirchaind.yaml >limited.yaml
told "The disk is full" bash -c "ulimit -f 4; exec '$BIN/dirchaind' --config limited.yaml"
rm -rf limited
starts limited.yaml
if [[ $(id -u) != 0 ]]; then
    mkdir -m 0500 locked
    refused "locked" 's#^data_directory: .*#data_directory: locked/data#'
fi
refused "data_directory: passphrase: 不是目录" 's#^data_directory: .*#data_directory: passphrase#'
ln -s circle circle
refused "data_directory: circle: 符号链接形成循环" 's#^data_directory: .*#data_directory: circle#'
refused "circle/data: 符号链接形成循环" 's#^data_directory: .*#data_directory: circle/data#'
rm circle

# ---- ports, a second process ------------------------------------------------------------------------
part "ports and processes 端口与进程"
network_start
told "data_directory: data: 正被另一进程使用，请先停止该进程" "$BIN/dirchaind" --config dirchaind.yaml
cp -r data copied # the vote key may not vote twice, wherever its files lie
refused "keys.vote: keys/vote.key: 本机另一进程正以此投票密钥运行，请先停止该进程" \
    's#^data_directory: .*#data_directory: copied#'
observer='s#^data_directory: .*#data_directory: third#; s#vote: keys/vote.key, ##'
port() { echo "s#127.0.0.1:$((BASE_PORT + $1))#127.0.0.1:$((BASE_PORT + $2))#"; }
refused "peer_listen" "$observer"
refused "gateway_listen" "$observer; $(port 1 50)"
refused "api_listen 127.0.0.1:$((BASE_PORT + 101))" "$observer; $(port 1 50); $(port 201 52)"
refused "192.0.2.1" "$observer; $(port 1 50); $(port 201 52); s#^api_listen: .*#api_listen: 192.0.2.1:9#"

# ---- the command line has the same manners -----------------------------------------------------------
part "the command line 命令行"
publish() { # NODE KEY PASSPHRASE-FILE
    "$BIN/dirchain" duty publish --node "$1" --genesis "$NET/genesis.json" --key "$2" \
        --passphrase-file "$3" --timeout-s 5 --code T-1 --name 职权 --category 其他 \
        --implementer 单位 --basis 依据
}
export -f publish
export BIN NET
shell() { told "$1" bash -c "$2"; }
shell "127.0.0.1:9" "publish http://127.0.0.1:9 keys/compile.key passphrase"
shell "passphrase does not open" "publish $(api_url 1) keys/compile.key wrong"
shell "absent.key" "publish $(api_url 1) absent.key passphrase"
shell "short.key" "publish $(api_url 1) short.key passphrase"
chmod 0644 keys/compile.key
shell "read by others" "publish $(api_url 1) keys/compile.key passphrase"
chmod 0600 keys/compile.key
shell "nowhere.json" "'$BIN/dirchain' genesis verify nowhere.json"

# ---- a disk that fills up under load ---------------------------------------------------------------
cd "$NET/renshe"
if mount_disk; then
    part "a disk that fills up under load 运行中磁盘写满"
    node_stop 4
    mount -o remount,size=64m none disk
    cp -r data disk/data
    sed -i "$small" dirchaind.yaml
    node_start 4
    node_wait 4 "$(node_height 1)"
    pid=$(<pid)
    fallocate -l "$(($(df --output=avail -B1 disk | tail -n 1) - 100000))" disk/ballast
    (cd "$DIR" && "$BIN/dirchain" duty import "$ROOT/samples/duties/minzheng.jsonl" --skip-faulty \
        --node "$(api_url 1)" --key keys/compile.key --passphrase-file passphrase \
        >"$WORK/import" 2>&1) || [[ $? == 1 ]] || fail "import: $(<"$WORK/import")"
    for ((i = 0; i < 300; i++)); do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    kill -0 "$pid" 2>/dev/null && fail "a node with a full disk goes on"
    said=$(grep -v '^{"time"' log | tail -n 1)
    [[ $said == *"The disk is full"* && $said == *磁盘已满* ]] || fail "does not tell: $(tail -n 5 log)"
    printf '         %s\n' "$said"
    rm -f pid disk/ballast
    node_start 4
    node_wait 4 "$(node_height 1)" 60
    height=$(node_height 4)
    for i in 1 4; do curl -sf "$(api_url $i)/v1/blocks/$height" | jq -er .hash; done >"$WORK/hashes"
    [[ $(sort -u "$WORK/hashes" | wc -l) == 1 ]] || fail "another chain than the others'"
    node_stop 4
    "$BIN/dirchaind" --config dirchaind.yaml --verify >"$WORK/out" 2>&1 ||
        fail "the ledger of the full disk does not verify: $(<"$WORK/out")"
    cases=$((cases + 4))
fi
cd "$ROOT"
network_stop
part "$cases cases"
