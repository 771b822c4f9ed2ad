/* One check counts its transactions down. The last answer, or the next turn of the loop when
 * nothing is left to verify, gives the verdict. */
#include "node/block_check.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"

struct block_check {
    uv_idle_t idle; /* for blocks that need no worker */
    struct block *block;
    size_t open;
    int error;
    bool starting;
    block_check_done done;
    void *context;
};

static void on_idle_closed(uv_handle_t *handle)
{
    memory_free(handle->data);
}

static void finish(struct block_check *check)
{
    check->done(check->context, check->block, check->error);
    block_free(&check->block);
    uv_close((uv_handle_t *)&check->idle, on_idle_closed);
}

static void on_idle(uv_idle_t *idle)
{
    finish(idle->data);
}

static void on_verified(struct verify_item *item)
{
    struct block_check *check = item->owner;
    if (item->error != 0 && check->error == 0) {
        check->error = item->error;
    }
    check->open--;
    verify_item_free(&item);
    if (check->open == 0 && !check->starting) {
        finish(check);
    }
}

static bool take_from_mempool(const struct node_parts *parts, struct tx **tx)
{
    struct tx *known = mempool_find(parts->mempool, &(*tx)->id);
    if (known == NULL || !view_equal(view_of_buf(&known->raw), view_of_buf(&(*tx)->raw))) {
        return false;
    }
    tx_free(tx);
    *tx = tx_ref(known);
    return true;
}

static void check_tx(struct block_check *check, const struct node_parts *parts, struct tx *tx)
{
    struct verify_item *item = verify_item_new();
    item->id = tx->id;
    item->tx = tx_ref(tx);
    item->done = on_verified;
    item->owner = check;
    check->open++;
    if (verifier_add(parts->verifier, &item, VERIFY_URGENT) != 0) {
        check->error = ERR_UNAVAILABLE;
        check->open--;
        verify_item_free(&item);
    }
}

void block_check_start(const struct node_parts *parts, struct block *block, block_check_done done,
                       void *context)
{
    struct block_check *check = memory_alloc(sizeof *check);
    check->block = block_ref(block);
    check->done = done;
    check->context = context;
    check->starting = true;
    ENSURE(uv_idle_init(parts->loop, &check->idle) == 0);
    check->idle.data = check;
    for (size_t i = 0; i < block->tx_count; i++) {
        if (!block->txs[i]->verified && !take_from_mempool(parts, &block->txs[i])) {
            check_tx(check, parts, block->txs[i]);
        }
    }
    check->starting = false;
    if (check->open == 0) {
        ENSURE(uv_idle_start(&check->idle, on_idle) == 0);
    }
}
