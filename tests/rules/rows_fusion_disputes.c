/* Disputes about what an agency refuses of a fusion, by the clause: PT 20, 22, 24, CN 14, 17.
 * 2026: 21 September is a Monday; 25-27 September and 1-7 October are days off; 10 October is
 * worked. */
#include "fusion_disputes.h"

static void D8_fusion_part_disputed(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    assert_int_equal(dispute(ledger, PART(ALPHA)), ERR_STATUS); /* not reviewed yet */
    review(ledger, GAMMA "/approve", OWN_ACCEPT);
    assert_int_equal(dispute(ledger, PART(GAMMA)), ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry"));
    assert_string_equal(ledger->faults.item[0].now, "accept");
    assert_string_equal(ledger->faults.item[0].may, "refuse");
    review(ledger, ALPHA "/approve", REFUSE);
    assert_int_equal(dispute(ledger, ""), ERR_FIELD_MISSING);
    assert_int_equal(dispute(ledger, ",'provider':'" ALPHA "'"), ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "entry"));
    assert_int_equal(dispute(ledger, ",'provider':'" ALPHA "','entry':'E9'"), ERR_SUBJECT);
    assert_int_equal(act(ledger, GAMMA "/compile", "fusion.dispute", "fusion", other,
                         "'kind':'refusal','reason':'应予共享'" PART(ALPHA)),
                     ERR_PARTY);
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    assert_string_equal(text(ledger, "dispute", id, "status"), "negotiating");
    assert_string_equal(text(ledger, "dispute", id, "provider"), ALPHA);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), ERR_STATUS);
    refer(ledger, ALPHA "/approve");
    assert_int_equal(
        on_dispute(ledger, ALPHA "/approve", "dispute.rule", RULE_AS("as-it-stands")), ERR_PARTY);
    assert_int_equal(rule(ledger, RULE_AS("refused")), ERR_STATUS);
    assert_int_equal(rule(ledger, RULE_AS("partly") ",'until':'2026-10-01'"), ERR_STATUS);
    assert_int_equal(rule(ledger, RULE_AS("as-asked") ",'until':'2026-10-01'"), ERR_FIELD_UNKNOWN);
    assert_int_equal(conclude(ledger, "'decision':'accept'"), ERR_STATUS);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_int_equal(ledger_count(ledger, "disputed/"), 0);
    assert_int_equal(dispute(ledger, PART(ALPHA)), ERR_STATUS);
    assert_int_equal(conclude(ledger, "'decision':'accept','reasons':[{'reason':'方案可行'}]"),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(conclude(ledger, "'decision':'accept'"), 0);
    assert_int_equal(serve(ledger), 0);
    assert_string_equal(status(ledger), "served");
    assert_int_equal(ledger_count(ledger, "grant/"), 2);
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    ledger_close(&ledger);

    /* A document that knows no disputes has none here. */
    ledger = refused();
    assert_int_equal(ledger_policy(ledger, "dispute", "null"), 0);
    assert_int_equal(dispute(ledger, PART(ALPHA)), ERR_POLICY);
    ledger_close(&ledger);
}

static void D8_fusion_parts_apart(void **state)
{
    (void)state;
    char first[2 * HASH_BYTES + 1];
    struct ledger *ledger = refused();
    review(ledger, GAMMA "/approve", REFUSE);
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    assert_int_equal(dispute(ledger, PART(ALPHA)), ERR_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "fusion"));
    assert_int_equal(dispute(ledger, PART(GAMMA)), 0);
    assert_int_equal(ledger_count(ledger, "disputed/"), 2);
    /* GAMMA thinks better of it. */
    assert_int_equal(on_dispute(ledger, ALPHA "/approve", "dispute.settle", RULE_AS("as-asked")),
                     ERR_FIELD_UNKNOWN);
    assert_int_equal(
        on_dispute(ledger, ALPHA "/approve", "dispute.settle", "'decision':'as-asked'"), ERR_PARTY);
    must(ledger, BETA "/compile", "dispute.settle", "dispute", id, "'decision':'as-asked'");
    must(ledger, GAMMA "/approve", "dispute.settle", "dispute", id, "'decision':'as-asked'");
    assert_string_equal(text(ledger, "dispute", id, "status"), "settled");
    assert_int_equal(ledger_count(ledger, "disputed/"), 1);
    ledger_close(&ledger);

    ledger = refused();
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'再作考虑'");
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    refer(ledger, ALPHA "/approve");
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'理解了'");
    assert_string_equal(text(ledger, "dispute", id, "status"), "withdrawn");
    assert_int_equal(dispute(ledger, PART(ALPHA)), ERR_DUPLICATE);
    assert_true(ledger_fault(ledger, ERR_DUPLICATE, "fusion.dropped"));
    /* That is no matter of what GAMMA says. */
    review(ledger, GAMMA "/approve", REFUSE);
    assert_int_equal(dispute(ledger, PART(GAMMA)), 0);
    ledger_close(&ledger);

    ledger = refused();
    review(ledger, GAMMA "/approve", REFUSE);
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    memcpy(first, id, sizeof first);
    assert_int_equal(dispute(ledger, PART(GAMMA)), 0);
    refer(ledger, GAMMA "/approve");
    must(ledger, BETA "/compile", "fusion.withdraw", "fusion", other, "'reason':'业务调整'");
    assert_string_equal(text(ledger, "dispute", first, "status"), "withdrawn");
    assert_string_equal(text(ledger, "dispute", id, "status"), "withdrawn");
    assert_int_equal(ledger_count(ledger, "disputed/"), 0);
    assert_int_equal(ledger_count(ledger, "asked/"), 0);
    assert_int_equal(dispute(ledger, PART(ALPHA)), ERR_STATUS);
    ledger_close(&ledger);
}

