/* Parts of a snapshot: each that is wrong is refused by itself, in whatever way it is wrong, and
 * what making one costs is bounded. Names and payloads are those of the specification. */
#include "ledger.h"
#include "ledger_types.h"
#include "snapshots.h"
#include "vectors.h"

/* ---- parts that are wrong ---- */

static void expect_refused(struct attempt *attempt, struct view wrong)
{
    const struct snapshot_part *part = &attempt->part;
    int error = attempt_try(attempt, wrong);
    if (error == 0 || app_error_is_environment(error) || error == ERR_NOT_FOUND)
        fail_msg("part %d at %u, depth %u: %s", (int)part->kind, (unsigned)part->at,
                 part->place.depth, error == 0 ? "taken" : error_code(error));
    assert_true(attempt_next(attempt)); /* of another one then */
}

/* Each part spoilt in many places, cut, and with more behind: refused every time, and the right one
 * taken after it. */
static void spoilt_parts_are_refused(void **state)
{
    (void)state;
    struct attempt attempt;
    struct buf *payload = &attempt.payload;
    attempt_open(&attempt, &source, 45);
    while (attempt_next(&attempt)) {
        size_t step = payload->len / 40 + 1;
        for (size_t at = 0; at < payload->len; at += step) {
            /* Headers beyond the window are not looked at. */
            if (attempt.part.kind == SNAPSHOT_HEADERS &&
                at >= 2 + HEADER_BYTES * (attempt.part.at - 37))
                break;
            payload->data[at] ^= 0x10;
            expect_refused(&attempt, view_of_buf(payload));
        }
        expect_refused(&attempt, view_of(payload->data, payload->len - 1));
        expect_refused(&attempt, view_of(payload->data, 0));
        buf_append_u8(payload, 0);
        expect_refused(&attempt, view_of_buf(payload));
        attempt_take(&attempt);
    }
    assert_true(restore_finished(attempt.restore));
    AUTO(ledger_close) struct ledger ledger = attempt_ledger(&attempt);
    follow_all(&ledger, &source);
}

/* Every part, taken from the right place of the wrong snapshot. */
static void parts_of_another_snapshot_are_refused(void **state)
{
    (void)state;
    AUTO(attempt_close) struct attempt attempt;
    AUTO(buf_free) struct buf wrong = {0};
    unsigned refused = 0;
    attempt_open(&attempt, &source, 45);
    while (attempt_next(&attempt)) {
        const struct snapshot_part *part = &attempt.part;
        struct snapshot_part other = *part;
        struct store_view view;
        other.height = part->kind == SNAPSHOT_STATE || part->kind == SNAPSHOT_HEAD ? 46 : 45;
        other.at = part->at > 2 ? part->at - 2 : part->at;
        buf_clear(&wrong);
        assert_int_equal(store_view_open(&view, source.kv), 0);
        int error = snapshot_part_make(&wrong, &view, &other);
        store_view_close(&view);
        if (error == 0 && !view_equal(view_of_buf(&attempt.payload), view_of_buf(&wrong))) {
            expect_refused(&attempt, view_of_buf(&wrong));
            refused++;
        }
        attempt_take(&attempt);
    }
    assert_true(restore_finished(attempt.restore));
    assert_true(refused > 5);
}

/* The hash of a node does not tell a leaf from an inner node: who calls a leaf inner is not noticed
 * before the leaf comes, and then it makes no difference. */
static void leaves_called_nodes_are_mended(void **state)
{
    (void)state;
    struct attempt attempt;
    struct hash root;
    uint64_t leaves;
    unsigned lies = 0;
    attempt_open(&attempt, &source, 45);
    while (attempt_next(&attempt)) {
        if (attempt.part.kind == SNAPSHOT_STATE && attempt.part.place.depth < 2)
            (void)divide_part(&attempt.payload, &source, &attempt.part, &lies);
        attempt_take(&attempt);
    }
    assert_true(restore_finished(attempt.restore));
    assert_true(lies > 0);
    AUTO(ledger_close) struct ledger ledger = attempt_ledger(&attempt);
    follow_all(&ledger, &source);
    assert_int_equal(state_tree_check(&root, &leaves, ledger.kv, SOURCE_BLOCKS), 0);
}

