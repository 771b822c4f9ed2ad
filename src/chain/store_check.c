/* Checking the whole chain on disk, from genesis to the tip. "Verification re-hashes every byte it
 * vouches for":
 *
 *   genesis document ─▶ first validator set ─▶ certificate of block 1 ─▶ its header, which names
 *   the next set ─▶ … ─▶ tip; and of every block: bytes ─▶ evidence, acts, transactions ─▶ leaves
 *   ─▶ log root of its header. At the end the stored log and the newest state tree, node by node.
 *
 * Nothing is taken from the store that is not compared with something certified.
 *
 * Where old blocks are not kept, their leaves are taken from the log, which has the roots of their
 * headers; a ledger that came with a snapshot begins with its first header, whose set the validator
 * history leads to and whose link is the one from the header after it. */
#include "chain/store.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/initial.h"
#include "chain/log_store.h"
#include "chain/rule.h"
#include "chain/store_layout.h"
#include "chain/validator_history.h"

#include <string.h>

struct chain_check {
    const struct store_view *view;
    struct log_frontier frontier;
    struct hash previous; /* hash of the block before */
    int64_t previous_time_ms;
    struct hash validators; /* hash of the set that decides the next block */
};

/* A record that must be there and is not is damage like any other. */
static int as_damage(int error)
{
    return error == 0 || error == ERR_IO ? error : ERR_CORRUPT;
}

static int check_genesis(struct chain_check *check, const struct doc *genesis)
{
    AUTO(state_close) struct state *state = NULL;
    AUTO(doc_free) struct doc *stored = NULL;
    struct validator_set set;
    struct hash hash;
    int error = initial_check_hash(NULL, genesis, &check->view->genesis);
    if (error == 0) {
        error = as_damage(store_read_genesis(&stored, &hash, check->view));
    }
    if (error == 0 && !(hash_equal(&hash, &check->view->genesis) && doc_equal(stored, genesis))) {
        error = ERR_CORRUPT;
    }
    if (error == 0) {
        error = initial_state_open(&state, NULL, genesis);
    }
    if (error == 0) {
        error = rules_validators(&set, state, 1);
    }
    if (error == 0) {
        validators_hash(&check->validators, &set);
        check->previous = check->view->genesis;
        check->previous_time_ms = doc_get_int(genesis, "time_ms", 0);
    }
    return error;
}

/* The first header is that of a later block: who decided it, by the validator history, and the log
 * until then. Certified is the header of the snapshot, which the links lead to. */
static int check_restored(struct chain_check *check, const struct log_nodes *nodes,
                          const struct doc *genesis)
{
    const struct store_view *view = check->view;
    AUTO(doc_free) struct doc *history = NULL;
    struct validator_walk walk;
    struct header header;
    int error = as_damage(store_read_header(&header, view, view->first_header));
    if (error == 0) {
        error = as_damage(validator_history_read(&history, view, view->first_header));
    }
    if (error == 0) {
        error = validator_walk_start(&walk, genesis, &view->genesis);
    }
    for (size_t i = 0; error == 0 && i < doc_count(history); i++) {
        error = validator_walk_step(&walk, NULL, doc_at(history, i), "history");
    }
    if (error == 0) {
        error = as_damage(log_frontier_at(&check->frontier, nodes, header.log_size));
    }
    if (error == 0) {
        validators_hash(&check->validators, &walk.set);
        check->previous = header.previous;
        check->previous_time_ms = header.time_ms - 1;
    }
    return error;
}

/* ---- one block ---- */

static int check_set(struct validator_set *out, const struct chain_check *check, uint64_t height)
{
    struct hash hash;
    int error = as_damage(store_read_validators(out, check->view, height));
    if (error == 0) {
        validators_hash(&hash, out);
        error = hash_equal(&hash, &check->validators) ? 0 : ERR_VALIDATORS;
    }
    return error;
}

static int check_certificate(const struct chain_check *check, uint64_t height,
                             const struct hash *block, const struct validator_set *set)
{
    struct certificate *certificate = memory_alloc(sizeof *certificate);
    int error = store_read_certificate(certificate, check->view, height);
    bool linked = error == ERR_PRUNED && height + 1 < check->view->first_block;
    error = linked ? 0 : as_damage(error); /* with a snapshot only the last one comes */
    if (error == 0 && !linked) {
        error = certificate_verify(certificate, &check->view->genesis, height, block, set);
    }
    memory_free(certificate);
    return error;
}