#define CENTER_THEN_SUPERVISOR                                                                     \
    "{'by':['center'],'instead':['provider'],'above':'supervisor','clause':'CN 17'}"

/* The center has ruled that ALPHA's refusal stands; the supervisor is above it. */
static struct ledger *refused_by_the_center(void)
{
    struct ledger *ledger = refused();
    assert_int_equal(ledger_policy(ledger, "ruling", CENTER_THEN_SUPERVISOR), 0);
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    refer(ledger, ALPHA "/approve");
    assert_int_equal(
        on_dispute(ledger, CENTER "/approve", "dispute.rule", RULE_AS("as-it-stands")), 0);
    return ledger;
}

/* Ruled on Monday the 21st; BETA asks for the same by itself: 22, 23, 24, 28, 29 September. */
static void D8_fusion_ruling_binds(void **state)
{
    (void)state;
    char request[2 * HASH_BYTES + 1];
    struct ledger *ledger = refused();
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    refer(ledger, ALPHA "/approve");
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    assert_string_equal(status(ledger), "reviewing");
    assert_int_equal(dispute(ledger, PART(ALPHA)), ERR_RULED);
    assert_true(ledger_fault(ledger, ERR_RULED, "fusion.ruling"));
    assert_int_equal(conclude(ledger, "'decision':'accept'"), ERR_STATUS);
    assert_int_equal(ledger_ask(ledger, request, "E1", NULL), 0);
    assert_string_equal(text(ledger, "request", request, "ruled.dispute"), id);
    ledger_at(ledger, "2026-09-30T00:00:00+08:00");
    assert_string_equal(text(ledger, "request", request, "status"), "escalated");
    ledger_close(&ledger);

    ledger = refused_by_the_center();
    assert_int_equal(ledger_count(ledger, "ruled/"), 1);
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    assert_string_equal(text(ledger, "dispute", id, "above"), "supervisor");
    refer(ledger, ALPHA "/approve");
    assert_int_equal(on_dispute(ledger, CENTER "/approve", "dispute.rule", RULE_AS("as-asked")),
                     ERR_PARTY);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_int_equal(ledger_count(ledger, "ruled/"), 0); /* nothing stands against it any more */
    ledger_close(&ledger);
}

#define NO_WAIT FAILED ",'stand_in':true"

/* BETA and ALPHA do not wait for the supervisor. */
static void no_waiting(struct ledger *ledger)
{
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    assert_int_equal(on_dispute(ledger, BETA "/compile", "dispute.refer", NO_WAIT), 0);
    assert_int_equal(on_dispute(ledger, ALPHA "/approve", "dispute.refer", NO_WAIT), 0);
}

static void D8_fusion_stand_in(void **state)
{
    (void)state;
    struct ledger *ledger = refused_by_the_center();
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    no_waiting(ledger);
    assert_int_equal(on_dispute(ledger, CENTER "/approve", "dispute.rule", RULE_AS("as-asked")),
                     ERR_PARTY);
    assert_int_equal(on_dispute(ledger, GAMMA "/approve", "dispute.rule", RULE_AS("as-it-stands")),
                     0);
    /* Once: the supervisor, when it is back, has the last word. */
    no_waiting(ledger);
    assert_int_equal(on_dispute(ledger, GAMMA "/approve", "dispute.rule", RULE_AS("as-asked")),
                     ERR_PARTY);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    ledger_close(&ledger);
}

