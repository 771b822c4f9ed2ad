/* The node's gateway: made from the configuration, signing with one of the keys that the node
 * holds, listening for other gateways. It lives between the API (which uses it) and the inbox
 * (through which its transactions go). */
#include "node/node_internal.h"

#include "api/gateway_server.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/log.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

#define GATEWAY_THREADS 2

/* The key by which the gateway signs: one of the signers', so that its token also stands for
 * transfers at the API. */
static struct courier_key find_key(const struct node *node)
{
    struct courier_key key = {0};
    const struct api_signer *signer = home_find_key(&node->home, node->config->exchange->key);
    ENSURE(signer != NULL); /* home_open */
    key.secret = signer->secret;
    memcpy(key.name, signer->key_name, sizeof key.name);
    return key;
}

static bool is_table(const struct config_resource *resource)
{
    size_t len = strlen(resource->path);
    return resource->format != NULL ? strcmp(resource->format, "csv") == 0
                                    : len > 4 && strcmp(resource->path + len - 4, ".csv") == 0;
}

static int start_gateway(struct node *node, struct faults *faults, const struct courier_key *key)
{
    const struct config_exchange *from = node->config->exchange;
    struct exchange_resource *resources = memory_alloc(from->resources_count * sizeof *resources);
    for (unsigned i = 0; i < from->resources_count; i++) {
        const struct config_resource *resource = &from->resources[i];
        resources[i] = (struct exchange_resource){
            .id = resource->id,
            .path = resource->path,
            .table = is_table(resource),
            .delimiter = resource->delimiter == NULL ? 0 : resource->delimiter[0]};
    }
    const struct exchange_config config = {.data_directory = node->config->data_directory,
                                           .root = from->root,
                                           .inbox = from->inbox,
                                           .resources = resources,
                                           .resource_count = from->resources_count,
                                           .chunk_bytes = from->chunk_bytes,
                                           .rate_bytes_per_s = from->rate_bytes_per_s,
                                           .key = *key,
                                           .peer_seed = node->home.peer.secret};
    const struct exchange_host host = {.context = node,
                                       .kv = node->kv,
                                       .genesis = node->home.genesis,
                                       .genesis_hash = node->home.genesis_hash,
                                       .member = node->config->member,
                                       .submit = node_submit,
                                       .now_ms = node_now_ms};
    int error = exchange_gateway_start(&node->gateway, faults, &config, &host);
    memory_free(resources);
    return error;
}

static int start_listener(struct node *node, struct faults *faults)
{
    struct endpoint listen;
    const char *text = node->config->gateway_listen;
    if (text == NULL) {
        return 0; /* fetches for its own member, serves nobody */
    }
    ENSURE(endpoint_parse(&listen, text) == 0);
    int error = gateway_server_start(&node->gateway_server, listen.host, listen.port,
                                     GATEWAY_THREADS, node->gateway);
    if (error != 0) {
        return faults_add(faults, error, NULL, "gateway_listen %s", text);
    }
    log_write(LOG_INFO, "node", "gateway on port %u", http_server_port(node->gateway_server));
    return 0;
}

int node_open_exchange(struct node *node, struct faults *faults)
{
    if (node->config->exchange == NULL) {
        return 0;
    }
    const struct courier_key key = find_key(node);
    int error = start_gateway(node, faults, &key);
    return error != 0 ? error : start_listener(node, faults);
}

void node_close_exchange(struct node *node)
{
    http_server_stop(&node->gateway_server);
    exchange_gateway_stop(&node->gateway);
}
