#!/usr/bin/env bash
# Every family of the command-line tool against a real network: four agencies and the center on
# loopback. What is refused says why, and what is told is on the ledger. Families of many commands
# have a file of their own in cli/, which goes on where this one is.
set -euo pipefail
source "$(dirname "$0")/../../scripts/lib/common.sh"
WORK=$(mktemp -d)
NET=$WORK/net
BASE_PORT=$((20000 + RANDOM % 6000)) # below the ports that connections leave from
for BIN in "${DIRCHAIN_BIN:-}" "$ROOT/build/release/bin" "$ROOT/build/dev/bin"; do
    [[ -n $BIN && -x $BIN/dirchain && -x $BIN/dirchaind ]] && break
done
BIN=$(cd "$BIN" && pwd)
source "$ROOT/scripts/lib/network.sh"
trap 'network_stop KILL >/dev/null 2>&1; rm -rf "$WORK"' EXIT
mkdir -p "$NET"
network_make 4 --param idle_block_ms=200
network_start
cd "$WORK"

DIRCHAIN=$BIN/dirchain
SAMPLES=$ROOT/samples
export DIRCHAIN_NODE DIRCHAIN_GENESIS=$NET/genesis.json
DIRCHAIN_NODE=$(api_url 1)
minzheng=11440000006940175Y linye=11440000006939916J renshe=11440000553612461J

