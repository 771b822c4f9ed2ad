/* dirchain audit replay over a profile that changed: what was decided before and after, from a pack
 * of the whole ledger, by the tool itself. PT 11 gives ten working days from the acceptance of a
 * system; a second profile gives three from Tuesday 10 February 2026 on. 春节: 15 to 23 February
 * off, Saturday 14 worked. */
#include "ledger.h"
#include "scratch.h"

#include "chain/pack.h"
#include "node/cli/cli.h"

#include <unistd.h>

#define AGENCY 1
#define SECOND_DAY "2026-02-03T10:00:00+08:00" /* genesis is of Monday 2 February */

static struct ledger ledger;
static uint64_t height_before, height_after; /* of the milestones */
static uint64_t height_third, height_tenth;  /* of the ends of their terms */
static char tx_before[65], tx_after[65], tx_publish[65];

static int64_t instant(const char *time)
{
    int64_t time_ms = 0;
    assert_int_equal(civil_parse_time(&time_ms, time), 0);
    return time_ms;
}

/* ---- the ledger's three weeks ---- */

static void block_at(int64_t time_ms)
{
    AUTO(block_free) struct block *block = ledger_prepare_at(&ledger, time_ms, NULL, 0, NULL);
    assert_int_equal(ledger_commit(&ledger, block), 0);
}

/* A block every twelve hours: no outage. */
static void until(const char *time)
{
    int64_t time_ms = instant(time);
    while (app_tip_time_ms(ledger.app) + DAY_MS / 2 < time_ms)
        block_at(app_tip_time_ms(ledger.app) + DAY_MS / 2);
    block_at(time_ms);
}

static uint64_t put(char txid[65], struct tx *tx)
{
    hash_to_hex(txid, &tx->id);
    ledger_append(&ledger, &tx, 1);
    return app_height(ledger.app);
}

static struct doc *record_of(const char *key)
{
    struct doc *record = NULL;
    struct store_view view;
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(store_read_state(&record, &view, key), 0);
    store_view_close(&view);
    return record;
}

/* Putuo's profile with three working days instead of ten, from the tenth. */
static struct tx *publication(void)
{
    AUTO(doc_free) struct doc *current = record_of("profile");
    struct doc *profile = doc_copy(doc_get(current, "profile"));
    struct doc *compile = doc_copy(doc_get(profile, "compile")), *body = doc_new_object();
    doc_set_int(compile, "days", 3);
    doc_set(profile, "compile", compile);
    doc_set_text(body, "acts_on", doc_get_text(current, "version"));
    doc_set_text(body, "from", "2026-02-10");
    doc_set(body, "profile", profile);
    doc_set_text(body, "reason", "缩短编制期限");
    return ledger_tx(&ledger, 0, KEY_ADMIN, "profile.publish", body);
}

static struct tx *milestone(const char *code, const char *date)
{
    struct doc *body = doc_new_object();
    doc_set_text(body, "code", code);
    doc_set_text(body, "date", date);
    doc_set_text(body, "kind", "system");
    doc_set_text(body, "matter", "新建业务系统");
    return ledger_tx(&ledger, AGENCY, KEY_COMPILE, "catalog.milestone", body);
}

