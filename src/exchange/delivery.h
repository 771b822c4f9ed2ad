/* A delivery: the provider's memory of one open, from the first request to the receipt.
 *
 *   preparing ──▶ ready ──▶ closed       served to the end, given up, or its time over
 *       └───────▶ failed ──▶ closed      cannot be served; `error` says why
 *
 * A cut copy is kept while it may still leave: it goes with the delivery's end, or once it has
 * failed; before, what left of it is counted.
 *
 * Everything but `preparing` is durable. What has left is counted in chunks from the start; the
 * count is durable ahead of what is sent, in strides, so that after a crash it is never too low. */
#ifndef DIRCHAIN_EXCHANGE_DELIVERY_H
#define DIRCHAIN_EXCHANGE_DELIVERY_H

#include "exchange/gateway_parts.h"
#include "exchange/manifest.h"
#include "exchange/paths.h"

enum delivery_state { DELIVERY_PREPARING, DELIVERY_READY, DELIVERY_FAILED, DELIVERY_CLOSED };

#define DELIVERY_STRIDE 64 /* chunks */

struct delivery {
    struct delivery *next;          /* these four belong to the list: deliveries.h */
    unsigned users;                 /* threads at work on it */
    bool unprepared;                /* the preparer has to see to it */
    int64_t wants_until_us;         /* held by the rate: when its consumer is back at the latest */
    char grant[2 * HASH_BYTES + 1]; /* fixed; "": not known */
    pthread_mutex_t lock;           /* guards all below */
    struct release_open
        open;               /* id never changes; body NULL after a restart, until certified again */
    struct doc *parameters; /* while preparing */
    enum delivery_state state;
    int error;
    char detail[FAULT_FIELD_BYTES_MAX]; /* of it; "": none */
    int64_t expires_ms;                 /* of the open */
    char resource[RESOURCE_CODE_CHARS_MAX + 1];
    struct doc *scope;         /* what it was prepared from (scope.h); fixed once it is ready */
    struct release_look *look; /* the ledger, as it was when a chunk left last */
    bool cut;                  /* what leaves is a copy in the spool */
    int fd;                    /* of what leaves; -1: not opened yet */
    struct file_mark mark;
    struct manifest manifest; /* once ready */
    size_t served;            /* chunks that have left, from the start */
    size_t limit;             /* durable: never fewer than have left */
    int64_t rows;             /* that have left, counted for good; -1: not yet */
};

struct delivery_shelves {
    struct shelf deliveries;
    struct shelf progress;
};
int delivery_shelves_open(struct delivery_shelves *out, const char *home);

struct delivery *delivery_new(void);
void delivery_free(struct delivery *delivery);

int delivery_store(const struct delivery_shelves *shelves, const struct delivery *delivery);
/* Before chunk `served` leaves; writes only when the stride is used up. */
int delivery_advance(const struct delivery_shelves *shelves, struct delivery *delivery);
/* The exact count, when there is time to write it; of one that is ready or fails. */
void delivery_rest(const struct delivery_shelves *shelves, struct delivery *delivery);
void delivery_forget(const struct delivery_shelves *shelves, const struct delivery *delivery);
/* From a stored document. ERR_CORRUPT. */
int delivery_load(struct delivery **out, const struct delivery_shelves *shelves, const char *open,
                  const struct doc *doc);

const struct resource *resource_find(const struct exchange_gateway *gateway, const char *id);
/* Opens what leaves. A file that is not the one the manifest was made of: ERR_DIGEST. */
int delivery_open_file(struct delivery *delivery, const struct exchange_gateway *gateway);
/* The rows of what has left. */
int64_t delivery_rows(const struct delivery *delivery);
/* The provider's receipt. */
struct doc *delivery_receipt(const struct delivery *delivery);
/* What its digest stands for; NULL: there was never anything to send. Caller owns. */
struct doc *delivery_opening(const struct delivery *delivery, const struct doc *receipt);

/* ---- delivery_prepare.c ---- */

/* Finds the file, judges what of it the grant lets out, cuts it if needed, and makes the manifest.
 * On success the delivery is ready (not stored yet). ERR_RESOURCE, ERR_SCOPE, ERR_CSV, ERR_DIGEST,
 * ERR_QUOTA, ERR_PATH, ERR_TOO_LARGE: for good; ERR_BUSY (the file is being written), ERR_IO,
 * ERR_DISK_FULL: for now. */
int delivery_prepare(struct delivery *delivery, struct exchange_gateway *gateway);
bool delivery_error_passes(int error);

#endif
