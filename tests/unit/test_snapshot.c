/* Snapshots: a ledger restored from parts goes on exactly like the one they came from, whoever gave
 * them; a part that is wrong is refused by itself; what is half restored is no ledger. */
#include "ledger.h"
#include "ledger_types.h"
#include "snapshots.h"
#include "vectors.h"

#include "chain/log_store.h"
#include "chain/receipt.h"
#include "chain/state_record.h"

static struct ledger source;

static int make_source(void **state)
{
    (void)state;
    source = source_open();
    return 0;
}

static int drop_source(void **state)
{
    (void)state;
    ledger_close(&source);
    return 0;
}

/* ---- what is restored ---- */

static void a_restored_ledger_goes_on_like_the_others(void **state)
{
    (void)state;
    for (uint64_t height = 1; height <= SOURCE_BLOCKS; height += height < 12 ? 1 : 5) {
        AUTO(ledger_close) struct ledger ledger = restored(&source, height);
        assert_int_equal(app_height(ledger.app), height);
        while (app_height(ledger.app) < SOURCE_BLOCKS) {
            assert_int_equal(follow(&ledger, &source), 0);
            if (app_height(ledger.app) % 16 == 0)
                ledger_reopen(&ledger);
        }
        assert_true(hash_equal(app_tip_hash(ledger.app), app_tip_hash(source.app)));
        struct hash root;
        uint64_t leaves, expected;
        assert_int_equal(state_tree_check(&root, &leaves, ledger.kv, SOURCE_BLOCKS), 0);
        assert_true(hash_equal(&root, &app_tip(source.app)->state_root));
        assert_int_equal(state_root_read(&root, &expected, source.kv, NULL, SOURCE_BLOCKS), 0);
        assert_int_equal(leaves, expected);
        assert_int_equal(log_store_check(ledger.kv, NULL), 0);
    }
}

/* The very state, also before any further block: each key by its index. */
static void the_whole_state_is_there(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger ledger = restored(&source, 37);
    struct hash root;
    uint64_t leaves;
    struct store_view view;
    assert_int_equal(state_tree_check(&root, &leaves, ledger.kv, 37), 0);
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_true(hash_equal(&root, &view.tip.state_root));
    struct state_cursor *cursor = state_cursor_open(ledger.kv, view.snapshot, "", NULL);
    const char *key;
    struct view value;
    uint64_t count = 0;
    while (state_cursor_next(cursor, &key, &value)) {
        AUTO(buf_free) struct buf there = {0};
        struct state_proof proof;
        bool present;
        assert_int_equal(store_prove_state(&proof, &present, &there, &view, 37, key), 0);
        assert_true(present);
        assert_int_equal(state_proof_verify(&proof, key, value, &view.tip.state_root), 0);
        count++;
    }
    assert_int_equal(state_cursor_error(cursor), 0);
    assert_int_equal(count, leaves);
    state_cursor_free(&cursor);
    store_view_close(&view);
}

static void a_state_larger_than_a_part_is_divided(void **state)
{
    (void)state;
    AUTO(kv_close) struct kv *kv = kv_open_memory();
    struct restore_plan plan = restore_plan_of(&source, SOURCE_BLOCKS);
    AUTO(restore_close) struct restore *restore = NULL;
    assert_int_equal(restore_open(&restore, kv, &plan), 0);
    assert_true(restore_all(restore, &source) > 12);
    struct restore_progress progress = restore_progress(restore);
    assert_int_equal(progress.permille, 1000);
    assert_int_equal(progress.at, SNAPSHOT_STATE);
    assert_int_equal(progress.window_headers, 1 + 8); /* and the one before */
    assert_true(progress.state_leaves > 100);
}

/* What was in a block within tx_lifetime of the snapshot comes in no other, before and after the
 * next start. */
static void the_replay_window_comes_with_it(void **state)
{
    (void)state;
    enum { HEIGHT = 55 };
    AUTO(ledger_close) struct ledger ledger = restored(&source, HEIGHT);
    size_t seen = 0;
    for (unsigned again = 0; again < 2; again++) {
        for (uint64_t height = HEIGHT - 7; height <= HEIGHT; height++) {
            AUTO(buf_free) struct buf bytes = {0};
            AUTO(block_free) struct block *block = NULL;
            struct store_view view;
            assert_int_equal(store_view_open(&view, source.kv), 0);
            assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
            store_view_close(&view);
            assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &ledger.genesis_hash),
                             0);
            for (size_t i = 0; i < block->tx_count; i++, seen++) {
                struct faults faults = {0};
                int error = app_check(ledger.app, &faults, block->txs[i], false);
                assert_int_equal(error, block->txs[i]->expires_ms <= app_tip_time_ms(ledger.app)
                                            ? ERR_TX_EXPIRED
                                            : ERR_TX_REPLAY);
                seen += error == ERR_TX_REPLAY ? 100 : 0;
            }
        }
        ledger_reopen(&ledger);
    }
    assert_true(seen >= 2 * 1000); /* some were still alive */
}

