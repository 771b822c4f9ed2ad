/* What the API asks of the node. Its threads never touch what belongs to the loop: submissions go
 * through the inbox, the status is a copy made once a second. */
#include "node/node_internal.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/status.h"

#include <stdio.h>

#define API_THREADS 2

struct submitted {
    struct node *node;
    struct tx *tx;
    bool wait_committed;
    api_submit_done done;
    void *argument;
};

static void run_submitted(void *argument)
{
    struct submitted *submitted = argument;
    struct node *node = submitted->node;
    if (node->stopping) {
        tx_free(&submitted->tx);
        submitted->done(submitted->argument, ERR_UNAVAILABLE, NULL, 0);
    } else {
        intake_submit(node->intake, submitted->tx, submitted->wait_committed, submitted->done,
                      submitted->argument);
    }
    memory_free(submitted);
}

void node_submit(void *context, struct tx *tx, bool wait_committed, api_submit_done done,
                 void *argument)
{
    struct node *node = context;
    struct submitted *submitted = memory_alloc(sizeof *submitted);
    *submitted = (struct submitted){node, tx, wait_committed, done, argument};
    if (inbox_post(node->inbox, run_submitted, submitted) != 0) {
        memory_free(submitted);
        tx_free(&tx);
        done(argument, ERR_UNAVAILABLE, NULL, 0);
    }
}

static struct doc *backend_status(void *context)
{
    struct node *node = context;
    pthread_mutex_lock(&node->status_lock);
    struct doc *status = doc_copy(node->status);
    pthread_mutex_unlock(&node->status_lock);
    return status;
}

int64_t node_now_ms(void *context)
{
    const struct node *node = context;
    return node_clock_now_ms(&node->clock);
}

static int backend_advance_clock(void *context, int64_t by_ms)
{
    struct node *node = context;
    pthread_mutex_lock(&node->status_lock);
    int error = node_clock_advance(&node->clock, by_ms);
    pthread_mutex_unlock(&node->status_lock);
    return error;
}

void node_renew_status(struct node *node)
{
    const struct wire_offer offer = snapshot_serve_offer(node->snapshots);
    struct doc *fresh = status_doc(&node->parts, node->engine, node->sync, node->restorer, &offer,
                                   node->resume);
    pthread_mutex_lock(&node->status_lock);
    struct doc *old = node->status;
    node->status = fresh;
    pthread_mutex_unlock(&node->status_lock);
    doc_free(&old);
}

int node_open_api(struct node *node, struct faults *faults)
{
    struct endpoint listen;
    const struct config *from = node->config;
    struct api_config config = {.threads = API_THREADS,
                                .signers = node->home.signers,
                                .signer_count = node->home.signer_count,
                                .test = node->home.test};
    const struct api_backend backend = {.context = node,
                                        .kv = node->kv,
                                        .genesis = node->home.genesis,
                                        .genesis_hash = node->home.genesis_hash,
                                        .member = from->member,
                                        .submit = node_submit,
                                        .status = backend_status,
                                        .now_ms = node_now_ms,
                                        .advance_clock =
                                            node->home.test ? backend_advance_clock : NULL};
    ENSURE(endpoint_parse(&listen, from->api_listen) == 0);
    int fit =
        snprintf(config.data_directory, sizeof config.data_directory, "%s", from->data_directory);
    int web = snprintf(config.web_directory, sizeof config.web_directory, "%s",
                       from->web_directory != NULL ? from->web_directory : "");
    int host = snprintf(config.listen_host, sizeof config.listen_host, "%s", listen.host);
    if ((size_t)fit >= sizeof config.data_directory || (size_t)web >= sizeof config.web_directory ||
        (size_t)host >= sizeof config.listen_host) {
        return faults_add(faults, ERR_FIELD_LENGTH, NULL, "data_directory, web_directory or host");
    }
    config.listen_port = listen.port;
    node_renew_status(node);
    int error = api_start(&node->api, faults, &config, &backend, node->gateway);
    if (error != 0 && faults->count == 0) {
        faults_add(faults, error, NULL, "api_listen %s", from->api_listen);
    }
    return error;
}
