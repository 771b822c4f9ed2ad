# shellcheck shell=bash disable=SC2154
# Part of test_cli.sh: members, their officers and keys, delegations, validators.

# ---- members, keys, validators --------------------------------------------------------------------
expect 0 "$DIRCHAIN" member list
says "广东省林业局"
says "共 5 条"
expect 0 as center/admin member suspend $renshe --reason 演练 --cause order --papers "$(printf 演练方案 | sha256sum | cut -c1-64)"
head -n 1 "$SAMPLES/duties/renshe.jsonl" | sed 's/"name": "/"name": "新/' >one.jsonl
expect 1 as renshe/compile duty import one.jsonl
says "[tx-member-suspended]"
expect 0 as center/admin member restore $renshe --reason 演练结束
cat one.jsonl one.jsonl >twice.jsonl
expect 1 as renshe/compile duty import twice.jsonl --check
says "[row-twice]"
says "代码相同的是第 1 行。"
expect 1 as minzheng/chief member suspend $renshe --reason 误操作
expect 0 "$DIRCHAIN" key create --member $minzheng --dir new --light \
    --passphrase-file "$NET/minzheng/passphrase" compile-2
expect 0 as minzheng/chief member key add --new-key new/compile-2.key
expect 0 "$DIRCHAIN" duty publish --code X-1 --name 测试职责 --category 公共服务 --implementer 民政厅 \
    --basis 章程 --key new/compile-2.key --passphrase-file "$NET/minzheng/passphrase"
expect 0 as minzheng/chief member key retire compile-2 --reason 轮换
expect 1 "$DIRCHAIN" duty retire X-1 --reason 误操作 --key new/compile-2.key \
    --passphrase-file "$NET/minzheng/passphrase"
says "[tx-key-unknown]"
expect 0 "$DIRCHAIN" member keys $minzheng
says "compile-2"
says "自区块"
# ---- officers, rotation, suspension, delegation, designation -------------------------------------
expect 0 "$DIRCHAIN" officer list $minzheng
says "首席数据官"
says "数据执行专员"
says "自区块" # beside the dates of changes
grep -qF 审批 out || fail "the role approve is not 审批"
grep -q '同意' out && fail "the role approve is called by a decision's word"
expect 0 "$DIRCHAIN" key create --member $minzheng --dir new --light \
    --passphrase-file "$NET/minzheng/passphrase" compile-3 compile-4 compile-lan compile5
echo 备案表 >filing.txt
# A key's name gives the role, or --role does.
expect 2 as minzheng/chief officer register data-5 --new-key new/compile5.key --filing-file filing.txt
says "compile5 不含角色"
says "--role"
expect 2 as minzheng/chief officer register data-5 --new-key new/compile5.key --role clerk --filing-file filing.txt
expect 0 as minzheng/chief officer register data-5 --new-key new/compile5.key --role compile --filing-file filing.txt
expect 0 as minzheng/chief officer end data-5 --reason 调离
expect 0 as minzheng/chief officer register data-3 --new-key new/compile-3.key --filing-file filing.txt
expect 0 "$DIRCHAIN" officer list $minzheng
says "data-3"
expect 1 as minzheng/chief officer end chief --reason 调离
says "[last-chief]"
expect 0 as minzheng/chief officer update data-3 --reason 联系方式变更 --filing-file filing.txt
expect 1 as minzheng/chief officer update data-9 --reason 联系方式变更
says "[subject-unknown]"
expect 0 as minzheng/chief member key suspend compile-3 --reason 疑似泄露
expect 1 "$DIRCHAIN" duty retire X-1 --reason 误操作 --key new/compile-3.key \
    --passphrase-file "$NET/minzheng/passphrase"
says "[key-suspended]"
expect 0 as minzheng/chief member key restore compile-3 --reason 已核实
expect 0 as minzheng/chief member key rotate compile-3 --new-key new/compile-4.key --reason 定期更换
expect 0 "$DIRCHAIN" officer list $minzheng
says "compile-4"
expect 0 "$DIRCHAIN" duty publish --code Y-2 --name 测试职责二 --category 公共服务 --implementer 民政厅 \
    --basis 章程 --key new/compile-4.key --passphrase-file "$NET/minzheng/passphrase"
expect 0 "$DIRCHAIN" member key prove new/compile-lan.key --out proof.json \
    --passphrase-file "$NET/minzheng/passphrase"
expect 0 as minzheng/chief delegation grant lan --delegate 91440000231112653B \
    --delegate-name 数据服务公司 --proof proof.json --types catalog.refresh --until 2099-12-31 \
    --basis 政府采购法
