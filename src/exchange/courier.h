/* The courier gets transactions of this gateway into the ledger, whatever dies meanwhile. A letter
 * is durable before it is sent; it is sent until the ledger shows it, is signed anew if it expires
 * on the way (a receipt states a fact and is never too late), and leaves the shelf when it is
 * settled:
 *
 *   post ──▶ pending ──▶ committed                    settled, error 0
 *               ├──────▶ refused by the ledger        settled, its error
 *               └──────▶ expired, not to be repeated  settled, ERR_TX_EXPIRED
 *
 * Sending the same signed transaction twice is harmless: it has one txid. Letters are known by a
 * name that their owner chooses, so that posting again after a crash is harmless too. */
#ifndef DIRCHAIN_EXCHANGE_COURIER_H
#define DIRCHAIN_EXCHANGE_COURIER_H

#include "base/faults.h"
#include "base/sign.h"
#include "exchange/bell.h"
#include "exchange/host.h"
#include "exchange/shelf.h"

struct courier;

struct courier_key {
    char name[KEY_NAME_CHARS_MAX + 1];
    const struct secret_key *secret; /* locked memory of the node */
};

/* Takes up the letters that an earlier life left. The host and the key's secret are borrowed.
 * ERR_IO, ERR_FIELD_LENGTH. */
int courier_open(struct courier **out, const struct exchange_host *host,
                 const struct courier_key *key, const char *directory, struct bell *bell);
void courier_close(struct courier **courier);

/* Signs a body so that it lives as long as the chain allows, less a margin for clocks. *txid and
 * *expires_ms tell what was made. Appends. ERR_KEY_INVALID, ERR_TOO_LARGE, … as tx_sign; ERR_IO. */
int courier_sign(struct buf *jws, struct hash *txid, int64_t *expires_ms, struct courier *courier,
                 const char *type, const struct doc *body);

enum letter_repeat {
    LETTER_ONCE, /* not signed anew: settled with ERR_TX_EXPIRED */
    LETTER_MUST, /* a fact: sent until it is in, or the ledger says it cannot be */
    LETTER_TRY,  /* dropped when it is refused or expires */
};
/* Posts a letter, durably, unless one of that name is there; any thread. `jws` may be NULL: then
 * it is signed. ERR_UNAVAILABLE (COURIER_LETTERS_MAX; for LETTER_TRY half of it), ERR_IO,
 * ERR_DISK_FULL, as courier_sign. */
int courier_post(struct courier *courier, const char *name, enum letter_repeat repeat,
                 const char *type, const struct doc *body, const char *jws);

enum letter_state { LETTER_NONE, LETTER_PENDING, LETTER_SETTLED };
/* *error, *faults and *txid (all may be NULL) once settled. A settled LETTER_ONCE is kept until it
 * is taken; others are gone with their settling: whoever finds none and then opens a view of the
 * ledger sees there what became of it. */
enum letter_state courier_look(struct courier *courier, const char *name, int *error,
                               struct faults *faults, struct hash *txid);
void courier_take(struct courier *courier, const char *name); /* forgets a settled one */

/* Sends what is due. Owner thread only. Returns after how many ms it wants to be called again. */
int64_t courier_step(struct courier *courier);

#endif
