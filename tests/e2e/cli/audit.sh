# shellcheck shell=bash disable=SC2154
# Part of test_cli.sh: audit packs and trails.

# ---- audit packs: what is refused, what is misread, what cannot be had ----------------------------
G=(--genesis "$NET/genesis.json")
expect 0 "$DIRCHAIN" audit pack "${G[@]}" --to 9 --out whole.pack
# DIRCHAIN_GENESIS stands for the option; without either nothing is trusted.
expect 0 "$DIRCHAIN" audit pack --to 9 --out named.pack
cmp whole.pack named.pack || fail "the pack is another one by DIRCHAIN_GENESIS"
expect 0 "$DIRCHAIN" audit verify named.pack
expect 0 "$DIRCHAIN" audit replay named.pack --height 9
expect 2 env -u DIRCHAIN_GENESIS "$DIRCHAIN" audit verify named.pack
says "--genesis FILE 或环境变量 DIRCHAIN_GENESIS"
expect 0 "$DIRCHAIN" audit pack "${G[@]}" --from 5 --to 9 --out later.pack
says "已卸任验证者"
expect 0 "$DIRCHAIN" audit replay whole.pack "${G[@]}" --height 9
says "普委办发〔2023〕16号"
says "结果与状态根均一致"
expect 0 "$DIRCHAIN" audit pack "${G[@]}" --to "$decided" --out decided.pack
for ((height = decided; height > 0; height--)); do # the newest of them that decided something
    replayed=$("$DIRCHAIN" audit replay decided.pack "${G[@]}" --height $height --json |
        python3 -c 'import json,sys
result = json.load(sys.stdin)
txids = [item["txid"] for item in result["transactions"]]
print(result["height"], result["profile"]["profile"]["answer"]["days"],
      [item["year"] for item in result["calendars"]], txids[0] if txids else "none")')
    [[ $replayed == "$height 5 [2025, 2026] "* ]] || fail "replayed: $replayed"
    [[ $replayed == *" none" ]] || break
done
expect 0 "$DIRCHAIN" audit replay decided.pack "${G[@]}" --tx "${replayed##* }"
says "区块 block $height，"
expect 1 "$DIRCHAIN" audit replay whole.pack "${G[@]}" --height 10
expect 1 "$DIRCHAIN" audit replay later.pack "${G[@]}" --height 9
says "Not a range from block 1"
expect 2 "$DIRCHAIN" audit replay whole.pack "${G[@]}"
sed -E '6s/("header":"[0-9a-f]{300})[0-9a-f]{4}/\10000/' whole.pack >other.pack
cmp -s whole.pack other.pack && fail "nothing was changed in the pack"
expect 1 "$DIRCHAIN" audit replay other.pack "${G[@]}" --height 9
block_hash() { # HEIGHT: of the whole pack, by the previous hash that the next header names
    /usr/bin/python3 -c '
import json, sys
line = open("whole.pack").readlines()[2 + int(sys.argv[1])]
print(json.loads(line)["header"][104:168])' "$1"
}
for height in 1 4 5 8; do
    expect 0 "$DIRCHAIN" audit verify whole.pack "${G[@]}" --checkpoint "$height:$(block_hash $height)"
    says "met by a block of this pack"
    expect 1 "$DIRCHAIN" audit verify whole.pack "${G[@]}" --checkpoint "$height:$(block_hash 2)"
    says "checkpoint: block $height is another one"
    says "[checkpoint]"
done
expect 0 "$DIRCHAIN" audit verify later.pack "${G[@]}" --checkpoint "4:$(block_hash 4)" --json
[[ $(field checkpoint_met) == True && $(field retired_keys_assumed) == False ]] || fail "checkpoint not met"
expect 0 "$DIRCHAIN" audit verify later.pack "${G[@]}" --json
[[ $(field checkpoint_met) == False && $(field retired_keys_assumed) == True ]] || fail "met without one"
for height in 3 10 999999999999999; do
    expect 1 "$DIRCHAIN" audit verify later.pack "${G[@]}" --checkpoint "$height:$(block_hash 3)"
    says "checkpoint: block $height is not in the pack"
done
# A directory or a missing file is no pack, and no lie either.
for command in "verify ." "trail $minzheng X-2 --pack ."; do
    expect 3 "$DIRCHAIN" audit $command "${G[@]}"
    says "A directory, not a pack"
    says "[io]"
done
expect 3 "$DIRCHAIN" audit verify nothere.pack "${G[@]}"
says "[not-found]"
# Two transactions, named in any order and twice: one pack.
sed 's/X-2/X-4/' body.json >other.json
expect 0 as minzheng/compile tx sign --type duty.publish --body other.json --out other.jws
other=$(txid)
expect 0 "$DIRCHAIN" tx submit other.jws
expect 0 "$DIRCHAIN" audit pack "${G[@]}" --tx "$id" --tx "$other" --out two.pack --json
[[ $(field transactions) == 2 ]] || fail "not two transactions"
expect 0 "$DIRCHAIN" audit pack "${G[@]}" --tx "$other" --tx "$id" --tx "$other" --tx "$id" --out mixed.pack
cmp two.pack mixed.pack || fail "one choice of receipts has two packs"
/usr/bin/python3 -c '
import json
lines = open("two.pack").readlines()
end = json.loads(lines[-1])
end["count"] = 3
lines[-1:] = [lines[-2], json.dumps(end, sort_keys=True, separators=(",", ":")) + "\n"]
open("twice.pack", "w").writelines(lines)'
expect 1 "$DIRCHAIN" audit verify twice.pack "${G[@]}"
says "line 5: receipt: the same one is there twice"
# What the ledger does not have is refused by name, and nothing is left behind.
expect 1 "$DIRCHAIN" audit pack "${G[@]}" --tx "$id" --tx "${id//[0-9]/0}" --out no.pack --json
says "--tx ${id//[0-9]/0}"
[[ $(field code) == not-found ]] || fail "another code"
expect 1 "$DIRCHAIN" audit pack "${G[@]}" --from 5 --to 99999999 --out no.pack
says "--to 99999999"
expect 1 "$DIRCHAIN" audit pack "${G[@]}" --to 9223372036854775807 --out no.pack
says "--to 9223372036854775807"
expect 1 "$DIRCHAIN" audit pack "${G[@]}" --from 99999999 --out no.pack
says "--from 99999999"
# Another chain's genesis is told as what it is, not as a forgery.
expect 0 "$DIRCHAIN" genesis make "$NET"/*/join.json --network another --center "${MEMBER_CODE[0]}" \
    --validator "${MEMBER_CODE[1]}" --profile "$ROOT/samples/profiles/putuo.json" \
    --calendar "$ROOT/samples/calendar/2025.json" --calendar "$ROOT/samples/calendar/2026.json" --test \
    --out another.json --key "$NET/center/keys/admin.key" --passphrase-file "$NET/center/passphrase"
for what in "--to 5" "--tx $id"; do
    # shellcheck disable=SC2086
    expect 1 "$DIRCHAIN" audit pack --genesis another.json $what --out no.pack
    says "[node-other-chain]"
done
expect 3 "$DIRCHAIN" audit pack "${G[@]}" --node http://127.0.0.1:1 --out no.pack
says "[network]"
[[ ! -e no.pack ]] || fail "a pack was left behind"
expect 3 "$DIRCHAIN" audit pack "${G[@]}" --tx "$id" --out two.pack
says "[exists]"
expect 3 "$DIRCHAIN" audit pack "${G[@]}" --tx "$id" --out nowhere/no.pack
says "nowhere/no.pack"
