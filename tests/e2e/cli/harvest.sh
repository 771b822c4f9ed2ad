# shellcheck shell=bash disable=SC2154
# Part of test_cli.sh: harvests.

# ---- a feed is harvested: new, changed, gone for a while, gone -------------------------------------
jq --arg duty "$(jq -r '.entries[0].entry.duty' "$SAMPLES/catalog/linye.json")" '.entry.duty = $duty' \
    "$SAMPLES/dcat/defaults-us.json" >defaults.json
feed() { jq -c ".dataset |= (.[:4] | $1)" "$SAMPLES/dcat/gsa.data.json" >feed.json; }
harvest() {
    as linye/compile catalog harvest --format dcat-us --from "${from:-feed.json}" \
        --state "${state:-feed.state}" --defaults defaults.json --absences 2 --days 0 "$@"
}
mapfile -t codes < <(jq -r '.dataset[:4][].identifier' "$SAMPLES/dcat/gsa.data.json")
feed .
expect 0 harvest --dry-run
says "提交 To submit 4"
[[ ! -e feed.state ]] || fail "a dry run left a state"
expect 0 harvest
says "4 已上链 committed"
for code in "${codes[@]}"; do
    expect 0 as center/review catalog review $linye "$code" --decision accept
done
feed '.[:3] | .[0].title += ", second edition"'
lists_wait 1
expect 0 harvest
says "申请变更 To change 1:  ${codes[0]}"
says "暂缺，尚未到期 Missing, not long enough 1:  ${codes[3]}"
says "未变 Unchanged 2"
lists_wait 1
expect 0 harvest --json # the same feed once more: its second absence; the change is under way
[[ $(field plan.retire.0.code) == "${codes[3]}" && $(field plan.waiting.0.why) == applied ]] || fail "another plan"
[[ $(jq '."catalog.retire".committed' out) == 1 ]] || fail "not applied for"
expect 0 as center/review catalog assess $linye "${codes[0]}" --decision accept
feed '.[:4] | .[0].title += ", second edition"'
lists_wait 1
expect 0 harvest --dry-run # it is there again: the deletion is taken back
says "撤回申请 Applications to take back 1:  ${codes[3]} (来源目录已恢复列出"
expect 0 harvest --json
[[ $(jq '."catalog.withdraw".committed' out) == 1 ]] || fail "not taken back"
expect 1 as center/review catalog assess $linye "${codes[3]}" --decision accept
says "[status]"
feed '.[:3] | .[0].title += ", second edition"'
expect 0 harvest
says "暂缺，尚未到期 Missing, not long enough 1:  ${codes[3]}"
expect 0 harvest --json
[[ $(jq '."catalog.retire".committed' out) == 1 ]] || fail "not applied for again"
expect 0 as center/review catalog assess $linye "${codes[3]}" --decision accept
feed '.[:4] | .[0].title += ", second edition"'
cp feed.state before.state
feed '.[:1]'
expect 1 harvest
says "[feed-shrunk]"
cmp feed.state before.state || fail "a feed that was refused was noted"
feed '.[:3] | .[0].title += ", second edition"'
timeout 60 /usr/bin/python3 - >port 2>http.log <<'PY' &
import http.server
server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
print(server.server_port, flush=True)
server.handle_request()
PY
for ((i = 0; i < 50; i++)); do [[ -s port ]] && break; sleep 0.1; done
lists_wait 1
from=http://127.0.0.1:$(<port)/feed.json
expect 2 harvest
says "--allow-host"
expect 0 harvest --allow-host "127.0.0.1:$(<port)"
says "未变 Unchanged 3"
wait $!
from=
[[ $(jq -r '.datasets | length' feed.state) == 4 ]] || fail "another state"
# What the feed takes back: a change that the ledger took already, and one that still waits.
feed '.[:3]'
expect 0 harvest
says "申请变更 To change 1:  ${codes[0]}"
lists_wait 1
feed '.[:3] | .[0].title += ", second edition"'
expect 0 harvest
says "撤回申请 Applications to take back 1:  ${codes[0]} (来源目录又有变更"
lists_wait 1
feed '.[:3]'
expect 0 harvest
says "申请变更 To change 1:  ${codes[0]}"
expect 0 as center/review catalog assess $linye "${codes[0]}" --decision accept
lists_wait 1
expect 0 harvest
says "未变 Unchanged 3"
expect 0 "$DIRCHAIN" catalog show $linye "${codes[0]}" --json
[[ $(field entry.name) == "$(jq -r '.dataset[0].title' feed.json)" ]] || fail "the title was not put back"
echo '{}' >bad.state
state=bad.state expect 3 harvest
says "[harvest-state]"