source "$ROOT/tests/e2e/expect.sh"
# as WHO/KEY COMMAND…: the options that sign with this key
as() {
    local who=${1%/*} key=${1#*/}
    shift
    "$DIRCHAIN" "$@" --key "$NET/$who/keys/$key.key" --passphrase-file "$NET/$who/passphrase"
}
txid() { sed -n 's/^  交易 txid  //p' out; }
field() { /usr/bin/python3 -c '
import json, sys
value = json.load(open("out"))
for part in sys.argv[1].split("."):
    value = value[int(part) if part.isdigit() else part]
print(value)' "$1"; }

# ---- the node -------------------------------------------------------------------------------------
expect 0 "$DIRCHAIN" status
says "$minzheng"
expect 3 "$DIRCHAIN" status --node http://127.0.0.1:1
says "[network]"
expect 0 "$DIRCHAIN" profile show
says "普陀区公共数据共享实施办法（试行）"
expect 0 "$DIRCHAIN" profile show --at 2099-01-01
says "普委办发〔2023〕16号"
expect 1 "$DIRCHAIN" profile show --at 1999-01-01
expect 2 "$DIRCHAIN" profile show --at soon
for reason in 修订草案 修订草案二稿; do
    expect 0 as center/admin profile publish "$SAMPLES/profiles/putuo.json" --from 2099-01-01 --reason "$reason"
done
expect 0 "$DIRCHAIN" profile list
says "现行"
says "待施行"
says "已替换"

# ---- duties: the real lists of four agencies ------------------------------------------------------
total=0
for who in minzheng linye sifa renshe; do
    rows=$(wc -l <"$SAMPLES/duties/$who.jsonl")
    expect 0 as $who/compile duty import "$SAMPLES/duties/$who.jsonl" --json
    [[ $(field committed) == "$rows" && $(field refused) == 0 ]] || fail "$who: not $rows committed"
    total=$((total + rows))
done
((total >= 300)) || fail "only $total duties"
decided=$(node_height 1) # blocks before it hold decisions, however late a slow machine came to them
expect 0 as minzheng/compile duty import "$SAMPLES/duties/minzheng.jsonl"
says "15 条已在链上且未变"
# Out in every form and in again: nothing has changed.
lists_wait 1
for form in jsonl csv xlsx; do
    expect 0 "$DIRCHAIN" duty export --member $minzheng --out duties.$form
    says "已导出 15 条"
    expect 0 as minzheng/compile duty import duties.$form
    says "15 条已在链上且未变"
done
expect 3 "$DIRCHAIN" duty export --out duties.csv # not overwritten
expect 2 "$DIRCHAIN" duty export --format xls --out duties.xls
expect 0 "$DIRCHAIN" duty template --out template-of-duties.xlsx
expect 1 as minzheng/compile duty import template-of-duties.xlsx # an example only
says "[rows-none]"
expect 3 "$DIRCHAIN" duty template --out template-of-duties.xlsx # not overwritten
# A row that changed becomes a new version; faulty rows are left out only if asked to.
/usr/bin/python3 - "$SAMPLES/duties/minzheng.jsonl" <<'PY' >changed.jsonl
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
rows[2]["name"] += "（修订）"
rows[5]["category"] = "行政服务"
for row in rows:
    print(json.dumps(row, ensure_ascii=False))
PY
expect 1 as minzheng/compile duty import changed.jsonl
says "15 条中有 1 条有误"
expect 1 as minzheng/compile duty import changed.jsonl --skip-faulty
says "13 条已在链上且未变"
says "1 已上链"
duty=$(sed -n 3p "$SAMPLES/duties/minzheng.jsonl" | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["code"])')
expect 0 "$DIRCHAIN" duty show $minzheng "$duty"
says "（修订）"
expect 1 as sifa/review duty retire "$duty" --reason 误操作 # no such duty of that agency
says "[subject-unknown]"
expect 1 as minzheng/review duty retire "$duty" --reason 误操作 # the wrong role
says "[tx-role]"
expect 0 as minzheng/compile duty retire "$duty" --reason 机构改革
says "已撤销"

source "$ROOT/tests/e2e/cli/catalog.sh"

# ---- requests -------------------------------------------------------------------------------------
cat >ask.json <<'JSON'
{"need": "data", "purpose": "城市绿化规划", "basis": "履职需要", "goal": "掌握树木分布", "items": ["树种"],
 "mode": "file", "mode_reason": "数据量大，一次取用", "frequency": {"times": 1, "per": "month"},
 "security_level": 2, "safeguards": "专人专机", "until": "2027-03-31", "system": "绿化规划系统",
 "commitments": {"genuine": true, "reasonable": true, "compliant": true}}
JSON
expect 0 as sifa/compile request submit $linye SM-PC --from ask.json
says "PTGXSQ"
grant=$(txid)
says "评估" # PT 21: shared unconditionally, but not by interface
expect 0 as center/review request assess "$grant" --mode accept --opinion 一次取用，技术可行
says "已授权"
expect 0 "$DIRCHAIN" grant show "$grant"
says "绿化规划系统"
# Every member has its Chinese beside it.
expect 0 "$DIRCHAIN" request show "$grant" --json
cp out shown.json
expect 0 "$DIRCHAIN" request show "$grant"
/usr/bin/python3 - shown.json out <<'PYTHON' || fail "request show: members without Chinese"
import json, re, sys
def members(value):
    for each in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else []):
        if isinstance(each[0], str):
            yield each[0]
        yield from members(each[1])
names = set(members(json.load(open(sys.argv[1]))))
shown = open(sys.argv[2]).read()
bare = [name for name in sorted(names) if not re.search(r'[\u4e00-\u9fff] %s(?=\s)' % name, shown)]
print(len(names), "members; without Chinese:", *bare)
sys.exit(len(names) < 10 or bool(bare))
PYTHON
expect 1 as sifa/compile request submit $linye SM-PC --from ask.json --commitments.genuine=false
says "[commitment-missing]"
expect 1 as linye/compile request submit $linye SM-PC --from ask.json # its own data
says "[names-itself]"
expect 0 as sifa/compile request submit $minzheng SHJZ-DXXX --from ask.json --items 姓名 --mode service
says "待答复"
says "24:00" # the term ends with its last day
says "PT 20"
request=$(txid)
expect 1 as minzheng/approve request answer "$request" --decision refuse
says "grounds.legal_basis"
says "PT 20"
expect 1 as minzheng/compile request answer "$request" --decision approve # the wrong role
says "[tx-role]"
says "该密钥为编制。须用审批密钥。"
says "The key is for compile. It takes a key for approve."
expect 1 as linye/approve request answer "$request" --decision approve # another agency's
says "应由提供方 $minzheng 办理。"
says "It is for provider $minzheng to do."
expect 2 as minzheng/approve request answer "$request" --decision refuse --grounds.legal-basis 'a|b|c'
expect 0 as minzheng/approve request answer "$request" --decision refuse \
    --grounds.legal-basis '中华人民共和国个人信息保护法|第十三条'
