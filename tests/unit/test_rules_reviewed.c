/* All faults at once, of who reviews and who admits: beside a fault of form, that reasons are
 * missing or are not to be given, and what a join request says together. */
#include "rules_fixture.h"

#include "base/memory.h"

#define HEX "00000000000000000000000000000000000000000000000000000000000000ff"
#define TWO 2 /* faults: that of the form, and the other */

/* A body with a field that is none, what names its subject, and this decision. */
static size_t judge(struct ledger *ledger, const char *signer, const char *type,
                    const char *subject, const char *decision, const char *reasons)
{
    ledger->faults = (struct faults){0};
    assert_int_equal(ledger_do(ledger, signer, type,
                               "{'colour':'red','acts_on':'" HEX "',%s,'decision':'%s'%s}", subject,
                               decision, reasons),
                     ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "colour"));
    return ledger->faults.count;
}

static void a_review_tells_its_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *signer, *type, *subject, *favours, *refuses;
    } cases[] = {
        {CENTER "/review", "catalog.review", "'provider':'" ALPHA "','code':'E1'", "accept",
         "return"},
        {CENTER "/review", "catalog.certify", "'provider':'" ALPHA "','code':'E1'", "accept",
         "return"},
        {CENTER "/review", "fusion.conclude", "'fusion':'" HEX "'", "accept", "return"},
        {CENTER "/review", "need.intake", "'need':'" HEX "'", "accept", "refuse"},
        {CENTER "/review", "request.intake", "'request':'" HEX "'", "accept", "refuse"},
        {CENTER "/review", "upper.answer", "'need':'" HEX "'", "agree", "refuse"},
    };
    static const char given[] = ",'reasons':[{'reason':'说明'}]";
    struct ledger *ledger = ledger_open("putuo");
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const char *signer = cases[i].signer, *type = cases[i].type, *subject = cases[i].subject;
        assert_int_equal(judge(ledger, signer, type, subject, cases[i].refuses, ""), TWO);
        assert_true(ledger_fault(ledger, ERR_GROUNDS, "reasons"));
        assert_true(ledger->faults.item[0].clause[0] != 0 && ledger->faults.item[1].clause[0] != 0);
        assert_int_equal(judge(ledger, signer, type, subject, cases[i].favours, given), TWO);
        assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "reasons"));
        assert_int_equal(judge(ledger, signer, type, subject, cases[i].refuses, given), 1);
        assert_int_equal(judge(ledger, signer, type, subject, cases[i].favours, ""), 1);
    }
    ledger_close(&ledger);
}

/* What is accepted over an objection has reasons, which the change's record decides. */
static void a_change_may_be_accepted_with_reasons(void **state)
{
    (void)state;
    static const char of_change[] = "'provider':'" ALPHA "','code':'E1'";
    struct ledger *ledger = ledger_open("putuo");
    assert_int_equal(judge(ledger, CENTER "/review", "catalog.assess", of_change, "return", ""),
                     TWO);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "reasons"));
    assert_int_equal(judge(ledger, CENTER "/review", "catalog.assess", of_change, "accept",
                           ",'reasons':[{'reason':'说明'}]"),
                     1);
    ledger_close(&ledger);
}

static void a_listing_is_returned_with_grounds(void **state)
{
    (void)state;
    static const char listed[] = "'provider':'" ALPHA "','code':'E1'";
    struct ledger *ledger = ledger_open("shanghai-open");
    assert_int_equal(judge(ledger, CENTER "/review", "open.review", listed, "return", ""), TWO + 1);
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "reasons"));
    assert_true(ledger_fault(ledger, ERR_GROUNDS, "grounds"));
    ledger_close(&ledger);
}

/* ---- member.admit ---- */

static int admit(struct ledger *ledger, struct doc *join, bool short_reason)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    doc_set(body, "join", join);
    doc_set_text(body, "reason", short_reason ? "" : "准入");
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, CENTER "/admin", "member.admit", body);
}

/* Its signatures are judged where its form is whole, and only there: who signed signed it all. */
static void an_admission_tells_what_the_request_says(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    struct doc *join = ledger_join(MEMBER_COUNT, NEWCOMER);
    assert_int_equal(admit(ledger, doc_ref(join), true), ERR_FIELD_LENGTH);
    assert_int_equal(ledger->faults.count, 1);

    struct doc *other = doc_copy(join), *parties = doc_new_array();
    doc_push_text(parties, "center");
    doc_push_text(parties, "center");
    doc_set(other, "parties", parties);
    assert_int_equal(admit(ledger, doc_ref(other), true), ERR_FIELD_LENGTH);
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "join.parties[1]"));
    assert_true(ledger_fault(ledger, ERR_ADMIN_KEY, "join.keys"));
    assert_true(ledger_fault(ledger, ERR_CENTER, "join.parties"));
    assert_true(ledger_fault(ledger, ERR_SIGNATURE, "join.signature"));
    assert_true(ledger_fault(ledger, ERR_SIGNATURE, "join.vote_signature"));
    assert_int_equal(ledger->faults.count, 1 + 5);

    doc_set_text(other, "colour", "red");
    assert_int_equal(admit(ledger, other, false), ERR_FIELD_UNKNOWN);
    assert_true(ledger_fault(ledger, ERR_FIELD_UNKNOWN, "join.colour"));
    assert_int_equal(ledger->faults.count, 1 + 3);
    doc_free(&join);
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_review_tells_its_reasons),
        cmocka_unit_test(a_change_may_be_accepted_with_reasons),
        cmocka_unit_test(a_listing_is_returned_with_grounds),
        cmocka_unit_test(an_admission_tells_what_the_request_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