static void D8_fusion_who_is_there(void **state)
{
    (void)state;
    static const struct {
        int error;
        const char *field;
    } cases[] = {
        {0, NULL},
        {ERR_PROVIDER, "fusion.parts[0].provider"},
        {ERR_NOT_SHARED, "fusion.parts[0].items[0]"},
        {0, NULL}, /* on its last day */
        {ERR_FIELD_RANGE, "fusion.parts[0].until"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct ledger *ledger = with_fusion_until("2026-10-15");
        review(ledger, ALPHA "/approve", REFUSE);
        assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
        refer(ledger, ALPHA "/approve");
        if (i == 0) {
            ledger_member(ledger, "member.suspend", BETA);
        } else if (i == 1) {
            ledger_take_out(ledger, ALPHA);
        } else if (i == 2) {
            rule_sharing(ledger, ALPHA, "none");
        } else {
            ledger_at_ms(ledger, at("2026-10-16T00:00:00+08:00") - (i == 3));
        }
        assert_int_equal(rule(ledger, RULE_AS("as-asked")), cases[i].error);
        if (cases[i].error != 0) {
            assert_true(ledger_fault(ledger, cases[i].error, cases[i].field));
            assert_int_equal(ledger->faults.count, 1);
            assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
        }
        ledger_close(&ledger);
    }
}

/* The most parts that a plan has, E1 to E15 of ALPHA beside GAMMA's E1; all refused by ALPHA. */
static struct ledger *refused_many(void)
{
    char code[16], rest[200];
    struct ledger *ledger = with_parts();
    assert_int_equal(fuse(ledger, "E1", "2026-12-31"), 0);
    AUTO(doc_free)
    struct doc *asked = doc_copy(doc_get(ledger_get(ledger, "fusion/%s", other), "asked_for"));
    struct doc *parts = doc_copy(doc_get(asked, "parts"));
    for (int i = 2; i <= 15; i++) {
        (void)snprintf(code, sizeof code, "E%d", i);
        ledger_give_entry(ledger, code, "authorised");
        struct doc *part = doc_copy(doc_at(parts, 0));
        doc_set_text(part, "entry", code);
        doc_set_text(part, "entry_version", ledger_version(ledger, "entry/" ALPHA "/%s", code));
        doc_push(parts, part);
    }
    doc_set(asked, "parts", parts);
    assert_int_equal(fixture_submit(ledger, BETA "/compile", "fusion.submit", asked), 0);
    memcpy(other, ledger->txid, sizeof other);
    for (int i = 1; i <= 15; i++) {
        (void)snprintf(rest, sizeof rest, "'entry':'E%d','decision':'refuse'," LAW, i);
        review(ledger, ALPHA "/approve", rest);
    }
    return ledger;
}

static void dispute_many(struct ledger *ledger)
{
    char part[60];
    for (int i = 1; i <= 15; i++) {
        (void)snprintf(part, sizeof part, ",'provider':'" ALPHA "','entry':'E%d'", i);
        assert_int_equal(dispute(ledger, part), 0);
        refer(ledger, ALPHA "/approve");
    }
    assert_int_equal(ledger_count(ledger, "disputed/"), 15);
}

static void D8_fusion_many_parts(void **state)
{
    (void)state;
    char part[60];
    struct ledger *ledger = refused_many();
    dispute_many(ledger);
    must(ledger, BETA "/compile", "fusion.withdraw", "fusion", other, "'reason':'业务调整'");
    assert_int_equal(ledger_count(ledger, "disputed/"), 0);
    ledger_close(&ledger);

    ledger = refused_many();
    assert_int_equal(conclude(ledger, RETURN), 0);
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    must(ledger, BETA "/compile", "dispute.withdraw", "dispute", id, "'reason':'先行补正'");
    for (int i = 1; i <= 15; i++) {
        (void)snprintf(part, sizeof part, ",'provider':'" ALPHA "','entry':'E%d'", i);
        assert_string_equal(status(ledger), "returned");
        assert_int_equal(dispute(ledger, part), 0);
        refer(ledger, ALPHA "/approve");
        assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    }
    assert_string_equal(status(ledger), "reviewing");
    review(ledger, GAMMA "/approve", OWN_ACCEPT);
    assert_int_equal(conclude(ledger, RETURN), 0);
    assert_int_equal(dispute(ledger, ""), 0);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_int_equal(conclude(ledger, "'decision':'accept'"), 0);
    assert_int_equal(serve(ledger), 0);
    assert_int_equal(ledger_count(ledger, "grant/"), 16);
    ledger_close(&ledger);
}

static const char *ruled_of(struct ledger *ledger, const char *provider, const char *member)
{
    const struct doc *rulings = doc_get(ledger_get(ledger, "fusion/%s", other), "ruled");
    char part[40];
    (void)snprintf(part, sizeof part, "%s/E1", provider);
    const char *shown = doc_get_text(doc_get(rulings, part), member);
    return shown != NULL ? shown : "";
}

/* Ruled with the last word: a plan made anew shows it, and does not begin before the center. */
static void D8_fusion_made_anew(void **state)
{
    (void)state;
    char last[2 * HASH_BYTES + 1];
    struct ledger *ledger = refused_by_the_center();
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    refer(ledger, ALPHA "/approve");
    assert_int_equal(rule(ledger, RULE_AS("as-it-stands")), 0);
    memcpy(last, id, sizeof last);
    assert_int_equal(fuse(ledger, "E1", "2026-12-31"), 0);
    assert_string_equal(ruled_of(ledger, ALPHA, "dispute"), last);
    assert_string_equal(ruled_of(ledger, GAMMA, "dispute"), "");
    review(ledger, ALPHA "/approve", REFUSE);
    review(ledger, GAMMA "/approve", REFUSE);
    assert_int_equal(dispute(ledger, PART(GAMMA)), 0);
    assert_string_equal(text(ledger, "dispute", id, "above"), "");
    assert_int_equal(dispute(ledger, PART(ALPHA)), 0);
    assert_string_equal(text(ledger, "dispute", id, "above"), "supervisor");
    refer(ledger, ALPHA "/approve");
    assert_int_equal(on_dispute(ledger, CENTER "/approve", "dispute.rule", RULE_AS("as-asked")),
                     ERR_PARTY);
    /* Both ask not to wait, but nobody stands in where the last word was spoken. */
    ledger_member(ledger, "member.suspend", SUPERVISOR);
    assert_int_equal(on_dispute(ledger, BETA "/compile", "dispute.refer", NO_WAIT), 0);
    assert_int_equal(on_dispute(ledger, ALPHA "/approve", "dispute.refer", NO_WAIT), 0);
    assert_int_equal(on_dispute(ledger, GAMMA "/approve", "dispute.rule", RULE_AS("as-asked")),
                     ERR_PARTY);
    ledger_member(ledger, "member.restore", SUPERVISOR);
    assert_int_equal(rule(ledger, RULE_AS("as-asked")), 0);
    assert_int_equal(fuse(ledger, "E1", "2026-12-31"), 0);
    assert_string_equal(ruled_of(ledger, ALPHA, "dispute"), "");
    ledger_close(&ledger);
}

/* What was ruled of a request of BETA's own; the days of the review are 22, 23, 24, 28, 29
 * September. */
static void D8_fusion_of_ruled(void **state)
{
    (void)state;
    static const char *const items[] = {"姓名", "证件号码"};
    for (size_t i = 0; i < COUNT_OF(items); i++) {
        char extra[60];
        struct ledger *ledger = with_parts();
        (void)snprintf(extra, sizeof extra, "{'items':['%s']}", items[i]);
        assert_int_equal(ledger_ask(ledger, id, "E1", extra), 0);
        must(ledger, ALPHA "/approve", "request.answer", "request", id, "'decision':'refuse'," LAW);
        raise_dispute(ledger, BETA "/compile", "refusal");
        both_refer(ledger, BETA);
        must(ledger, SUPERVISOR "/approve", "dispute.rule", "dispute", other,
             RULE_AS("as-it-stands"));
        assert_int_equal(fuse(ledger, "E1", "2026-12-31"), 0);
        assert_string_equal(ruled_of(ledger, ALPHA, "by"), i == 0 ? SUPERVISOR : "");
        const struct doc *shown = doc_get(ledger_get(ledger, "fusion/%s", other), "ruled");
        assert_null(doc_get(doc_get(shown, ALPHA "/E1"), "items")); /* however many there were */
        review(ledger, GAMMA "/approve", OWN_ACCEPT);
        ledger_at(ledger, "2026-09-30T00:00:00+08:00");
        assert_string_equal(status(ledger), "reviewing");
        assert_int_equal(conclude(ledger, "'decision':'accept'"), ERR_STATUS);
        assert_int_equal(ledger_count(ledger, "grant/"), 0);
        review(ledger, ALPHA "/approve", OWN_ACCEPT); /* who has it may give it all the same */
        assert_int_equal(conclude(ledger, "'decision':'accept'"), 0);
        ledger_close(&ledger);
    }
}
