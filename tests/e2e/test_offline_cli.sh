#!/usr/bin/env bash
# What the command-line tool does before any node is asked: duty lists checked row by row, catalog
# entries compiled, transactions signed offline and verified by another library.
set -euo pipefail
cd "$(dirname "$0")/../.."
for BIN in "${DIRCHAIN_BIN:-}" build/release/bin build/dev/bin; do
    [[ -n $BIN && -x $BIN/dirchain ]] && break
done
DIRCHAIN=$PWD/$BIN/dirchain
ROOT=$PWD
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
cd "$WORK"

source "$ROOT/tests/e2e/expect.sh"

printf 'correct horse battery\n' >pass && chmod 600 pass
export DIRCHAIN_PASSPHRASE_FILE=$WORK/pass
declare -A members=([minzheng]=11440000006940175Y [linye]=11440000006939916J
    [sifa]=114400000069401674 [renshe]=11440000553612461J)
for name in "${!members[@]}"; do
    expect 0 "$DIRCHAIN" key create --member "${members[$name]}" --dir "$name" --light compile vote
done

# ---- duty lists -----------------------------------------------------------------------------------
total=0
for name in "${!members[@]}"; do
    list=$ROOT/samples/duties/$name.jsonl
    expect 0 "$DIRCHAIN" duty import "$list" --check --key "$name/compile.key"
    says "$(wc -l <"$list") 条均合规"
    total=$((total + $(wc -l <"$list")))
done
((total >= 300)) || fail "only $total duties"
# By the ledger's names, which faults and tables go by, as well as by the published ones.
sed 's/"agency":/"implementer":/; s/"catalog_group":/"responsibility":/' \
    "$ROOT/samples/duties/minzheng.jsonl" >ours.jsonl
expect 0 "$DIRCHAIN" duty import ours.jsonl --check --key minzheng/compile.key
says "15 条均合规"
# A line may leave its agency out, as a table's row may; a member that the ledger has not is named; what is no
# object is told as that, once.
sed 's/"agency_code": *"[^"]*", *//; s/"basis":/"bassis":"错","basis":/' ours.jsonl >odd.jsonl
expect 0 "$DIRCHAIN" duty import odd.jsonl --check --key minzheng/compile.key
says "已略去 Members left out:"
says "bassis"
says "15 条均合规"
printf '[]\n5\n{"code":"A-1","agency_code":7}\n' >none.jsonl
expect 1 "$DIRCHAIN" duty import none.jsonl --check --json --key minzheng/compile.key
/usr/bin/python3 -c '
import json
told = json.load(open("out"))
assert [[f["code"] for f in r["faults"]] for r in told["faulty"][:2]] == [["field-type"]] * 2, told
assert "uscc-form" in [f["code"] for f in told["faulty"][2]["faults"]], told'
# Another agency's list: every row is told, none is submitted.
expect 1 "$DIRCHAIN" duty import "$ROOT/samples/duties/minzheng.jsonl" --key sifa/compile.key
says "15 条中有 15 条有误"
says "[party]"
# The agencies whose codes do not check.
expect 1 "$DIRCHAIN" duty import "$ROOT/samples/duties/invalid-codes.jsonl" --check --key sifa/compile.key
says "6 条中有 6 条有误"
says "[uscc-check-digit]"
says "[uscc-form]"
# Every fault of a row at once, and rows that are no JSON.
/usr/bin/python3 - "$ROOT/samples/duties/minzheng.jsonl" <<'PY' >broken.jsonl
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
rows[1]["category"] = "行政服务"
rows[1]["code"] = "no spaces allowed"
del rows[1]["basis"]
for i, row in enumerate(rows):
    print(json.dumps(row, ensure_ascii=False) if i != 3 else '{"code": "x", "code": "y"}')
    print()
PY
expect 1 "$DIRCHAIN" duty import broken.jsonl --check --key minzheng/compile.key
says "15 条中有 2 条有误"
for fault in "category 分类" "code 代码" "basis 依据" "[json-duplicate-key]" "[field-choice]" "[field-format]" "[field-missing]"; do
    says "$fault"