static void receipts_and_proofs_of_what_came_since(void **state)
{
    (void)state;
    enum { HEIGHT = 40 };
    AUTO(ledger_close) struct ledger ledger = restored(&source, HEIGHT);
    while (app_height(ledger.app) < SOURCE_BLOCKS)
        assert_int_equal(follow(&ledger, &source), 0);
    struct store_view view;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(view.first_block, HEIGHT + 1);
    assert_int_equal(view.first_header, HEIGHT - 8);
    unsigned receipts = 0;
    for (uint64_t height = HEIGHT + 1; height <= SOURCE_BLOCKS; height++) {
        AUTO(buf_free) struct buf bytes = {0};
        AUTO(block_free) struct block *block = NULL;
        assert_int_equal(store_read_block_bytes(&bytes, &view, height), 0);
        assert_int_equal(block_decode(&block, NULL, view_of_buf(&bytes), &view.genesis), 0);
        for (size_t i = 0; i < block->tx_count; i++, receipts++) {
            AUTO(doc_free) struct doc *receipt = NULL;
            struct receipt_facts facts = {0};
            struct faults faults = {0};
            assert_int_equal(receipt_make(&receipt, &view, &block->txs[i]->id), 0);
            assert_int_equal(
                receipt_verify(&facts, &faults, receipt, source.genesis, &source.genesis_hash), 0);
            receipt_facts_free(&facts);
        }
    }
    assert_true(receipts > 20);
    struct log_proof proof;
    struct header old;
    assert_int_equal(store_read_header(&old, &view, HEIGHT - 8), 0);
    assert_int_equal(
        store_prove_consistency(&proof, &view, view.tip.log_size - 1, view.tip.log_size), 0);
    assert_int_equal(store_prove_inclusion(&proof, &view, old.log_size, view.tip.log_size), 0);
    store_view_close(&view);
}

/* What was before is said to be elsewhere, not to be unknown or damaged. */
static void what_is_not_there_says_so(void **state)
{
    (void)state;
    enum { HEIGHT = 40 };
    AUTO(ledger_close) struct ledger ledger = restored(&source, HEIGHT);
    struct store_view view;
    struct header header;
    struct certificate certificate;
    struct log_proof log;
    struct state_proof proof;
    bool present;
    uint64_t height;
    AUTO(buf_free) struct buf bytes = {0};
    AUTO(doc_free) struct doc *acts = NULL;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_block_bytes(&bytes, &view, HEIGHT), ERR_PRUNED);
    assert_int_equal(store_read_acts(&acts, &view, HEIGHT), ERR_PRUNED);
    assert_int_equal(store_read_header(&header, &view, HEIGHT - 9), ERR_PRUNED);
    assert_int_equal(store_read_header(&header, &view, HEIGHT - 8), 0);
    assert_int_equal(store_read_header(&header, &view, 15), 0); /* names another set */
    assert_int_equal(store_read_certificate(&certificate, &view, HEIGHT - 1), ERR_PRUNED);
    assert_int_equal(store_read_certificate(&certificate, &view, HEIGHT), 0);
    assert_int_equal(store_read_header(&header, &view, HEIGHT + 1), ERR_NOT_FOUND);
    assert_int_equal(store_prove_state(&proof, &present, &bytes, &view, HEIGHT - 1, "params"),
                     ERR_PRUNED);
    assert_int_equal(store_prove_state(&proof, &present, &bytes, &view, HEIGHT, "params"), 0);
    assert_int_equal(store_prove_inclusion(&log, &view, 3, view.tip.log_size), ERR_PRUNED);
    assert_int_equal(store_prove_inclusion(&log, &view, view.tip.log_size - 1, view.tip.log_size),
                     0);
    assert_int_equal(store_height_of_log_index(&height, &view, view.tip.log_size - 1), 0);
    store_view_close(&view);
}

