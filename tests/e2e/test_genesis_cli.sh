#!/usr/bin/env bash
# The genesis ceremony at the command line, as five agencies and their center go through it, and
# everything that must be refused on the way. Needs no node.
set -euo pipefail
cd "$(dirname "$0")/../.."
for BIN in "${DIRCHAIN_BIN:-}" build/release/bin build/dev/bin; do
    [[ -n $BIN && -x $BIN/dirchain ]] && break
done
DIRCHAIN=$PWD/$BIN/dirchain
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
ROOT=$PWD
cd "$WORK"

source "$ROOT/tests/e2e/expect.sh"

# ---- every command has help, exit 0 -----------------------------------------------------------------
names() { sed -nE 's/^  ([a-z][a-z-]*( [a-z][a-z-]*)?)  .*/\1/p'; }
expect 0 "$DIRCHAIN" --help
families=$("$DIRCHAIN" --help | names)
[[ $(wc -l <<<"$families") -ge 4 ]] || fail "families: $families"
commands=0
for family in $families; do
    expect 0 "$DIRCHAIN" "$family" --help
    while read -r -a words; do
        expect 0 "$DIRCHAIN" "$family" "${words[@]}" --help
        says "用法 Usage: dirchain $family ${words[*]}"
        says "--json"
        expect 2 "$DIRCHAIN" "$family" "${words[@]}" --no-such-option
        says "--no-such-option"
        commands=$((commands + 1))
    done < <("$DIRCHAIN" "$family" --help | names)
done
((commands >= 8)) || fail "only $commands commands were found"
expect 2 "$DIRCHAIN"
expect 2 "$DIRCHAIN" nonsense
says "No such command: nonsense"
expect 2 "$DIRCHAIN" genesis nonsense
expect 0 "$DIRCHAIN" --version

# ---- keys -----------------------------------------------------------------------------------------
printf 'correct horse battery\n' >pass && chmod 600 pass
printf 'wrong horse battery\n' >wrong && chmod 600 wrong
center=11440000MB2D023437
agencies=(11440000006940175Y 11440000006939916J 114400000069401674 11440000553612461J)
titles=(广东省民政厅 广东省林业局 广东省司法厅 广东省人力资源和社会保障厅)
keys=(chief compile review approve gateway audit vote peer)

