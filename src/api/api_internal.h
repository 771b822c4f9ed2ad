/* What the parts of the API share: the configuration and the parts themselves. Routes get a
 * struct api as their context; everything in it is fixed between api_start and api_stop. */
#ifndef DIRCHAIN_API_API_INTERNAL_H
#define DIRCHAIN_API_API_INTERNAL_H

#include "api/api.h"
#include "api/http.h"
#include "base/memory.h"
#include "chain/store.h"

#include <stdatomic.h>

struct events;
struct indexer;
struct read_model;

struct api_counters {
    _Atomic uint64_t accepted, refused, committed; /* transactions submitted here */
};

struct api {
    struct api_config config;
    struct api_backend backend;
    struct api_signer *signers;
    struct exchange_gateway *gateway;
    struct events *events;
    struct indexer *indexer;
    struct http_route *routes_sign;
    struct http_server *server;
    struct api_counters counters;
    int64_t started_ms; /* monotonic */
};

/* The tables of routes, each in its file. */
extern const struct http_route routes_submit[]; /* POST /v1/transactions */
extern const struct http_route routes_node[];   /* status, health, metrics, clock, OpenAPI */
extern const struct http_route routes_ledger[]; /* blocks, transactions, state, proofs */
extern const struct http_route routes_pack[];   /* lines of audit packs */
extern const struct http_route routes_assessment[];
extern const struct http_route routes_deadlines[];
extern const struct http_route routes_matters[];
extern const struct http_route routes_lists[];     /* what the read model answers */
extern const struct http_route routes_near[];      /* near duplicates */
extern const struct http_route routes_records[];   /* single records, search */
extern const struct http_route routes_history[];   /* what happened to a record */
extern const struct http_route routes_events[];    /* server-sent events */
extern const struct http_route routes_forms[];     /* forms for paper */
extern const struct http_route routes_words[];     /* words of the protocol */
extern const struct http_route routes_transfers[]; /* transfers of the gateway, reconciliation */
extern const struct http_route routes_pages[];     /* static files; last: it takes any path */

/* Convenience writes, one for each transaction type. */
struct http_route *routes_sign_new(void);
void routes_sign_free(struct http_route **table);

#define API_TABLES_MAX 24
/* All of them, in the order in which they are tried. */
size_t api_tables(struct http_routes out[API_TABLES_MAX], struct api *api);

/* Opens a view of the store, or answers the request with what went wrong; false then. */
bool api_view(struct store_view *out, struct api *api, struct http_request *request);

/* Answers with what was read, which it takes over, or with why it could not be. */
void api_answer(struct http_request *request, int error, struct doc *document);

/* Height that the read model has reached. */
uint64_t api_read_height(struct api *api);

/* The signer that a token stands for, of that key name unless it is NULL; NULL: none. */
const struct api_signer *api_find_signer(const struct api *api, const char *token,
                                         const char *key_name);

/* routes_submit.c: hands a transaction over to the node and answers when the node does: 202 and the
 * txid, or with `wait` the receipt. Takes the transaction over. */
void api_submit(struct api *api, struct http_request *request, struct tx *tx, bool wait);

#endif
