/* The policy profile in time: published for a day to come, in force from its first millisecond, not
 * backwards; what it decided says so. And a fourth district, which nobody wrote code for. Dates are
 * literals, worked out by hand. */
#include "rules_fixture.h"

#include "chain/rules/records.h"

#include "base/memory.h"

#define LINJIANG "../../tests/rules/profile_linjiang"

static char request[2 * HASH_BYTES + 1];

/* Putuo's profile with so many working days for the answer; `from` NULL: at once. */
static int publish(struct ledger *ledger, const char *kid, int days, const char *from)
{
    AUTO(doc_free) struct doc *now = doc_ref(doc_get(ledger_get(ledger, "profile"), "profile"));
    struct doc *profile = record_edit(now), *answer = record_edit(doc_get(now, "answer"));
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set_int(answer, "days", days);
    doc_set(profile, "answer", answer);
    doc_set(body, "profile", profile);
    doc_set_text(body, "acts_on", ledger_text(ledger, "profile", "version"));
    doc_set_text(body, "reason", "修订");
    if (from != NULL) {
        doc_set_text(body, "from", from);
    }
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, kid, "profile.publish", body);
}

static const struct doc *answer_of(struct ledger *ledger, const char *id)
{
    return doc_get(doc_get(ledger_get(ledger, "request/%s", id), "terms"), "answer");
}

static void ask_at(struct ledger *ledger, char id[2 * HASH_BYTES + 1], int64_t time_ms)
{
    ledger_at_ms(ledger, time_ms);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
}

static void in_force_from_its_first_millisecond(void **state)
{
    (void)state;
    char before[2 * HASH_BYTES + 1], last[2 * HASH_BYTES + 1], first[2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_at(ledger, "2026-02-26T09:00:00+08:00");
    assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-03-02"), 0);
    assert_int_equal(ledger_count(ledger, "profile/"), 2);
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 5);
    /* Friday 27 February: Saturday 28 (调休), 2 3 4 5. */
    ask_at(ledger, before, at("2026-02-27T10:00:00+08:00"));
    /* The last millisecond of Sunday 1 March: 2 3 4 5 6. */
    ask_at(ledger, last, at("2026-03-02T00:00:00+08:00") - 1);
    assert_int_equal(doc_get_int(answer_of(ledger, last), "due_ms", 0),
                     at("2026-03-07T00:00:00+08:00"));
    size_t acts = doc_count(ledger->acts);
    /* From Monday on three days: 3 4 5. */
    ask_at(ledger, first, at("2026-03-02T00:00:00+08:00"));
    assert_int_equal(doc_count(ledger->acts), acts + 1);
    assert_true(doc_text_is(doc_at(ledger->acts, acts), "effect", "profile-in-force"));
    assert_int_equal(doc_get_int(answer_of(ledger, first), "due_ms", 0),
                     at("2026-03-06T00:00:00+08:00"));
    /* What runs keeps the number that it began with. */
    assert_int_equal(doc_get_int(answer_of(ledger, before), "days", 0), 5);
    assert_int_equal(doc_get_int(answer_of(ledger, before), "due_ms", 0),
                     at("2026-03-06T00:00:00+08:00"));
    /* And each says by what it was decided. */
    assert_int_equal(doc_get_int(answer_of(ledger, before), "profile_ms", 0),
                     at("2026-01-05T09:00:00+08:00"));
    assert_int_equal(doc_get_int(ledger_get(ledger, "request/%s", first), "profile_ms", 0),
                     at("2026-03-02T00:00:00+08:00"));
    assert_int_equal(doc_get_int(ledger_get(ledger, "request/%s", last), "profile_ms", 0),
                     at("2026-01-05T09:00:00+08:00"));
    /* Both are still there to judge by. */
    char key[100];
    (void)snprintf(key, sizeof key, "profile/%016llx",
                   (unsigned long long)at("2026-01-05T09:00:00+08:00"));
    assert_int_equal(ledger_int(ledger, key, "profile.answer.days"), 5);
    (void)snprintf(key, sizeof key, "profile/%016llx",
                   (unsigned long long)at("2026-03-02T00:00:00+08:00"));
    assert_int_equal(ledger_int(ledger, key, "profile.answer.days"), 3);
    ledger_at(ledger, "2026-03-02T00:00:01+08:00");
    assert_int_equal(doc_count(ledger->acts), acts + 1); /* once */
    ledger_close(&ledger);
}