static void write_files(void)
{
    AUTO(buf_free) struct buf text = {0};
    struct store_view view;
    doc_append_canonical(&text, ledger.genesis);
    FILE *file = fopen(scratch_path("genesis.json"), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
    file = fopen(scratch_path("whole.pack"), "we");
    assert_non_null(file);
    assert_int_equal(store_view_open(&view, ledger.kv), 0);
    assert_int_equal(pack_write_range(file, &view, ledger.genesis, 1, view.height), 0);
    store_view_close(&view);
    assert_int_equal(fclose(file), 0);
}

static int play(void **state)
{
    AUTO(doc_free) struct doc *params = doc_new_object();
    assert_int_equal(scratch_make(state), 0);
    doc_set_int(params, "outage_ms", DAY_MS);
    ledger = ledger_open(kv_open_memory(), params);
    until(SECOND_DAY);
    height_before = put(tx_before, milestone("M1", "2026-02-03"));
    (void)put(tx_publish, publication());
    until("2026-02-10T10:00:00+08:00");
    height_after = put(tx_after, milestone("M2", "2026-02-10"));
    /* From the tenth: Wednesday 11, 12, 13. */
    until("2026-02-14T00:00:00+08:00");
    height_third = app_height(ledger.app);
    /* From the third: 4 5 6, 9 10 11 12 13, Saturday 14, Tuesday 24. */
    until("2026-02-25T00:00:00+08:00");
    height_tenth = app_height(ledger.app);
    until("2026-02-26T10:00:00+08:00");
    write_files();
    return 0;
}

static int stop(void **state)
{
    ledger_close(&ledger);
    return scratch_remove(state);
}

/* ---- what the tool says ---- */

static void say(struct buf *out, const char *option, const char *value, const char *json)
{
    char *arguments[] = {(char *)"dirchain",        (char *)"audit",
                         (char *)"replay",          (char *)(uintptr_t)scratch_path("whole.pack"),
                         (char *)"--genesis",       (char *)(uintptr_t)scratch_path("genesis.json"),
                         (char *)(uintptr_t)option, (char *)(uintptr_t)value,
                         (char *)(uintptr_t)json,   NULL};
    const char *said = scratch_path("said");
    int kept = dup(STDOUT_FILENO);
    (void)fflush(stdout);
    assert_non_null(freopen(said, "w", stdout));
    int status = cli_main((json == NULL ? 8 : 9), arguments);
    (void)fflush(stdout);
    assert_true(dup2(kept, STDOUT_FILENO) >= 0);
    (void)close(kept);
    assert_int_equal(status, 0);
    assert_int_equal(file_read(out, said, 1 << 20), 0);
}

static struct doc *replayed(const char *option, const char *value)
{
    AUTO(buf_free) struct buf text = {0};
    struct doc *result = NULL;
    say(&text, option, value, "--json");
    assert_int_equal(doc_parse(&result, view_of_buf(&text), 1 << 20), 0);
    return result;
}

/* In words, without blanks: lines are wrapped. */
static void said_words(struct buf *out, const char *option, const char *value)
{
    AUTO(buf_free) struct buf text = {0};
    say(&text, option, value, NULL);
    for (const char *at = buf_text(&text); *at != 0; at++)
        if (strchr(" \n", *at) == NULL)
            buf_append(out, at, 1);
}

static void check_said(const char *option, const char *value, const char *wanted)
{
    AUTO(buf_free) struct buf words = {0};
    said_words(&words, option, value);
    if (strstr(buf_text(&words), wanted) == NULL)
        fail_msg("%s %s does not say %s:\n%s", option, value, wanted, buf_text(&words));
}

static struct doc *replayed_height(uint64_t height)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)height);
    return replayed("--height", text);
}

static int64_t days_in_force(const struct doc *result)
{
    const struct doc *profile = doc_get(doc_get(result, "profile"), "profile");
    return doc_get_int(doc_get(profile, "compile"), "days", 0);
}

