/* What the parts of a gateway share. gateway.c makes and owns all of it. */
#ifndef DIRCHAIN_EXCHANGE_GATEWAY_PARTS_H
#define DIRCHAIN_EXCHANGE_GATEWAY_PARTS_H

#include "exchange/gateway.h"
#include "exchange/projection.h"
#include "exchange/release.h"

#include <pthread.h>
#include <stdatomic.h>

#define REFUSALS_REMEMBERED 512

struct exchange_counters {
    _Atomic uint64_t bytes_sent, bytes_received, refused;
};

struct serve; /* provider's side: transfer_serve.c */
struct fetch; /* consumer's side: transfer_fetch.c */

struct resource {
    char id[RESOURCE_CODE_CHARS_MAX + 1];
    char *path; /* owned */
    bool table;
    char delimiter;
};

struct exchange_gateway {
    struct exchange_host host;
    char member[MEMBER_ID_CHARS + 1];
    char key_name[KEY_NAME_CHARS_MAX + 1];
    struct tls_identity tls;
    char home[SHELF_PATH_BYTES_MAX]; /* <data>/gateway */
    int root;                        /* -1: serves no files */
    int inbox;
    int spool;
    struct resource *resources;
    size_t resource_count;
    uint32_t chunk_bytes;
    uint64_t rate_bytes_per_s;
    uint8_t *mask_secret; /* in secret memory */
    /* <open>: what the parameters' commitment stands for; <open>.received, <open>.sent: what the
     * receipts' digests do. Kept until somebody has them erased. */
    struct shelf openings;
    struct exchange_counters counters;
    const char *(*endpoint_of)(void *context, const char *member);
    void *endpoint_context;
    struct bell *bell; /* wakes the worker */
    struct courier *courier;
    struct serve *serve;
    struct fetch *fetch;
    pthread_mutex_t lock; /* guards these two */
    struct hash refused[REFUSALS_REMEMBERED];
    size_t refused_next;
    pthread_t worker;
    bool worker_runs;
    atomic_bool stopping;
};

#define OPENING_DOC_BYTES_MAX 4096

static inline int64_t gateway_now_ms(const struct exchange_gateway *gateway)
{
    return gateway->host.now_ms(gateway->host.context);
}

/* ---- transfer_serve.c ---- */
int serve_open(struct serve **out, struct exchange_gateway *gateway);
/* Ends deliveries whose time is over; worker only. Returns when it wants to be called again. */
int64_t serve_step(struct serve *serve);
size_t serve_count(struct serve *serve);
void serve_close(struct serve **serve);

/* ---- transfer_fetch.c ---- */
int fetch_open(struct fetch **out, struct exchange_gateway *gateway);
void fetch_wake(struct fetch *fetch); /* transfers that wait for the ledger look at it */
bool fetch_is_at_work(struct fetch *fetch, const char *id);
size_t fetch_count(struct fetch *fetch); /* that are not over */
void fetch_close(struct fetch **fetch);

/* ---- gateway.c ---- */
/* Puts a refusal on record (D10), once for each open, member and reason; not every error is one.
 * `open` may be NULL, where nothing was opened: then `stated` has what was asked for. */
void refusal_record(struct exchange_gateway *gateway, int error, const char *provider,
                    const char *consumer, const char *open, const struct doc *stated);

#endif
