/* Opening the ledger: an empty store gets the state of genesis; of an existing one the tip is
 * checked against what is stored before anything is built on it.
 *
 * header ── hash is the tip's ── certificate by the set of the header before ── state root of its
 * version ── log root from the frontier ── replay window from the log. The whole chain is checked
 * by store_check_chain, on command. */
#include "chain/app_internal.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/memory.h"
#include "chain/initial.h"
#include "chain/log_store.h"
#include "chain/store.h"
#include "chain/store_layout.h"

#include <string.h>

#define TREE_CACHE_BYTES ((size_t)64 << 20)
#define TERMS_AHEAD 1024 /* read when a ledger is opened: what several sweeps settle */
#define AHEAD_MS 1000    /* and so long at most: the node has to start, on a slow disk too */

/* ---- an empty store ---- */

struct genesis_changes {
    struct state_change *changes;
    size_t count;
};

static void add_change(void *context, const char *key, const struct doc *value)
{
    struct genesis_changes *all = context;
    struct buf text = {0};
    doc_append_canonical(&text, value);
    all->changes = memory_resize(all->changes, (all->count + 1) * sizeof *all->changes);
    all->changes[all->count++] = (struct state_change){view_of_text(key), view_of_buf(&text)};
}

static int put_state(struct app *app, struct state_update **update, struct state *state)
{
    struct genesis_changes all = {0};
    state_each_change(state, add_change, &all);
    int error = state_tree_update(update, app->tree, STATE_VERSION_NONE, 0, all.changes, all.count);
    for (size_t i = 0; i < all.count; i++) {
        memory_free((void *)(uintptr_t)all.changes[i].value.data);
    }
    memory_free(all.changes);
    if (error == 0) {
        state_update_write(*update, app->batch);
    }
    return error;
}

static int check_empty(struct kv *kv)
{
    struct view nothing = {0}, key, value;
    struct kv_iterator *iterator = kv_iterate(kv, NULL, nothing, nothing);
    bool found = kv_iterator_next(iterator, &key, &value);
    int error = found ? ERR_STORE_FORMAT : kv_iterator_error(iterator);
    kv_iterator_free(&iterator);
    return error;
}

static int create(struct app *app, struct faults *faults, const struct doc *genesis)
{
    AUTO(state_close) struct state *state = NULL;
    struct state_update *update = NULL;
    int error = check_empty(app->kv);
    if (error == 0) {
        error = initial_state_open(&state, faults, genesis);
    }
    if (error == 0) {
        error = rules_validators(&app->validators, state, 1);
    }
    if (error != 0) {
        return error;
    }
    store_put_origin(app->batch, genesis, &app->genesis_hash);
    store_put_tip(app->batch, 0, &app->genesis_hash);
    store_put_validators(app->batch, 1, &app->validators);
    error = put_state(app, &update, state);
    if (error == 0) {
        error = kv_write(app->kv, app->batch, true);
    }
    if (error == 0) {
        state_update_committed(app->tree, &update);
    }
    state_update_free(&update);
    return error;
}

/* ---- an existing store ---- */

/* Something the tip needs is not there, or is not what the tip says. */
static int damaged(int error)
{
    return error == ERR_IO ? ERR_IO : ERR_CORRUPT;
}

/* The set that decided the tip, by the header before it. */
static int read_tip_set(struct validator_set *out, const struct store_view *view)
{
    struct header before;
    struct hash hash;
    int error = store_read_validators(out, view, view->height);
    if (error != 0) {
        return damaged(error);
    }
    validators_hash(&hash, out);
    if (view->height > 1) {
        error = store_read_header(&before, view, view->height - 1);
        if (error != 0) {
            return damaged(error);
        }
    }
    const struct hash *named = view->height > 1 ? &before.next_validators : &view->tip.validators;
    return hash_equal(&hash, named) ? 0 : ERR_CORRUPT;
}

