/* The node's HTTP face: submit, query, events, explorer, gateway endpoints, metrics. api.c owns the
 * server's life; http.c is the one file that knows libmicrohttpd; routes are a table.
 *
 * Threads: libmicrohttpd's own pool serves requests. Reads go to the store by snapshot
 * (chain/store.h) and to the read model; writes go through the backend, which the node gives. The
 * node calls api_block_committed on its own thread; that only enqueues. */
#ifndef DIRCHAIN_API_API_H
#define DIRCHAIN_API_API_H

#include "chain/app.h"

#include <stdint.h>

/* What became of a submitted transaction. Called exactly once, on any thread; must not block. */
typedef void (*api_submit_done)(void *argument, int error, const struct faults *faults,
                                uint64_t height /* of the block; 0 unless waited for */);

/* What the node gives to the API. All functions may be called from any thread. */
struct api_backend {
    void *context;
    struct kv *kv;
    const struct doc *genesis;
    struct hash genesis_hash;
    const char *member; /* of this node */
    /* Takes over the parsed transaction; verifies, checks (dry run) and gossips it. With
     * wait_committed done is called when it is in a block, or refused, or expired; else when it
     * has entered the mempool. */
    void (*submit)(void *context, struct tx *tx, bool wait_committed, api_submit_done done,
                   void *argument);
    /* {"peers":[…],"mempool":{…},"consensus":{…},"sync":{…}}; caller owns. */
    struct doc *(*status)(void *context);
    /* Node time: wall clock plus the test offset. */
    int64_t (*now_ms)(void *context);
    /* Moves this node's clock forward; only wired on a chain marked test. ERR_TEST_ONLY. */
    int (*advance_clock)(void *context, int64_t by_ms);
};

/* A caller who may let the node sign: token hash → key file held open by the node. */
struct api_signer {
    char name[64];               /* shown in logs, never the token */
    struct hash token_hash;      /* SHA-256 of the bearer token */
    char key_name[KEY_NAME_CHARS_MAX + 1];
    const struct secret_key *secret; /* locked memory of the node */
};

struct api_config {
    char listen_host[64];        /* loopback unless configured */
    uint16_t listen_port;
    char data_directory[512];    /* read model lives in <data>/explorer.sqlite */
    char web_directory[512];     /* static pages; "" serves none */
    unsigned threads;            /* of the server; 0: 2 */
    int64_t request_deadline_ms; /* total, default 30 s; waiting for a block excluded */
    const struct api_signer *signers;
    size_t signer_count;
    bool test;                   /* chain marked test: /v1/test/clock is served */
};

struct api;
struct exchange_gateway; /* exchange/gateway.h; NULL when the node has none */

/* ERR_PORT, ERR_IO, ERR_CORRUPT. */
int api_start(struct api **out, struct faults *faults, const struct api_config *config,
              const struct api_backend *backend, struct exchange_gateway *gateway);
void api_stop(struct api **api);
/* A block was committed: events, waiting readers and the read model learn of it. */
void api_block_committed(struct api *api, const struct app_commit *commit);
/* Builds the read model anew from the chain; returns at once, lists fill up again meanwhile. */
void api_rebuild(struct api *api);
uint16_t api_port(const struct api *api); /* the bound one, when 0 was asked for */

#endif