static int check_header(struct header *out, struct hash *hash, const struct chain_check *check,
                        uint64_t height)
{
    int error = as_damage(store_read_header(out, check->view, height));
    if (error != 0) {
        return error;
    }
    header_hash(hash, out);
    bool linked = hash_equal(&out->genesis, &check->view->genesis) &&
                  hash_equal(&out->previous, &check->previous) &&
                  out->time_ms > check->previous_time_ms;
    return !linked                                            ? ERR_BLOCK_LINK
           : hash_equal(&out->validators, &check->validators) ? 0
                                                              : ERR_VALIDATORS;
}

/* One leaf: into the frontier, and as the store has it. */
static int check_leaf(struct chain_check *check, const struct log_nodes *nodes, enum log_kind kind,
                      const struct hash *digest)
{
    struct log_leaf leaf = {kind, *digest};
    struct hash hash, stored;
    log_leaf_hash(&hash, &leaf);
    int error = as_damage(nodes->read(nodes->context, &stored, 0, check->frontier.size));
    log_frontier_append(&check->frontier, &hash);
    return error != 0 ? error : hash_equal(&hash, &stored) ? 0 : ERR_CORRUPT;
}

static int check_acts(struct chain_check *check, const struct log_nodes *nodes, uint64_t height)
{
    AUTO(doc_free) struct doc *acts = NULL;
    int error = as_damage(store_read_acts(&acts, check->view, height));
    for (size_t i = 0; error == 0 && i < doc_count(acts); i++) {
        struct hash digest;
        doc_hash(&digest, RULE_ACT_TAG, doc_at(acts, i));
        error = check_leaf(check, nodes, LOG_ACT, &digest);
    }
    return error;
}

static int check_tx(struct chain_check *check, const struct log_nodes *nodes,
                    const struct block *block, uint32_t index)
{
    const struct hash *txid = &block->txs[index]->id;
    struct store_tx_place place;
    int error = as_damage(store_find_tx(&place, check->view, txid));
    if (error == 0 && (place.height != block->header.height || place.index != index ||
                       place.log_index != check->frontier.size)) {
        error = ERR_CORRUPT;
    }
    return error != 0 ? error : check_leaf(check, nodes, LOG_TX, txid);
}

/* The log so far is that of the header. */
static int check_log(const struct chain_check *check, const struct header *header)
{
    struct hash root;
    log_frontier_root(&root, &check->frontier);
    return check->frontier.size == header->log_size && hash_equal(&root, &header->log_root)
               ? 0
               : ERR_PROOF_LOG;
}

static int check_body(struct chain_check *check, const struct log_nodes *nodes,
                      const struct block *block)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < block->evidence_count; i++) {
        struct hash digest;
        evidence_hash(&digest, &block->evidence[i]);
        error = check_leaf(check, nodes, LOG_EVIDENCE, &digest);
    }
    if (error == 0) {
        error = check_acts(check, nodes, block->header.height);
    }
    for (uint32_t i = 0; error == 0 && i < block->tx_count; i++) {
        error = check_tx(check, nodes, block, i);
    }
    return error != 0 ? error : check_log(check, &block->header);
}

/* Of a block that is not kept: its leaves as the log has them. */
static int check_leaves(struct chain_check *check, const struct log_nodes *nodes,
                        const struct header *header)
{
    int error = 0;
    while (error == 0 && check->frontier.size < header->log_size) {
        struct hash leaf;
        error = as_damage(nodes->read(nodes->context, &leaf, 0, check->frontier.size));
        log_frontier_append(&check->frontier, &leaf);
    }
    return error != 0 ? error : check_log(check, header);
}

static int check_kept(struct chain_check *check, const struct log_nodes *nodes, uint64_t height,
                      const struct hash *hash)
{
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(block_free) struct block *block = NULL;
    int error = as_damage(store_read_block_bytes(&bytes, check->view, height));
    if (error == 0 && block_decode(&block, NULL, view_of_buf(&bytes), &check->view->genesis) != 0) {
        error = ERR_CORRUPT;
    }
    if (error == 0 && !hash_equal(&block->hash, hash)) {
        error = ERR_CORRUPT;
    }
    return error != 0 ? error : check_body(check, nodes, block);
}

static int check_block(struct chain_check *check, const struct log_nodes *nodes, uint64_t height)
{
    struct validator_set set;
    struct header header;
    struct hash hash;
    int error = check_header(&header, &hash, check, height);
    if (error == 0) {
        error = check_set(&set, check, height);
    }
    if (error == 0) {
        error = check_certificate(check, height, &hash, &set);
    }
    if (error == 0) {
        error = height < check->view->first_block ? check_leaves(check, nodes, &header)
                                                  : check_kept(check, nodes, height, &hash);
    }
    check->previous = hash;
    check->previous_time_ms = header.time_ms;
    check->validators = header.next_validators;
    return error;
}

/* ---- what is beside the blocks ---- */