/* Also from one that was restored itself. */
static void restored_ledgers_give_snapshots(void **state)
{
    (void)state;
    AUTO(ledger_close) struct ledger first = restored(&source, 20);
    while (app_height(first.app) < 50)
        assert_int_equal(follow(&first, &source), 0);
    for (uint64_t height = 20; height <= 50; height += 10) {
        AUTO(ledger_close) struct ledger second = restored(&first, height);
        while (app_height(second.app) < SOURCE_BLOCKS)
            assert_int_equal(follow(&second, &source), 0);
        assert_true(hash_equal(app_tip_hash(second.app), app_tip_hash(source.app)));
    }
    AUTO(buf_free) struct buf payload = {0};
    struct snapshot_part before = {.height = 19, .kind = SNAPSHOT_HEAD, .at = 1};
    struct store_view view;
    assert_int_equal(store_view_open(&view, first.kv), 0);
    assert_int_equal(snapshot_part_make(&payload, &view, &before), ERR_PRUNED);
    before.height = 51;
    assert_int_equal(snapshot_part_make(&payload, &view, &before), ERR_NOT_FOUND);
    store_view_close(&view);
}

/* ---- parts that are wrong ---- */

static void expect_refused(struct restore *restore, struct snapshot_part *part, struct view wrong)
{
    int error = restore_take(restore, part, wrong);
    if (error == 0 || app_error_is_environment(error) || error == ERR_NOT_FOUND)
        fail_msg("part %d at %u, depth %u: %s", (int)part->kind, (unsigned)part->at,
                 part->place.depth, error == 0 ? "taken" : error_code(error));
    assert_true(restore_next(part, restore)); /* of another one then */
}

/* Each part spoilt in many places, cut, and with more behind: refused every time, and the right one
 * taken after it. */
static void spoilt_parts_are_refused(void **state)
{
    (void)state;
    AUTO(ledger_close)
    struct ledger ledger = {.kv = kv_open_memory(),
                            .genesis = doc_copy(source.genesis),
                            .genesis_hash = source.genesis_hash};
    struct restore_plan plan = restore_plan_of(&source, 45);
    struct restore *restore = NULL;
    AUTO(buf_free) struct buf payload = {0};
    struct snapshot_part part;
    assert_int_equal(restore_open(&restore, ledger.kv, &plan), 0);
    while (restore_next(&part, restore)) {
        make_part(&payload, &source, &part);
        size_t step = payload.len / 40 + 1;
        for (size_t at = 0; at < payload.len; at += step) {
            /* Headers beyond the window are not looked at. */
            if (part.kind == SNAPSHOT_HEADERS && at >= 2 + HEADER_BYTES * (part.at - 37))
                break;
            payload.data[at] ^= 0x10;
            expect_refused(restore, &part, view_of_buf(&payload));
            make_part(&payload, &source, &part);
        }
        expect_refused(restore, &part, view_of(payload.data, payload.len - 1));
        expect_refused(restore, &part, view_of(payload.data, 0));
        make_part(&payload, &source, &part);
        buf_append_u8(&payload, 0);
        expect_refused(restore, &part, view_of_buf(&payload));
        make_part(&payload, &source, &part);
        assert_int_equal(restore_take(restore, &part, view_of_buf(&payload)), 0);
    }
    assert_true(restore_finished(restore));
    restore_close(&restore);
    ledger_open_app(&ledger);
    while (app_height(ledger.app) < SOURCE_BLOCKS)
        assert_int_equal(follow(&ledger, &source), 0);
}

/* Every part, taken from the right place of the wrong snapshot. */
static void parts_of_another_snapshot_are_refused(void **state)
{
    (void)state;
    AUTO(kv_close) struct kv *kv = kv_open_memory();
    struct restore_plan plan = restore_plan_of(&source, 45);
    AUTO(restore_close) struct restore *restore = NULL;
    AUTO(buf_free) struct buf payload = {0};
    struct snapshot_part part, other;
    unsigned refused = 0;
    assert_int_equal(restore_open(&restore, kv, &plan), 0);
    while (restore_next(&part, restore)) {
        struct store_view view;
        other = part;
        other.height = part.kind == SNAPSHOT_STATE || part.kind == SNAPSHOT_HEAD ? 46 : 45;
        other.at = part.at > 2 ? part.at - 2 : part.at;
        buf_clear(&payload);
        assert_int_equal(store_view_open(&view, source.kv), 0);
        int error = snapshot_part_make(&payload, &view, &other);
        store_view_close(&view);
        AUTO(buf_free) struct buf right = {0};
        make_part(&right, &source, &part);
        if (error == 0 && !view_equal(view_of_buf(&right), view_of_buf(&payload))) {
            expect_refused(restore, &part, view_of_buf(&payload));
            refused++;
        }
        make_part(&payload, &source, &part);
        assert_int_equal(restore_take(restore, &part, view_of_buf(&payload)), 0);
    }
    assert_true(restore_finished(restore));
    assert_true(refused > 5);
}

