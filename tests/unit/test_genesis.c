/* The genesis document: a ceremony of five members on the real profile and calendars, then every
 * kind of fault, each named where it stands. */
#include "ceremony.h"

#include "base/civil.h"
#include "base/file.h"
#include "genesis/genesis.h"
#include "scratch.h"

#define TIME_MS INT64_C(1770000000000) /* 2026-02-02 10:40 in Beijing */

static struct doc *read_doc(const char *name)
{
    AUTO(buf_free) struct buf text = {0};
    char path[512];
    struct doc *doc = NULL;
    snprintf(path, sizeof path, "%s/%s", DIRCHAIN_SOURCE_DIR, name);
    assert_int_equal(file_read(&text, path, 1 << 20), 0);
    assert_int_equal(doc_parse(&doc, view_of_buf(&text), 1 << 20), 0);
    return doc;
}

static struct doc *read_calendar(const char *name)
{
    AUTO(doc_free) struct doc *notice = read_doc(name);
    struct doc *calendar = NULL;
    assert_int_equal(civil_calendar_from_notice(&calendar, NULL, notice), 0);
    return calendar;
}

struct parts {
    struct doc *params, *profile, *calendars, *joins, *validators;
    struct genesis_plan plan;
};

static void parts_free(struct parts *parts)
{
    doc_free(&parts->params);
    doc_free(&parts->profile);
    doc_free(&parts->calendars);
    doc_free(&parts->joins);
    doc_free(&parts->validators);
}

static struct parts parts_of(size_t members)
{
    struct parts parts = {
        .params = doc_new_object(),
        .profile = read_doc("samples/profiles/putuo.json"),
        .calendars = doc_new_array(),
        .joins = doc_new_array(),
        .validators = doc_new_array(),
    };
    doc_push(parts.calendars, read_calendar("samples/calendar/2026.json"));
    doc_push(parts.calendars, read_calendar("samples/calendar/2025.json"));
    for (size_t i = members; i-- > 0;) {
        doc_push(parts.joins, ceremony_join(i));
        if (i > 0) {
            doc_push_text(parts.validators, agencies[i]);
        }
    }
    parts.plan = (struct genesis_plan){.network = "test-net",
                                       .test = true,
                                       .time_ms = TIME_MS,
                                       .center = CENTER,
                                       .params = parts.params,
                                       .profile = parts.profile,
                                       .calendars = parts.calendars,
                                       .joins = parts.joins,
                                       .validators = parts.validators};
    return parts;
}

static int make(struct doc **out, struct faults *faults, const struct genesis_plan *plan)
{
    AUTO(ceremony_key_free)
    struct keyfile admin = ceremony_key(KEYFILE_OFFICER, ceremony_number(0, 3));
    return genesis_make(out, faults, plan, &admin);
}

static struct doc *make_good(void)
{
    AUTO(parts_free) struct parts parts = parts_of(AGENCY_COUNT);
    struct faults faults = {0};
    struct doc *genesis = NULL;
    int error = make(&genesis, &faults, &parts.plan);
    if (error != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &faults);
        fail_msg("%s", buf_text(&text));
    }
    assert_int_equal(faults.count, 0);
    return genesis;
}

static void test_ceremony(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *genesis = make_good();
    assert_int_equal(genesis_verify(NULL, genesis), 0);
    assert_string_equal(doc_get_text(doc_get(genesis, "signature"), "kid"), CENTER "/admin");
    assert_int_equal(doc_get_int(doc_get(genesis, "params"), "tx_lifetime_ms", 0), 3600000);
    /* in order, whatever the order of the requests */
    const struct doc *members = doc_get(genesis, "members");
    for (size_t i = 1; i < doc_count(members); i++) {
        assert_true(strcmp(doc_get_text(doc_at(members, i - 1), "member"),
                           doc_get_text(doc_at(members, i), "member")) < 0);
    }
    assert_int_equal(doc_get_int(doc_at(doc_get(genesis, "calendars"), 0), "year", 0), 2025);
}