says "不同意"
expect 0 "$DIRCHAIN" request show "$request"
says "第十三条"
# acted on a version that is no longer current
expect 0 "$DIRCHAIN" request show "$request" --json
stale=$(field request.acts_on)
expect 1 as minzheng/approve request answer "$request" --decision approve --acts-on "$stale"
says "[version-stale]"
expect 1 as minzheng/approve request answer "${request//[0-9]/0}" --decision approve
says "[subject-unknown]"
# What is not there hides no other fault; a word that is none of the list is told which there are.
expect 1 as minzheng/approve request answer "${request//[0-9]/0}" --decision maybe
says "[subject-unknown]"
says "可取 approve（同意）、refuse（不同意）。"
says "It takes approve, refuse."
# By its number, as it stands on the form.
lists_wait 1
number=$("$DIRCHAIN" request list --json --limit 1 | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["items"][0]["number"])')
expect 0 "$DIRCHAIN" request show "$number"
says "第十三条"
expect 1 "$DIRCHAIN" request show PTGXSQ999999
says "[subject-unknown]"
# Forms for paper, out of the ledger: 附件2 of the request, 附件1 of a collection.
for form in html xlsx; do
    expect 0 "$DIRCHAIN" request form "$number" --out request.$form --contact 王五
    says "普陀区公共数据共享申请审核表"
done
grep -qF "第十三条" request.html && grep -qF "■" request.html && grep -qF "王五" request.html ||
    fail "the form of a request lacks what the ledger has"
# PT 21: what the center's assessment came to stands on the form of what is shared without conditions.
for form in html xlsx; do
    expect 0 "$DIRCHAIN" request form "$grant" --out assessed.$form
done
/usr/bin/python3 -c 'import zipfile; z = zipfile.ZipFile("assessed.xlsx"); print(*(z.read(n).decode() for n in z.namelist()))' >assessed.txt
for form in html txt; do
    grep -qF "评估意见：一次取用，技术可行" assessed.$form || fail "$form: the form lacks the assessment"
done
expect 1 "$DIRCHAIN" catalog form $linye NICHT --out none.html
says "[subject-unknown]"
expect 0 "$DIRCHAIN" catalog form $linye SM-PC --out draft.html
says "（尚未认定）"
expect 0 as center/review catalog certify $linye SM-PC --decision accept
expect 0 "$DIRCHAIN" catalog form $linye SM-PC --out collection.html
grep -qF "16484" collection.html && grep -qF "■离线导入" collection.html && grep -qE "日期：20[0-9]+年" collection.html ||
    fail "the certificate of a collection lacks what the ledger has"
expect 3 "$DIRCHAIN" catalog form $linye SM-PC --out collection.html # not overwritten
expect 2 "$DIRCHAIN" catalog form $linye SM-PC --out collection.pdf

# ---- lists ----------------------------------------------------------------------------------------
expect 0 "$DIRCHAIN" duty list --member $linye
says "共 $(wc -l <"$SAMPLES/duties/linye.jsonl") 条"
# A word that no record has is refused, with those that there are: nothing would pass for none.
for list in "duty list --status nix" "catalog list --status nix" "request list --status 已授权" \
    "grant list --status nix" "matters --status zzz" "tx acts --effect 视作同意" "deadlines --term nix"; do
    expect 1 "$DIRCHAIN" $list
    says "[field-choice]"
    says "可取"
    says "It takes"
