#!/usr/bin/env bash
# The arrows of the architecture: which layer may include which, and which library lives behind
# which file. A violation names file and line.
set -euo pipefail
cd "$(dirname "$0")/../.."

declare -A may_include=(
    [base]="base"
    [chain]="chain base"
    [consensus]="consensus chain base"
    [genesis]="genesis chain base"
    [exchange]="exchange chain base"
    [api]="api exchange chain base"
    [node]="node api exchange genesis consensus chain base"
)
# consensus knows the chain's types only, never its state, store or execution.
consensus_types="validators header vote certificate"

bad=0
fail() { echo "$1"; bad=1; }

while IFS=: read -r file line text; do
    layer=${file#src/}; layer=${layer%%/*}
    target=$(sed -E 's/.*"([^"]+)".*/\1/' <<<"$text")
    to=${target%%/*}
    if [[ " ${may_include[$layer]:-} " != *" $to "* ]]; then
        fail "$file:$line: $layer may not include $target"
    fi
    if [[ $layer == consensus && $to == chain ]]; then
        name=$(basename "$target" .h)
        [[ " $consensus_types " == *" $name "* ]] ||
            fail "$file:$line: consensus may use only the chain's types ($consensus_types), not $target"
    fi
done < <(grep -rnE '^#include "' src)

# library header pattern → the only files that may include it
only() {
    local pattern=$1 allowed=$2 file
    while IFS=: read -r file line _; do
        [[ " $allowed " == *" $file "* ]] || fail "$file:$line: <$pattern> belongs behind $allowed"
    done < <(grep -rnE "^#include <($pattern)" src || true)
}
only 'leveldb/' "src/chain/kv_leveldb.c"
only 'jansson' "nothing: it is the oracle of tests/unit/test_doc_oracle.c"
only 'secp256k1' "src/base/sign.c"
only 'microhttpd' "src/api/http_exchange.h src/api/http_gateway.c"
only 'openssl/ssl' "src/node/peer_tls.c"
only 'openssl/x509' "src/node/peer_tls.c src/exchange/tls_identity.c src/exchange/key_certificate.h"
only 'sqlite3' "src/api/read_model.c src/api/read_pages.c"
only 'expat' "src/exchange/rdf_xml.c src/exchange/xlsx_xml.c"
only 'cyaml' "src/node/config.c"
only 'unzip' "src/exchange/xlsx_parts.c"
only 'xlsxwriter' "src/exchange/xlsx_write.c"

# consensus: pure; no clock, socket, thread, disk or allocation in the state machine itself. What
# makes it (setup.c) and what it leaves to its host (safety record, signer) may have them.
mapfile -t pure < <(ls src/consensus/*.c | grep -vE '/(setup|safety|safety_file|signer)\.c$')
if grep -nE '\b(malloc|calloc|realloc|memory_alloc|time|clock_gettime|rand|random|socket|open|write|pthread_[a-z]+)\(' \
    "${pure[@]}"; then
    fail "src/consensus: the state machine must stay pure"
fi
exit $bad
