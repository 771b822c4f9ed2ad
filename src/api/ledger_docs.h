/* Documents that tell of the ledger as it is stored: headers, blocks, transactions. Names are those
 * of the specification; hashes are hex, times ms since 1970. Callers own what they get. */
#ifndef DIRCHAIN_API_LEDGER_DOCS_H
#define DIRCHAIN_API_LEDGER_DOCS_H

#include "chain/store.h"

struct doc *ledger_header_doc(const struct header *header);
/* Header, who certified it, evidence, acts, and a line for each transaction. */
int ledger_block_doc(struct doc **out, const struct store_view *view, uint64_t height);
/* {"txid","height","index","log_index","time_ms","member","key","type","expires","nonce","body",
 *  "raw"}. ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. */
int ledger_tx_doc(struct doc **out, const struct store_view *view, const struct hash *txid);
/* A line of a list: who signed which type, without the body. */
struct doc *ledger_tx_line(const struct tx *tx);
struct doc *ledger_evidence_doc(const struct evidence *evidence);

#endif
