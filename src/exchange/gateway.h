/* The gateway of a node: moves real data between agencies, and moves none without a committed
 * ledger entry (design §7). This is the file method; one gateway is provider and consumer.
 *
 *   consumer: transfer_fetch.c  a job: open on the ledger → manifest → chunks → receipt → closed
 *   provider: transfer_serve.c  a delivery: certificate → decision → manifest → chunks → receipt
 *   both:     courier.c         their transactions reach the ledger, whatever dies meanwhile
 *
 * Threads: the server's threads call gateway_serve_* and gateway_transfer_*; one worker moves
 * letters; a few threads move jobs; one preparer reads and cuts files. All functions are safe from
 * any thread.
 *
 *   <data>/gateway/  transfers manifests openings deliveries progress outbox   shelves (shelf.h)
 *                    spool/<open>   cut copies on their way out      mask.key   secret of masking
 *   <inbox>/<open>/<name>   what arrived; <name>.part until every byte is verified */
#ifndef DIRCHAIN_EXCHANGE_GATEWAY_H
#define DIRCHAIN_EXCHANGE_GATEWAY_H

#include "chain/schema.h"
#include "exchange/courier.h"
#include "exchange/host.h"
#include "exchange/tls_identity.h"

#define RESOURCE_CODE_CHARS_MAX 128

/* A file that may leave, under the opaque code that catalog.bind names. */
struct exchange_resource {
    const char *id;   /* [A-Za-z0-9._-] */
    const char *path; /* beneath the root */
    bool table;       /* CSV with a header: can be cut down to granted items */
    char delimiter;   /* of a table; 0: as the header has it */
};

/* Everything is copied but the secrets, which stay the node's. */
struct exchange_config {
    const char *data_directory; /* of the node; the gateway's lives beneath */
    const char *root;           /* NULL: serves no files */
    const char *inbox;
    const struct exchange_resource *resources;
    size_t resource_count;
    uint32_t chunk_bytes;      /* 0: TRANSFER_CHUNK_BYTES_DEFAULT */
    uint64_t rate_bytes_per_s; /* of all that leaves; 0: no limit */
    struct courier_key key;    /* role gateway; signs opens and receipts */
    const uint8_t *peer_seed;  /* 32 bytes: the node's Ed25519 key */
    /* Instead of a member's gateway_endpoint on the ledger; NULL, or "" to leave it. For networks
     * where the address from here is another. */
    const char *(*endpoint_of)(void *context, const char *member);
    void *endpoint_context;
};

/* What cannot be, by the configuration alone, all faults at once: ids, the root, sizes. */
int exchange_config_check(struct faults *faults, const struct exchange_config *config);

struct exchange_gateway;
/* Opens shelves, takes up what an earlier life left, starts its threads. The error of a field
 * (faults say which), ERR_NOT_FOUND (root), ERR_UNAVAILABLE (no openat2), ERR_KEY_INVALID, ERR_IO,
 * ERR_DISK_FULL. */
int exchange_gateway_start(struct exchange_gateway **out, struct faults *faults,
                           const struct exchange_config *config, const struct exchange_host *host);
/* No request may be at work on it any more; callbacks of the host may still come. */
void exchange_gateway_stop(struct exchange_gateway **gateway);
const struct tls_identity *exchange_gateway_tls(const struct exchange_gateway *gateway);
const char *exchange_gateway_key_name(const struct exchange_gateway *gateway);
/* The ledger has moved: transfers that wait for it look at once. Optional, cheap. */
void exchange_gateway_wake(struct exchange_gateway *gateway);

/* ---- provider: what other gateways ask (routes of the gateways' listener) ---- */

/* retry_ms > 0: not yet, ask again then (preparing, or the rate limit). Release with
 * serve_answer_free. */
struct serve_answer {
    int error;
    struct faults faults;
    int64_t retry_ms;
    struct doc *doc;  /* of manifest and complete */
    struct buf bytes; /* of a chunk */
};
void serve_answer_free(struct serve_answer *answer);

/* Counted since the start; the last two are as of now. */
struct exchange_stats {
    uint64_t bytes_sent, bytes_received; /* payload */
    uint64_t refused;                    /* of other gateways' requests, for good */
    uint64_t transfers, deliveries;      /* at work */
};
void exchange_gateway_stats(struct exchange_stats *out, struct exchange_gateway *gateway);

#define GATEWAY_OPEN_CHARS (2 * HASH_BYTES)
/* `key` is the raw Ed25519 key of the client's certificate; `open` a txid in hex; `opening` what
 * the header OPENING_HEADER holds, or NULL. */
void gateway_serve_manifest(struct exchange_gateway *gateway, const uint8_t key[TLS_KEY_BYTES],
                            const char *open, const char *opening, struct serve_answer *out);
void gateway_serve_chunk(struct exchange_gateway *gateway, const uint8_t key[TLS_KEY_BYTES],
                         const char *open, size_t index, struct serve_answer *out);
/* The consumer has all it will ever take; the provider gives its receipt. */
void gateway_serve_complete(struct exchange_gateway *gateway, const uint8_t key[TLS_KEY_BYTES],
                            const char *open, struct serve_answer *out);

/* ---- consumer: what local callers ask ---- */

/* Body of a request to start a transfer: {"grant","system","operator","purpose"} and, optional,
 * "authorisation" (commitment), "resource" (where several files are bound), "rows_max" and
 * "bytes_max" (what the open reserves of a quota). */
extern const struct field gateway_transfer_fields[];

/* Signs access.open, remembers the job durably and starts it. *id is the open's txid. ERR_FIELD_*,
 * ERR_SUBJECT (no such grant), ERR_NOT_GRANTED (not ours, or not for files), ERR_TRANSFER_SHARE,
 * ERR_TRANSFER_FULL (as many at work as may be), ERR_IO, ERR_DISK_FULL; what the ledger refuses
 * becomes the job's own error. */
int gateway_transfer_start(struct hash *id, struct exchange_gateway *gateway, struct faults *faults,
                           const struct doc *body);
/* {"id","state","grant",…,"bytes","bytes_done","error"…}; ERR_NOT_FOUND. Caller owns. */
int gateway_transfer_get(struct doc **out, struct exchange_gateway *gateway, const char *id);
/* Newest first, those after `after` (NULL: from the newest), at most `max`. Caller owns. */
struct doc *gateway_transfer_list(struct exchange_gateway *gateway, const char *after, size_t max);
/* What the commitments of an open stand for, as far as this gateway knows and still keeps it:
 * "parameters" {"salt","value"} and "received" on the consumer's side, "sent" on the provider's
 * (receipt_opening). ERR_NOT_FOUND, ERR_CORRUPT, ERR_IO. Caller owns. */
int gateway_opening_get(struct doc **out, struct exchange_gateway *gateway, const char *open);
/* Erases that, for ever: what the ledger holds of it tells nothing any more. ERR_NOT_FOUND,
 * ERR_STATUS (a transfer that is not over), ERR_IO. */
int gateway_opening_erase(struct exchange_gateway *gateway, const char *open);

#endif