static int check_tip_certificate(const struct app *app, const struct store_view *view)
{
    struct certificate *certificate = memory_alloc(sizeof *certificate);
    struct validator_set set;
    int error = read_tip_set(&set, view);
    if (error == 0) {
        error = store_read_certificate(certificate, view, view->height);
        error = error == 0 ? 0 : damaged(error);
    }
    if (error == 0 &&
        certificate_verify(certificate, &view->genesis, view->height, &app->tip_hash, &set) != 0) {
        error = ERR_CORRUPT;
    }
    memory_free(certificate);
    return error;
}

static int check_roots(const struct app *app, const struct store_view *view)
{
    struct hash root;
    uint64_t leaves;
    int error = state_root_read(&root, &leaves, app->kv, view->snapshot, view->height);
    if (error != 0) {
        return damaged(error);
    }
    if (view->height == 0) {
        return app->frontier.size == 0 ? 0 : ERR_CORRUPT;
    }
    if (!hash_equal(&root, &view->tip.state_root) || app->frontier.size != view->tip.log_size) {
        return ERR_CORRUPT;
    }
    log_frontier_root(&root, &app->frontier);
    return hash_equal(&root, &view->tip.log_root) ? 0 : ERR_CORRUPT;
}

/* Leaves of one block into the replay window. Evidence and acts go in too: they hurt nobody, as a
 * leaf names its kind. */
static int reload_block(struct app *app, const struct log_nodes *log, int64_t time_ms,
                        uint64_t from, uint64_t to)
{
    struct hash *leaves = memory_alloc((size_t)(to - from + 1) * sizeof *leaves);
    int error = 0;
    for (uint64_t i = from; error == 0 && i < to; i++) {
        error = log->read(log->context, &leaves[i - from], 0, i);
    }
    if (error == 0) {
        replay_add(app->replay, time_ms, leaves, (size_t)(to - from));
    }
    memory_free(leaves);
    return error;
}

/* First height whose block is within tx_lifetime of the tip. */
static int find_window(uint64_t *first, const struct app *app, const struct store_view *view)
{
    int64_t until_ms = app->tip_time_ms - app->params.tx_lifetime_ms;
    *first = view->height + 1;
    while (*first > 1) {
        struct header header;
        int error = store_read_header(&header, view, *first - 1);
        if (error != 0) {
            return damaged(error);
        }
        if (header.time_ms <= until_ms) {
            break;
        }
        (*first)--;
    }
    return 0;
}

static int reload_replay(struct app *app, const struct store_view *view)
{
    uint64_t first;
    int error = find_window(&first, app, view);
    struct header before = {0}, header;
    struct log_reader reader;
    log_reader_init(&reader, view->kv, view->snapshot);
    struct log_nodes log = log_reader_nodes(&reader);
    if (error == 0 && first > 1 && first <= view->height) {
        error = store_read_header(&before, view, first - 1);
    }
    for (uint64_t height = first; error == 0 && height <= view->height; height++) {
        error = store_read_header(&header, view, height);
        if (error == 0) {
            error = reload_block(app, &log, header.time_ms, before.log_size, header.log_size);
            before = header;
        }
    }
    return error == 0 ? 0 : damaged(error);
}

static int read_tip(struct app *app, const struct store_view *view)
{
    app->height = view->height;
    app->first_block = view->first_block;
    app->first_header = view->first_header;
    app->tip = view->tip;
    if (view->height > 0) {
        header_hash(&app->tip_hash, &view->tip);
        app->tip_time_ms = view->tip.time_ms;
    }
    int error = log_store_frontier(&app->frontier, app->kv, view->snapshot);
    if (error == 0) {
        error = store_read_validators(&app->validators, view, view->height + 1);
    }
    if (error != 0) {
        return damaged(error);
    }
    validators_hash(&app->validators_hash, &app->validators);
    if (view->height > 0 && !hash_equal(&app->validators_hash, &view->tip.next_validators)) {
        return ERR_CORRUPT;
    }
    return check_roots(app, view);
}

/* The index is written after the history. If the disk has lost the end of the history all the same,
 * what it wrote for the tip is not there. A tip that came with a snapshot has no block. */
