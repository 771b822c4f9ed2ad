/* PT 20 reads silence as approval; PT 31 may take away a provider's voice. The clock of what a
 * provider owes stands while it is suspended. Ends of terms are literals, worked out by hand: March
 * 2026 has no holidays, the 7th and 8th, 14th and 15th are weekends. */
#include "rules_fixture.h"

static char id[2 * HASH_BYTES + 1];

/* A request pending from Monday 2 March 10:00: 3 4 5 6 9, over with Monday 9. */
static struct ledger *pending(const char *profile)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    return ledger;
}

static void act_on_provider(struct ledger *ledger, const char *type, const char *time)
{
    if (time != NULL) {
        ledger_at(ledger, time);
    }
    ledger_must(ledger, CENTER "/admin", type,
                "{'member':'" ALPHA "','acts_on':'%s','reason':'整改'%s}",
                ledger_version(ledger, "member/" ALPHA), ledger_no_risk(type));
}

static const char *status(struct ledger *ledger)
{
    char key[100];
    (void)snprintf(key, sizeof key, "request/%s", id);
    return ledger_text(ledger, key, "status");
}

/* Pending in the last millisecond before `end`, and what the term brings in the first after it. */
static void ends_at(struct ledger *ledger, const char *end, const char *then)
{
    ledger_at_ms(ledger, at(end) - 1);
    assert_string_equal(status(ledger), "pending");
    ledger_at(ledger, end);
    assert_string_equal(status(ledger), then);
}

/* ---- silence ---- */

static void silence_of_a_suspended_provider_approves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *suspended, *restored, *end;
    } cases[] = {
        /* The 3rd and the 4th are over; three days are left after Monday 16: 17 18 19. */
        {"2026-03-05T09:00:00+08:00", "2026-03-16T09:00:00+08:00", "2026-03-20T00:00:00+08:00"},
        /* Back before the first end: Friday 6, then three days: 9 10 11. */
        {"2026-03-05T09:00:00+08:00", "2026-03-06T09:00:00+08:00", "2026-03-12T00:00:00+08:00"},
        /* In the last millisecond: one day is left, Tuesday 17. */
        {"2026-03-09T23:59:59.999+08:00", "2026-03-16T09:00:00+08:00", "2026-03-18T00:00:00+08:00"},
        /* The instant at which a day is over, it counts: the 3rd and the 4th. */
        {"2026-03-05T00:00:00+08:00", "2026-03-16T09:00:00+08:00", "2026-03-20T00:00:00+08:00"},
        {"2026-03-04T23:59:59.999+08:00", "2026-03-16T09:00:00+08:00", "2026-03-21T00:00:00+08:00"},
        /* On the day of receipt: all five are left, 17 18 19 20 23. */
        {"2026-03-02T10:00:00.001+08:00", "2026-03-16T09:00:00+08:00", "2026-03-24T00:00:00+08:00"},
        /* Back late on a Sunday; Monday 16 is the first: 16 17 18. */
        {"2026-03-05T09:00:00+08:00", "2026-03-15T23:59:59.999+08:00", "2026-03-19T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending("putuo");
        act_on_provider(ledger, "member.suspend", cases[i].suspended);
        act_on_provider(ledger, "member.restore", cases[i].restored);
        assert_string_equal(status(ledger), "pending");
        ends_at(ledger, cases[i].end, "granted");
        ledger_close(&ledger);
    }
}

/* However long it lasts, and in block after block. */
static void it_waits_as_long_as_it_lasts(void **state)
{
    (void)state;
    char subject[100];
    struct ledger *ledger = pending("putuo");
    (void)snprintf(subject, sizeof subject, "request/%s", id);
    act_on_provider(ledger, "member.suspend", "2026-03-05T09:00:00+08:00");
    ledger_at(ledger, "2026-03-10T00:00:00+08:00"); /* three days left: 11 12 13 */
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    assert_int_equal(ledger_int(ledger, subject, "terms.answer.due_ms"),
                     at("2026-03-14T00:00:00+08:00"));
    for (int day = 11; day <= 31; day++) {
        char time[40];
        (void)snprintf(time, sizeof time, "2026-03-%02dT00:00:00+08:00", day);
        ledger_at(ledger, time);
        assert_string_equal(status(ledger), "pending");
    }
    act_on_provider(ledger, "member.restore", "2026-03-31T10:00:00+08:00");
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'refuse','grounds':"
                "{'legal_basis':[{'law':'个人信息保护法','article':'第十三条'}]}}",
                id, ledger_version(ledger, "request/%s", id));
    assert_string_equal(status(ledger), "refused");
    assert_int_equal(ledger_count(ledger, "due/"), 0);
    ledger_close(&ledger);
}