/* A head taken apart. */
struct head {
    struct header header;
    struct certificate certificate;
    struct view sets; /* what the state says, with proof */
    uint8_t more;
    uint16_t steps;
    struct view step[4];
};

static struct view since(struct view all, const struct reader *reader)
{
    return view_of(all.data, all.len - reader->rest.len);
}

static void read_head(struct head *head, struct view payload)
{
    struct reader reader = reader_of(payload);
    struct state_proof proof;
    assert_int_equal(header_decode(&head->header, &reader), 0);
    assert_int_equal(certificate_decode(&head->certificate, &reader), 0);
    struct view from = reader.rest;
    (void)reader_take(&reader, reader_u32(&reader));
    assert_int_equal(state_proof_decode(&proof, &reader), 0);
    head->sets = since(from, &reader);
    head->more = reader_u8(&reader);
    head->steps = reader_u16(&reader);
    assert_true(head->steps <= COUNT_OF(head->step));
    for (unsigned i = 0; i < head->steps; i++) {
        struct header header;
        struct certificate certificate;
        struct validator_set set;
        from = reader.rest;
        assert_int_equal(header_decode(&header, &reader), 0);
        assert_int_equal(certificate_decode(&certificate, &reader), 0);
        assert_int_equal(validators_decode(&set, &reader), 0);
        head->step[i] = since(from, &reader);
    }
    assert_true(reader_done(&reader));
}

static void write_head(struct buf *out, const struct head *head)
{
    buf_clear(out);
    header_encode(out, &head->header);
    certificate_encode(out, &head->certificate);
    buf_append_view(out, head->sets);
    buf_append_u8(out, head->more);
    buf_append_u16(out, head->steps);
    for (unsigned i = 0; i < head->steps; i++)
        buf_append_view(out, head->step[i]);
}

/* One restore at whose head somebody lies. */
struct lie {
    struct kv *kv;
    struct restore *restore;
    struct snapshot_part part;
    struct buf payload, wrong;
    struct head head;
};

static void lie_open(struct lie *lie, uint64_t height)
{
    struct restore_plan plan = restore_plan_of(&source, height);
    *lie = (struct lie){.kv = kv_open_memory()};
    assert_int_equal(restore_open(&lie->restore, lie->kv, &plan), 0);
    assert_true(restore_next(&lie->part, lie->restore));
    make_part(&lie->payload, &source, &lie->part);
    read_head(&lie->head, view_of_buf(&lie->payload));
}

static void lie_expect(struct lie *lie, int expected)
{
    write_head(&lie->wrong, &lie->head);
    assert_int_equal(restore_take(lie->restore, &lie->part, view_of_buf(&lie->wrong)), expected);
    assert_true(restore_next(&lie->part, lie->restore)); /* perhaps less than before */
    make_part(&lie->payload, &source, &lie->part);
    read_head(&lie->head, view_of_buf(&lie->payload));
}

/* The truth is still taken. */
static void lie_close(struct lie *lie)
{
    AUTO(buf_free) struct buf right = {0};
    make_part(&right, &source, &lie->part);
    assert_int_equal(restore_take(lie->restore, &lie->part, view_of_buf(&right)), 0);
    (void)restore_all(lie->restore, &source);
    restore_close(&lie->restore);
    buf_free(&lie->payload);
    buf_free(&lie->wrong);
    kv_close(&lie->kv);
}

/* Certificates: of fewer than a quorum, of one signer twice, of another block, of another height.
 */
