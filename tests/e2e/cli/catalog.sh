# shellcheck shell=bash disable=SC2154
# Part of test_cli.sh: catalog entries, from a draft to their end.

# ---- catalog --------------------------------------------------------------------------------------
expect 0 as minzheng/compile catalog submit "$SAMPLES/catalog/minzheng.json"
says "4 已上链"
expect 0 as linye/compile catalog submit "$SAMPLES/catalog/linye.json"
expect 0 as linye/compile catalog submit "$SAMPLES/catalog/linye.json" # the same: left out
says "条已在链上且未变"
sed 's/\("summary": *"\)/\1另：/' "$SAMPLES/catalog/linye.json" >altered.json
expect 1 as linye/compile catalog submit altered.json # another, and not returned: not again
says "[status]"
says "[status]"
expect 0 as center/review catalog review $minzheng SHZZ-JBXX --decision accept
says "已发布"
expect 0 as center/review catalog review $minzheng SHJZ-DXXX --decision accept
expect 1 as center/review catalog review $minzheng SHZZ-BGXX --decision return
says "[grounds-missing]"
says "PT 13"
expect 1 as center/review catalog review $minzheng SHZZ-BGXX --decision perhaps
says "[field-choice]"
expect 0 as center/review catalog review $minzheng SHZZ-BGXX --decision return \
    --reasons 'entry.name|名称应写明时间范围' --reasons 缺少覆盖范围
says "已退回"
says "PT 13"
expect 0 "$DIRCHAIN" catalog show $minzheng SHZZ-BGXX
says "名称应写明时间范围"
/usr/bin/python3 -c '
import json
entries = json.load(open("'"$SAMPLES"'/catalog/minzheng.json"))
entries = entries if isinstance(entries, list) else entries["entries"]
again = next(e for e in entries if e["code"] == "SHZZ-BGXX")
again["entry"]["name"] += "（2000年至今）"
json.dump(again, open("again.json", "w"), ensure_ascii=False)'
expect 0 as minzheng/compile catalog submit again.json
lists_wait 1
expect 0 "$DIRCHAIN" catalog show $minzheng SHZZ-BGXX # the reviewer sees what is like it
says "近似目录 Entries like it"
expect 0 "$DIRCHAIN" catalog near $minzheng SHZZ-BGXX --json
expect 0 "$DIRCHAIN" catalog near $minzheng SHZZ-BGXX
expect 0 as center/review catalog review $minzheng SHZZ-BGXX --decision accept
expect 0 as center/review catalog review $linye SM-PC --decision accept
# PT 22: no data is shared before it is collected.
expect 0 as minzheng/compile catalog collect SHJZ-DXXX --method table --system 社会救助系统 --content 救助对象 \
    --tables 1 --rows 5200
expect 1 "$DIRCHAIN" catalog form $linye SM-PC --out collection.html # due, and nothing of it reported
says "尚未报送归集成果"
says "[status]"
expect 0 as linye/compile catalog collect SM-PC --method offline --system 绿化普查系统 --content 树木普查 \
    --tables 1 --rows 16484
expect 2 as linye/compile catalog bind SM-PC --file "$SAMPLES/files/alberi.csv"
expect 0 as linye/compile catalog bind SM-PC --file "$SAMPLES/files/alberi.csv" --resource alberi
/usr/bin/python3 - "$SAMPLES/files/alberi.csv" <<'PY' >root
import hashlib, sys
data = open(sys.argv[1], "rb").read()
def mth(leaves):
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + mth(leaves[:k]) + mth(leaves[k:])).digest()
print(mth([data[i:i + 262144] for i in range(0, len(data), 262144)]).hex())
PY
expect 0 as linye/compile catalog bind SM-PC --file "$SAMPLES/files/alberi.csv" --resource alberi --json
[[ $(field record.bindings.0.digest) == "$(cat root)" ]] || fail "the file's root is another"

# Out in every format and in again: the same documents. Feeds of others: what is refused, and why.
lists_wait 1
for format in dcat-us dcat-ap xlsx csv; do
    expect 0 "$DIRCHAIN" catalog export --format $format --out $format.feed
    expect 0 "$DIRCHAIN" catalog import --format $format $format.feed --out $format.json
    /usr/bin/python3 - "$SAMPLES/catalog" $format.json again.json <<'PY' || fail "$format changed an entry"
