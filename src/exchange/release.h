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
    char hex[2 * HASH_BYTES + 1];          /* the same as text */
    char consumer[MEMBER_ID_CHARS + 1];    /* who signed it, */
    char key_name[KEY_NAME_CHARS_MAX + 1]; /* and with which key */
    struct doc *body;                      /* owned; of the transaction */
};
void release_open_free(struct release_open *open);

/* The member whose record names this key, whatever its standing: that is for the decision to judge.
 * ERR_PEER, ERR_CORRUPT, ERR_IO. */
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
    uint64_t height; /* of the tip */
    const struct doc *params;
    const struct doc *open;        /* open/<id> */
    const struct doc *grant;       /* grant/<the open's> */
    const struct doc *provider;    /* member/<us> */
    const struct doc *consumer;    /* member/<the open's> */
    const struct doc *signer;      /* key/<the open's consumer>/<the one that signed it> */
    const struct doc *user;        /* key/<the open's consumer>/<the operator that it names> */
    const struct doc *sender;      /* key/<us>/<the one that signs for our gateway> */
    const struct doc *halt;        /* halt/<us>/<the grant's entry> */
    const struct doc *restriction; /* restriction/<caller> */
    const struct doc *bar;         /* of the grant's use (bars.h) */
    const struct doc *entry;       /* entry/<us>/<the grant's entry> */
    const struct doc *listing;     /* listing/<us>/<the grant's entry>, of an applicant's grant */
};
/* Pure. `provider` is us, `caller` who asks. ERR_NOT_GRANTED, ERR_STALE_LEDGER, ERR_OPEN_CLOSED,
 * ERR_OPEN_EXPIRED, ERR_GRANT_SUSPENDED, ERR_GRANT_EXPIRED, ERR_PURPOSE, ERR_NOT_SHARED,
 * ERR_ENTRY_HALTED, ERR_ACCESS_CLOSED, ERR_TX_SUSPENDED, ERR_CONSUMER, ERR_PROVIDER,
 * ERR_KEY_SUSPENDED, ERR_ACCESS_KEY, ERR_PROVIDER_KEY; the fault names what is wrong, with the
 * clause. */
int release_judge(struct faults *faults, const struct release_open *open, const char *provider,
                  const char *caller, const struct release_facts *facts);

/* What a ledger said of one open, at its tip. While that stays, only the clock can change the
 * decision, so whoever decides again and again keeps it (NULL at first). */
struct release_look;
void release_look_free(struct release_look **look);
/* What may leave by it (scope.h); borrowed. */
const struct doc *release_scope(const struct release_look *look);

/* Reads the facts from a view, unless *look has them of the same tip, and judges them. `provider`
 * is us, `key_name` our gateway's key. As release_judge; ERR_CORRUPT, ERR_IO. */
int release_check(struct release_look **look, struct faults *faults,
                  const struct release_open *open, const struct store_view *view,
                  const char *provider, const char *key_name, const char *caller, int64_t now_ms);
/* The scope of a grant without a judgement. ERR_CORRUPT, ERR_IO. */
int release_read_scope(struct doc **scope, const struct store_view *view, const struct doc *grant);

/* The word of access.refused for an error; NULL for those that are not put on record, because they
 * pass (the ledger is behind, or not certified yet) or concern no right to data. */
const char *release_refusal_reason(int error);
/* Whether nothing can leave by this open any more, whatever comes: it is over, or what it rests on
 * is. Other refusals are lifted, sometimes. */
bool release_is_over(int error);

#endif