static int check_tip_history(const struct app *app, const struct store_view *view)
{
    AUTO(buf_free) struct buf block = {0};
    int error = state_top_check(app->kv, view->snapshot, view->height);
    if (error == 0 && view->height > 0 && view->height >= view->first_block) {
        error = store_read_block_bytes(&block, view, view->height);
    }
    return error == 0 ? 0 : damaged(error);
}

/* Of the height after the next one, as the state has it. */
static int read_later_set(struct app *app)
{
    struct state_source source = committed_source(app->committed);
    AUTO(state_close) struct state *state = state_open(&source);
    int error = rules_validators(&app->later, state, app->height + 2);
    return error == 0 ? 0 : damaged(error);
}

/* Nothing is in memory yet. What the first blocks would have to wait for is read now, as far as the
 * time goes: of the terms that end next the records and the way to them, and the top of the state
 * tree. What is not read here is read when it is needed: no result depends on it, nor on the
 * clock. */
static int read_ahead(struct app *app)
{
    struct state_source source = committed_source(app->committed);
    char keys[2][STATE_KEY_BYTES_MAX + 1];
    const char *after = NULL;
    int64_t until_ms = clock_monotonic_ms() + AHEAD_MS;
    int error = 0;
    for (unsigned i = 0; i < TERMS_AHEAD && error == 0; i++, after = keys[(i + 1) % 2]) {
        char *key = keys[i % 2];
        if (clock_monotonic_ms() >= until_ms) {
            return 0;
        }
        error = source.next(source.context, key, "due/", after);
        if (error != 0 || key[0] == 0) {
            break;
        }
        AUTO(doc_free) struct doc *record = NULL;
        const char *subject = rules_due_subject(key);
        error = committed_get(app->committed, &record, subject);
        error = error == 0 ? state_tree_read_path(app->tree, app->height, key) : error;
        error = error == 0 ? state_tree_read_path(app->tree, app->height, subject) : error;
    }
    error = error == 0 ? state_tree_read_top(app->tree, app->height, until_ms) : error;
    return error == 0 ? 0 : damaged(error);
}

static int load(struct app *app)
{
    struct store_view view;
    int error = store_view_open(&view, app->kv);
    if (error != 0) {
        return error;
    }
    if (!hash_equal(&view.genesis, &app->genesis_hash)) {
        error = ERR_OTHER_GENESIS;
    }
    if (error == 0) {
        error = read_tip(app, &view);
    }
    if (error == 0) {
        error = check_tip_history(app, &view);
    }
    if (error == 0 && view.height > 0) {
        error = check_tip_certificate(app, &view);
    }
    if (error == 0) {
        error = committed_fill(app->committed);
        error = error == 0 ? app_reload(app) : damaged(error);
    }
    if (error == 0) {
        error = read_later_set(app);
    }
    if (error == 0) {
        error = reload_replay(app, &view);
    }
    if (error == 0) {
        error = app_find_placed(app);
    }
    if (error == 0) {
        error = read_ahead(app);
    }
    store_view_close(&view);
    return error;
}

/* ---- both ---- */

int app_open(struct app **out, struct faults *faults, struct kv *kv, const struct doc *genesis,
             const struct hash *genesis_hash)
{
    *out = NULL;
    int error = initial_check_hash(faults, genesis, genesis_hash);
    if (error != 0) {
        return error;
    }
    AUTO(app_close) struct app *app = memory_alloc(sizeof *app);
    app->kv = kv;
    app->tree = state_tree_open(kv, TREE_CACHE_BYTES);
    app->committed = committed_open(kv);
    app->replay = replay_open();
    app->batch = kv_batch_new();
    app->genesis_hash = app->tip_hash = *genesis_hash;
    app->test = doc_get_bool(genesis, "test", false);
    app->tip_time_ms = doc_get_int(genesis, "time_ms", 0);
    error = load(app);
    if (error == ERR_NOT_FOUND) {
        error = create(app, faults, genesis);
        if (error == 0) {
            error = load(app);
        }
    }
    if (error == 0) {
        *out = app;
        app = NULL;
    }
    return error;
}