static void heads_without_a_quorum_are_refused(void **state)
{
    (void)state;
    enum { HEIGHT = 45 };
    struct lie lie;
    struct store_view view;
    lie_open(&lie, HEIGHT);
    struct certificate *certificate = &lie.head.certificate;
    struct certificate before;
    assert_int_equal(store_view_open(&view, source.kv), 0);
    assert_int_equal(store_read_certificate(&before, &view, HEIGHT - 1), 0);
    store_view_close(&view);
    certificate->count--;
    lie_expect(&lie, ERR_CERT_QUORUM);
    certificate->signer[1] = certificate->signer[0];
    lie_expect(&lie, ERR_CERT_SIGNER);
    certificate->signer[1].signature.bytes[3] ^= 1;
    lie_expect(&lie, ERR_SIGNATURE);
    memset(certificate->signer[certificate->count - 1].member, '9', MEMBER_ID_CHARS);
    lie_expect(&lie, ERR_CERT_SIGNER);
    *certificate = before;
    lie_expect(&lie, ERR_CERT_BLOCK);
    lie.head.header.state_root.bytes[0] ^= 1;
    lie_expect(&lie, ERR_CERT_BLOCK);
    lie.head.header.genesis.bytes[0] ^= 1;
    lie_expect(&lie, ERR_TX_CHAIN);
    lie_close(&lie);
}

/* Steps left out where the sets lead elsewhere, steps promised for ever, another set in a step. */
static void validator_sets_are_walked_to(void **state)
{
    (void)state;
    struct lie lie;
    lie_open(&lie, 25);
    lie.head.steps = 0;
    lie_expect(&lie, ERR_VALIDATORS);
    lie.head.steps = 0;
    lie.head.more = 1;
    lie_expect(&lie, ERR_ENCODING);
    lie.head.step[0].len--; /* the rest of it is missing */
    lie_expect(&lie, ERR_VALIDATORS);
    AUTO(buf_free) struct buf step = {0};
    struct validator_set genesis_set;
    assert_int_equal(app_validators_at(&genesis_set, source.app, 1), 0);
    buf_append_view(&step, lie.head.step[0]);
    step.len -= 2 + 3 * (MEMBER_ID_CHARS + VOTE_KEY_BYTES);
    validators_encode(&step, &genesis_set); /* the one who was removed stays */
    lie.head.step[0] = view_of_buf(&step);
    lie_expect(&lie, ERR_VALIDATORS);
    lie_close(&lie);
}

/* Who was removed and came back: the set is that of genesis again, but it was not all the time, and
 * evidence of that time is judged by what it was. */
static void steps_that_come_to_nothing_are_not_left_out(void **state)
{
    (void)state;
    struct lie lie;
    lie_open(&lie, 45);
    assert_int_equal(lie.head.steps, 2);
    lie.head.steps = 0;
    lie_expect(&lie, ERR_VALIDATORS);
    assert_int_equal(lie.part.at, 1);
    lie.head.steps = 1;
    lie_expect(&lie, ERR_VALIDATORS);
    assert_true(lie.part.at > 1); /* the first step held, and is not asked for again */
    assert_int_equal(lie.head.steps, 1);
    lie_close(&lie);
    AUTO(ledger_close) struct ledger ledger = restored(&source, 45);
    for (uint64_t height = 1; height <= 46; height++) {
        struct validator_set here, there;
        struct hash a, b;
        assert_int_equal(app_validators_at(&here, ledger.app, height), 0);
        assert_int_equal(app_validators_at(&there, source.app, height), 0);
        validators_hash(&a, &here);
        validators_hash(&b, &there);
        assert_true(hash_equal(&a, &b));
    }
}

/* Of three steps, the first two lead back to where they began: the third follows from genesis too,
 * and the set that acts is right without them. What a liar leaves out, others are asked for. */
static void steps_before_the_last_are_not_left_out(void **state)
{
    (void)state;
    struct lie lie;
    lie_open(&lie, 58);
    assert_int_equal(lie.head.steps, 3);
    lie.head.step[0] = lie.head.step[2];
    lie.head.steps = 1;
    lie_expect(&lie, ERR_VALIDATORS);
    assert_int_equal(lie.part.at, 1); /* the whole walk again: the honest are believed */
    assert_int_equal(lie.head.steps, 3);
    lie_close(&lie);
    AUTO(ledger_close) struct ledger ledger = restored(&source, 58);
    for (uint64_t height = 1; height <= 59; height++) {
        struct validator_set here, there;
        assert_int_equal(app_validators_at(&here, ledger.app, height), 0);
        assert_int_equal(app_validators_at(&there, source.app, height), 0);
        assert_int_equal(here.count, there.count);
    }
}

/* Snapshots right where the set changes: the header of the change is the head itself. */
static void snapshots_may_stand_at_a_change(void **state)
{
    (void)state;
    for (uint64_t height = 13; height <= 18; height++) {
        struct lie lie;
        lie_open(&lie, height);
        if (height == 15) {
            assert_int_equal(lie.head.steps, 1);
            lie.head.steps = 0;
            lie_expect(&lie, ERR_VALIDATORS);
            lie.head.header.state_root.bytes[0] ^= 1;
            lie_expect(&lie, ERR_CERT_BLOCK);
        }
        lie_close(&lie);
    }
}