/* ---- parts that are too small ---- */

static uint64_t log_size_at(uint64_t height)
{
    struct store_view view;
    struct header header;
    assert_int_equal(store_view_open(&view, source.kv), 0);
    assert_int_equal(store_read_header(&header, &view, height), 0);
    store_view_close(&view);
    return header.log_size;
}

/* Nothing in them is wrong, but with one header or one block a time it would go on for ever. What
 * came of them is kept. */
static void small_parts_are_refused(void **state)
{
    (void)state;
    enum { HEIGHT = 45 };
    AUTO(attempt_close) struct attempt attempt;
    attempt_open(&attempt, &source, HEIGHT);
    assert_true(attempt_next(&attempt));
    attempt_take(&attempt);
    for (uint64_t at = HEIGHT; at > HEIGHT - 7; at--) {
        assert_true(attempt_next(&attempt));
        assert_int_equal(attempt.part.kind, SNAPSHOT_HEADERS);
        assert_int_equal(attempt.part.at, at);
        attempt.payload.data[0] = 0;
        attempt.payload.data[1] = 1;
        struct view one = view_of(attempt.payload.data, 2 + HEADER_BYTES);
        assert_int_equal(attempt_try(&attempt, one), ERR_ENCODING);
    }
    while (attempt_next(&attempt) && attempt.part.kind != SNAPSHOT_LEAVES)
        attempt_take(&attempt);
    uint64_t from = log_size_at(attempt.part.at - 1), to = log_size_at(attempt.part.at);
    assert_true(to > from && (to - from) * HASH_BYTES < attempt.payload.len);
    struct view block = view_of(attempt.payload.data, (to - from) * HASH_BYTES);
    assert_int_equal(attempt_try(&attempt, block), ERR_ENCODING);
    attempt_finish(&attempt);
}

/* Whoever asks for the leaves of a chain that stands idle does not make a node walk all of it. */
static void idle_blocks_cost_nothing(void **state)
{
    (void)state;
    enum { HEIGHT = 300, READS = 60 };
    AUTO(ledger_close) struct ledger ledger = ledger_open(kv_open_memory(), NULL);
    struct store_view view;
    for (uint64_t height = 1; height <= HEIGHT; height++) {
        struct tx *tx = height == 2 || height == HEIGHT ? source_put(&ledger, height, 0) : NULL;
        ledger_append(&ledger, &tx, tx != NULL);
    }
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    for (uint64_t at = 1; at <= HEIGHT + 1; at++) {
        AUTO(buf_free) struct buf leaves = {0};
        struct snapshot_part part = {.height = HEIGHT, .kind = SNAPSHOT_LEAVES, .at = at};
        kv_memory_fail_reads(ledger.kv, ERR_IO, READS);
        int error = snapshot_part_make(&leaves, &view, &part);
        kv_memory_fail_reads(ledger.kv, 0, 0);
        assert_int_equal(error, at > HEIGHT ? ERR_NOT_FOUND : 0);
        assert_int_equal(leaves.len, at > HEIGHT ? 0 : at > 2 ? HASH_BYTES : 2 * HASH_BYTES);
    }
    store_view_close(&view);
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
        cmocka_unit_test(spoilt_parts_are_refused),
        cmocka_unit_test(parts_of_another_snapshot_are_refused),
        cmocka_unit_test(leaves_called_nodes_are_mended),
        cmocka_unit_test(small_parts_are_refused),
        cmocka_unit_test(idle_blocks_cost_nothing),
        cmocka_unit_test(parts_are_those_of_the_specification),
        cmocka_unit_test(part_keys_have_one_form),
        cmocka_unit_test(snapshots_stand_at_multiples),
    };
    return cmocka_run_group_tests(tests, source_make, source_drop);
}