/* What was over when the suspension came stays over: the sweep is before the transactions. */
static void a_suspension_after_the_end_is_late(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    act_on_provider(ledger, "member.suspend", "2026-03-10T00:00:00+08:00");
    assert_string_equal(status(ledger), "granted");
    ledger_close(&ledger);
}

static void one_suspension_after_another(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    act_on_provider(ledger, "member.suspend", "2026-03-04T09:00:00+08:00"); /* the 3rd is over */
    act_on_provider(ledger, "member.restore", "2026-03-05T09:00:00+08:00"); /* left: 6 9 10 11 */
    act_on_provider(ledger, "member.suspend", "2026-03-10T09:00:00+08:00"); /* 6 and 9 are over */
    act_on_provider(ledger, "member.restore", "2026-03-12T09:00:00+08:00"); /* left: 13 16 */
    ends_at(ledger, "2026-03-17T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

/* Suspended and restored within one block, twice: nothing is lost of the first suspension. */
static void two_returns_at_one_time(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    act_on_provider(ledger, "member.suspend", "2026-03-05T09:00:00+08:00");
    act_on_provider(ledger, "member.restore", "2026-03-16T09:00:00+08:00");
    act_on_provider(ledger, "member.suspend", NULL);
    act_on_provider(ledger, "member.restore", NULL);
    assert_int_equal(ledger_count(ledger, "suspension/"), 1);
    ends_at(ledger, "2026-03-20T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

/* More suspensions than the ledger counts for one term: what is left begins after the last return.
 * On the 3rd no day was over: 4 5 6 9 10. */
static void suspended_again_and_again(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    ledger_at(ledger, "2026-03-03T09:00:00+08:00");
    for (int i = 0; i < 20; i++) {
        ledger_blocks(ledger, 1);
        act_on_provider(ledger, "member.suspend", NULL);
        ledger_blocks(ledger, 1);
        act_on_provider(ledger, "member.restore", NULL);
    }
    ends_at(ledger, "2026-03-11T00:00:00+08:00", "granted");
    ledger_close(&ledger);
    /* The seventeenth lasts: it waits as long, and five days more: from Friday 20 on 23 24 25 26
     * 27. */
    ledger = pending("putuo");
    ledger_at(ledger, "2026-03-03T09:00:00+08:00");
    for (int i = 0; i < 17; i++) {
        ledger_blocks(ledger, 1);
        act_on_provider(ledger, "member.suspend", NULL);
        ledger_blocks(ledger, i < 16);
        act_on_provider(ledger, "member.restore", i < 16 ? NULL : "2026-03-20T09:00:00+08:00");
    }
    ends_at(ledger, "2026-03-28T00:00:00+08:00", "granted");
    ledger_close(&ledger);
    /* The seventeenth came when the days were over: it moves nothing. */
    ledger = pending("putuo");
    ledger_at(ledger, "2026-03-03T09:00:00+08:00");
    for (int i = 0; i < 16; i++) {
        ledger_blocks(ledger, 1);
        act_on_provider(ledger, "member.suspend", NULL);
        ledger_blocks(ledger, 1);
        act_on_provider(ledger, "member.restore", NULL);
    }
    act_on_provider(ledger, "member.suspend", "2026-03-11T00:00:00+08:00");
    assert_string_equal(status(ledger), "granted");
    ledger_close(&ledger);
}

/* Somebody else's suspension is nobody's excuse. */
static void another_members_suspension_moves_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    ledger_must(ledger, CENTER "/admin", "member.suspend",
                "{'member':'" GAMMA "','acts_on':'%s','reason':'整改'," NO_RISK "}",
                ledger_version(ledger, "member/" GAMMA));
    ends_at(ledger, "2026-03-10T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

static void remove_provider(struct ledger *ledger)
{
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'remove':['" ALPHA "'],'reason':'整改'}");
    act_on_provider(ledger, "member.suspend", "2026-03-05T09:00:00+08:00");
    act_on_provider(ledger, "member.remove", "2026-03-06T09:00:00+08:00");
}

/* If it comes back in time, its days are left to it: the 3rd and 4th are over; 10 11 12. */
static void removal_counts_like_suspension(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    remove_provider(ledger);
    act_on_provider(ledger, "member.restore", "2026-03-09T23:59:59.999+08:00");
    ends_at(ledger, "2026-03-13T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

/* Nobody is left to answer: the request goes up at the end of its term, and is not approved. */
static void a_removed_provider_keeps_nobody_waiting(void **state)
{
    (void)state;
    char subject[100];
    static const char *const profiles[] = {"putuo", "changning"};
    static const char *const clauses[] = {"PT 24", "CN 17"};
    /* 3 4 5 6 9, and in 长宁 10 11 12 13 16. */
    static const char *const ends[] = {"2026-03-10T00:00:00+08:00", "2026-03-17T00:00:00+08:00"};
    for (size_t i = 0; i < COUNT_OF(profiles); i++) {
        struct ledger *ledger = pending(profiles[i]);
        (void)snprintf(subject, sizeof subject, "request/%s", id);
        remove_provider(ledger);
        ends_at(ledger, ends[i], "escalated");
        assert_true(ledger_act_is(ledger, 0, subject, "escalated"));
        const struct doc *last = doc_at(ledger->acts, doc_count(ledger->acts) - 1);
        assert_string_equal(doc_get_text(last, "clause"), clauses[i]);
        assert_null(ledger_get(ledger, "grant/%s", id));
        assert_int_equal(ledger_due(ledger, "answer"), 0);
        ledger_must(ledger, SUPERVISOR "/approve", "dispute.rule",
                    "{'dispute':'%s','acts_on':'%s','decision':'refused','reason':'单位已撤并'}",
                    id, ledger_version(ledger, "dispute/%s", id));
        assert_string_equal(status(ledger), "refused");
        ledger_close(&ledger);
    }
}

/* Ten days in 长宁: escalation waits as well. The 3rd and 4th are over, eight are left after the
 * 16th: 17 18 19 20 23 24 25 26. */
static void escalation_waits_too(void **state)
{
    (void)state;
    struct ledger *ledger = pending("changning");
    act_on_provider(ledger, "member.suspend", "2026-03-05T09:00:00+08:00");
    act_on_provider(ledger, "member.restore", "2026-03-16T09:00:00+08:00");
    ends_at(ledger, "2026-03-27T00:00:00+08:00", "escalated");
    ledger_close(&ledger);
}

/* ---- with an outage ---- */

/* The outage moved the end to the end of the 11th (back on Tuesday 10, the next working day); in
 * that day the provider is suspended: one day is left to it after Monday 16. */
static void suspended_in_the_day_an_outage_gave(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    ledger_at(ledger, "2026-03-09T20:00:00+08:00");
    ledger_after_gap(ledger, "2026-03-10T09:00:00+08:00");
    act_on_provider(ledger, "member.suspend", "2026-03-11T09:00:00+08:00");
    act_on_provider(ledger, "member.restore", "2026-03-16T09:00:00+08:00");
    ends_at(ledger, "2026-03-18T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

/* ---- nothing is asked of an inactive provider ---- */

static void a_suspended_provider_is_asked_nothing(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    ledger_give_entry(ledger, "E2", "unconditional");
    act_on_provider(ledger, "member.suspend", NULL);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), ERR_PROVIDER);
    assert_true(ledger_fault(ledger, ERR_PROVIDER, "provider"));
    assert_int_equal(ledger_ask(ledger, id, "E2", NULL), ERR_PROVIDER);
    act_on_provider(ledger, "member.restore", NULL);
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    /* The restoration was before it: the term is the usual one. */
    ends_at(ledger, "2026-03-10T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

/* The intake is the center's; ten days are left to the provider after Monday 16: 17-20, 23-27, 30.
 */
static void the_term_of_a_step_meanwhile_stands(void **state)
{
    (void)state;
    struct ledger *ledger = pending("shanghai-open");
    assert_string_equal(status(ledger), "intake");
    act_on_provider(ledger, "member.suspend", "2026-03-03T09:00:00+08:00");
    ledger_at(ledger, "2026-03-04T09:00:00+08:00");
    ledger_must(ledger, CENTER "/review", "request.intake",
                "{'request':'%s','acts_on':'%s','decision':'accept'}", id,
                ledger_version(ledger, "request/%s", id));
    act_on_provider(ledger, "member.restore", "2026-03-16T09:00:00+08:00");
    ends_at(ledger, "2026-03-31T00:00:00+08:00", "escalated");
    ledger_close(&ledger);
}

/* ---- whose last key the center keeps suspended ---- */

static void key_act(struct ledger *ledger, const char *kid, const char *type, const char *name)
{
    ledger_must(ledger, kid, type,
                "{'member':'" ALPHA "','name':'%s','acts_on':'%s','reason':'疑似遗失'}", name,
                ledger_version(ledger, "key/" ALPHA "/%s", name));
}

static void key_act_at(struct ledger *ledger, const char *time, const char *type)
{
    ledger_at(ledger, time);
    key_act(ledger, CENTER "/admin", type, "approve");
}

/* As with a suspended member: the days that were over count, the rest begins after the return. */
static void silence_of_a_suspended_key_approves_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *suspended, *restored, *end;
    } cases[] = {
        /* The 3rd and the 4th are over; three days are left after Monday 16: 17 18 19. */
        {"2026-03-05T09:00:00+08:00", "2026-03-16T09:00:00+08:00", "2026-03-20T00:00:00+08:00"},
        /* In the last millisecond: one day is left, Tuesday 17. */
        {"2026-03-09T23:59:59.999+08:00", "2026-03-16T09:00:00+08:00", "2026-03-18T00:00:00+08:00"},
        /* On the day of receipt: all five are left: 17 18 19 20 23. */
        {"2026-03-02T10:00:00.001+08:00", "2026-03-16T09:00:00+08:00", "2026-03-24T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending("putuo");
        key_act_at(ledger, cases[i].suspended, "key.suspend");
        ledger_at(ledger, "2026-03-13T00:00:00+08:00"); /* long past Monday 9 */
        assert_string_equal(status(ledger), "pending");
        key_act_at(ledger, cases[i].restored, "key.restore");
        ends_at(ledger, cases[i].end, "granted");
        ledger_close(&ledger);
    }
}

/* It can speak again with another key of the role, or gave the suspended one up itself. */
static void it_lasts_until_a_key_can_sign(void **state)
{
    (void)state;
    static const char *const acts[] = {"key.add", "key.retire", "officer.register"};
    for (size_t i = 0; i < COUNT_OF(acts); i++) {
        struct ledger *ledger = pending("putuo");
        key_act_at(ledger, "2026-03-05T09:00:00+08:00", "key.suspend"); /* 5 6 9 are left */
        ledger_at(ledger, "2026-03-11T09:00:00+08:00");
        if (i == 0) {
            ledger_must(ledger, ALPHA "/chief", "key.add",
                        "{'name':'approve2','role':'approve','public':'%s'}",
                        fixture_public(ALPHA "/approve2"));
        } else if (i == 1) {
            key_act(ledger, ALPHA "/chief", "key.retire", "approve");
        } else {
            ledger_must(ledger, ALPHA "/chief", "officer.register",
                        "{'code':'reg2','keys':[{'name':'approve3',"
                        "'role':'approve','public':'%s'}]}",
                        fixture_public(ALPHA "/approve3"));
        }
        ends_at(ledger, "2026-03-17T00:00:00+08:00", "granted"); /* 12 13 16 */
        ledger_close(&ledger);
    }
}

/* Nobody stops its own clock; and with another key it can speak. */
static void an_agency_does_not_silence_itself(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    ledger_at(ledger, "2026-03-05T09:00:00+08:00");
    key_act(ledger, ALPHA "/chief", "key.suspend", "approve");
    ends_at(ledger, "2026-03-10T00:00:00+08:00", "granted");
    ledger_close(&ledger);

    ledger = pending("putuo");
    ledger_must(ledger, ALPHA "/chief", "key.add",
                "{'name':'approve2','role':'approve','public':'%s'}",
                fixture_public(ALPHA "/approve2"));
    key_act_at(ledger, "2026-03-05T09:00:00+08:00", "key.suspend");
    key_act(ledger, ALPHA "/chief", "key.suspend", "approve2"); /* its own doing */
    ends_at(ledger, "2026-03-10T00:00:00+08:00", "granted");
    ledger_close(&ledger);

    ledger = pending("putuo"); /* a key of another role */
    ledger_at(ledger, "2026-03-05T09:00:00+08:00");
    key_act(ledger, CENTER "/admin", "key.suspend", "compile");
    ends_at(ledger, "2026-03-10T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

/* The member from the 4th to the 10th, its key from the 6th to the 16th: only the 3rd is over, four
 * days are left after Monday 16: 17 18 19 20. And the other way round. */
static void both_at_a_time(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    act_on_provider(ledger, "member.suspend", "2026-03-04T09:00:00+08:00");
    key_act_at(ledger, "2026-03-06T09:00:00+08:00", "key.suspend");
    act_on_provider(ledger, "member.restore", "2026-03-10T09:00:00+08:00");
    key_act_at(ledger, "2026-03-16T09:00:00+08:00", "key.restore");
    ends_at(ledger, "2026-03-21T00:00:00+08:00", "granted");
    ledger_close(&ledger);
    ledger = pending("putuo");
    key_act_at(ledger, "2026-03-04T09:00:00+08:00", "key.suspend");
    act_on_provider(ledger, "member.suspend", "2026-03-06T09:00:00+08:00");
    key_act_at(ledger, "2026-03-10T09:00:00+08:00", "key.restore");
    act_on_provider(ledger, "member.restore", "2026-03-16T09:00:00+08:00");
    ends_at(ledger, "2026-03-21T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

/* Twice, with a day between that counts: the 3rd and the 4th, then the 11th; 13 and 16 are left. */
static void a_key_suspended_twice(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo");
    key_act_at(ledger, "2026-03-05T09:00:00+08:00", "key.suspend");
    key_act_at(ledger, "2026-03-10T09:00:00+08:00", "key.restore");
    key_act_at(ledger, "2026-03-12T09:00:00+08:00", "key.suspend");
    key_act_at(ledger, "2026-03-12T10:00:00+08:00", "key.restore");
    ends_at(ledger, "2026-03-17T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_of_a_suspended_provider_approves_nothing),
        cmocka_unit_test(it_waits_as_long_as_it_lasts),
        cmocka_unit_test(a_suspension_after_the_end_is_late),
        cmocka_unit_test(one_suspension_after_another),
        cmocka_unit_test(two_returns_at_one_time),
        cmocka_unit_test(suspended_again_and_again),
        cmocka_unit_test(another_members_suspension_moves_nothing),
        cmocka_unit_test(removal_counts_like_suspension),
        cmocka_unit_test(a_removed_provider_keeps_nobody_waiting),
        cmocka_unit_test(escalation_waits_too),
        cmocka_unit_test(suspended_in_the_day_an_outage_gave),
        cmocka_unit_test(a_suspended_provider_is_asked_nothing),
        cmocka_unit_test(the_term_of_a_step_meanwhile_stands),
        cmocka_unit_test(silence_of_a_suspended_key_approves_nothing),
        cmocka_unit_test(it_lasts_until_a_key_can_sign),
        cmocka_unit_test(an_agency_does_not_silence_itself),
        cmocka_unit_test(both_at_a_time),
        cmocka_unit_test(a_key_suspended_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
