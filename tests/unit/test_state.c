/* The overlay against a plain model: two sorted arrays and copies of them. */
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/state.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define KEYS 60

/* Committed values: keys "a/00".."a/59" spread over prefixes, integer documents. */
struct model {
    int64_t value[KEYS]; /* -1: absent */
};

struct memory_source {
    struct model model;
    int fail;
    unsigned gets;
};

static void key_of(char *key, int index)
{
    static const char *const prefixes[] = {"a/", "ab/", "b/", "b/x/"};
    (void)snprintf(key, STATE_KEY_BYTES_MAX + 1, "%s%02d", prefixes[index % 4], index);
}

static int index_of(const char *key)
{
    char candidate[STATE_KEY_BYTES_MAX + 1];
    for (int i = 0; i < KEYS; i++) {
        key_of(candidate, i);
        if (strcmp(candidate, key) == 0)
            return i;
    }
    return -1;
}

static int model_next(const struct model *model, const char *prefix, const char *after)
{
    int best = -1;
    char key[STATE_KEY_BYTES_MAX + 1], best_key[STATE_KEY_BYTES_MAX + 1] = "";
    for (int i = 0; i < KEYS; i++) {
        key_of(key, i);
        if (model->value[i] < 0 || strncmp(key, prefix, strlen(prefix)) != 0 ||
            (after != NULL && strcmp(key, after) <= 0))
            continue;
        if (best < 0 || strcmp(key, best_key) < 0) {
            best = i;
            memcpy(best_key, key, sizeof key);
        }
    }
    return best;
}

static int source_get(void *context, struct doc **out, const char *key)
{
    struct memory_source *source = context;
    int index = index_of(key);
    source->gets++;
    *out = NULL;
    if (source->fail != 0)
        return source->fail;
    if (index >= 0 && source->model.value[index] >= 0)
        *out = doc_new_int(source->model.value[index]);
    return 0;
}

static int source_next(void *context, char *key, const char *prefix, const char *after)
{
    struct memory_source *source = context;
    int index = model_next(&source->model, prefix, after);
    if (source->fail != 0)
        return source->fail;
    key[0] = 0;
    if (index >= 0)
        key_of(key, index);
    return 0;
}

static uint64_t lottery;
static unsigned draw(unsigned bound)
{
    lottery = lottery * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (unsigned)(lottery >> 33) % bound;
}

static void expect_model(struct state *state, const struct model *model)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    for (int i = 0; i < KEYS; i++) {
        key_of(key, i);
        assert_int_equal(doc_int(state_get(state, key), -1), model->value[i]);
    }
    static const char *const prefixes[] = {"", "a", "a/", "ab/", "b/", "b/x/", "zz"};
    for (size_t p = 0; p < sizeof prefixes / sizeof *prefixes; p++) {
        char next[STATE_KEY_BYTES_MAX + 1];
        const char *after = NULL;
        for (;;) {
            int index = model_next(model, prefixes[p], after);
            bool found = state_next(state, next, prefixes[p], after);
            assert_int_equal(found, index >= 0);
            if (!found)
                break;
            key_of(key, index);
            assert_string_equal(next, key);
            after = next; /* in and out may be the same memory */
        }
    }
}

struct expected_change {
    const struct model *committed, *now;
    bool seen[KEYS];
    unsigned count;
};

static void see_change(void *context, const char *key, const struct doc *value)
{
    struct expected_change *expected = context;
    int index = index_of(key);
    assert_true(index >= 0);
    assert_false(expected->seen[index]);
    expected->seen[index] = true;
    assert_int_equal(doc_int(value, -1), expected->now->value[index]);
    assert_int_not_equal(expected->committed->value[index], expected->now->value[index]);
    expected->count++;
}

static void act_at_random(struct state *state, struct model *model)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    int index = (int)draw(KEYS);
    key_of(key, index);
    switch (draw(4)) {
    case 0:
        state_delete(state, key);
        model->value[index] = -1;
        break;
    case 1:
        assert_int_equal(doc_int(state_getf(state, "%s", key), -1), model->value[index]);
        break;
    default:
        model->value[index] = draw(5);
        state_putf(state, doc_new_int(model->value[index]), "%s", key);
    }
}

