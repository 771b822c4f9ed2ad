/* The ledger in memory: what the tip is, and executed blocks by hash until one is decided.
 *
 * Invariants: everything in struct app describes one tip, the one in the store; it moves only in
 * app_commit, after the batch was written. Every execution kept is one of height app->height + 1 on
 * this tip. After a failed commit nothing goes on (`broken`). */
#include "chain/app_internal.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/store.h"
#include "chain/store_layout.h"

#include <string.h>

void app_close(struct app **app)
{
    struct app *old = *app;
    if (old == NULL) {
        return;
    }
    executions_drop_all(old);
    signers_forget(old);
    replay_close(&old->replay);
    committed_close(&old->committed);
    state_tree_close(&old->tree);
    kv_batch_free(&old->batch);
    memory_free(old);
    *app = NULL;
}

const struct hash *app_genesis_hash(const struct app *app)
{
    return &app->genesis_hash;
}

const struct chain_params *app_params(const struct app *app)
{
    return &app->params;
}

uint64_t app_height(const struct app *app)
{
    return app->height;
}

const struct header *app_tip(const struct app *app)
{
    return app->height == 0 ? NULL : &app->tip;
}

int64_t app_tip_time_ms(const struct app *app)
{
    return app->tip_time_ms;
}

const struct hash *app_tip_hash(const struct app *app)
{
    return &app->tip_hash;
}

const struct validator_set *app_next_validators(const struct app *app)
{
    return &app->validators;
}

const struct validator_set *app_later_validators(const struct app *app)
{
    return &app->later;
}

int app_validators_at(struct validator_set *out, struct app *app, uint64_t height)
{
    if (height == app->height + 1) {
        *out = app->validators;
        return 0;
    }
    struct store_view view = {
        .kv = app->kv, .genesis = app->genesis_hash, .height = app->height, .tip = app->tip};
    return height == 0 || height > app->height ? ERR_NOT_FOUND
                                               : store_read_validators(out, &view, height);
}

bool app_error_is_environment(int error)
{
    return error == ERR_IO || error == ERR_CORRUPT || error == ERR_DISK_FULL;
}

int app_reload(struct app *app)
{
    AUTO(doc_free) struct doc *params = NULL;
    AUTO(doc_free) struct doc *center = NULL;
    int error = committed_get(app->committed, &params, "params");
    if (error == 0) {
        error = committed_get(app->committed, &center, "center");
    }
    if (error != 0) {
        return error;
    }
    const char *id = doc_get_text(center, "id");
    if (chain_params_read(&app->params, NULL, params, app->test) != 0 || id == NULL ||
        strlen(id) != MEMBER_ID_CHARS) {
        return ERR_CORRUPT;
    }
    memcpy(app->center, id, MEMBER_ID_CHARS + 1);
    return 0;
}

/* ---- executions ---- */

void execution_free(struct execution **execution)
{
    struct execution *old = *execution;
    if (old == NULL) {
        return;
    }
    block_free(&old->block);
    state_update_free(&old->update);
    doc_free(&old->acts);
    memory_free(old->changes);
    memory_free(old->leaves);
    state_close(&old->state);
    memory_free(old);
    *execution = NULL;
}

struct execution *execution_find(struct app *app, const struct hash *block_hash)
{
    for (size_t i = 0; i < EXECUTIONS_MAX; i++) {
        struct execution *execution = app->executions[i];
        if (execution != NULL && hash_equal(&execution->block->hash, block_hash)) {
            execution->used = ++app->uses;
            return execution;
        }
    }
    return NULL;
}

void execution_keep(struct app *app, struct execution *execution)
{
    struct execution **place = &app->executions[0];
    for (size_t i = 0; i < EXECUTIONS_MAX && *place != NULL; i++) {
        struct execution **other = &app->executions[i];
        if (*other == NULL || (*other)->used < (*place)->used) {
            place = other;
        }
    }
    execution_free(place);
    execution->used = ++app->uses;
    *place = execution;
}

void executions_drop_all(struct app *app)
{
    for (size_t i = 0; i < EXECUTIONS_MAX; i++) {
        execution_free(&app->executions[i]);
    }
}
