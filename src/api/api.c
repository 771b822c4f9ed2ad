/* The API's life: what it is made of, in the order in which it starts; it stops in reverse. */
#include "api/api_internal.h"

#include "api/events.h"
#include "api/indexer.h"
#include "base/civil.h"
#include "base/errors.h"
#include "base/log.h"

#include <stdio.h>
#include <string.h>

size_t api_tables(struct http_routes out[API_TABLES_MAX], struct api *api)
{
    const struct http_route *const tables[] = {
        routes_submit,    api->routes_sign, routes_ledger, routes_lists,     routes_assessment,
        routes_deadlines, routes_matters,   routes_near,   routes_records,   routes_history,
        routes_pack,      routes_node,      routes_events, routes_transfers, routes_forms,
        routes_words,     routes_pages,
    };
    size_t count = sizeof tables / sizeof tables[0];
    _Static_assert(sizeof tables / sizeof tables[0] <= API_TABLES_MAX, "there is room for all");
    for (size_t i = 0; i < count; i++)
        out[i] = (struct http_routes){.table = tables[i], .context = api};
    return count;
}

static int start_server(struct api *api, struct faults *faults)
{
    struct http_routes routes[API_TABLES_MAX];
    const struct http_config config = {
        .host = api->config.listen_host,
        .port = api->config.listen_port,
        .threads = api->config.threads,
        .deadline_ms = api->config.request_deadline_ms,
        .routes = routes,
        .routes_count = api_tables(routes, api),
    };
    int error = http_server_start(&api->server, &config);
    if (error)
        return faults_add(faults, error, NULL, "api_listen %s:%u", config.host, config.port);
    log_write(LOG_INFO, "api", "listening on %s port %u", config.host,
              http_server_port(api->server));
    return 0;
}

int api_start(struct api **out, struct faults *faults, const struct api_config *config,
              const struct api_backend *backend, struct exchange_gateway *gateway)
{
    struct api *api = memory_alloc(sizeof *api);
    api->config = *config;
    api->backend = *backend;
    api->gateway = gateway;
    api->started_ms = clock_monotonic_ms();
    api->signers = memory_alloc(config->signer_count * sizeof *api->signers);
    if (config->signer_count > 0)
        memcpy(api->signers, config->signers, config->signer_count * sizeof *api->signers);
    api->config.signers = api->signers;
    if (!api->config.listen_host[0])
        snprintf(api->config.listen_host, sizeof api->config.listen_host, "127.0.0.1");
    api->routes_sign = routes_sign_new();
    api->events = events_open(&api->backend);
    int error = indexer_open(&api->indexer, config->data_directory, &api->backend, api->events);
    if (error)
        faults_add(faults, error, NULL, "%s/explorer.sqlite", config->data_directory);
    else
        error = start_server(api, faults);
    if (error)
        api_stop(&api);
    else
        *out = api;
    return error;
}

void api_stop(struct api **pointer)
{
    struct api *api = *pointer;
    if (!api)
        return;
    *pointer = NULL;
    http_server_stop(&api->server);
    indexer_close(&api->indexer);
    events_close(&api->events);
    routes_sign_free(&api->routes_sign);
    memory_free(api->signers);
    memory_free(api);
}

void api_block_committed(struct api *api, const struct app_commit *commit)
{
    events_committed(api->events, commit);
    indexer_committed(api->indexer, commit->header.height);
}

uint64_t api_read_height(struct api *api)
{
    return read_model_height(indexer_model(api->indexer));
}

void api_rebuild(struct api *api)
{
    indexer_rebuild(api->indexer);
}

uint16_t api_port(const struct api *api)
{
    return http_server_port(api->server);
}