/* A node that has a ledger knows who decides next there; another history is not its own. */
static void a_history_other_than_the_known_one_is_refused(void **state)
{
    (void)state;
    for (uint64_t known = 1; known <= 40; known += 13) {
        AUTO(kv_close) struct kv *kv = kv_open_memory();
        struct restore_plan plan = restore_plan_of(&source, 40);
        AUTO(restore_close) struct restore *restore = NULL;
        AUTO(buf_free) struct buf payload = {0};
        struct snapshot_part part;
        struct validator_set set;
        assert_int_equal(app_validators_at(&set, source.app, known), 0);
        plan.known_height = known;
        validators_hash(&plan.known_validators, &set);
        plan.known_validators.bytes[0] ^= 1;
        assert_int_equal(restore_open(&restore, kv, &plan), 0);
        assert_true(restore_next(&part, restore));
        make_part(&payload, &source, &part);
        assert_int_equal(restore_take(restore, &part, view_of_buf(&payload)), ERR_VALIDATORS);
        restore_close(&restore);
        plan.known_validators.bytes[0] ^= 1;
        assert_int_equal(restore_open(&restore, kv, &plan), 0);
        (void)restore_all(restore, &source);
    }
}

/* The hash of a node does not tell a leaf from an inner node: who calls a leaf inner is not noticed
 * before the leaf comes, and then it makes no difference. */
static void leaves_called_nodes_are_mended(void **state)
{
    (void)state;
    AUTO(ledger_close)
    struct ledger ledger = {.kv = kv_open_memory(),
                            .genesis = doc_copy(source.genesis),
                            .genesis_hash = source.genesis_hash};
    struct restore_plan plan = restore_plan_of(&source, 45);
    struct restore *restore = NULL;
    AUTO(buf_free) struct buf payload = {0};
    struct snapshot_part part;
    unsigned lies = 0;
    assert_int_equal(restore_open(&restore, ledger.kv, &plan), 0);
    while (restore_next(&part, restore)) {
        make_part(&payload, &source, &part);
        if (part.kind == SNAPSHOT_STATE && part.place.depth < 2) {
            /* As a node although its leaves might fit; with leaves that have a neighbour called
             * inner. */
            struct state_root root;
            struct state_node node;
            struct state_ref ref;
            assert_int_equal(state_root_load(&root, source.kv, NULL, 45), 0);
            ref = root.ref;
            for (unsigned depth = 0; depth < part.place.depth; depth++) {
                assert_int_equal(
                    state_node_load(&node, source.kv, NULL, &ref, &part.place.path, depth), 0);
                state_node_get(&ref, &node, state_nibble(&part.place.path, depth));
            }
            if (ref.kind == STATE_INNER) {
                assert_int_equal(state_node_load(&node, source.kv, NULL, &ref, &part.place.path,
                                                 part.place.depth),
                                 0);
                for (unsigned i = 0; i < STATE_PLACES; i++) {
                    unsigned at = STATE_PLACES + i;
                    node.version[i] = 45;
                    if (node.kind[at] == STATE_LEAF && node.kind[at ^ 1] != STATE_EMPTY) {
                        node.kind[at] = STATE_INNER;
                        lies++;
                    }
                }
                node.full = 45;
                buf_clear(&payload);
                buf_append_u8(&payload, 2);
                payload.len = 1 + state_node_pack(&payload, &node, 45);
            }
        }
        assert_int_equal(restore_take(restore, &part, view_of_buf(&payload)), 0);
    }
    assert_true(restore_finished(restore));
    assert_true(lies > 0);
    restore_close(&restore);
    ledger_open_app(&ledger);
    while (app_height(ledger.app) < SOURCE_BLOCKS)
        assert_int_equal(follow(&ledger, &source), 0);
    struct hash root;
    uint64_t leaves;
    assert_int_equal(state_tree_check(&root, &leaves, ledger.kv, SOURCE_BLOCKS), 0);
}

/* ---- half of it ---- */