static void a_random_run_agrees_with_the_model(void **unused)
{
    (void)unused;
    for (unsigned seed = 1; seed <= 60; seed++) {
        lottery = seed;
        struct memory_source memory = {0};
        for (int i = 0; i < KEYS; i++)
            memory.model.value[i] = draw(3) == 0 ? -1 : (int64_t)draw(5);
        struct state_source source = {.get = source_get, .next = source_next, .context = &memory};
        AUTO(state_close) struct state *state = state_open(&source);
        struct model now = memory.model;
        for (int i = 0; i < 40; i++) {
            struct model before = now;
            bool in_transaction = draw(8) != 0;
            if (in_transaction)
                state_begin(state);
            for (unsigned actions = draw(12); actions > 0; actions--)
                act_at_random(state, &now);
            if (draw(4) == 0)
                expect_model(state, &now);
            if (in_transaction && draw(3) == 0) {
                state_discard(state);
                now = before;
            } else if (in_transaction) {
                state_keep(state);
            }
        }
        expect_model(state, &now);
        struct expected_change expected = {.committed = &memory.model, .now = &now};
        state_each_change(state, see_change, &expected);
        unsigned changes = 0;
        for (int i = 0; i < KEYS; i++)
            changes += memory.model.value[i] != now.value[i];
        if (expected.count != changes)
            fail_msg("seed %u: %u changes told, %u made", seed, expected.count, changes);
    }
}

static void accesses_are_counted_by_key(void **unused)
{
    (void)unused;
    struct memory_source memory = {0};
    struct state_source source = {.get = source_get, .next = source_next, .context = &memory};
    AUTO(state_close) struct state *state = state_open(&source);
    char key[STATE_KEY_BYTES_MAX + 1];
    state_get(state, "a/00");
    state_begin(state);
    assert_int_equal(state_reads(state), 0);
    state_get(state, "a/00");
    state_get(state, "a/00");
    state_get(state, "none");
    assert_int_equal(state_reads(state), 2);
    assert_true(state_next(state, key, "b/", NULL));
    assert_int_equal(state_reads(state), 3);
    state_put(state, "a/00", doc_new_int(1));
    state_put(state, "a/00", doc_new_int(2));
    state_delete(state, "other");
    assert_int_equal(state_writes(state), 2);
    state_keep(state);
    state_begin(state);
    assert_int_equal(state_reads(state), 0);
    assert_int_equal(state_writes(state), 0);
    state_put(state, "a/00", doc_new_int(3));
    assert_int_equal(state_writes(state), 1);
    state_discard(state);
    assert_int_equal(doc_int(state_get(state, "a/00"), -1), 2);
    assert_int_equal(memory.gets, 2); /* each key once, whatever came after */
}

static void replaced_values_live_until_the_transaction_ends(void **unused)
{
    (void)unused;
    struct memory_source memory = {0};
    struct state_source source = {.get = source_get, .next = source_next, .context = &memory};
    AUTO(state_close) struct state *state = state_open(&source);
    state_put(state, "k", doc_new_text("first"));
    state_begin(state);
    const struct doc *first = state_get(state, "k");
    state_put(state, "k", doc_new_text("second"));
    assert_string_equal(doc_text(first), "first");
    state_delete(state, "k");
    assert_null(state_get(state, "k"));
    state_discard(state);
    assert_ptr_equal(state_get(state, "k"), first);
}

/* A value of so many bytes in canonical form, put in a transaction of its own; whether that may. */
static bool may_put(struct state *state, size_t bytes)
{
    static char text[STATE_VALUE_BYTES_MAX + 1];
    memset(text, 'x', bytes - strlen("\"\""));
    text[bytes - strlen("\"\"")] = 0;
    state_begin(state);
    state_put(state, "k", doc_new_text(text));
    bool fits = state_writes_fit(state);
    state_keep(state);
    return fits;
}