static void test_hash_leaves_the_signature_out(void **state)
{
    (void)state;
    struct hash before, after;
    AUTO(doc_free) struct doc *genesis = make_good();
    AUTO(doc_free) struct doc *changed = doc_copy(genesis);
    genesis_hash(&before, genesis);
    doc_remove(changed, "signature");
    genesis_hash(&after, changed);
    assert_true(hash_equal(&before, &after));
    doc_set_int(changed, "time_ms", TIME_MS + 1);
    genesis_hash(&after, changed);
    assert_false(hash_equal(&before, &after));
}

static void test_load(void **state)
{
    (void)state;
    struct hash expected, hash;
    struct faults faults = {0};
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *genesis = make_good();
    AUTO(doc_free) struct doc *loaded = NULL;
    doc_append_pretty(&text, genesis); /* the form on disk does not matter */
    assert_int_equal(file_create(scratch_path("genesis.json"), view_of_buf(&text), 0644), 0);
    assert_int_equal(genesis_load(&loaded, &hash, &faults, scratch_path("genesis.json")), 0);
    genesis_hash(&expected, genesis);
    assert_true(hash_equal(&expected, &hash));
    assert_true(doc_equal(loaded, genesis));

    AUTO(doc_free) struct doc *none = NULL;
    assert_int_equal(genesis_load(&none, &hash, &faults, scratch_path("no.json")), ERR_NOT_FOUND);
    assert_int_equal(file_create(scratch_path("cut.json"), view_of(text.data, text.len / 2), 0644),
                     0);
    assert_int_equal(genesis_load(&none, &hash, &faults, scratch_path("cut.json")),
                     ERR_JSON_SYNTAX);
    /* One digit of the time, changed on disk. */
    char *digit = strstr((char *)(uintptr_t)buf_text(&text), "1770000000000");
    assert_non_null(digit);
    digit[3] = '1';
    assert_int_equal(file_create(scratch_path("bad.json"), view_of_buf(&text), 0644), 0);
    faults = (struct faults){0};
    assert_int_equal(genesis_load(&none, &hash, &faults, scratch_path("bad.json")), ERR_SIGNATURE);
    assert_true(ceremony_has_fault(&faults, ERR_SIGNATURE, "signature.value"));
    assert_null(none);
}

/* Changed after signing: the signature fails, and so does what was changed. */
static const struct {
    const char *path; /* where the value is put; dotted, last part may be a list's index */
    const char *value;
    int error;
    const char *at;
} changes[] = {
    {"format", "\"dirchain-genesis/2\"", ERR_FIELD_CHOICE, "format"},
    {"network", "\"a b\"", ERR_FIELD_FORMAT, "network"},
    {"network", "\"other\"", ERR_SIGNATURE, "signature.value"},
    {"test", "false", ERR_SIGNATURE, "signature.value"},
    {"test", "1", ERR_FIELD_TYPE, "test"},
    {"time_ms", "-1", ERR_FIELD_RANGE, "time_ms"},
    {"time_ms", "1800000000000", ERR_CALENDAR_YEAR, "calendars"},
    {"center", "\"11440000006940175Y\"", ERR_CENTER, "members[4].parties"},
    {"center", "\"91350100M000100Y43\"", ERR_CENTER, "center"},
    {"center", "\"x\"", ERR_USCC_FORM, "center"},
    {"params", "{}", ERR_FIELD_MISSING, "params.tx_lifetime_ms"},
    {"params.tx_lifetime_ms", "1", ERR_FIELD_RANGE, "params.tx_lifetime_ms"},
    {"params.speed", "1", ERR_FIELD_UNKNOWN, "params.speed"},
    {"params", "7", ERR_FIELD_TYPE, "params"},
    {"profile", "{}", ERR_FIELD_MISSING, "profile.answer"},
    {"profile.answer.silence", "\"maybe\"", ERR_FIELD_CHOICE, "profile.answer.silence"},
    {"calendars", "[]", ERR_FIELD_COUNT, "calendars"},
    {"calendars", "[{\"year\":2026,\"off\":[\"2026-13-01\"],\"work\":[]}]", ERR_DATE,
     "calendars[0].off[0]"},
    {"calendars", "[{\"year\":2026,\"off\":[],\"work\":[]},{\"year\":2026,\"off\":[],\"work\":[]}]",
     ERR_DUPLICATE, "calendars[1].year"},
    {"members", "[]", ERR_FIELD_COUNT, "members"},
    {"members", "{}", ERR_FIELD_TYPE, "members"},
    {"members", "[7]", ERR_FIELD_TYPE, "members[0]"},
    {"members.1.name", "\"别的名称\"", ERR_SIGNATURE, "members[1].signature"},
    {"members.1.member", "\"13440000515356094L\"", ERR_USCC_CHECK, "members[1].member"},
    {"members.1.parties", "[\"provider\",\"center\"]", ERR_CENTER, "members[1].parties"},
    {"validators", "[]", ERR_FIELD_COUNT, "validators"},
    {"validators", "[\"91350100M000100Y43\"]", ERR_SUBJECT, "validators[0]"},
    {"validators", "[\"11440000006940175Y\",\"11440000006940175Y\"]", ERR_DUPLICATE,
     "validators[1]"},
    {"validators", "[1]", ERR_FIELD_TYPE, "validators[0]"},
    {"signature.kid", "\"11440000006940175Y/chief\"", ERR_ADMIN_KEY, "signature.kid"},
    {"signature.kid", "\"" CENTER "/chief\"", ERR_ADMIN_KEY, "signature.kid"},
    {"signature.kid", "\"" CENTER "\"", ERR_FIELD_LENGTH, "signature.kid"},
    {"signature.value",
     "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"",
     ERR_BASE64URL, "signature.value"},
    {"signature", "{}", ERR_FIELD_MISSING, "signature.kid"},
    {"remark", "\"\"", ERR_FIELD_UNKNOWN, "remark"},
};