done
expect 1 "$DIRCHAIN" duty import broken.jsonl --check --json --key minzheng/compile.key
/usr/bin/python3 -c '
import json
told = json.load(open("out"))
assert told["total"] == 15 and [r["row"] for r in told["faulty"]] == [3, 7], told
assert {f["field"] for f in told["faulty"][0]["faults"]} == {"category", "code", "basis"}, told'
# The same list as CSV and as .xlsx, with the headings of published lists: the same verdict, every fault at
# its cell; and files that are no tables.
/usr/bin/python3 "$ROOT/tests/e2e/tables.py" "$ROOT/samples/duties/minzheng.jsonl"
for table in list.csv list.xlsx; do
    expect 0 "$DIRCHAIN" duty import $table --check --key minzheng/compile.key
    says "已略去 Columns left out: 办理时限"
    says "15 条均合规"
done
for table in faulty.csv faulty.xlsx; do
    expect 1 "$DIRCHAIN" duty import $table --check --json --key minzheng/compile.key
    /usr/bin/python3 -c '
import json
told = json.load(open("out"))
assert told["total"] == 15 and [r["row"] for r in told["faulty"]] == [3, 5], told
assert [(f["code"], f["field"].split("!")[1]) for f in told["faulty"][0]["faults"]] == [
    ("field-format", "B3 职权编码"), ("field-choice", "D3 类别"), ("field-missing", "G3 设定依据")], told
assert [f["code"] for f in told["faulty"][1]["faults"]] == ["party"], told'
done
expect 1 "$DIRCHAIN" duty import faulty.xlsx --key minzheng/compile.key
says "第 3 行 row  no spaces allowed"
says "类别  取值不在允许的范围内"
says "可取 行政许可、"
says "15 条中有 2 条有误"
for case in gb18030.csv:table-encoding old.xls:spreadsheet-old-form cut.xlsx:spreadsheet-form \
    nothing.csv:spreadsheet-heading twice.csv:column-twice entity.xlsx:spreadsheet-form; do
    expect 1 "$DIRCHAIN" duty import "${case%:*}" --check --key minzheng/compile.key
    says "[${case#*:}]"
done
# Who opens the file does not see a hidden sheet; rows in a sheet that is not taken are told of, though of the
# other sheet's none is the agency's own, and are no rows to skip.
expect 0 "$DIRCHAIN" duty import hidden.xlsx --check --key minzheng/compile.key
says "以下工作表是隐藏的，其中各行已读取"
says "taken: 权责清单"
expect 1 "$DIRCHAIN" duty import guide.xlsx --check --key minzheng/compile.key
says "[sheet-twice]"
says "填写说明"
for option in --check --skip-faulty; do
    expect 1 "$DIRCHAIN" duty import aside.xlsx --own $option --key minzheng/compile.key
    says "其他单位的 2 条未导入"
    says "[sheet-twice]"
    says "乙"
done
# A line of NUL is none that is blank, as a file that was cut off may have; a mark before the first is no fault.
list=$ROOT/samples/duties/minzheng.jsonl
{ printf '\xef\xbb\xbf'; head -n 1 "$list"; printf ' \0\0\n \t\r\n'; tail -n +2 "$list"; } >nul.jsonl
expect 1 "$DIRCHAIN" duty import nul.jsonl --check --key minzheng/compile.key
says "第 2 行 row"
says "[json-syntax]"
says "16 条中有 1 条有误"
expect 3 "$DIRCHAIN" duty import nothere.jsonl --key minzheng/compile.key
expect 1 "$DIRCHAIN" duty import broken.jsonl --key minzheng/vote.key
says "[key-invalid]"

# ---- catalog entries ------------------------------------------------------------------------------
cat >entries.json <<'JSON'
{"entries": [
  {"code": "MZ-0001", "entry": {
    "category": "基础信息资源/社会组织", "name": "广东省社会团体登记信息",
    "summary": "省级登记的社会团体基本信息。", "format": "database", "sharing": "unconditional",
    "opening": "unconditional", "update": "daily", "source": {"store": "社团登记表"},
    "coverage": "广东省，2000年至今",
    "items": [{"name": "统一社会信用代码", "type": "C", "length": 18, "nullable": false},
              {"name": "成立日期", "type": "D"}]}},
  {"code": "MZ-0002", "entry": {
    "category": "主题信息资源/社会救助", "name": "低收入家庭认定信息", "summary": "低收入家庭认定结果。",
    "format": "database", "sharing": "authorised", "sharing_reason": "涉及个人隐私",
    "sharing_basis": "《中华人民共和国个人信息保护法》第十三条", "opening": "closed", "update": "monthly",
    "source": {"system": "低保系统"}, "coverage": "广东省", "grade": 3,
    "items": [{"name": "家庭编号", "type": "C", "length": 20}]}}]}
