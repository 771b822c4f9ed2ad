/* What the files of the node share. Only node*.c include this.
 *
 *   node.c        opening, running, stopping
 *   node_api.c    what the API asks, from its threads
 *   node_wires.c  what the parts tell each other
 *   node_exchange.c  the gateway */
#ifndef DIRCHAIN_NODE_NODE_INTERNAL_H
#define DIRCHAIN_NODE_NODE_INTERNAL_H

#include "api/api.h"
#include "api/http.h"
#include "exchange/gateway.h"
#include "node/engine.h"
#include "node/home.h"
#include "node/inbox.h"
#include "node/intake.h"
#include "node/node.h"
#include "node/pruner.h"
#include "node/requests.h"
#include "node/restorer.h"
#include "node/resume.h"
#include "node/snapshot_serve.h"
#include "node/seat_watch.h"
#include "node/sync.h"

#include <pthread.h>

struct node {
    const struct config *config;
    struct home home;
    struct node_clock clock;
    struct kv *kv;
    struct app *app;
    uv_loop_t loop;
    uv_signal_t terminate, interrupt;
    uv_async_t stop_soon;
    uv_timer_t tick;
    struct inbox *inbox;
    struct verifier *verifier;
    struct mempool *mempool;
    struct peers *peers;
    struct intake *intake;
    struct bodies *bodies;
    struct evidence_pool *evidence;
    struct engine *engine;
    struct sync *sync;
    struct requests *requests;
    struct restorer *restorer;
    struct snapshot_serve *snapshots;
    struct pruner *pruner;
    struct seat_watch seat;
    struct resume *resume;
    struct exchange_gateway *gateway; /* NULL: none is configured */
    struct http_server *gateway_server;
    struct api *api;
    struct node_parts parts;
    struct node_counters counters;
    bool loop_open, running, stopping;
    bool start_over; /* on the ledger that was restored */
    bool behind;     /* when a peer last told its height */
    bool holds_key;  /* that the ledger has for this member, as the members were last read */
    int error;
    char what[128]; /* was being done when the error came */
    pthread_mutex_t status_lock;
    struct doc *status; /* under the lock: what API threads are told */
};

/* ---- node.c ---- */

/* node_parts.fatal: the node stops soon with this error. */
void node_fatal(void *context, int error, const char *what);
/* The node stops soon, to be opened again on the ledger that was restored. */
void node_start_over(struct node *node);

/* ---- node_api.c ---- */

/* Starts the server over a backend of this node. ERR_PORT, … */
int node_open_api(struct node *node, struct faults *faults);
/* api_backend.submit and now_ms, of which the gateway makes use too; any thread. */
void node_submit(void *context, struct tx *tx, bool wait_committed, api_submit_done done,
                 void *argument);
int64_t node_now_ms(void *context);
/* What API threads are told is as of now. */
void node_renew_status(struct node *node);

/* ---- node_exchange.c ---- */

/* Starts the gateway and its listener, if there are any. ERR_CONFIG, ERR_PORT, … */
int node_open_exchange(struct node *node, struct faults *faults);
/* After the API, which uses it; before the inbox, which it uses. */
void node_close_exchange(struct node *node);

/* ---- node_wires.c ---- */

extern const struct peers_handler node_peers_handler; /* context: to be set */
struct node_vote {
    struct signer *signer; /* NULL: none */
    struct vote_key key;
};
/* Opens bodies, evidence, engine, sync and intake, each wired to the others. Takes the signers. */
void node_open_parts(struct node *node, struct node_vote votes[ENGINE_KEYS_MAX]);
/* The ledger's members become peers. ERR_CORRUPT, ERR_IO. */
int node_read_members(struct node *node);
/* verifier_key */
int node_find_key(void *context, struct public_key *out, const char *member, const char *key_name);
void node_on_tick(uv_timer_t *timer); /* once a second */

#endif
