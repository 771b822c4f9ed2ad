/* Governance by the center: the calendar, the profile; evidence, and validators that resume. */
#include "rules_fixture.h"

#include "chain/vote.h"

/* ---- calendar.publish ---- */

static void calendars_are_published_once_and_corrected_by_version(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    const char *good = "{'year':2027,'off':['2027-01-01'],'work':[],'source':'国办发明电'}";
    ledger_must(ledger, CENTER "/admin", "calendar.publish", "%s", good);
    assert_string_equal(ledger_text(ledger, "calendar/2027", "version"), ledger->txid);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "calendar.publish", "%s", good),
                     ERR_DUPLICATE);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "calendar.publish",
                               "{'year':2027,'acts_on':'%s','off':['2027-01-02'],'work':[],"
                               "'source':'更正'}",
                               ledger_version(ledger, "calendar/2026")),
                     ERR_VERSION_STALE);
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2027,'acts_on':'%s','off':['2027-01-02'],'work':[],'source':'更正'}",
                ledger_version(ledger, "calendar/2027"));
    assert_true(doc_has_text(doc_get(ledger_get(ledger, "calendar/2027"), "off"), "2027-01-02"));
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "calendar.publish",
                               "{'year':2028,'off':[],'work':[],'source':'无假'}"),
                     ERR_FIELD_COUNT);
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "calendar.publish",
                               "{'year':2028,'off':['2029-01-01'],'work':[],'source':'错年'}"),
                     ERR_FIELD_RANGE);
    assert_int_equal(
        ledger_do(ledger, CENTER "/admin", "calendar.publish",
                  "{'year':2028,'off':['2028-01-03'],'work':['2028-01-03'],'source':'矛盾'}"),
        ERR_DUPLICATE);
    assert_null(ledger_get(ledger, "calendar/2028"));
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "calendar.publish", "%s", good),
                     ERR_TX_ROLE);
    ledger_close(&ledger);
}

/* ---- profile.publish ---- */

static int publish_profile(struct ledger *ledger, const char *path, struct doc *value,
                           const char *member)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct doc *profile = doc_copy(doc_get(ledger_get(ledger, "profile"), "profile"));
    if (member != NULL) {
        doc_set((struct doc *)(uintptr_t)doc_get(profile, path), member, value);
    } else if (path != NULL) {
        doc_set(profile, path, value);
    }
    doc_set(body, "profile", profile);
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_set_text(body, "reason", "修订");
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, CENTER "/admin", "profile.publish", body);
}

static struct doc *numbers(int a, int b)
{
    struct doc *list = doc_new_array();
    doc_push(list, doc_new_int(a));
    doc_push(list, doc_new_int(b));
    return list;
}

static void a_profile_holds_together(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(publish_profile(ledger, "answer", doc_new_int(0), "days"), ERR_FIELD_RANGE);
    assert_int_equal(publish_profile(ledger, "answer", doc_new_text("ignore"), "silence"),
                     ERR_FIELD_CHOICE);
    assert_int_equal(publish_profile(ledger, "extra", doc_new_int(1), NULL), ERR_FIELD_UNKNOWN);
    assert_int_equal(publish_profile(ledger, "scenario", numbers(2, 1), "cases"), ERR_FIELD_FORMAT);
    assert_int_equal(publish_profile(ledger, "scenario", numbers(1, 3), "cases"),
                     ERR_FIELD_CHOICE); /* case 2 is to be assessed, and not among them */
    assert_true(ledger_fault(ledger, ERR_FIELD_CHOICE, "profile.scenario.assessed[1]"));
    assert_int_equal(publish_profile(ledger, "answer", doc_new_int(7), "days"), 0);
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 7);
    assert_string_equal(ledger_text(ledger, "profile", "version"), ledger->txid);
    ledger_close(&ledger);
}

/* A running term keeps the days and the consequence it began with. */
static void a_profile_does_not_work_backwards(void **state)
{
    (void)state;
    char before[2 * HASH_BYTES + 1], after[2 * HASH_BYTES + 1], key[100];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, before, "E1", NULL), 0);
    assert_int_equal(publish_profile(ledger, "answer", doc_new_text("escalate"), "silence"), 0);
    assert_int_equal(publish_profile(ledger, "answer", doc_new_int(2), "days"), 0);
    assert_int_equal(ledger_ask(ledger, after, "E1", NULL), 0);
    ledger_at(ledger, "2026-03-05T00:00:00+08:00"); /* Monday 2: 3 4 */
    (void)snprintf(key, sizeof key, "request/%s", after);
    assert_string_equal(ledger_text(ledger, key, "status"), "escalated");
    (void)snprintf(key, sizeof key, "request/%s", before);
    assert_string_equal(ledger_text(ledger, key, "status"), "pending");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00"); /* 3 4 5 6 9 */
    assert_string_equal(ledger_text(ledger, key, "status"), "granted");
    ledger_close(&ledger);
}