create() { # MEMBER DIR NAME…
    expect 0 "$DIRCHAIN" key create --member "$1" --dir "$2" --light --passphrase-file pass "${@:3}"
}
create $center center "${keys[@]}" admin
for i in 0 1 2 3; do create "${agencies[i]}" "agency$i" "${keys[@]}"; done
[[ $(stat -c %a center/admin.key) == 600 ]] || fail "a key file is not 0600"
expect 3 "$DIRCHAIN" key create --member $center --dir center --light --passphrase-file pass admin
says "[exists]"
expect 0 "$DIRCHAIN" key show center/admin.key
says "$center/admin"
grep -q "correct horse" center/*.key && fail "a passphrase is in a key file"
expect 2 "$DIRCHAIN" key create --member $center --dir center Admin
expect 1 "$DIRCHAIN" key create --member 1144 --dir x chief
expect 3 "$DIRCHAIN" key create --member $center --dir x --passphrase-file nothere chief
chmod 644 pass
expect 3 "$DIRCHAIN" key create --member $center --dir x --passphrase-file pass chief
says "[permission]"
chmod 600 pass
expect 3 "$DIRCHAIN" key create --member $center --dir x chief # no terminal to ask on
says "--passphrase-file"

# On a terminal: the passphrase is asked for twice and not shown, and a bar tells how far it is.
cat >terminal.py <<'PY'
import os, pty, re, select, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
text, answered = b"", 0
while True:
    if not select.select([fd], [], [], 30)[0]:
        sys.exit("silent for 30 s: " + repr(text))
    try:
        data = os.read(fd, 4096)
    except OSError:
        break
    if not data:
        break
    text += data
    if answered < 2 and len(re.findall(rb": ", text)) > answered:
        assert not termios.tcgetattr(fd)[3] & termios.ECHO, "it asks before the terminal is silent"
        os.write(fd, b"a passphrase typed\n")
        answered += 1
status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
assert status == 0 and answered == 2, (status, answered, text)
assert b"a passphrase typed" not in text, "the passphrase was shown"
assert "生成密钥 Making keys [".encode() in text, text
PY
/usr/bin/python3 terminal.py "$DIRCHAIN" key create --member $center --dir typed --light chief compile review ||
    fail "asking on the terminal"
printf 'a passphrase typed\n' >typed.pass && chmod 600 typed.pass
checks=$((checks + 1))

# ---- join requests --------------------------------------------------------------------------------
join() { # EXIT MEMBER NAME DIR OUT PARTY…
    local want=$1 member=$2 name=$3 dir=$4 out=$5 parties=() party
    shift 5
    for party; do parties+=(--party "$party"); done
    expect "$want" "$DIRCHAIN" member join-request --member "$member" --name "$name" \
        "${parties[@]}" --peer "${PEER:-127.0.0.1:9000}" --gateway 127.0.0.1:9443 --keys "$dir" \
        --passphrase-file "${PASS:-pass}" --out "$out"
}
join 0 $center 省大数据中心 center center.join center
for i in 0 1 2 3; do join 0 "${agencies[i]}" "${titles[i]}" "agency$i" "$i.join" provider consumer; done
expect 0 "$DIRCHAIN" member verify center.join {0,1,2,3}.join
says 广东省司法厅
cp agency0/{vote,peer}.key typed/
PASS=typed.pass join 1 $center 省大数据中心 typed again.join center # its vote key is another agency's
says "[key-invalid]"
PASS=wrong join 3 "${agencies[0]}" 广东省民政厅 agency0 again.join provider
says "[wrong-passphrase]"
[[ ! -e again.join ]] || fail "a request was written with the wrong passphrase"
chmod 644 agency0/chief.key
join 3 "${agencies[0]}" 广东省民政厅 agency0 again.join provider
says "[permission]"
chmod 600 agency0/chief.key
join 3 "${agencies[0]}" 广东省民政厅 agency0 0.join provider # not overwritten
says "[exists]"
join 1 "${agencies[0]}" 广东省民政厅 agency1 again.join provider # another agency's keys
says "[key-invalid]"
# All faults at once.
PEER=nowhere join 1 "${agencies[0]}" 厅 agency0 again.join provider owner provider
for field in name peer_endpoint 'parties[1]' 'parties[2]'; do says "$field"; done

# The two real agencies whose codes do not check are refused, and nothing is repaired.
invalid=$ROOT/samples/duties/invalid-codes.jsonl
real=$(/usr/bin/python3 -c '
import json, sys
for code, name in sorted({(d["agency_code"], d["agency"]) for d in map(json.loads, open(sys.argv[1]))}):
    print(code, name)' "$invalid")
[[ $(wc -l <<<"$real") == 2 ]] || fail "not two agencies: $real"
while read -r code name; do
    create "$code" "bad-$code" chief vote peer
    join 1 "$code" "$name" "bad-$code" "bad-$code.join" provider
    says " 1. member"
    says "统一社会信用代码"
    grep -q ' 2\. ' out && fail "more than one fault: the code is the only one"
    [[ ! -e bad-$code.join ]] || fail "a request with a bad code was written"
done <<<"$real"

# A request changed after signing.
sed 's/广东省林业局/广东省林业厅/' 1.join >changed.join
expect 1 "$DIRCHAIN" member verify 0.join changed.join
says "[bad-signature]"
expect 1 "$DIRCHAIN" member verify --json changed.join
/usr/bin/python3 -c '
import json
item = json.load(open("out"))["items"][0]
assert not item["valid"] and {f["field"] for f in item["faults"]} == {"signature", "vote_signature"}'

# ---- genesis --------------------------------------------------------------------------------------
make() { # EXIT OUT OPTION…
    local want=$1 out=$2
    shift 2
    expect "$want" "$DIRCHAIN" genesis make --network ceremony ${KIND---test} --center $center --time "${TIME:-2026-02-02T09:00:00+08:00}" \
        --profile "$ROOT/samples/profiles/putuo.json" --calendar "$ROOT/samples/calendar/2026.json" \
        --key "${KEY:-center/admin.key}" --passphrase-file "${PASS:-pass}" --out "$out" "$@"
}
validators=()
for agency in "${agencies[@]}"; do validators+=(--validator "$agency"); done
all=(center.join 0.join 1.join 2.join 3.join)
make 0 genesis.json "${validators[@]}" "${all[@]}"
says "普陀区公共数据共享实施办法（试行）"
make 0 same.json "${validators[@]}" 3.join 1.join center.join 2.join 0.join
cmp genesis.json same.json || fail "the order of the requests changes the genesis"
expect 0 "$DIRCHAIN" genesis verify genesis.json
hash=$("$DIRCHAIN" genesis verify --json genesis.json | /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin)["hash"])')
expect 0 "$DIRCHAIN" genesis verify --hash "$hash" genesis.json
expect 1 "$DIRCHAIN" genesis verify --hash "${hash//[0-9]/0}" genesis.json
expect 0 "$DIRCHAIN" genesis show genesis.json
says "11440000553612461J"
make 3 genesis.json "${validators[@]}" "${all[@]}" # not overwritten
KIND='' make 3 other.json "${validators[@]}" "${all[@]}" # a cheap key file signs for no production chain
says "[keyfile-light]"
[[ ! -e other.json ]] || fail "a genesis was written"
PASS=wrong make 3 other.json "${validators[@]}" "${all[@]}"
says "[wrong-passphrase]"
KEY=center/chief.key make 1 other.json "${validators[@]}" "${all[@]}"
says "signature.kid"
make 1 other.json "${validators[@]}" center.join changed.join
says "[bad-signature]"
make 1 other.json "${validators[@]}" center.join 0.join 1.join 2.join # a validator is no member
says "validators[3]"
make 1 other.json "${validators[@]}" "${all[@]}" --param tx_lifetime_ms=1
says "params.tx_lifetime_ms"
make 2 other.json "${validators[@]}" "${all[@]}" --param speed=fast
make 2 other.json "${all[@]}"
says "--validator"
TIME=2031-01-01T00:00:00+08:00 make 1 other.json "${validators[@]}" "${all[@]}"
says "[calendar-year-unknown]"
TIME=soon make 2 other.json "${validators[@]}" "${all[@]}"
[[ ! -e other.json ]] || fail "a genesis was written that is not valid"

# Tampered with: each change is refused, and the place is named.
tamper() { # FIELD SED
    sed "$2" genesis.json >tampered.json
    cmp -s genesis.json tampered.json && fail "nothing was changed: $2"
    expect 1 "$DIRCHAIN" genesis verify tampered.json
    says "$1"
}
tamper signature.value 's/"network": "ceremony"/"network": "ceremony2"/'
tamper signature.value 's/"test": true/"test": false/'
tamper 'members[1].signature' 's/广东省司法厅/广东省司法局/'
tamper params.block_txs_max 's/"block_txs_max": 4000/"block_txs_max": 0/'
tamper profile.answer.days 's/"days": 5,/"days": 0,/'
tamper signature.value 's/"days": 5,/"days": 6,/'
expect 3 "$DIRCHAIN" genesis verify nothere.json
head -c 1000 genesis.json >cut.json
expect 1 "$DIRCHAIN" genesis verify cut.json
says "[json-syntax]"

# ---- calendar -------------------------------------------------------------------------------------
due() { expect 0 "$DIRCHAIN" calendar due --calendar "$ROOT/samples/calendar" "$@"; }
due --from 2026-09-28 --days 5 # over the national holiday, with the Saturday made up for it
says 2026-10-10
due --from 2026-02-12T16:00:00Z --days 1 # after midnight in Beijing: the 13th; the 14th is made up
says 2026-02-14
due --from 2027-03-01 --days 3
says Provisional
says 2027
due --from 2026-02-12T10:00:00+08:00 --days 5 # 13, Saturday 14 | 24 25 26
says "2026-02-27T00:00:00.000+08:00"
TZ=America/New_York due --from 2026-02-12T10:00:00+08:00 --days 5 # Beijing, whatever the machine's zone
says "2026-02-27T00:00:00.000+08:00"
due --from 2026-02-12T10:00:00+08:00 --calendar-days 30 # 16 of February, 14 of March
says "2026-03-15T00:00:00.000+08:00"
due --from 2026-11-30T10:00:00+08:00 --months 3 # February has no 30th; nobody need publish 2027
says "2027-03-01T00:00:00.000+08:00"
grep -q Provisional out && fail "a term of months is provisional"
due --from 2026-02-12T10:00:00+08:00 --years 1
says "2027-02-13T00:00:00.000+08:00"
due --from 2022-12-30 --days 1 --json # the notice for 2023 made 31 December a day off
says '"end": "2023-01-04T00:00:00.000+08:00"'
says '"provisional": false'
due --from 2026-12-30 --days 3 --json
says '"unpublished": ['
expect 0 "$DIRCHAIN" calendar due --from 2026-01-31 --months 1 # the calendar alone needs none
says "2026-03-01T00:00:00.000+08:00"
expect 2 "$DIRCHAIN" calendar due --calendar "$ROOT/samples/calendar" --from tomorrow --days 1
expect 2 "$DIRCHAIN" calendar due --calendar "$ROOT/samples" --from 2026-02-12 --days 5
says "没有任何年度的日历"
expect 2 "$DIRCHAIN" calendar due --calendar "$ROOT/samples/calendar" --from 2026-02-12
says "--calendar-days"
expect 2 "$DIRCHAIN" calendar due --calendar "$ROOT/samples/calendar" --from 2026-02-12 --days 1 --months 1
expect 2 "$DIRCHAIN" calendar due --calendar "$ROOT/samples/calendar" --from 2026-02-12 --years 0
says "--years: 应在 1 至"
expect 2 "$DIRCHAIN" calendar due --from 2026-02-12 --days 1
says "--calendar DIR"
expect 3 "$DIRCHAIN" calendar due --calendar nothere --from 2026-02-12 --days 1
says nothere
mkdir years && cp "$ROOT/samples/calendar/2025.json" years/2026.json
expect 1 "$DIRCHAIN" calendar due --calendar years --from 2026-02-12 --days 1
says years/2026.json
echo '{"year":2026,"off":["2026-13-01"],"work":[]}' >years/2026.json
expect 1 "$DIRCHAIN" calendar due --calendar years --from 2026-02-12 --days 1
says "off[0]"

/usr/bin/python3 "$ROOT/tests/e2e/columns.py" told/* || fail "a line of more than 80 columns"
echo "genesis ceremony: $checks checks on $commands commands"