done
# Each word with what it means here, not as a word of another member of that name.
expect 1 "$DIRCHAIN" matters --kind nix
glossed() { tr -d ' \n' <out | grep -qF "$1" || fail "does not gloss $1"; }
glossed "change（目录变更）"
glossed "need（未编目需求）"
expect 1 "$DIRCHAIN" deadlines --term nix
glossed "answer（答复共享申请）"
glossed "consult（会商目录调整方案）"
expect 0 "$DIRCHAIN" request list --status granted
expect 0 "$DIRCHAIN" tx acts --effect deemed-approved
expect 0 "$DIRCHAIN" matters --kind milestone --status open
# Each figure says what it is of; a period before the chain is told when that begins.
expect 0 "$DIRCHAIN" assessment --member "$linye"
grep -qE '^期间 period: 20..-01-01 — 20..-..-..$' out || fail "the period that was counted is not said"
grep -qE '有目录的职责 .* 现状 ' out && grep -qE '回执一致的传输 .* 本期 ' out &&
    grep -qE '用过的授权 .* 本期 ' out || fail "the figures do not say what they are of"
expect 1 "$DIRCHAIN" assessment --member "$linye" --from 2019-01-01 --to 2019-12-31
says "最早为 20"
says "The earliest is 20"
expect 1 "$DIRCHAIN" assessment --member "$linye" --from 2999-01-01
says "尚未开始"
says "[not-begun]"
says "期间自 2999-01-01 起。"
expect 1 "$DIRCHAIN" assessment --member "$linye" --from 2026-03-02 --to 2026-03-01
says "不得晚于 2026-03-01。"
expect 0 "$DIRCHAIN" duty list --limit 7
says "前 7 条，其后还有"
expect 0 "$DIRCHAIN" duty list --limit "$total"
says "共 $total 条"
expect 1 "$DIRCHAIN" member show 11440000006939916
says "/v1/members/11440000006939916"
says "[subject-unknown]"
expect 0 "$DIRCHAIN" duty list --limit 2
says "there are more"
expect 0 "$DIRCHAIN" duty list --limit 1000 --json # more than one page
/usr/bin/python3 -c '
import json
codes = [d["id"] for d in json.load(open("out"))["items"]]
assert len(codes) == len(set(codes)) == '"$total"', len(codes)'
expect 0 "$DIRCHAIN" duty list --member $minzheng --status retired
says "共 1 条"
expect 0 "$DIRCHAIN" catalog list --status published
says "SHZZ-BGXX"
expect 0 "$DIRCHAIN" catalog list --without-duty
says "共 0 条"
expect 0 "$DIRCHAIN" request list --status refused
says "共 1 条"
says "广东省司法厅" # who asked, by name
grep -qE '不同意 +提供方' out || fail "not refused by the provider"
expect 0 "$DIRCHAIN" request list --status granted
grep -qE '已授权 +中心' out || fail "not granted by the center's assessment"
expect 0 "$DIRCHAIN" request list --status granted --json
[[ $(field items.0.decided) == center ]] || fail "the list does not say how it was granted"
expect 0 "$DIRCHAIN" grant list --provider $linye
says "共 1 条"
expect 0 "$DIRCHAIN" tx list --type request.answer
says "共 1 条"
expect 0 "$DIRCHAIN" tx acts
expect 1 "$DIRCHAIN" grant list --provider 13440000515356094L # no such code can be
says "[uscc-check-digit]"
expect 2 "$DIRCHAIN" grant list --limit 0