static void nothing_works_backwards(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-02-26T09:00:00+08:00");
    assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-02-25"), ERR_FIELD_RANGE);
    assert_true(ledger_fault(ledger, ERR_FIELD_RANGE, "from"));
    assert_int_not_equal(publish(ledger, ALPHA "/chief", 3, "2026-03-02"), 0);
    assert_int_equal(ledger_count(ledger, "profile/"), 1);
    /* Today is from now on. */
    assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-02-26"), 0);
    assert_int_equal(ledger_int(ledger, "profile", "since_ms"), at("2026-02-26T09:00:00+08:00"));
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 3);
    /* Another of the same block has a name of its own: both were in force. */
    assert_int_equal(publish(ledger, CENTER "/admin", 4, NULL), 0);
    assert_int_equal(ledger_count(ledger, "profile/"), 3);
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 4);
    ledger_at(ledger, "2026-02-26T09:00:00.001+08:00");
    ledger_at(ledger, "2026-02-26T09:00:01+08:00");
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 4);
    ledger_close(&ledger);
}

/* Published eighteen times for one day: it is told which the sixteen before the last were. */
static void what_is_replaced_is_told(void)
{
    char versions[18][2 * HASH_BYTES + 1];
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-02-26T09:00:00+08:00");
    for (size_t i = 0; i < COUNT_OF(versions); i++) {
        assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-03-02"), 0);
        memcpy(versions[i], ledger->txid, sizeof versions[i]);
    }
    const struct doc *replaced =
        doc_get(ledger_get(ledger, "profile/%016llx",
                           (unsigned long long)at("2026-03-02T00:00:00+08:00")),
                "replaced");
    assert_int_equal(doc_count(replaced), 16);
    for (size_t i = 0; i < 16; i++) {
        assert_true(doc_text_is(doc_at(replaced, i), "version", versions[i + 1]));
        assert_non_null(doc_get(doc_get(doc_at(replaced, i), "profile"), "source"));
    }
    ledger_close(&ledger);
}

/* One to come is replaced by another for the same day, and passed over by none for an earlier. */
static void what_is_to_come_can_change(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-02-26T09:00:00+08:00");
    assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-03-02"), 0);
    assert_int_equal(publish(ledger, CENTER "/admin", 4, "2026-03-02"), 0);
    assert_int_equal(publish(ledger, CENTER "/admin", 7, "2026-02-28"), 0);
    assert_int_equal(ledger_count(ledger, "profile/"), 3);
    ledger_at(ledger, "2026-02-28T00:00:00+08:00");
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 7);
    ledger_at(ledger, "2026-03-02T00:00:00+08:00");
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 4);
    ledger_close(&ledger);
    what_is_replaced_is_told();
    /* Two days at once, after an outage: the later one is in force. */
    ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-02-26T09:00:00+08:00");
    assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-02-28"), 0);
    assert_int_equal(publish(ledger, CENTER "/admin", 4, "2026-03-02"), 0);
    ledger_at(ledger, "2026-03-03T09:00:00+08:00");
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 4);
    ledger_close(&ledger);
}

static int withdraw(struct ledger *ledger, const char *kid, const char *from, const char *version)
{
    ledger->faults = (struct faults){0};
    return ledger_do(ledger, kid, "profile.withdraw",
                     "{'from':'%s','acts_on':'%s','reason':'修订暂缓'}", from, version);
}

static const char *version_of(struct ledger *ledger, const char *from)
{
    return ledger_version(ledger, "profile/%016llx", (unsigned long long)at(from));
}

