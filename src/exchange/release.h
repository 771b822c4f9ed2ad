/* The decision to release. Before the first byte: the access.open stands in a block whose
 * certificate verifies by the right validators, from genesis on. Before every chunk: the ledger as
 * it is now still says yes.
 *
 *   release_caller   who asks: the member whose node holds the key of the TLS certificate
 *   release_certify  what was opened, proved by the ledger's own receipt of it; once a delivery
 *   release_check    may data leave now, and which; before every chunk
 *
 * All refusals have stable codes. release_refusal_reason says which of them go on record (D10). */
#ifndef DIRCHAIN_EXCHANGE_RELEASE_H
#define DIRCHAIN_EXCHANGE_RELEASE_H

#include "base/faults.h"
#include "chain/store.h"

#define RELEASE_METHOD "file"

/* An access.open whose certificate has been verified. */
struct release_open {
    struct hash id;
    char hex[2 * HASH_BYTES + 1];       /* the same as text */
    char consumer[MEMBER_ID_CHARS + 1]; /* who signed it */
    struct doc *body;                   /* owned; of the transaction */
};
void release_open_free(struct release_open *open);

/* The active member whose record names this key. ERR_PEER, ERR_CORRUPT, ERR_IO. */
int release_caller(char member[MEMBER_ID_CHARS + 1], const struct store_view *view,
                   const uint8_t key[32]);

/* ERR_NO_CERTIFICATE (not in the ledger yet, or its proof does not verify), ERR_NOT_GRANTED (no
 * access.open by the file method), ERR_CORRUPT, ERR_IO. Faults name the claim that fails. */
int release_certify(struct release_open *out, struct faults *faults, const struct store_view *view,
                    const struct doc *genesis, const struct hash *genesis_hash,
                    const struct hash *open);

/* What the ledger says now on an open; any document may be NULL: absent. */
struct release_facts {
    int64_t now_ms;
    int64_t tip_time_ms;
    const struct doc *params;
    const struct doc *open;        /* open/<id> */
    const struct doc *grant;       /* grant/<the open's> */
    const struct doc *provider;    /* member/<us> */
    const struct doc *consumer;    /* member/<caller> */
    const struct doc *halt;        /* halt/<us>/<the grant's entry> */
    const struct doc *restriction; /* restriction/<caller> */
    const struct doc *bar;         /* of the grant's use (bars.h) */
    const struct doc *entry;       /* entry/<us>/<the grant's entry> */
    const struct doc *listing;     /* listing/<us>/<the grant's entry>, of an applicant's grant */
};
/* Pure. `provider` is us, `caller` who asks. ERR_NOT_GRANTED, ERR_STALE_LEDGER, ERR_OPEN_CLOSED,
 * ERR_OPEN_EXPIRED, ERR_GRANT_SUSPENDED, ERR_GRANT_EXPIRED, ERR_PURPOSE, ERR_TX_SUSPENDED,
 * ERR_NOT_SHARED, ERR_ENTRY_HALTED, ERR_ACCESS_CLOSED; the fault names what is wrong, with the
 * clause. */
int release_judge(struct faults *faults, const struct release_open *open, const char *provider,
                  const char *caller, const struct release_facts *facts);

/* Reads the facts from a view and judges them. *scope: what may leave now (scope.h); caller owns.
 * As release_judge; ERR_CORRUPT, ERR_IO. */
int release_check(struct doc **scope, struct faults *faults, const struct release_open *open,
                  const struct store_view *view, const char *provider, const char *caller,
                  int64_t now_ms);
/* The scope of a grant without a judgement. ERR_CORRUPT, ERR_IO. */
int release_read_scope(struct doc **scope, const struct store_view *view, const struct doc *grant);

/* The word of access.refused for an error; NULL for those that are not put on record, because they
 * pass (the ledger is behind, or not certified yet) or concern no right to data. */
const char *release_refusal_reason(int error);

#endif