# ---- the explorer ---------------------------------------------------------------------------------
lists_wait 1
expect 0 "$DIRCHAIN" explorer status
grep -qE "，(已跟上|跟进中) " out || fail "does not say how far the read model is"
says "$DIRCHAIN_NODE/"
expect 0 "$DIRCHAIN" explorer search 变更信息
says "SHZZ-BGXX"
expect 0 "$DIRCHAIN" explorer search 林业局 --kind member
says "广东省林业局"
says "共 1 条"
expect 0 "$DIRCHAIN" explorer search "$grant" --json
[[ $(field items.0.kind) == transaction ]] || fail "a txid is not found"
expect 0 "$DIRCHAIN" explorer search 没有这样的词
says "共 0 条"
expect 1 "$DIRCHAIN" explorer search 林 --kind block
says "[field-choice]"
expect 2 "$DIRCHAIN" explorer search
expect 0 "$DIRCHAIN" explorer history "entry/$minzheng/SHZZ-BGXX"
says "共 4 条" # submitted, returned, submitted again, accepted
says "catalog.review"
"$DIRCHAIN" request list --json | jq .items >list-before
expect 0 "$DIRCHAIN" explorer rebuild
says "检索库已重建"
lists_wait 1
expect 0 "$DIRCHAIN" explorer rebuild --no-wait
says "已开始"
expect 0 "$DIRCHAIN" explorer rebuild --json
[[ $(field rebuilding) == False && $(field behind) -le 5 ]] || fail "not rebuilt"
"$DIRCHAIN" request list --json | jq .items | cmp - list-before || fail "rebuilding changed a list"
expect 3 "$DIRCHAIN" explorer status --node http://127.0.0.1:1
expect 2 "$DIRCHAIN" explorer page
for command in status search history rebuild; do
    expect 0 "$DIRCHAIN" explorer $command --help
done

# ---- transfers ------------------------------------------------------------------------------------
DIRCHAIN_NODE=$(api_url 3)
move() { "$DIRCHAIN" transfer "$@" --token-file "$NET/sifa/gateway.token"; }
expect 2 "$DIRCHAIN" transfer open "$grant" --operator gateway
says "--token-file"
expect 1 "$DIRCHAIN" transfer open "$grant" --operator gateway --token-file "$NET/linye/gateway.token"
chmod 644 "$NET/sifa/gateway.token"
expect 3 move open "$grant" --operator gateway
says "[permission]"
chmod 600 "$NET/sifa/gateway.token"
expect 1 move open "$grant" --operator 'a clerk' # no code
says "[field-format]"
expect 0 move open "$grant" --operator gateway --json
[[ $(field state) == complete && $(field rows) == 16484 ]] || fail "the transfer is not complete"
transfer=$(field id)
[[ $(head -c 3 "$NET/sifa/inbox/$(field path)" | wc -c) == 3 ]] || fail "nothing arrived"
expect 0 move get "$transfer"
says "完成"
expect 0 move open "$grant" --operator gateway --no-wait --purpose 城市绿化规划
expect 0 move get "$(sed -n 's/^传输 transfer  //p' out)"
expect 0 move list
says "共 2 条"
expect 0 "$DIRCHAIN" transfer reconcile
says "对账无差异"
expect 0 "$DIRCHAIN" grant usage "$grant"
says "32968" # both transfers
expect 0 move opening "$transfer" # what the digest of its receipt stands for, until it is erased
says "16484"
expect 0 move erase "$transfer"
expect 1 move opening "$transfer"
# Off its purpose: the ledger refuses, nothing moves, and it says why.
expect 1 move open "$grant" --operator gateway --purpose 其他用途
says "[off-purpose]"
DIRCHAIN_NODE=$(api_url 1)

# ---- the end of a grant ---------------------------------------------------------------------------
expect 1 as center/review grant suspend "$grant" --reason 数据核查
says "authority 已报告部门  〔PT 31〕"
expect 0 as center/review grant suspend "$grant" --reason 数据核查 --authority 区委网信办 \
    --document "$(sha256sum ask.json | cut -c1-64)"
says "已暂停"
expect 0 as center/review grant restore "$grant" --reason 核查完毕
expect 0 as sifa/compile grant end "$grant" --reason 业务调整
expect 1 as sifa/chief agreement sign "$grant" --file ask.json
says "[status]"
says "须为待签协议。"
says "It has to be agreement."

source "$ROOT/tests/e2e/cli/members.sh"

