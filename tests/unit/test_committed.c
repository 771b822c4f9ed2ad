/* Questions "what follows this key?" to the committed state: against a plain sorted list, through
 * changes, with more prefixes than are remembered; and what is remembered asks the store nothing.
 */
#include "chain/committed.h"

#include "state_history.h"

#include <stdlib.h>

#define PREFIXES 11
#define KEYS 90
#define PREFIX_CHARS 24
#define KEY_CHARS 64
#define ROUNDS 40
#define QUESTIONS 300

static char keys[KEYS][KEY_CHARS]; /* ascending */
static bool present[KEYS];

static int compare_keys(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void prefix_of(char out[PREFIX_CHARS], size_t number)
{
    (void)snprintf(out, PREFIX_CHARS, "p%02zu/", number);
}

/* Each prefix is itself a key, too. */
static void name_keys(void)
{
    for (size_t i = 0; i < KEYS; i++) {
        char prefix[PREFIX_CHARS];
        prefix_of(prefix, i % PREFIXES);
        if (i < PREFIXES)
            (void)snprintf(keys[i], KEY_CHARS, "%s", prefix);
        else
            (void)snprintf(keys[i], KEY_CHARS, "%s%03zu", prefix, 7 * i);
    }
    qsort(keys, KEYS, sizeof *keys, compare_keys);
}

static const char *expected_next(const char *prefix, const char *after)
{
    for (size_t i = 0; i < KEYS; i++) {
        if (present[i] && strncmp(keys[i], prefix, strlen(prefix)) == 0 &&
            (after == NULL || strcmp(keys[i], after) > 0))
            return keys[i];
    }
    return "";
}

static void change_some(struct state_tree *tree, struct kv *kv, uint64_t version, uint64_t *seed)
{
    changes.count = 0;
    for (size_t i = 0; i < KEYS; i++) {
        if (version == 0 || check_random(seed) % 6 == 0) {
            present[i] = check_random(seed) % 2 == 0;
            changes.item[changes.count++] = (struct state_change){
                view_of_text(keys[i]), present[i] ? view_of_text("1") : view_of(NULL, 0)};
        }
    }
    tree_commit(tree, kv, version == 0 ? STATE_VERSION_NONE : version - 1, version, &changes);
}

static void ask_one(const struct state_source *source, uint64_t *seed)
{
    char prefix[PREFIX_CHARS], after[KEY_CHARS], key[STATE_KEY_BYTES_MAX + 1];
    prefix_of(prefix, check_random(seed) % PREFIXES);
    uint64_t way = check_random(seed) % 4;
    if (way == 0)
        (void)snprintf(after, sizeof after, "%s", keys[check_random(seed) % KEYS]);
    else
        (void)snprintf(after, sizeof after, "%s%03u", prefix,
                       (unsigned)(check_random(seed) % (7 * KEYS)));
    const char *from = way == 1 ? NULL : after;
    if (from != NULL && strcmp(from, prefix) < 0)
        from = NULL; /* as state_next does */
    assert_int_equal(source->next(source->context, key, prefix, from), OK);
    assert_string_equal(key, expected_next(prefix, from));
}

static void answers_are_those_of_a_list(void **state)
{
    (void)state;
    uint64_t seed = SEED;
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    name_keys();
    change_some(tree, kv, 0, &seed);
    struct committed *committed = committed_open(kv);
    assert_int_equal(committed_fill(committed), OK);
    struct state_source source = committed_source(committed);
    for (uint64_t version = 1; version <= ROUNDS; version++) {
        for (int i = 0; i < QUESTIONS; i++)
            ask_one(&source, &seed);
        change_some(tree, kv, version, &seed);
        committed_moved(committed);
    }
    committed_close(&committed);
    state_tree_close(&tree);
    kv_close(&kv);
}

static void assert_next(const struct state_source *source, const char *prefix, const char *after,
                        int error, const char *expected)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    assert_int_equal(source->next(source->context, key, prefix, after), error);
    assert_string_equal(key, expected);
}

/* As the sweep asks: the due index step by step, and at each step for outages and suspensions. */
static void same_questions_do_not_read(void **state)
{
    (void)state;
    static const char *const there[] = {"due/1", "due/2", "due/3", "outage/5"};
    struct kv *kv = kv_open_memory();
    struct state_tree *tree = state_tree_open(kv, 1 << 20);
    changes.count = 0;
    for (size_t i = 0; i < COUNT_OF(there); i++)
        changes.item[changes.count++] =
            (struct state_change){view_of_text(there[i]), view_of_text("1")};
    tree_commit(tree, kv, STATE_VERSION_NONE, 0, &changes);
    struct committed *committed = committed_open(kv);
    assert_int_equal(committed_fill(committed), OK);
    struct state_source source = committed_source(committed);
    assert_next(&source, "due/", NULL, OK, "due/1");
    assert_next(&source, "outage/", "outage/3", OK, "outage/5");
    assert_next(&source, "suspension/", "suspension/a", OK, "");
    kv_memory_fail_reads(kv, ERR_IO, 1);
    assert_next(&source, "outage/", "outage/3", OK, "outage/5");
    assert_next(&source, "outage/", "outage/4", OK, "outage/5");
    assert_next(&source, "suspension/", "suspension/a", OK, "");
    assert_next(&source, "suspension/", "suspension/z", OK, "");
    assert_next(&source, "due/", "due/0", OK, "due/1");
    assert_next(&source, "due/", "due/1", ERR_IO, "");       /* not between */
    assert_next(&source, "outage/", "outage/5", ERR_IO, ""); /* nor this */
    assert_next(&source, "outage/", "outage/2", ERR_IO, ""); /* nor before it */
    assert_next(&source, "outage/", NULL, ERR_IO, "");
    kv_memory_fail_reads(kv, 0, 0);
    assert_next(&source, "outage/", "outage/5", OK, "");
    committed_moved(committed);
    kv_memory_fail_reads(kv, ERR_IO, 1);
    assert_next(&source, "outage/", "outage/5", ERR_IO, ""); /* the state may be another one */
    kv_memory_fail_reads(kv, 0, 0);
    committed_close(&committed);
    state_tree_close(&tree);
    kv_close(&kv);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_are_those_of_a_list),
        cmocka_unit_test(same_questions_do_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