static void decided_by_what_was_in_force_then(void **state)
{
    (void)state;
    const struct {
        const char *txid, *since;
        uint64_t height;
        int64_t days;
    } cases[] = {
        {tx_before, "2026-02-02T10:40:00+08:00", height_before, 10},
        {tx_publish, "2026-02-02T10:40:00+08:00", height_before + 1, 10}, /* not yet */
        {tx_after, "2026-02-10T00:00:00+08:00", height_after, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        AUTO(doc_free) struct doc *result = replayed("--tx", cases[i].txid);
        assert_int_equal(doc_get_int(result, "height", 0), cases[i].height);
        assert_int_equal(days_in_force(result), cases[i].days);
        assert_int_equal(doc_get_int(doc_get(result, "profile"), "since_ms", 0),
                         instant(cases[i].since));
        const struct doc *tx = doc_at(doc_get(result, "transactions"), 0);
        assert_string_equal(doc_get_text(tx, "txid"), cases[i].txid);
    }
}

/* The end of each term, in its block: by the number, and under the profile, that it began with. */
static void ends_by_what_it_began_with(void **state)
{
    (void)state;
    const struct {
        const char *code, *end, *profile;
        uint64_t height;
        int64_t days;
    } cases[] = {
        {"M2", "2026-02-14T00:00:00+08:00", "2026-02-10T00:00:00+08:00", height_third, 3},
        {"M1", "2026-02-25T00:00:00+08:00", "2026-02-02T10:40:00+08:00", height_tenth, 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char key[100];
        AUTO(doc_free) struct doc *before = replayed_height(cases[i].height - 1);
        AUTO(doc_free) struct doc *result = replayed_height(cases[i].height);
        (void)snprintf(key, sizeof key, "milestone/%s/%s", agencies[AGENCY], cases[i].code);
        assert_int_equal(doc_get_int(result, "time_ms", 0), instant(cases[i].end));
        assert_int_equal(days_in_force(result), 3); /* whichever the matter is */
        const struct doc *acts = doc_get(result, "acts");
        const struct doc *act = NULL;
        for (size_t k = 0; k < doc_count(acts); k++)
            if (doc_text_is(doc_at(acts, k), "effect", "compile-overdue"))
                act = doc_at(acts, k);
        assert_non_null(act);
        assert_string_equal(doc_get_text(act, "subject"), key);
        assert_string_equal(doc_get_text(act, "clause"), "PT 11");
        assert_int_equal(doc_get_int(act, "due_ms", 0), instant(cases[i].end));
        const struct doc *record = doc_get(doc_get(result, "records"), key);
        const struct doc *term = doc_get(doc_get(record, "terms"), "compile");
        assert_int_equal(doc_get_int(term, "days", 0), cases[i].days);
        assert_int_equal(doc_get_int(term, "profile_ms", 0), instant(cases[i].profile));
        assert_int_equal(doc_count(doc_get(before, "acts")), 0);
    }
}

/* Of a transaction, what became of the record that it is about; of an act its word, and the profile
 * that its record was decided by, where the block's is another. */
static void says_what_became_of_the_record(void **state)
{
    (void)state;
    char key[100], wanted[300], height[32];
    (void)snprintf(key, sizeof key, "milestone/%s/M1", agencies[AGENCY]);
    AUTO(doc_free) struct doc *result = replayed("--tx", tx_before);
    const struct doc *record = doc_get(doc_get(result, "records"), key);
    const struct doc *tx = doc_at(doc_get(result, "transactions"), 0);
    assert_true(doc_has_text(doc_get(tx, "subjects"), key));
    assert_string_equal(doc_get_text(record, "status"), "open");
    (void)snprintf(wanted, sizeof wanted, "→%s，状态待完成open，期限编制目录2026-02-2424:00（PT11）",
                   key);
    check_said("--tx", tx_before, wanted);
    (void)snprintf(height, sizeof height, "%llu", (unsigned long long)height_tenth);
    (void)snprintf(wanted, sizeof wanted, "act:逾期未编制compile-overdue%s（PT11）", key);
    check_said("--height", height, wanted);
    AUTO(doc_free) struct doc *tenth = replayed("--height", height);
    assert_int_equal(doc_count(doc_get(tenth, "profiles")), 1);
    check_said("--height", height,
               "decidedunderputuo普委办发〔2023〕16号，自since2026-02-02T10:40:00");
    /* What the profile in force decided does not name it twice. */
    AUTO(buf_free) struct buf words = {0};
    (void)snprintf(height, sizeof height, "%llu", (unsigned long long)height_third);
    said_words(&words, "--height", height);
    assert_non_null(strstr(buf_text(&words), "逾期未编制compile-overdue"));
    assert_null(strstr(buf_text(&words), "decidedunder"));
}

/* The block in which the second profile's day began says so itself. */
static void the_change_is_a_moment_of_its_own(void **state)
{
    (void)state;
    uint64_t height = height_after;
    int64_t days = 3;
    while (days == 3) {
        AUTO(doc_free) struct doc *result = replayed_height(--height);
        days = days_in_force(result);
    }
    AUTO(doc_free) struct doc *result = replayed_height(height + 1);
    const struct doc *act = doc_at(doc_get(result, "acts"), 0);
    assert_string_equal(doc_get_text(act, "effect"), "profile-in-force");
    assert_int_equal(doc_get_int(act, "due_ms", 0), instant("2026-02-10T00:00:00+08:00"));
    assert_true(doc_get_int(result, "time_ms", 0) >= instant("2026-02-10T00:00:00+08:00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decided_by_what_was_in_force_then),
        cmocka_unit_test(ends_by_what_it_began_with),
        cmocka_unit_test(says_what_became_of_the_record),
        cmocka_unit_test(the_change_is_a_moment_of_its_own),
    };
    return cmocka_run_group_tests(tests, play, stop);
}