/* Where the next block would append. */
static int check_frontier(const struct chain_check *check)
{
    AUTO(buf_free) struct buf rebuilt = {0};
    AUTO(buf_free) struct buf held = {0};
    struct log_frontier stored;
    int error = as_damage(log_store_frontier(&stored, check->view->kv, check->view->snapshot));
    if (error == 0) {
        log_frontier_encode(&rebuilt, &check->frontier);
        log_frontier_encode(&held, &stored);
        error = view_equal(view_of_buf(&rebuilt), view_of_buf(&held)) ? 0 : ERR_CORRUPT;
    }
    return error;
}

/* The body that lies where the next block will. */
static int check_placed(const struct store_view *view)
{
    AUTO(buf_free) struct buf record = {0};
    AUTO(buf_free) struct buf block = {0};
    struct store_key key = store_key_height(KV_BLOCK, view->height + 1);
    int error = store_get_sealed(&record, view->kv, view->snapshot, &key);
    if (error != 0) {
        return error == ERR_NOT_FOUND ? 0 : error;
    }
    return store_join_block(&block, view->kv, view->snapshot, view->height + 1,
                            view_of_buf(&record));
}

static int check_bodies(const struct store_view *view)
{
    struct store_key prefix = store_key_height(KV_BODY, view->height + 1);
    struct kv_iterator *iterator =
        kv_iterate(view->kv, view->snapshot, store_key_view(&prefix), store_key_view(&prefix));
    struct view key, value, payload;
    int error = check_placed(view);
    while (error == 0 && kv_iterator_next(iterator, &key, &value)) {
        error = store_unseal(&payload, key, value);
    }
    error = error == 0 ? kv_iterator_error(iterator) : error;
    kv_iterator_free(&iterator);
    return error;
}

/* Before the first block there is no certified root: the state must be what genesis gives. */
struct initial_check {
    const struct store_view *view;
    uint64_t leaves;
    int error;
};

static void check_initial_value(void *context, const char *key, const struct doc *value)
{
    struct initial_check *check = context;
    AUTO(buf_free) struct buf expected = {0};
    AUTO(buf_free) struct buf stored = {0};
    if (check->error != 0) {
        return;
    }
    doc_append_canonical(&expected, value);
    check->error =
        as_damage(state_value_read(check->view->kv, check->view->snapshot, key, &stored));
    if (check->error == 0 && !view_equal(view_of_buf(&expected), view_of_buf(&stored))) {
        check->error = ERR_PROOF_STATE;
    }
    check->leaves++;
}

static int check_initial_state(const struct store_view *view, const struct doc *genesis,
                               uint64_t leaves)
{
    AUTO(state_close) struct state *state = NULL;
    struct initial_check check = {.view = view};
    int error = initial_state_open(&state, NULL, genesis);
    if (error != 0) {
        return error;
    }
    state_each_change(state, check_initial_value, &check);
    return check.error == 0 && check.leaves != leaves ? ERR_PROOF_STATE : check.error;
}

static int check_state(const struct store_view *view, const struct doc *genesis)
{
    struct hash root;
    uint64_t leaves;
    int error = as_damage(state_tree_check(&root, &leaves, view->kv, view->height));
    if (error == 0 && view->height == 0) {
        error = check_initial_state(view, genesis, leaves);
    } else if (error == 0 && !hash_equal(&root, &view->tip.state_root)) {
        error = ERR_PROOF_STATE;
    }
    return error;
}

int store_check_chain(uint64_t *bad_height, const struct store_view *view,
                      const struct doc *genesis,
                      void (*progress)(void *context, uint64_t height, uint64_t of), void *context)
{
    struct chain_check *check = memory_alloc(sizeof *check);
    struct log_reader reader;
    log_reader_init(&reader, view->kv, view->snapshot);
    struct log_nodes nodes = log_reader_nodes(&reader);
    struct validator_set set;
    check->view = view;
    *bad_height = 0;
    int error = check_genesis(check, genesis);
    if (error == 0 && view->first_header > 1) {
        error = check_restored(check, &nodes, genesis);
    }
    for (uint64_t height = view->first_header; error == 0 && height <= view->height; height++) {
        *bad_height = height;
        error = check_block(check, &nodes, height);
        if (progress != NULL) {
            progress(context, height, view->height);
        }
    }
    if (error == 0) {
        error = check_set(&set, check, view->height + 1);
    }
    if (error == 0) {
        error = check_frontier(check);
    }
    if (error == 0) {
        error = as_damage(log_store_check(view->kv, view->snapshot));
    }
    if (error == 0) {
        error = check_state(view, genesis);
    }
    if (error == 0) {
        error = check_bodies(view);
    }
    memory_free(check);
    return error;
}
