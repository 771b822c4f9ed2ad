/* Terms and silence, by the clause: PT 20, CN 17, OPEN 19, requirement D14. */
#include "row.h"

static char request[2 * HASH_BYTES + 1];
static char subject[100];

/* A request received at this time, and not answered. */
static struct ledger *pending(const char *profile, const char *received)
{
    struct ledger *ledger = ledger_open(profile);
    ledger_at(ledger, received);
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    return ledger;
}

static void becomes_at(struct ledger *ledger, const char *before, const char *end,
                       const char *after)
{
    ledger_at_ms(ledger, at(end) - 1);
    assert_string_equal(ledger_text(ledger, subject, "status"), before);
    ledger_at(ledger, end);
    assert_string_equal(ledger_text(ledger, subject, "status"), after);
}

/* 国务院办公厅关于2026年部分节假日安排的通知: 春节 2月15日至23日放假，2月14日、28日上班;
 * 国庆节 10月1日至7日放假，9月20日、10月10日上班; 中秋节 9月25日至27日放假. */
static void D14_working_days(void **state)
{
    (void)state;
    /* Thursday 12 February: 1 Friday 13, 2 Saturday 14 (调休), 3 Tue 24, 4 Wed 25, 5 Thu 26. */
    struct ledger *ledger = pending("putuo", "2026-02-12T09:00:00+08:00");
    becomes_at(ledger, "pending", "2026-02-27T00:00:00+08:00", "granted");
    ledger_close(&ledger);
    /* Tuesday 29 September: 1 Wed 30, 2 Thu 8 October, 3 Fri 9, 4 Saturday 10 (调休), 5 Mon 12. */
    ledger = pending("putuo", "2026-09-29T23:59:59.999+08:00");
    becomes_at(ledger, "pending", "2026-10-13T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

static void D14_outage(void **state)
{
    (void)state;
    struct ledger *ledger = pending("putuo", "2026-09-29T10:00:00+08:00");
    ledger_at(ledger, "2026-10-12T18:00:00+08:00");
    ledger_after_gap(ledger, "2026-10-13T08:00:00+08:00");
    assert_string_equal(ledger_text(ledger, subject, "status"), "pending");
    assert_null(ledger_get(ledger, "grant/%s", request));
    /* The next working day after the 13th is Wednesday the 14th. */
    becomes_at(ledger, "pending", "2026-10-15T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

/* Of January 2026 only the 1st to the 3rd are off, and these days are working days besides. */
static void correct_2026(struct ledger *ledger, const char *work)
{
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2026,'acts_on':'%s','off':['2026-01-01','2026-01-02','2026-01-03'],"
                "'work':[%s],'source':'更正'}",
                ledger_version(ledger, "calendar/2026"), work);
}

/* Received on Monday 5 January: 6 7 8 9 12. Had Saturday 10 and Sunday 11 been working days, it
 * would be the 10th. */
static void D14_late_calendar(void **state)
{
    (void)state;
    const char *work = "'2026-01-04','2026-01-10','2026-01-11'";
    static const struct {
        const char *published, *end;
    } cases[] = {
        {"2026-01-09T23:00:00+08:00", "2026-01-11T00:00:00+08:00"}, /* as it should be */
        {"2026-01-10T10:00:00+08:00", "2026-01-11T00:00:00+08:00"},
        {"2026-01-11T10:00:00+08:00", "2026-01-12T00:00:00+08:00"},
        {"2026-01-12T10:00:00+08:00", "2026-01-13T00:00:00+08:00"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending("putuo", "2026-01-05T10:00:00+08:00");
        ledger_at(ledger, cases[i].published);
        correct_2026(ledger, work);
        becomes_at(ledger, "pending", cases[i].end, "granted");
        ledger_close(&ledger);
    }
    /* A rule that meets it before the sweep does leaves the provider its day as well. */
    struct ledger *ledger = pending("putuo", "2026-01-05T10:00:00+08:00");
    ledger_at(ledger, "2026-01-12T10:00:00+08:00");
    correct_2026(ledger, work);
    ledger_must(ledger, ALPHA "/approve", "request.answer",
                "{'request':'%s','acts_on':'%s','decision':'refuse',"
                "'grounds':{'legal_basis':[{'law':'个人信息保护法','article':'第十三条'}]}}",
                request, ledger_version(ledger, "%s", subject));
    assert_string_equal(ledger_text(ledger, subject, "status"), "refused");
    ledger_close(&ledger);
    /* Counted again on the 13th only, what was over on the 12th is over. */
    ledger = pending("putuo", "2026-01-05T10:00:00+08:00");
    ledger_at(ledger, "2026-01-12T23:59:59.999+08:00");
    correct_2026(ledger, work);
    ledger_at(ledger, "2026-01-13T00:00:00+08:00");
    assert_string_equal(ledger_text(ledger, subject, "status"), "granted");
    ledger_close(&ledger);
    /* Provisional: by the weekdays of 2027 31 December, 1, 4, 5, 6 January; Saturday 2 and Sunday 3
     * turn out to be working days on the 5th: 31, 1, 2, 3, 4. */
    ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-12-30T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, request, "E1", "{'until':'2027-06-30'}"), 0);
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    ledger_at(ledger, "2027-01-05T10:00:00+08:00");
    ledger_must(ledger, CENTER "/admin", "calendar.publish",
                "{'year':2027,'off':['2027-05-03'],'work':['2027-01-02','2027-01-03'],"
                "'source':'迟到的通知'}");
    becomes_at(ledger, "pending", "2027-01-06T00:00:00+08:00", "granted");
    ledger_close(&ledger);
}

static void D4_silence_approves(void **state)
{
    (void)state;
    /* Monday 5 January: 6 7 8 9 12. */
    struct ledger *ledger = pending("putuo", "2026-01-05T10:00:00+08:00");
    becomes_at(ledger, "pending", "2026-01-13T00:00:00+08:00", "granted");
    assert_true(ledger_act_is(ledger, 0, subject, "deemed-approved"));
    assert_true(doc_text_is(doc_at(ledger->acts, doc_count(ledger->acts) - 1), "clause", "PT 20"));
    assert_true(doc_get_bool(ledger_get(ledger, "answer/%s", request), "deemed", false));
    ledger_close(&ledger);
}

static void is_barred(struct ledger *ledger, const char *code, const char *clause)
{
    const struct doc *answer = ledger_get(ledger, "answer/%s", request);
    const struct doc *barred = doc_get(answer, "barred");
    assert_true(doc_text_is(answer, "decision", "refuse"));
    assert_true(doc_text_is(barred, "code", code));
    assert_true(doc_text_is(barred, "clause", clause));
    assert_true(ledger_act_is(ledger, 0, subject, "barred"));
    assert_null(ledger_get(ledger, "grant/%s", request));
}

static int approves(struct ledger *ledger)
{
    return ledger_do(ledger, ALPHA "/approve", "request.answer",
                     "{'request':'%s','acts_on':'%s','decision':'approve'}", request,
                     ledger_version(ledger, "%s", subject));
}

/* Received on Monday 5 January: 6 7 8 9 12. */
static void D4_silence_gives_no_more(void **state)
{
    (void)state;
    static const struct {
        const char *until, *after;
    } cases[] = {{"2026-01-12", "refused"}, {"2026-01-13", "granted"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) { /* the term is over on the 13th, 0:00 */
        struct ledger *ledger = ledger_open("putuo");
        ledger_at(ledger, "2026-01-05T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        char until[40];
        (void)snprintf(until, sizeof until, "{'until':'%s'}", cases[i].until);
        assert_int_equal(ledger_ask(ledger, request, "E1", until), 0);
        (void)snprintf(subject, sizeof subject, "request/%s", request);
        becomes_at(ledger, "pending", "2026-01-13T00:00:00+08:00", cases[i].after);
        if (i == 0) {
            is_barred(ledger, "field-range", "D10");
        }
        ledger_close(&ledger);
    }
    struct ledger *ledger = pending("putuo", "2026-01-05T10:00:00+08:00");
    ledger_take_out(ledger, BETA);
    assert_int_equal(approves(ledger), ERR_CONSUMER);
    becomes_at(ledger, "pending", "2026-01-13T00:00:00+08:00", "refused");
    is_barred(ledger, "consumer-inactive", "PT 17");
    ledger_close(&ledger);
}

static void D4_silence_escalates(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *clause;
    } cases[] = {{"changning", "CN 17"}, {"shanghai-open", "OPEN 19"}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = ledger_open(cases[i].profile);
        ledger_at(ledger, "2026-01-05T10:00:00+08:00");
        ledger_give_entry(ledger, "E1", "authorised");
        assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
        (void)snprintf(subject, sizeof subject, "request/%s", request);
        if (strcmp(cases[i].profile, "shanghai-open") == 0) {
            ledger_must(ledger, CENTER "/review", "request.intake",
                        "{'request':'%s','acts_on':'%s','decision':'accept'}", request,
                        ledger_version(ledger, "request/%s", request));
        }
        /* Monday 5 January, ten days: 6 7 8 9, 12 13 14 15 16, 19. */
        becomes_at(ledger, "pending", "2026-01-20T00:00:00+08:00", "escalated");
        assert_true(ledger_act_is(ledger, 0, subject, "escalated"));
        assert_true(doc_text_is(doc_at(ledger->acts, doc_count(ledger->acts) - 1), "clause",
                                cases[i].clause));
        assert_null(ledger_get(ledger, "grant/%s", request));
        ledger_close(&ledger);
    }
    /* The act names where it stands what silence means, not where the term stands. */
    struct ledger *ledger = ledger_open("changning");
    assert_int_equal(ledger_policy(ledger, "answer",
                                   "{'days':10,'clause':'CN 17','silence':'escalate',"
                                   "'silence_clause':'CN 18'}"),
                     0);
    ledger_give_entry(ledger, "E1", "authorised");
    assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    becomes_at(ledger, "pending", "2026-01-20T00:00:00+08:00", "escalated");
    assert_true(ledger_act_is(ledger, 0, subject, "escalated"));
    assert_true(doc_text_is(doc_at(ledger->acts, doc_count(ledger->acts) - 1), "clause", "CN 18"));
    ledger_close(&ledger);
}

/* Received on Monday 5 January: 6 7 8 9 12 of five days, 6 7 8 9 12 13 14 15 16 19 of ten; the last
 * begins on Monday 12 or 19. Public opening has the review of the materials before it. */
static void D14_warned(void **state)
{
    (void)state;
    static const struct {
        const char *profile, *told;
    } cases[] = {
        {"putuo", "2026-01-12T00:00:00+08:00"},
        {"changning", "2026-01-19T00:00:00+08:00"},
        {"shanghai-open", "2026-01-19T00:00:00+08:00"},
    };
    fixture_warns = true;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = pending(cases[i].profile, "2026-01-05T10:00:00+08:00");
        if (strcmp(cases[i].profile, "shanghai-open") == 0) {
            ledger_must(ledger, CENTER "/review", "request.intake",
                        "{'request':'%s','acts_on':'%s','decision':'accept'}", request,
                        ledger_version(ledger, "%s", subject));
        }
        ledger_at_ms(ledger, at(cases[i].told) - 1);
        assert_false(ledger_act_is(ledger, 0, subject, "term-warning"));
        ledger_at(ledger, cases[i].told);
        assert_true(ledger_act_is(ledger, 0, subject, "term-warning"));
        ledger_close(&ledger);
    }
    fixture_warns = false;
}

static void act_on_alpha(struct ledger *ledger, const char *type)
{
    ledger_must(ledger, CENTER "/admin", type,
                "{'member':'" ALPHA "','acts_on':'%s','reason':'机构撤并'%s}",
                ledger_version(ledger, "member/" ALPHA), ledger_no_risk(type));
}

/* Received on Monday 5 January: 6 7 8 9 12. Suspended from Wednesday to Thursday; one day is over:
 * 9 12 13 14. Of the end on the 12th nobody is told: it is none any more. */
static void D14_warned_of_what_it_is(void **state)
{
    (void)state;
    fixture_warns = true;
    struct ledger *ledger = pending("putuo", "2026-01-05T10:00:00+08:00");
    ledger_at(ledger, "2026-01-07T10:00:00+08:00");
    act_on_alpha(ledger, "member.suspend");
    ledger_at(ledger, "2026-01-08T10:00:00+08:00");
    act_on_alpha(ledger, "member.restore");
    ledger_at(ledger, "2026-01-12T00:00:00+08:00");
    assert_false(ledger_act_is(ledger, 0, subject, "term-warning"));
    ledger_at(ledger, "2026-01-13T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    ledger_at_ms(ledger, at("2026-01-14T00:00:00+08:00") - 1);
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    ledger_at(ledger, "2026-01-14T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "term-warning"));
    const struct doc *act = doc_at(ledger->acts, doc_count(ledger->acts) - 1);
    assert_int_equal(doc_get_int(act, "due_ms", 0), at("2026-01-15T00:00:00+08:00"));
    ledger_close(&ledger);
    fixture_warns = false;
    /* Told three working days before: of the end on the 12th that was to be Thursday, the 8th; of
     * the one on the 14th it is Monday, the 12th. */
    ledger = ledger_open("putuo");
    assert_int_equal(ledger_policy(ledger, "warnings", "{'days':3,'clause':'D14'}"), 0);
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_at(ledger, "2026-01-05T10:00:00+08:00");
    assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
    (void)snprintf(subject, sizeof subject, "request/%s", request);
    ledger_at(ledger, "2026-01-07T10:00:00+08:00");
    act_on_alpha(ledger, "member.suspend");
    ledger_at(ledger, "2026-01-08T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    ledger_at(ledger, "2026-01-08T10:00:00+08:00");
    act_on_alpha(ledger, "member.restore");
    ledger_at_ms(ledger, at("2026-01-12T00:00:00+08:00") - 1);
    assert_true(ledger_act_is(ledger, 0, subject, "term-moved"));
    ledger_at(ledger, "2026-01-12T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, subject, "term-warning"));
    ledger_close(&ledger);
}

/* PT 11: a business approved on Monday 20 April: 21-24, 27-30 April, 6 7 May. The 21st and the 22nd
 * are over when the agency goes; eight are left after Monday 18 May: 19-22, 25-28. */
static void D14_rests(void **state)
{
    (void)state;
    const char *milestone = "milestone/" ALPHA "/M1";
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-04-20T10:00:00+08:00");
    ledger_give_duty(ledger);
    ledger_must(ledger, ALPHA "/compile", "catalog.milestone",
                "{'code':'M1','kind':'business','matter':'慈善组织认定','date':'2026-04-20',"
                "'duty':'D1'}");
    ledger_must(ledger, CENTER "/admin", "validator.change",
                "{'remove':['" ALPHA "'],'reason':'机构撤并'}");
    ledger_at(ledger, "2026-04-23T09:00:00+08:00");
    act_on_alpha(ledger, "member.remove");
    ledger_at_ms(ledger, at("2026-05-08T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, milestone, "term-rests"));
    ledger_at(ledger, "2026-05-08T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, milestone, "term-rests"));
    ledger_at(ledger, "2026-05-18T09:00:00+08:00");
    act_on_alpha(ledger, "member.restore");
    ledger_at_ms(ledger, at("2026-05-29T00:00:00+08:00") - 1);
    assert_false(ledger_act_is(ledger, 0, milestone, "compile-overdue"));
    ledger_at(ledger, "2026-05-29T00:00:00+08:00");
    assert_true(ledger_act_is(ledger, 0, milestone, "compile-overdue"));
    ledger_close(&ledger);
}