/* What the ledger's own acts have added may be taken away by steps, but nothing added. */
static void a_giant_may_shrink(void **unused)
{
    (void)unused;
    struct memory_source memory = {.model = {.value = {-1}}};
    struct state_source source = {
        .get = source_get, .next = source_next, .context = &memory};
    AUTO(state_close) struct state *state = state_open(&source);
    assert_true(may_put(state, STATE_VALUE_TX_BYTES_MAX));
    assert_false(may_put(state, STATE_VALUE_TX_BYTES_MAX + 9));
    assert_true(may_put(state, STATE_VALUE_TX_BYTES_MAX + 8));
    assert_false(may_put(state, STATE_VALUE_TX_BYTES_MAX + 8));
    assert_false(may_put(state, STATE_VALUE_TX_BYTES_MAX + 9));
    assert_true(may_put(state, STATE_VALUE_TX_BYTES_MAX));
}

static void errors_of_the_store_stop_everything(void **unused)
{
    (void)unused;
    struct memory_source memory = {.fail = ERR_IO};
    struct state_source source = {.get = source_get, .next = source_next, .context = &memory};
    AUTO(state_close) struct state *state = state_open(&source);
    char key[STATE_KEY_BYTES_MAX + 1];
    assert_int_equal(state_error(state), 0);
    assert_null(state_get(state, "a/00"));
    assert_int_equal(state_error(state), ERR_IO);
    memory.fail = 0; /* too late: the results are void */
    assert_null(state_get(state, "a/00"));
    assert_false(state_next(state, key, "a/", NULL));
    assert_int_equal(state_error(state), ERR_IO);
    assert_int_equal(memory.gets, 1);
}

/* Knows all prefixes but one. */
static bool source_may_have(void *context, const char *key)
{
    (void)context;
    return strncmp(key, "ab/", 3) != 0;
}

static void note_deletion(void *context, const char *key, const struct doc *value)
{
    assert_null(value);
    buf_append_format(context, "%s ", key);
}

static void what_goes_is_not_read(void **unused)
{
    (void)unused;
    struct memory_source memory = {.model.value = {7, -1, -1, -1}};
    struct state_source source = {source_get, source_next, &memory, source_may_have};
    AUTO(state_close) struct state *state = state_open(&source);
    AUTO(buf_free) struct buf gone = {0};
    state_delete(state, "a/00");  /* there */
    state_delete(state, "ab/01"); /* known to be absent */
    state_delete(state, "b/02");  /* absent, which is not known */
    state_each_change(state, note_deletion, &gone);
    assert_string_equal(buf_text(&gone), "a/00 b/02 ");
    assert_int_equal(memory.gets, 0);
    assert_null(state_get(state, "b/x/03"));
    state_delete(state, "b/x/03"); /* absent, as was read */
    buf_clear(&gone);
    state_each_change(state, note_deletion, &gone);
    assert_string_equal(buf_text(&gone), "a/00 b/02 ");
    assert_int_equal(memory.gets, 1);
}

static void overlong_keys_are_absent(void **unused)
{
    (void)unused;
    struct memory_source memory = {0};
    struct state_source source = {.get = source_get, .next = source_next, .context = &memory};
    AUTO(state_close) struct state *state = state_open(&source);
    assert_null(state_getf(state, "%0*d", STATE_KEY_BYTES_MAX + 1, 0));
    assert_int_equal(memory.gets, 0);
    state_putf(state, doc_new_int(1), "%0*d", STATE_KEY_BYTES_MAX, 0);
    assert_non_null(state_getf(state, "%0*d", STATE_KEY_BYTES_MAX, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_random_run_agrees_with_the_model),
        cmocka_unit_test(accesses_are_counted_by_key),
        cmocka_unit_test(replaced_values_live_until_the_transaction_ends),
        cmocka_unit_test(a_giant_may_shrink),
        cmocka_unit_test(errors_of_the_store_stop_everything),
        cmocka_unit_test(what_goes_is_not_read),
        cmocka_unit_test(overlong_keys_are_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
