/* A transfer: the consumer's memory of one open, from the wish to the closed record.
 *
 *   opening ─▶ waiting ─▶ moving ─▶ closing ─▶ complete | failed | expired
 *      │          └─────────┴──────────▲
 *      └───────────────────────────────┼─────▶ failed      the ledger refused the open: nothing to
 *                                      │                   close
 *   opening   access.open is on its way to the ledger
 *   waiting   for the provider's manifest
 *   moving    chunks arrive, each verified before it is written
 *   closing   our receipt and the provider's are on their way; ends by itself if one never comes
 *
 * Every state is durable and every one ends: the open's expiry bounds waiting and moving, a fixed
 * time bounds closing. Files: transfer.c (durable form, what callers see), transfer_step.c (what
 * each state does), transfer_lanes.c (how many, and whose turn), transfer_fetch.c
 * (threads, list, callers). */
#ifndef DIRCHAIN_EXCHANGE_TRANSFER_H
#define DIRCHAIN_EXCHANGE_TRANSFER_H

#include "exchange/gateway_client.h"
#include "exchange/gateway_parts.h"
#include "exchange/manifest.h"

enum transfer_state {
    TRANSFER_OPENING,
    TRANSFER_WAITING,
    TRANSFER_MOVING,
    TRANSFER_CLOSING,
    TRANSFER_COMPLETE,
    TRANSFER_FAILED,
    TRANSFER_EXPIRED
};
const char *transfer_state_text(enum transfer_state state);
bool transfer_is_over(enum transfer_state state);

/* What the questions of a step told about the provider; the last one that told something. */
enum transfer_heard { HEARD_NOTHING, HEARD_SOON, HEARD_LATE };

struct lane;

struct transfer {
    struct transfer *next;
    struct lane *lane; /* of its provider: transfer_lanes.h */
    bool busy;         /* a thread is at work on it: the rest of the memory-only part is its own */
    int64_t next_ms;   /* monotonic: when to look at it again */
    /* Fixed when it begins. */
    struct hash id; /* of access.open */
    char hex[2 * HASH_BYTES + 1];
    char provider[MEMBER_ID_CHARS + 1];
    struct doc *body; /* of access.open */
    char *jws;
    int64_t created_ms;
    /* Durable. Written by the thread at work, under the list's lock; read by callers under it. */
    enum transfer_state state;
    enum transfer_state outcome;             /* what closing ends in */
    int error;                               /* why it failed, or what it waits over */
    char error_field[FAULT_FIELD_BYTES_MAX]; /* what the provider said it concerns, or "" */
    int64_t updated_ms;
    int64_t expires_ms; /* of the open; 0: not known yet */
    int64_t closing_ms; /* since when */
    char name[MANIFEST_NAME_BYTES_MAX + 1];
    uint64_t bytes;
    uint32_t chunk_bytes;
    size_t chunk_count;
    size_t done; /* chunks verified and written; exact only when closing or over */
    int64_t rows;
    char reconciled[16]; /* agreed, differs, open; "" before */
    /* Memory only. */
    struct manifest manifest; /* once moving */
    bool checked;             /* `done` is what is on disk */
    int directory, fd;        /* inbox/<id>, and the file in it; open during a step only */
    bool told;                /* the provider knows that we are done */
    enum transfer_heard heard;
    unsigned tries, bad_chunks, posted;
};

struct transfer *transfer_new(void);
void transfer_free(struct transfer *transfer);

/* What callers see; caller owns. */
struct doc *transfer_to_view(const struct transfer *transfer);
/* For the shelf, and back. ERR_CORRUPT. */
struct doc *transfer_to_doc(const struct transfer *transfer);
int transfer_from_doc(struct transfer **out, const char *name, const struct doc *doc);

/* ---- transfer_step.c ---- */

struct transfer_shelves {
    struct shelf transfers, manifests;
};

/* What a step works with. */
struct transfer_work {
    struct exchange_gateway *gateway;
    const struct transfer_shelves *shelves;
    pthread_mutex_t *lock; /* guards what callers see */
    struct gateway_client *client;
};
/* Moves a transfer a bit further; it is busy. Returns after how many ms to go on. */
int64_t transfer_step(struct transfer *transfer, const struct transfer_work *work);

#endif