import json, sys
folder, drafts, again = sys.argv[1:]
sent = {}
for path in (folder + "/minzheng.json", folder + "/linye.json"):
    sent.update({one["code"]: one["entry"] for one in json.load(open(path))["entries"]})
mended = json.load(open(again))
sent[mended["code"]] = mended["entry"]
got = {one["code"]: one["entry"] for one in json.load(open(drafts))["entries"]}
assert sorted(got) == ["SHJZ-DXXX", "SHZZ-BGXX", "SHZZ-JBXX", "SM-PC"], sorted(got)
assert all(got[code] == sent[code] for code in got)
PY
done
expect 3 "$DIRCHAIN" catalog export --format dcat-us --out dcat-us.feed # not overwritten
# A table is taken wherever a catalog file is; its faults are told at their cells, in both sheets.
mv csv.feed table.csv && mv csv.feed.items.csv table.items.csv
expect 0 "$DIRCHAIN" catalog compile table.csv
mv table.items.csv elsewhere
expect 1 "$DIRCHAIN" catalog compile table.csv
says "未找到同目录下的明细表"
says "  table.items.csv"
mv elsewhere table.items.csv
cp table.items.csv items.before # what an entry shows by itself is judged before the ledger sees it
tail -n 1 items.before >>table.items.csv
expect 1 "$DIRCHAIN" catalog compile table.csv
says "信息项!"
says "[duplicate]"
mv items.before table.items.csv
sed -i '0,/字符型/s//文字型/; $s/$/\r\n99,NONE,x,,字符型\r/' table.items.csv
sed -i '0,/无条件共享/s//都可以/' table.csv
/usr/bin/python3 - table.csv <<'PY'
import csv, sys
rows = list(csv.reader(open(sys.argv[1], encoding="utf-8-sig", newline="")))
duty = next(i for i, name in enumerate(rows[0]) if name.startswith("关联职责"))
rows[-1][duty] = ""
csv.writer(open(sys.argv[1], "w", encoding="utf-8", newline="")).writerows(rows)
PY
expect 1 "$DIRCHAIN" catalog import table.csv # of the table and of its rows, all in one round
says "信息项!B"
says "NONE"
says "[row-alone]"
says "共享属性  取值不在允许的范围内"
says " 数据类型  "
says " 关联职责"
says "[field-choice]"
expect 1 "$DIRCHAIN" catalog import table.csv --json
[[ $(field table.0.code) == row-alone ]] || fail "the table's own fault is not in the document"
expect 0 "$DIRCHAIN" catalog template --out template.xlsx
expect 1 "$DIRCHAIN" catalog import template.xlsx
says "[rows-none]"
expect 2 "$DIRCHAIN" catalog template --out template.json
expect 2 "$DIRCHAIN" catalog import --format dcat "$SAMPLES/dcat/gsa.data.json"
expect 0 "$DIRCHAIN" catalog import --format dcat-us --defaults "$SAMPLES/dcat/defaults-us.json" \
    "$SAMPLES/dcat/gsa.data.json"
says "339 in order, 0 refused"
expect 1 "$DIRCHAIN" catalog import --format dcat-us --defaults "$SAMPLES/dcat/defaults-us.json" \
    "$SAMPLES/dcat/opm.data.json" --out opm.json
says "OPM-HRS-0007"
says "text-damaged"
[[ ! -e opm.json ]] || fail "drafts of a feed with faults were written"
expect 1 "$DIRCHAIN" catalog import --format dcat-us --defaults "$SAMPLES/dcat/defaults-us.json" \
    "$SAMPLES/dcat/opm.data.json" --out opm.json --skip-faulty
[[ $(jq '.entries | length' opm.json) == 132 ]] || fail "other than 132 drafts"
expect 1 "$DIRCHAIN" catalog import --format dcat-ap "$SAMPLES/dcat/gsa.data.json"
expect 0 "$DIRCHAIN" catalog import --format dcat-ap --defaults "$SAMPLES/dcat/defaults-it.json" \
    "$SAMPLES/dcat/alessandria.rdf"
