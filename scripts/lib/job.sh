# The main job on real input: from the ceremony to a verified audit pack, told step by step.
# Sourced by scripts/devnet after network.sh. Needs NET to be empty.
# shellcheck shell=bash

JOB_START=$SECONDS
STEP=0
step() { # TITLE…, each on a line: pages are 80 columns wide
    STEP=$((STEP + 1))
    printf '\n%2d. %s\n' "$STEP" "$1"
    shift
    (($# == 0)) || tell "$@"
}
tell() { printf '    %s\n' "$@"; }

# as I KEY dirchain-arguments…: signs with KEY of member I and talks to its node.
as() {
    local i=$1 key=$2 dir
    shift 2
    dir=$NET/${MEMBER_FOLDER[$i]}
    DIRCHAIN_KEY=$dir/keys/$key.key DIRCHAIN_PASSPHRASE_FILE=$dir/passphrase \
        DIRCHAIN_TOKEN_FILE=$dir/gateway.token DIRCHAIN_GENESIS=$NET/genesis.json DIRCHAIN_NODE=$(api_url "$i") "$BIN/dirchain" "$@"
}
# The same, for its JSON: field FILTER …
ask() {
    local filter=$1
    shift
    as "$@" --json | jq -re "$filter"
}
# must_refuse WHAT …: the command must be refused (exit 1); prints all that it says.
must_refuse() {
    local out status=0
    out=$("$@" 2>&1) || status=$?
    ((status == 1)) || die "This had to be refused, and ended with $status: $* — $out"
    printf '%s\n' "$out" # 80 columns wide as it is
}

CENTER=0 MINZHENG=1 LINYE=2 SIFA=3 RENSHE=4

job_ceremony() {
    step "创世仪式 The ceremony: keys, join requests, genesis"
    network_make "$1"
    tell "$(($1 + 1)) 家单位各自生成密钥并签署入网申请，由中心汇总签署创世文件。" \
        "$(($1 + 1)) members made keys and signed join requests; the center signed the genesis."
    "$BIN/dirchain" genesis verify "$NET/genesis.json" | sed -n '2p;5p' | sed 's/^/  /'

    step "代码有误的两家单位被拒 Two real agencies are refused" \
        "一家校验位错误，一家含不用的字母" \
        "one has a wrong check digit, one a letter that codes do not have"
    local code name dir=$NET/refused
    while IFS=$'\t' read -r code name; do
        mkdir -p "$dir/$code"
        (umask 077 && echo "not-used-on-any-chain" >"$dir/$code/passphrase")
        "$BIN/dirchain" key create --member "$code" --dir "$dir/$code/keys" --light \
            --passphrase-file "$dir/$code/passphrase" chief compile vote peer >/dev/null
        tell "$name $code:"
        must_refuse "$BIN/dirchain" member join-request --member "$code" --name "$name" \
            --party provider --peer 127.0.0.1:9 --gateway 127.0.0.1:9 --keys "$dir/$code/keys" \
            --passphrase-file "$dir/$code/passphrase" --out "$dir/$code/join.json"
    done < <(jq -r '[.agency_code, .agency] | @tsv' "$ROOT/samples/duties/invalid-codes.jsonl" | sort -u)
    rm -rf "$dir"
}

job_start() {
    step "启动节点 Starting $((${#MEMBER_CODE[@]})) nodes ($((${#MEMBER_CODE[@]} - 1)) validators and the center as observer)"
    network_start
    tell "首个区块已达成共识 The first block is decided." \
        "API $(api_url 0) … $(api_url $((${#MEMBER_CODE[@]} - 1)))"
}

job_duties() {
    step "发布职责清单 Publishing the agencies' real duty lists"
    local i count total=0
    for i in $MINZHENG $LINYE $SIFA $RENSHE; do
        as "$i" compile duty import "$ROOT/samples/duties/${MEMBER_FOLDER[$i]}.jsonl" >"$NET/import.log" 2>&1 ||
            die "$(<"$NET/import.log")"
        lists_wait "$i"
        count=$(as "$i" compile duty list --member "${MEMBER_CODE[$i]}" --json | jq '.items | length')
        tell "${MEMBER_NAME[$i]}: $count 项 duties"
        total=$((total + count))
    done
    ((total >= 300)) || die "Only $total duties were published."
    tell "共 $total 项 in all"
}

# PT 15, 22: what is accepted is collected, and shared then.
collect() { # collect I CODE
    as "$1" compile catalog collect "$2" --method table --system 业务系统 --content 目录所列数据 \
        --tables 1 --rows 1000 >/dev/null
}

review() { # review I CODE accept|return [reasons]
    local i=$1 code=$2 decision=$3
    shift 3
    as $CENTER review catalog review "${MEMBER_CODE[$i]}" "$code" --decision "$decision" "$@" >/dev/null
    [[ $decision != accept ]] || collect "$i" "$code"
}

job_catalog() {
    step "编制目录，中心审查 Catalog entries are compiled and reviewed" \
        "编自职责清单和公布的表 from duties and from published tables"
    local i code
    as $MINZHENG compile catalog submit "$ROOT/samples/catalog/minzheng-draft.json" >/dev/null
    as $LINYE compile catalog submit "$ROOT/samples/catalog/linye-draft.json" >/dev/null
    as $SIFA compile catalog submit "$ROOT/samples/catalog/sifa.json" >/dev/null
    as $RENSHE compile catalog submit "$ROOT/samples/catalog/renshe.json" >/dev/null
    for code in SHZZ-JBXX SHJZ-DXXX SHZZ-DJXX; do review $MINZHENG $code accept; done
    review $SIFA LSSWS-FR accept
    review $RENSHE YLBX-RZ accept
    review $MINZHENG SHZZ-BGXX return \
        --reasons 'entry.name|名称未说明主体，与其他单位的变更信息无法区分' \
        --reasons 'entry.summary|摘要未说明内容' --reasons 'entry.coverage|覆盖范围未填写'
    review $LINYE SM-PC return --reasons 'entry.name|名称未说明时间范围' \
        --reasons 'entry.coverage|“全市”所指城市不明'
    tell "7 条提交，5 条通过，2 条退回并一次告知全部原因（示其一）：" \
        "7 submitted, 5 accepted, 2 returned with all reasons at once (one of them shown):"
    as $MINZHENG compile catalog returned --provider "${MEMBER_CODE[$MINZHENG]}" | head -n 12 | sed 's/^/      /'
    jq '{entries: [.entries[3]]}' "$ROOT/samples/catalog/minzheng.json" >"$NET/again.json"
    as $MINZHENG compile catalog submit "$NET/again.json" >/dev/null
    as $LINYE compile catalog submit "$ROOT/samples/catalog/linye.json" >/dev/null
    review $MINZHENG SHZZ-BGXX accept
    review $LINYE SM-PC accept
    tell "修改后重新提交，均已通过 Mended, submitted again, accepted."
    rm -f "$NET/again.json"

    step "挂接资源 Binding the tree census to a real file ($(stat -c %s "$ROOT/samples/files/alberi.csv") bytes)"
    as $LINYE compile catalog bind SM-PC --bindings "file|alberi|" >/dev/null
}

# request I PROVIDER CODE PURPOSE items… -- further options: prints the txid.
request() {
    local i=$1 provider=$2 code=$3 purpose=$4 items=()
    shift 4
    while (($#)) && [[ $1 != -- ]]; do items+=(--items "$1"); shift; done
    shift
    ask .txid "$i" compile request submit "${MEMBER_CODE[$provider]}" "$code" --need data \
        --purpose "$purpose" --basis "依法履行职责需要" --goal "减少群众重复提交材料" \
        "${items[@]}" --frequency.times 1 --frequency.per week --security-level 3 \
        --safeguards "政务外网专线访问，按岗位授权，留存日志" --until 2027-06-30 \
        --commitments.genuine --commitments.reasonable --commitments.compliant "$@"
}

request_status() { ask '.record.status // .status' "$1" audit request show "$2"; }

job_requests() {
    local open refused approved silent
    step "共享申请 Sharing requests"
    open=$(request $SIFA $MINZHENG SHZZ-JBXX "社会组织法律服务核验" 单位名称 组织机构代码 -- --mode query)
    tell "无条件共享：司法厅 → 民政厅，即时授权 unconditional: $(request_status $SIFA "$open")"

    approved=$(request $SIFA $RENSHE YLBX-RZ "法律援助经济状况核查" 姓名 证件号码 -- --mode query)
    as $RENSHE approve request answer "$approved" --decision approve >/dev/null
    tell "授权共享：司法厅 → 人社厅，提供方同意 authorised: $(request_status $SIFA "$approved")"

    refused=$(request $MINZHENG $RENSHE YLBX-RZ "社会组织从业人员统计" 姓名 民族 -- --mode query)
    tell "提供方拒绝但未附法律依据，账本不予受理" "a refusal without legal basis is refused itself:"
    must_refuse as $RENSHE approve request answer "$refused" --decision refuse --grounds.reasons "不宜提供"
    as $RENSHE approve request answer "$refused" --decision refuse \
        --grounds.legal-basis '《中华人民共和国个人信息保护法》|第六条' >/dev/null
    tell "附法律依据后成立 with its legal basis: $(request_status $MINZHENG "$refused")"

    silent=$(request $RENSHE $SIFA LSSWS-FR "劳动仲裁代理人资格核验" 统一社会信用代码 法定代表人/负责人 -- --mode query)
    tell "人社厅 → 司法厅，司法厅不答复 the provider stays silent: $(request_status $RENSHE "$silent")"
    SILENT_REQUEST=$silent

    local items
    mapfile -t items < <(jq -r '.entries[0].entry.items[].name' "$ROOT/samples/catalog/linye.json")
    TREE_GRANT=$(request $MINZHENG $LINYE SM-PC "社区绿地认养公益项目" \
        "${items[@]}" -- \
        --mode file --mode-reason "整体数据量大，一次性取得" --system "社区服务平台")
    node_wait $CENTER "$(node_height $MINZHENG)"
    as $CENTER review request assess "$TREE_GRANT" --mode accept --opinion "一次取用，技术可行" >/dev/null
    node_wait $MINZHENG "$(node_height $CENTER)"
    tell "树木普查数据（无条件共享）：民政厅 → 林业局，文件方式，经中心评估" \
        "tree census, by file, assessed: $(request_status $MINZHENG "$TREE_GRANT")"
}

transfer_field() { ask "$1" $MINZHENG gateway transfer status "$TRANSFER"; }

# Kills a validator, then the provider in mid-transfer; both come back, the transfer goes on.
job_transfer() {
    step "经网关传输，中途中断、续传；同时一个验证节点宕机" \
        "The file moves: interrupted, resumed; a validator is down"
    local i
    node_stop $RENSHE KILL
    tell "人社厅验证节点被强制终止（kill -9），其余 3 个继续" \
        "one of four validators is killed, the others go on."
    TRANSFER=$(ask .id $MINZHENG gateway transfer open "$TREE_GRANT" --operator gateway --no-wait)
    for ((i = 0; i < 200; i++)); do
        [[ $(transfer_field '.bytes_done // 0') -gt 0 ]] && break
        sleep 0.1
    done
    node_stop $LINYE KILL
    tell "提供方节点在已传 $(transfer_field '.bytes_done') 字节时被强制终止 provider killed in mid-transfer."
    node_start $LINYE
    node_start $RENSHE
    node_wait $LINYE 1
    for ((i = 0; i < 600; i++)); do
        [[ $(transfer_field .state) == complete ]] && break
        sleep 0.2
    done
    [[ $(transfer_field .state) == complete ]] || die "The transfer did not end: $(transfer_field .)"
    tell "已续传完成 resumed and complete."
    cmp "$(find "$NET/${MEMBER_FOLDER[$MINZHENG]}/inbox" -type f -name '*.csv' | head -n 1)" "$ROOT/samples/files/alberi.csv" ||
        die "What arrived is not what was sent."
    tell "收到的文件与原文件逐字节一致 What arrived equals the original byte for byte."
    node_wait $RENSHE "$(node_height $CENTER)"
    tell "被终止的验证节点已同步追上，高度 $(node_height $RENSHE) the killed validator has caught up."
    tell "双方回执对账 Both sides' receipts reconciled:"
    as $CENTER review transfer reconcile | sed 's/^/      /'
}

job_deemed() {
    step "五个工作日过去 Five working days pass (test chain: the clock is advanced)"
    local due i now
    due=$(ask '[.. | .terms? | select(. != null) | .answer.due_ms] | first' $RENSHE audit request show "$SILENT_REQUEST")
    now=$(($(date +%s) * 1000))
    tell "答复期限届满 the term ends: $(TZ=Asia/Shanghai date -d "@$((due / 1000))" '+%F %T') 北京时间"
    for ((i = 0; i < ${#MEMBER_CODE[@]}; i++)); do
        curl -sf -m 5 -X POST -H 'Content-Type: application/json' \
            -d "{\"advance_ms\":$((due - now + 60000))}" "$(api_url "$i")/v1/test/clock" >/dev/null ||
            die "The clock of node $i was not advanced."
    done
    for ((i = 0; i < 300; i++)); do
        [[ $(request_status $RENSHE "$SILENT_REQUEST") == granted ]] && break
        sleep 0.2
    done
    tell "账本按共识时间自动视作审核通过（PT 20）" \
        "deemed approved by the ledger: $(request_status $RENSHE "$SILENT_REQUEST")"
    [[ $(request_status $RENSHE "$SILENT_REQUEST") == granted ]] || die "The request was not deemed approved."
}

job_audit() {
    step "审计 Audit: a pack is taken and verified with no node"
    rm -f "$NET/audit.pack"
    as $CENTER audit audit pack --genesis "$NET/genesis.json" --out "$NET/audit.pack" >/dev/null
    "$BIN/dirchain" audit verify "$NET/audit.pack" --genesis "$NET/genesis.json"
    cp "$NET/audit.pack" "$NET/tampered.pack"
    local at byte other=X
    at=$(($(stat -c %s "$NET/audit.pack") / 2))
    byte=$(dd if="$NET/audit.pack" bs=1 skip="$at" count=1 2>/dev/null)
    [[ $byte == X ]] && other=Y
    printf '%s' "$other" | dd of="$NET/tampered.pack" bs=1 seek="$at" conv=notrunc 2>/dev/null
    tell "改动一个字节 One byte changed:"
    must_refuse "$BIN/dirchain" audit verify "$NET/tampered.pack" --genesis "$NET/genesis.json"
    rm -f "$NET/tampered.pack"
    tell "树木普查数据的全程 The trail of the tree census:"
    "$BIN/dirchain" audit trail "${MEMBER_CODE[$LINYE]}" SM-PC --genesis "$NET/genesis.json" \
        --pack "$NET/audit.pack" | sed '/^$/,$d'
}

job_memory() {
    local i kib most=0
    for ((i = 0; i < ${#MEMBER_CODE[@]}; i++)); do
        kib=$(sed -nE 's/^VmRSS:\s+([0-9]+) kB/\1/p' "/proc/$(<"$NET/${MEMBER_FOLDER[$i]}/pid")/status")
        most=$((kib > most ? kib : most))
    done
    printf '\n完成 Done in %d s; height %s; at most %d MB resident for each node.\n' \
        $((SECONDS - JOB_START)) "$(node_height $CENTER)" $((most / 1024))
}

job_run() {
    job_ceremony "$1"
    job_start
    job_duties
    job_catalog
    job_requests
    job_transfer
    job_deemed
    job_audit
    job_memory
}