static void put(struct doc *root, const char *path, struct doc *value)
{
    char name[64];
    const struct doc *at = root;
    for (const char *dot; (dot = strchr(path, '.')) != NULL; path = dot + 1) {
        snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
        at = doc_kind(at) == DOC_ARRAY ? doc_at(at, (size_t)strtoul(name, NULL, 10))
                                       : doc_get(at, name);
    }
    doc_set((struct doc *)(uintptr_t)at, path, value);
}

static void test_changes(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *good = make_good();
    for (size_t i = 0; i < COUNT_OF(changes); i++) {
        AUTO(doc_free) struct doc *genesis = doc_copy(good);
        struct faults faults = {0};
        struct doc *value = NULL;
        assert_int_equal(doc_parse(&value, view_of_text(changes[i].value), 4096), 0);
        put(genesis, changes[i].path, value);
        int error = genesis_verify(&faults, genesis);
        for (size_t k = 0; k < faults.count; k++)
            assert_true(faults.item[k].clause[0] != 0);
        if (error == 0 || error != faults_first(&faults) ||
            !ceremony_has_fault(&faults, changes[i].error, changes[i].at)) {
            AUTO(buf_free) struct buf text = {0};
            faults_append_text(&text, &faults);
            fail_msg("%s = %s: wanted %s at %s, got\n%s", changes[i].path, changes[i].value,
                     error_code(changes[i].error), changes[i].at, buf_text(&text));
        }
    }
}

static void test_missing_parts(void **state)
{
    (void)state;
    static const char *const names[] = {"format",    "network",    "test",     "time_ms",
                                        "center",    "params",     "profile",  "members",
                                        "calendars", "validators", "signature"};
    AUTO(doc_free) struct doc *good = make_good();
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        AUTO(doc_free) struct doc *genesis = doc_copy(good);
        struct faults faults = {0};
        doc_remove(genesis, names[i]);
        assert_int_not_equal(genesis_verify(&faults, genesis), 0);
        assert_true(ceremony_has_fault(&faults, ERR_FIELD_MISSING, names[i]));
    }
    struct faults faults = {0};
    AUTO(doc_free) struct doc *list = doc_new_array();
    assert_int_equal(genesis_verify(&faults, list), ERR_GENESIS);
    assert_int_equal(genesis_verify(&faults, NULL), ERR_GENESIS);
}