# ---- transactions by hand -------------------------------------------------------------------------
echo '{"code": "X-2", "name": "离线签署", "category": "公共服务", "implementer": "民政厅", "basis": "章程"}' >body.json
expect 0 as minzheng/compile tx sign --type duty.publish --body body.json --offline --out tx.jws
id=$(txid)
[[ ${#id} == 64 ]] || fail "no txid"
# A cheap key file signs for test chains only; that it is one, only a genesis can say offline.
expect 3 env DIRCHAIN_GENESIS= "$DIRCHAIN" tx sign --type duty.publish --body body.json --offline \
    --chain "$id" --key "$NET/minzheng/keys/compile.key" --passphrase-file "$NET/minzheng/passphrase"
says "[keyfile-light]"
expect 0 "$DIRCHAIN" tx submit tx.jws --no-wait
says "等待上链"
expect 0 "$DIRCHAIN" tx wait "$id"
says "$id"
expect 1 "$DIRCHAIN" tx submit tx.jws # the same again
says "[tx-replay]"
expect 0 "$DIRCHAIN" tx show "$id"
says "离线签署"
expect 0 "$DIRCHAIN" tx receipt "$id" --out receipt.json
expect 3 "$DIRCHAIN" tx receipt "$id" --out receipt.json
expect 3 "$DIRCHAIN" tx wait "${id//[0-9]/0}" --timeout-s 1
says "[timeout]"
sed 's/^./f/' tx.jws >mangled.jws
expect 1 "$DIRCHAIN" tx submit mangled.jws
# A chain that was pinned is not another one, and nothing is sent to a node that says so.
expect 1 env DIRCHAIN_GENESIS= "$DIRCHAIN" duty publish --code X-3 --name 名称 --category 公共服务 \
    --implementer 民政厅 --basis 章程 --chain "${id}" --key "$NET/minzheng/keys/compile.key" \
    --passphrase-file "$NET/minzheng/passphrase"
says "[tx-other-chain]"
# Two nodes tell the same.
DIRCHAIN_NODE=$(api_url 3)
expect 0 "$DIRCHAIN" duty show $minzheng X-2
says "离线签署"
expect 1 "$DIRCHAIN" duty show $minzheng X-3
says "[subject-unknown]"
# One rule for all: what is not there is a refusal, and named.
nowhere=${id//[0-9a-f]/0}
for what in "member show 11440000006939916" "duty show $minzheng X-3" "catalog show $minzheng X-3" \
    "request show PTGXSQ999999" "request show $nowhere" "tx show $nowhere"; do
    # shellcheck disable=SC2086
    expect 1 "$DIRCHAIN" $what
    what=${what##* }
    says "${what:0:20}" # a hash is too long for one line
    says "[subject-unknown]"
done

source "$ROOT/tests/e2e/cli/audit.sh"

source "$ROOT/tests/e2e/cli/harvest.sh"

# ---- a node dies under an import: said once, and the same command again brings the rest ------------
sed 's/"name": "/"name": "（新）/' "$SAMPLES/duties/sifa.jsonl" >renamed.jsonl
rows=$(wc -l <renamed.jsonl)
DIRCHAIN_NODE=$(api_url 3)
(sleep 0.7; node_stop 3 KILL) &
killer=$!
got=0
as sifa/compile duty import renamed.jsonl >out 2>&1 </dev/null || got=$?
wait "$killer" || true
rm -f "$NET/sifa/pid"
echo "import while its node dies: exit $got; $(tail -n 1 out)"
[[ $got == 3 || $got == 0 ]] || fail "exit $got when the node dies"
if [[ $got == 3 ]]; then
    [[ $(grep -c '\[network\]' out) == 1 ]] || fail "the lost node is not told once"
fi
node_start 3
# What it had handed on is in blocks that it lacks: until then it tells the versions of before.
node_wait 3 $(($(node_height 1) + 2))
expect 0 as sifa/compile duty import renamed.jsonl --json
expect 0 as sifa/compile duty import renamed.jsonl
says "$rows 条已在链上且未变"

network_stop
/usr/bin/python3 "$ROOT/tests/e2e/columns.py" told/* || fail "a line of more than 80 columns"
echo "command line against a network: $checks checks, $total duties"