/* One to come is withdrawn until its day begins, and not after; the others stay. */
static void what_is_to_come_is_withdrawn(void **state)
{
    (void)state;
    static const char second[] = "2026-03-02T00:00:00+08:00";
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-02-26T09:00:00+08:00");
    assert_int_equal(publish(ledger, CENTER "/admin", 7, "2026-02-28"), 0);
    assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-03-02"), 0);
    const char *version = version_of(ledger, second);
    assert_int_equal(withdraw(ledger, SUPERVISOR "/approve", "2026-03-02", version), ERR_TX_ROLE);
    assert_int_equal(withdraw(ledger, CENTER "/admin", "2026-03-01", version), ERR_SUBJECT);
    assert_int_equal(withdraw(ledger, CENTER "/admin", "2026-02-28", version), ERR_VERSION_STALE);
    assert_int_equal(withdraw(ledger, CENTER "/admin", "1960-01-01", version), ERR_SUBJECT);
    assert_int_equal(withdraw(ledger, CENTER "/admin", "2026-03-02", version), 0);
    assert_int_equal(withdraw(ledger, CENTER "/admin", "2026-03-02", version_of(ledger, second)),
                     ERR_STATUS);
    assert_int_equal(ledger_count(ledger, "profile/"), 3); /* it stays on record */
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 5);
    ledger_at_ms(ledger, at("2026-02-28T00:00:00+08:00") - 1);
    version = version_of(ledger, "2026-02-28T00:00:00+08:00");
    ledger_at(ledger, "2026-02-28T00:00:00+08:00");
    assert_int_equal(withdraw(ledger, CENTER "/admin", "2026-02-28", version), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "from"));
    assert_string_equal(ledger->faults.item[0].now, "in-force");
    ledger_at(ledger, second);
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 7);
    /* It is looked at once, when its day has begun. */
    assert_int_equal(ledger_int(ledger, "profile", "passed_ms"), at(second));
    /* What was withdrawn does not bar its day: published again, it comes. */
    assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-03-09"), 0);
    assert_int_equal(withdraw(ledger, CENTER "/admin", "2026-03-09",
                              version_of(ledger, "2026-03-09T00:00:00+08:00")),
                     0);
    assert_int_equal(publish(ledger, CENTER "/admin", 4, "2026-03-09"), 0);
    const struct doc *again = ledger_get(
        ledger, "profile/%016llx", (unsigned long long)at("2026-03-09T00:00:00+08:00"));
    assert_null(doc_get(again, "withdrawn"));
    assert_true(doc_text_is(doc_at(doc_get(again, "replaced"), 0), "withdrawn", "修订暂缓"));
    ledger_at(ledger, "2026-03-09T00:00:00+08:00");
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 4);
    ledger_close(&ledger);
}

/* A day withdrawn and a later one that begin in one block: the later is in force once, and the
 * withdrawn one is not looked at again. */
static void a_withdrawn_day_passes_once(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-02-26T09:00:00+08:00");
    assert_int_equal(publish(ledger, CENTER "/admin", 7, "2026-02-28"), 0);
    assert_int_equal(publish(ledger, CENTER "/admin", 3, "2026-03-02"), 0);
    assert_int_equal(publish(ledger, CENTER "/admin", 4, "2026-03-03"), 0);
    static const char *const withdrawn[] = {"2026-02-28", "2026-03-03"};
    static const char *const begins[] = {"2026-02-28T00:00:00+08:00", "2026-03-03T00:00:00+08:00"};
    for (size_t i = 0; i < COUNT_OF(withdrawn); i++) {
        assert_int_equal(
            withdraw(ledger, CENTER "/admin", withdrawn[i], version_of(ledger, begins[i])), 0);
    }
    ledger_at(ledger, "2026-03-03T09:00:00+08:00");
    assert_int_equal(ledger_int(ledger, "profile", "profile.answer.days"), 3);
    assert_int_equal(ledger_int(ledger, "profile", "since_ms"), at("2026-03-02T00:00:00+08:00"));
    assert_int_equal(ledger_int(ledger, "profile", "passed_ms"), at("2026-03-03T00:00:00+08:00"));
    size_t acts = doc_count(ledger->acts);
    ledger_blocks(ledger, 2);
    assert_int_equal(doc_count(ledger->acts), acts);
    ledger_close(&ledger);
}

/* A district of its own, from a file: its numbers, its units, its silence, its words. */
static void a_fourth_district(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open(LINJIANG);
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_at(ledger, "2026-02-12T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E2','entry':%s}",
                entry_text("年检结果", "authorised", NULL));
    /* Two working days: Friday 13, Saturday 14 (调休). */
    const struct doc *review =
        doc_get(doc_get(ledger_get(ledger, "entry/" ALPHA "/E2"), "terms"), "review");
    assert_int_equal(doc_get_int(review, "due_ms", 0), at("2026-02-15T00:00:00+08:00"));
    assert_true(doc_text_is(review, "clause", "临江 8"));
    /* Ten days: 13 … 22 February, in the middle of the holiday. */
    assert_int_equal(ledger_ask(ledger, request, "E1", "{'until':'2026-04-30'}"), 0);
    char subject[100];
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    assert_string_equal(ledger_text(ledger, subject, "number"), "LJGXSQ260001");
    ledger_at_ms(ledger, at("2026-02-23T00:00:00+08:00") - 1);
    assert_string_equal(ledger_text(ledger, subject, "status"), "pending");
    ledger_at(ledger, "2026-02-23T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, subject, "status"), "escalated");
    /* Ninety days at most. */
    assert_int_not_equal(ledger_ask(ledger, request, "E1", "{'until':'2026-12-31'}"), 0);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_force_from_its_first_millisecond),
        cmocka_unit_test(nothing_works_backwards),
        cmocka_unit_test(what_is_to_come_can_change),
        cmocka_unit_test(what_is_to_come_is_withdrawn),
        cmocka_unit_test(a_withdrawn_day_passes_once),
        cmocka_unit_test(a_fourth_district),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