/* Requests that are each good, but not together. */
static void test_members_against_each_other(void **state)
{
    (void)state;
    AUTO(parts_free) struct parts parts = parts_of(AGENCY_COUNT);
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(doc_free) struct doc *join = ceremony_unsigned(1);
    AUTO(doc_free) struct doc *keys = doc_copy(doc_get(join, "keys"));
    struct faults faults = {0};
    ceremony_add_key(keys, "gateway", ceremony_number(2, 2)); /* the compile key of agency 2 */
    ceremony_add_key(keys, "audit", ceremony_number(3, 7));   /* the vote key of agency 3 */
    doc_set(join, "keys", doc_ref(keys));
    doc_set_format(join, "peer_key", "%064x", 5); /* that of agency 4 */
    assert_int_equal(ceremony_sign(join, &faults, 1), 0);
    doc_push(parts.joins, doc_ref(join)); /* and agency 1 twice */
    assert_int_not_equal(make(&genesis, &faults, &parts.plan), 0);
    assert_null(genesis);

    size_t duplicates = 0, keys_twice = 0;
    for (size_t i = 0; i < faults.count; i++) {
        duplicates += faults.item[i].error == ERR_DUPLICATE &&
                      strstr(faults.item[i].field, ".member") != NULL;
        keys_twice += faults.item[i].error == ERR_KEY_DUPLICATE;
    }
    assert_int_equal(duplicates, 1);
    /* chief, compile and vote key of agency 1 twice, and the three borrowed ones */
    assert_int_equal(keys_twice, 6);
}

static void test_plans_that_fail(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *genesis = NULL;
    AUTO(parts_free) struct parts parts = parts_of(AGENCY_COUNT);
    AUTO(ceremony_key_free)
    struct keyfile chief = ceremony_key(KEYFILE_OFFICER, ceremony_number(0, 1));
    AUTO(ceremony_key_free) struct keyfile stranger = ceremony_key(KEYFILE_OFFICER, 200);
    AUTO(ceremony_key_free) struct keyfile vote = ceremony_key(KEYFILE_VOTE, 201);
    struct faults faults = {0};
    assert_int_equal(genesis_make(&genesis, &faults, &parts.plan, &stranger), ERR_ADMIN_KEY);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.item[0].field, "signature.kid");
    faults = (struct faults){0};
    assert_int_equal(genesis_make(&genesis, &faults, &parts.plan, &chief), ERR_ADMIN_KEY);
    assert_int_equal(genesis_make(&genesis, &faults, &parts.plan, &vote), ERR_KEY_INVALID);
    struct genesis_plan plan = parts.plan;
    plan.network = "\x01";
    assert_int_equal(make(&genesis, NULL, &plan), ERR_FIELD_FORMAT);
    plan = parts.plan;
    plan.center = NULL;
    assert_int_equal(make(&genesis, NULL, &plan), ERR_FIELD_FORMAT);
    plan = (struct genesis_plan){.network = "n", .center = CENTER};
    assert_int_not_equal(make(&genesis, NULL, &plan), 0);
    assert_null(genesis);
}

/* Every profile that we ship is one a genesis can start with. */
static void test_profiles(void **state)
{
    (void)state;
    static const char *const names[] = {"putuo", "changning", "shanghai-open"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char path[128];
        struct faults faults = {0};
        AUTO(doc_free) struct doc *genesis = NULL;
        AUTO(parts_free) struct parts parts = parts_of(2);
        snprintf(path, sizeof path, "samples/profiles/%s.json", names[i]);
        AUTO(doc_free) struct doc *profile = read_doc(path);
        parts.plan.profile = profile;
        parts.plan.test = false;
        assert_int_equal(make(&genesis, &faults, &parts.plan), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ceremony),
        cmocka_unit_test(test_hash_leaves_the_signature_out),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_missing_parts),
        cmocka_unit_test(test_members_against_each_other),
        cmocka_unit_test(test_plans_that_fail),
        cmocka_unit_test(test_profiles),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