expect 1 as minzheng/chief delegation grant wan --delegate 91440000231112653B \
    --delegate-name 数据服务公司 --proof proof.json --types request.submit --until 2099-12-31 \
    --basis 政府采购法 # PT 2: collecting and producing alone
says "[field-choice]"
expect 0 "$DIRCHAIN" delegation list $minzheng
says "数据服务公司"
expect 0 "$DIRCHAIN" catalog refresh --entries SHZZ-BGXX --key new/compile-lan.key \
    --passphrase-file "$NET/minzheng/passphrase"
expect 1 "$DIRCHAIN" duty retire Y-2 --reason 误操作 --key new/compile-lan.key \
    --passphrase-file "$NET/minzheng/passphrase"
says "[delegation-scope]"
lists_wait 1
expect 0 "$DIRCHAIN" tx list --type catalog.refresh --json
says '"delegate": "91440000231112653B"'
expect 0 as minzheng/chief delegation end lan --reason 合同解除
expect 1 "$DIRCHAIN" catalog refresh --entries SHZZ-BGXX --key new/compile-lan.key \
    --passphrase-file "$NET/minzheng/passphrase"
/usr/bin/python3 - "$SAMPLES/catalog/minzheng.json" >stems.json <<'PY'
import json, sys
body = json.load(open(sys.argv[1]))["entries"][0]
body["code"], body["entry"]["duty"], body["entry"]["name"] = "Y-2-ML", "Y-2", "测试职责二办理情况"
json.dump({"entries": [body]}, sys.stdout)
PY
expect 0 as minzheng/compile catalog submit stems.json
expect 0 as minzheng/compile duty retire Y-2 --reason 职权下放
says "受影响的目录 affected entries  $minzheng/Y-2-ML"
expect 1 as minzheng/compile catalog withdraw Y-2-ML --reason 误报 # there is no application
says "账上没有目录变更 $minzheng Y-2-ML"
if grep -qF "change/" out; then fail "a key of the state is shown"; fi
: >empty.pdf
expect 2 as center/admin member suspend $renshe --reason 演练 --cause order --papers-file empty.pdf
says "--papers-file: 文件为空"
lists_wait 1
expect 0 "$DIRCHAIN" duty versions $minzheng Y-2
says "duty.retire"
expect 0 "$DIRCHAIN" duty gaps --member $minzheng
says "X-1"
if grep -q '^Y-2 ' out; then fail "a retired duty is no gap"; fi
expect 0 "$DIRCHAIN" designation list
expect 0 as minzheng/chief officer end data-3 --reason 调离
expect 0 "$DIRCHAIN" member keys $minzheng
says "compile-4"

# ---- validators -------------------------------------------------------------------------------------
expect 1 as center/admin validator change --remove $minzheng --remove $linye --reason 误操作
says "[validator-seats]"
# What no look at the network can mend is said at once, all of it.
expect 1 as center/admin validator change
says "[field-missing]"
says "nobody to add or remove is named"
says "reason"
expect 1 as center/admin validator change --add 11440000MB2C87614X --add 123 --reason 扩充
says "[uscc-check-digit]"
says "[uscc-form]"
expect 1 as center/admin validator change --add 11440000MB2C87614P --reason 扩充
says "[subject-unknown]"
says "11440000MB2C87614P 非成员单位 is no member"
# A newcomer.
newcomer=11440000MB2C87614P
"$DIRCHAIN" key create --member $newcomer --dir wenlv --light \
    --passphrase-file "$NET/minzheng/passphrase" chief compile vote peer >/dev/null
expect 0 "$DIRCHAIN" member join-request --member $newcomer --name 广东省文化和旅游厅 --party provider \
    --peer 127.0.0.1:1 --gateway 127.0.0.1:2 --keys wenlv --out wenlv.json \
    --passphrase-file "$NET/minzheng/passphrase"
expect 0 as center/admin member admit wenlv.json --reason 新增
expect 0 "$DIRCHAIN" member show $newcomer
says "广东省文化和旅游厅"
expect 1 as center/admin member admit wenlv.json --reason 再次
says "[duplicate]"
expect 1 as minzheng/chief member remove $newcomer --reason 误操作 # no key of that agency may
says "[party]"
says "应由中心办理。"
expect 1 as center/admin member remove $minzheng --reason 误操作
says "[member-is-validator]"
expect 0 as center/admin member remove $newcomer --reason 机构撤并 --cause succession \
    --papers "$(printf 撤并文件 | sha256sum | cut -c1-64)"
says "已移除"
expect 0 as center/admin calendar publish "$SAMPLES/calendar/2026.json"