static void the_sample_profiles_are_valid(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int64_t days;
        const char *silence, *grounds;
    } cases[] = {{"putuo", 5, "approve", "legal-basis"},
                 {"changning", 10, "escalate", "law-and-reason"},
                 {"shanghai-open", 10, "escalate", "all-reasons"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = ledger_open(cases[i].name);
        assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), cases[i].days);
        assert_string_equal(ledger_text(ledger, "profile", "profile.answer.silence"),
                            cases[i].silence);
        assert_string_equal(ledger_text(ledger, "profile", "profile.refusal.grounds"),
                            cases[i].grounds);
        ledger_close(&ledger);
    }
}

/* ---- evidence ---- */

static void evidence_is_recorded_once(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    struct evidence evidence = {0};
    struct rule_context context = fixture_context(ledger);
    evidence.a.type = evidence.b.type = VOTE_PRECOMMIT;
    evidence.a.height = evidence.b.height = 7;
    evidence.a.round = evidence.b.round = 2;
    (void)snprintf(evidence.a.validator, sizeof evidence.a.validator, "%s", ALPHA);
    (void)snprintf(evidence.b.validator, sizeof evidence.b.validator, "%s", ALPHA);
    evidence.b.block.bytes[0] = 1;
    assert_int_equal(rules_record_evidence(&context, &evidence), 0);
    assert_string_equal(ledger_text(ledger, "evidence/7/2/2/" ALPHA, "type"), "precommit");
    evidence.b.block.bytes[0] = 2; /* a third block, same offence */
    assert_int_equal(rules_record_evidence(&context, &evidence), ERR_DUPLICATE);
    evidence.a.type = evidence.b.type = VOTE_PREVOTE;
    assert_int_equal(rules_record_evidence(&context, &evidence), 0);
    assert_int_equal(ledger_count(ledger, "evidence/"), 2);
    ledger_close(&ledger);
}

/* ---- validator.resume ---- */

static void a_validator_signs_again_on_its_chiefs_word(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    int height = (int)ledger->height;
    const char *body = "{'height':%d,'held_until':%d,'reason':'磁盘还原，链停'}";
    ledger_must(ledger, ALPHA "/chief", "validator.resume", body, height, height + 3);
    assert_int_equal(ledger_int(ledger, "resume/" ALPHA, "count"), 1);
    assert_int_equal(ledger_int(ledger, "resume/" ALPHA, "height"), height);
    assert_int_equal(ledger_int(ledger, "resume/" ALPHA, "held_until"), height + 3);
    assert_int_equal(ledger_int(ledger, "resume/" ALPHA, "since_ms"), ledger->time_ms);
    assert_string_equal(ledger_text(ledger, "resume/" ALPHA, "key"), "chief");
    assert_string_equal(ledger_text(ledger, "resume/" ALPHA, "reason"), "磁盘还原，链停");
    assert_string_equal(ledger_text(ledger, "resume/" ALPHA, "version"), ledger->txid);
    ledger_must(ledger, ALPHA "/chief", "validator.resume", body, 1, height);
    assert_int_equal(ledger_int(ledger, "resume/" ALPHA, "count"), 2);
    ledger_close(&ledger);
}

static void who_may_not_resume_and_what(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    int height = (int)ledger->height;
    const char *body = "{'height':%d,'held_until':%d,'reason':'磁盘还原'}";
    assert_int_equal(ledger_do(ledger, CENTER "/chief", "validator.resume", body, height, height),
                     ERR_STATUS); /* no validator */
    assert_int_equal(ledger_do(ledger, ALPHA "/approve", "validator.resume", body, height, height),
                     ERR_TX_ROLE);
    assert_int_equal(
        ledger_do(ledger, ALPHA "/chief", "validator.resume", body, height + 1, height + 1),
        ERR_FIELD_RANGE); /* in stock */
    assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "height"));
    assert_int_equal(
        ledger_do(ledger, ALPHA "/chief", "validator.resume", body, height, height - 1),
        ERR_FIELD_RANGE);
    assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "held_until"));
    assert_int_equal(ledger_do(ledger, ALPHA "/chief", "validator.resume",
                               "{'height':%d,'held_until':%d}", height, height),
                     ERR_FIELD_MISSING);
    assert_null(ledger_get(ledger, "resume/" ALPHA));
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendars_are_published_once_and_corrected_by_version),
        cmocka_unit_test(a_profile_holds_together),
        cmocka_unit_test(a_profile_does_not_work_backwards),
        cmocka_unit_test(the_sample_profiles_are_valid),
        cmocka_unit_test(evidence_is_recorded_once),
        cmocka_unit_test(a_validator_signs_again_on_its_chiefs_word),
        cmocka_unit_test(who_may_not_resume_and_what),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