/* Nothing is a ledger before the last part, whatever happens to the disk. */
static void half_a_ledger_is_none(void **state)
{
    (void)state;
    size_t parts = 0;
    for (unsigned writes = 1;; writes++) {
        AUTO(kv_close) struct kv *kv = kv_open_memory();
        struct restore_plan plan = restore_plan_of(&source, 45);
        AUTO(restore_close) struct restore *restore = NULL;
        AUTO(buf_free) struct buf payload = {0};
        struct snapshot_part part;
        struct store_view view;
        int error = 0;
        kv_memory_fail_writes(kv, ERR_DISK_FULL, writes);
        assert_int_equal(restore_open(&restore, kv, &plan), 0);
        for (parts = 0; error == 0 && restore_next(&part, restore); parts++) {
            assert_int_equal(store_view_open(&view, kv), ERR_NOT_FOUND);
            make_part(&payload, &source, &part);
            error = restore_take(restore, &part, view_of_buf(&payload));
        }
        kv_memory_crash(kv);
        if (error == 0)
            break;
        assert_int_equal(error, ERR_DISK_FULL);
        assert_false(restore_finished(restore));
        assert_int_equal(store_view_open(&view, kv), ERR_NOT_FOUND);
        assert_true(writes < 1000);
    }
    assert_true(parts > 10);
}

/* Finished is durable. */
static void what_is_finished_survives(void **state)
{
    (void)state;
    struct ledger ledger = restored(&source, 45);
    app_close(&ledger.app);
    kv_memory_crash(ledger.kv);
    ledger_open_app(&ledger);
    assert_int_equal(app_height(ledger.app), 45);
    ledger_close(&ledger);
}

/* ---- vectors ---- */

/* The state of the vectors as a version of a tree. */
static struct kv *vector_state(uint64_t version)
{
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    struct state_update *update = NULL;
    struct kv_batch *batch = kv_batch_new();
    static char keys[200][24], values[200][24];
    struct state_change changes[200];
    for (int i = 0; i < 200; i++) {
        snprintf(keys[i], sizeof keys[i], "entry/%03d", i);
        snprintf(values[i], sizeof values[i], "{\"n\":%d}", i * i);
        changes[i] = (struct state_change){view_of_text(keys[i]), view_of_text(values[i])};
    }
    assert_int_equal(state_tree_update(&update, tree, STATE_VERSION_NONE, version, changes, 200),
                     0);
    state_update_write(update, batch);
    assert_int_equal(kv_write(kv, batch, true), 0);
    state_update_committed(tree, &update);
    kv_batch_free(&batch);
    state_tree_close(&tree);
    return kv;
}

static void parts_are_those_of_the_specification(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("snapshot_parts.json");
    const struct doc *parts = doc_get(vectors, "parts");
    AUTO(kv_close) struct kv *kv = vector_state(2000);
    unsigned made = 0;
    for (size_t i = 0; i < doc_count(parts); i++) {
        const struct doc *vector = doc_at(parts, i);
        AUTO(buf_free) struct buf key = {0};
        AUTO(buf_free) struct buf payload = {0};
        AUTO(buf_free) struct buf given = {0};
        struct snapshot_part part;
        struct state_part taken;
        vector_bytes(&key, vector, "key");
        vector_bytes(&payload, vector, "payload");
        struct hash hash = vector_hash(vector, "hash");
        struct reader reader = reader_of(view_of_buf(&key));
        assert_int_equal(snapshot_part_decode(&part, &reader), 0);
        struct kv_batch *batch = kv_batch_new();
        assert_int_equal(
            state_part_take(&taken, batch, view_of_buf(&payload), part.height, &part.place, &hash),
            0);
        kv_batch_free(&batch);
        assert_int_equal(taken.leaves + taken.place_count > 0, true);
        assert_int_equal(state_part_make(&given, kv, NULL, part.height, &part.place), 0);
        made += view_equal(view_of_buf(&given), view_of_buf(&payload));
    }
    assert_int_equal(doc_count(parts), 5);
    assert_int_equal(made, 3); /* small as they are, they are given as leaves */
}

/* ---- who is asked for what ---- */

static void parts_are_asked_for_once(void **state)
{
    (void)state;
    AUTO(kv_close) struct kv *kv = kv_open_memory();
    struct restore_plan plan = restore_plan_of(&source, 45);
    AUTO(restore_close) struct restore *restore = NULL;
    AUTO(buf_free) struct buf payload = {0};
    struct snapshot_part part, another;
    assert_int_equal(restore_open(&restore, kv, &plan), 0);
    assert_true(restore_next(&part, restore));
    assert_int_equal(part.kind, SNAPSHOT_HEAD);
    assert_false(restore_next(&another, restore));
    restore_again(restore, &part);
    assert_true(restore_next(&another, restore));
    assert_true(snapshot_part_equal(&part, &another));
    make_part(&payload, &source, &part);
    part.at++;
    assert_int_equal(restore_take(restore, &part, view_of_buf(&payload)), ERR_NOT_FOUND);
    part.at--;
    assert_int_equal(restore_take(restore, &part, view_of_buf(&payload)), 0);
    assert_int_equal(restore_take(restore, &part, view_of_buf(&payload)), ERR_NOT_FOUND);
}