JSON
shared=(--entry.manager 社会组织管理局 --entry.grade 2 --entry.source.system 社会组织登记系统
    --entry.published-on 2026-02-02 --entry.duty MZ-1)
expect 0 "$DIRCHAIN" catalog compile entries.json "${shared[@]}" --out compiled.json
says "2 条目录要素齐全"
/usr/bin/python3 -c '
import json
first, second = (e["entry"] for e in json.load(open("compiled.json"))["entries"])
assert first["grade"] == 2 and second["grade"] == 3
assert first["source"] == {"store": "社团登记表", "system": "社会组织登记系统"}
assert second["source"] == {"system": "低保系统"}
assert first["manager"] == second["manager"] == "社会组织管理局"
assert first["published_on"] == "2026-02-02"'
expect 0 "$DIRCHAIN" catalog compile compiled.json
expect 3 "$DIRCHAIN" catalog compile entries.json "${shared[@]}" --out compiled.json # not overwritten
expect 1 "$DIRCHAIN" catalog compile entries.json
says "2 条中有 2 条有误"
for field in entry.manager entry.grade entry.source.system; do says "$field"; done
sed 's/MZ-0002/MZ-0001/; s/"type": "D"/"type": "日期"/' compiled.json >twice.json
expect 1 "$DIRCHAIN" catalog compile twice.json
says "entry.items[1].type"
says "[duplicate]"
{ printf '\xef\xbb\xbf'; cat compiled.json; } >marked.json # as editors of Windows write it
expect 0 "$DIRCHAIN" catalog compile marked.json
sed '4s/,$//' compiled.json >comma.json
expect 1 "$DIRCHAIN" catalog compile comma.json
says "comma.json: 第 5 行 line 5:"
says "[json-syntax]"
echo '{"entries": {}}' >shape.json
expect 1 "$DIRCHAIN" catalog compile shape.json

# A paper is given as its digest or as the file.
expect 2 "$DIRCHAIN" officer update zhang --filing 00 --filing-file pass --key minzheng/compile.key
says "--filing 与 --filing-file 只能用其一"

# Of a feed, a dataset that is at fault or cannot be read is told by its number, line and identifier.
printf '{"dataset": [\n{"identifier": "a-1", "title": "x"},\n\n{"identifier": "a-2", "title" 1}]}\n' >feed.json
expect 1 "$DIRCHAIN" catalog import --format dcat-us feed.json
says "第 1 条 dataset，第 2 行 line  a-1"
says "第 2 条 dataset，第 4 行 line  a-2"
says "[json-syntax]"
printf '{"dataset": [\n{"identifier": 7, "accessLevel": "some"}, "text"]}\n' >feed.json
expect 1 "$DIRCHAIN" catalog import --format dcat-us feed.json
says "须为对象 {…}。"
says "可取 public（无条件开放）、restricted public（有条件开放）、non-public（非开"
[[ $(grep -c ' identifier ' out) == 1 ]] || fail "an identifier at fault is not told once"
if grep -qE ' (code|entry.opening) ' out; then fail "what follows from a fault is told besides"; fi
printf '{"dataset": [\n{"identifier": "a-1"}\n{"identifier": "a-2"}]}\n' >feed.json
expect 1 "$DIRCHAIN" catalog import --format dcat-us feed.json
says "第 3 行第 1 列 line 3, column 1:"