static void part_keys_have_one_form(void **state)
{
    (void)state;
    struct snapshot_part part = {.height = 45, .kind = SNAPSHOT_STATE, .place = {.depth = 3}};
    struct snapshot_part again;
    AUTO(buf_free) struct buf bytes = {0};
    part.place.path.bytes[0] = 0xab;
    part.place.path.bytes[1] = 0xc0;
    snapshot_part_encode(&bytes, &part);
    assert_int_equal(bytes.len, SNAPSHOT_PART_KEY_BYTES);
    struct reader reader = reader_of(view_of_buf(&bytes));
    assert_int_equal(snapshot_part_decode(&again, &reader), 0);
    assert_true(reader_done(&reader) && snapshot_part_equal(&part, &again));
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{7, 0},         {8, 0},       {8, 6},
                 {16, 1},        {17, 65},     {17, 2},
                 {18 + 1, 0xc1}, {18 + 31, 1}, {8, SNAPSHOT_HEAD},
                 {0, 0x20}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        uint8_t kept = bytes.data[wrong[i].at];
        bytes.data[wrong[i].at] = wrong[i].value;
        reader = reader_of(view_of_buf(&bytes));
        assert_int_equal(snapshot_part_decode(&again, &reader), ERR_ENCODING);
        bytes.data[wrong[i].at] = kept;
    }
    reader = reader_of(view_of(bytes.data, bytes.len - 1));
    assert_int_equal(snapshot_part_decode(&again, &reader), ERR_ENCODING);
}

static void snapshots_stand_at_multiples(void **state)
{
    (void)state;
    static const struct {
        uint64_t tip, first_block, interval, expected[SNAPSHOTS_OFFERED_MAX];
        size_t count;
    } cases[] = {
        {0, 1, 10, {0}, 0},        {9, 1, 10, {0}, 0},       {10, 1, 10, {10}, 1},
        {19, 1, 10, {10}, 1},      {20, 1, 10, {10, 20}, 2}, {39, 1, 10, {20, 30}, 2},
        {39, 21, 10, {20, 30}, 2}, {39, 22, 10, {30}, 1},    {39, 32, 10, {0}, 0},
        {39, 1, 0, {0}, 0},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        uint64_t heights[SNAPSHOTS_OFFERED_MAX];
        size_t count =
            snapshot_heights(heights, cases[i].tip, cases[i].first_block, cases[i].interval);
        assert_int_equal(count, cases[i].count);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(heights[k], cases[i].expected[k]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_ledger_goes_on_like_the_others),
        cmocka_unit_test(the_whole_state_is_there),
        cmocka_unit_test(a_state_larger_than_a_part_is_divided),
        cmocka_unit_test(the_replay_window_comes_with_it),
        cmocka_unit_test(receipts_and_proofs_of_what_came_since),
        cmocka_unit_test(what_is_not_there_says_so),
        cmocka_unit_test(restored_ledgers_give_snapshots),
        cmocka_unit_test(spoilt_parts_are_refused),
        cmocka_unit_test(parts_of_another_snapshot_are_refused),
        cmocka_unit_test(heads_without_a_quorum_are_refused),
        cmocka_unit_test(validator_sets_are_walked_to),
        cmocka_unit_test(steps_that_come_to_nothing_are_not_left_out),
        cmocka_unit_test(steps_before_the_last_are_not_left_out),
        cmocka_unit_test(snapshots_may_stand_at_a_change),
        cmocka_unit_test(a_history_other_than_the_known_one_is_refused),
        cmocka_unit_test(leaves_called_nodes_are_mended),
        cmocka_unit_test(half_a_ledger_is_none),
        cmocka_unit_test(what_is_finished_survives),
        cmocka_unit_test(parts_are_those_of_the_specification),
        cmocka_unit_test(parts_are_asked_for_once),
        cmocka_unit_test(part_keys_have_one_form),
        cmocka_unit_test(snapshots_stand_at_multiples),
    };
    return cmocka_run_group_tests(tests, make_source, drop_source);
}