# ---- signing offline ------------------------------------------------------------------------------
chain=$(printf 'genesis' | sha256sum | cut -d' ' -f1)
/usr/bin/python3 -c '
import json
json.dump(json.load(open("compiled.json"))["entries"][0], open("body.json", "w"))'
sign() { "$DIRCHAIN" tx sign --type catalog.submit --body body.json --key minzheng/compile.key "$@"; }
expect 3 sign --offline --chain "$chain" --out tx.jws # with no genesis, no light key
says "[keyfile-light]"
[[ ! -e tx.jws ]] || fail "signed with a light key"
rm minzheng/compile.key
expect 0 "$DIRCHAIN" key create --member "${members[minzheng]}" --dir minzheng compile
expect 0 sign --offline --chain "$chain" --out tx.jws
says "txid"
expect 3 sign --offline --chain "$chain" --out tx.jws # not overwritten
expect 2 sign --offline
says "--chain"
expect 3 sign --node http://127.0.0.1:1 # nobody listens there
says "[network]"
expect 2 sign --node ftp://127.0.0.1
expect 2 sign --node http://user:secret@127.0.0.1
expect 1 "$DIRCHAIN" tx sign --type catalog.sbumit --body body.json --key minzheng/compile.key
says "[tx-type-unknown]"
expect 1 "$DIRCHAIN" tx sign --type duty.retire --body body.json --key minzheng/compile.key
says "[field-unknown]"
"$DIRCHAIN" key show --json minzheng/compile.key >key.json
if /usr/bin/python3 -c 'import jwcrypto' 2>/dev/null; then
    /usr/bin/python3 - "$chain" <<'PY' || fail "another library does not verify the signature"
import base64, hashlib, json, sys
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto import jwk, jws
public = json.load(open("key.json"))["items"][0]["public"]
point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), bytes.fromhex(public)).public_numbers()
b64 = lambda n: base64.urlsafe_b64encode(n.to_bytes(32, "big")).rstrip(b"=").decode()
key = jwk.JWK(kty="EC", crv="secp256k1", x=b64(point.x), y=b64(point.y))
token = jws.JWS()
token.allowed_algs = ["ES256K"]
token.deserialize(open("tx.jws").read(), key)
assert json.loads(token.objects["protected"]) == {
    "alg": "ES256K", "kid": "11440000006940175Y/compile", "typ": "dirchain-tx+json"}
payload = json.loads(token.payload)
assert payload["chain"] == sys.argv[1] and payload["type"] == "catalog.submit"
assert payload["body"] == json.load(open("body.json"))
PY
    checks=$((checks + 1))
fi

# ---- audit: usage is complained of before any file is opened or node asked ------------------------
verify() { "$DIRCHAIN" audit verify nothere.pack --genesis nothere.json --json "$@"; }
hash=$chain
for checkpoint in "0:$hash" "-1:$hash" "+5:$hash" " 5:$hash" "5x:$hash" ":$hash" "5:" "5:${hash^^}" "5:${hash}0" \
    "5:${hash%?}" "5" "1000000000000000:$hash" "18446744073709551617:$hash" "5 :$hash" "5:$hash "; do
    expect 2 verify --checkpoint "$checkpoint"
    says "--checkpoint $checkpoint"
done
expect 2 verify --checkpoint ""
expect 2 verify --checkpoint "5:$hash" --checkpoint "6:$hash" # one block is trusted
expect 3 verify --checkpoint "999999999999999:$hash"
says "nothere.json"
pack() { "$DIRCHAIN" audit pack --genesis nothere.json --out nothere.pack --node http://127.0.0.1:1 --json "$@"; }
for number in 0 -1 -9223372036854775808; do
    for bound in from to; do
        expect 2 pack --$bound=$number
        says "--$bound $number"
    done
done
expect 2 pack --from 75 --to 60
says "--from 75 --to 60"
expect 2 pack --from 75x
for txid in zz "${chain^^}" "${chain%?}" "${chain}0" "../$chain" ""; do
    expect 2 pack --tx "$chain" --tx "$txid"
    says "--tx $txid"
done
expect 2 pack --tx "$chain" --from 1
says "--from"
expect 2 pack --tx "$chain" --to 9
expect 3 pack --tx "$chain" --tx "$chain"
says "nothere.json"
[[ ! -e nothere.pack ]] || fail "a pack was begun"

/usr/bin/python3 "$ROOT/tests/e2e/columns.py" told/* || fail "a line of more than 80 columns"
echo "offline: $checks checks, $total duties"
