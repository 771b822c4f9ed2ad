/* What a refusal tells beyond its code: who may act, which role it takes, in which status the
 * record is and in which it has to be. */
#include "request_steps.h"

#include "entries.h"

/* What the fault with this error says is, and would have been allowed. */
static void told(const struct ledger *ledger, int error, const char *now, const char *may)
{
    for (size_t i = 0; i < ledger->faults.count; i++) {
        const struct fault *fault = &ledger->faults.item[i];
        if (fault->error == error) {
            assert_string_equal(fault->now, now);
            assert_string_equal(fault->may, may);
            return;
        }
    }
    fail_msg("no fault %d", error);
}

static int withdraw(struct ledger *ledger, const char *kid)
{
    return ledger_do(ledger, kid, "request.withdraw",
                     "{'request':'%s','acts_on':'%s','reason':'业务调整'}", id,
                     ledger_version(ledger, "request/%s", id));
}

static void the_party_is_named(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(withdraw(ledger, GAMMA "/compile"), ERR_PARTY);
    told(ledger, ERR_PARTY, "", "consumer:" BETA);
    assert_int_equal(ledger_do(ledger, GAMMA "/approve", "request.answer",
                               "{'request':'%s','acts_on':'%s','decision':'approve'}", id,
                               ledger_version(ledger, "request/%s", id)),
                     ERR_PARTY);
    told(ledger, ERR_PARTY, "", "provider:" ALPHA);
    assert_int_equal(ledger_ask_by(ledger, id, ALPHA, "E1", NULL), ERR_PARTY); /* its own data */
    told(ledger, ERR_PARTY, "", "");
    ledger_close(&ledger);
}

static char objection[2 * HASH_BYTES + 1];

static int on_objection(struct ledger *ledger, const char *kid, const char *type,
                        const char *decision)
{
    return ledger_do(ledger, kid, type,
                     "{'objection':'%s','acts_on':'%s','decision':'%s','statement':'经核对'}",
                     objection, ledger_version(ledger, "objection/%s", objection), decision);
}

/* Who raised an objection, or is to answer it, is no judge of it, and not told to be. */
static void who_may_not_is_not_named(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    ledger_must(ledger, BETA "/compile", "quality.object",
                "{'provider':'" ALPHA "','entry':'E1','kind':'missing','statement':'大量空值'}");
    memcpy(objection, ledger->txid, sizeof objection);
    assert_int_equal(on_objection(ledger, ALPHA "/compile", "quality.answer", "upheld"), 0);
    assert_int_equal(on_objection(ledger, BETA "/compile", "quality.close", "dispute"), 0);
    assert_int_equal(on_objection(ledger, GAMMA "/approve", "quality.close", "settle"), ERR_PARTY);
    told(ledger, ERR_PARTY, "", "supervisor center/review");
    assert_int_equal(on_objection(ledger, BETA "/compile", "quality.answer", "upheld"), ERR_STATUS);
    told(ledger, ERR_STATUS, "disputed", "raised");
    ledger_close(&ledger);
}

static void the_status_is_told(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(try_review(ledger, "E1", "'accept'"), ERR_STATUS);
    told(ledger, ERR_STATUS, "published", "submitted");
    assert_int_equal(ledger_ask(ledger, id, "E1", NULL), 0);
    assert_int_equal(withdraw(ledger, BETA "/compile"), 0);
    assert_int_equal(withdraw(ledger, BETA "/compile"), ERR_STATUS);
    told(ledger, ERR_STATUS, "withdrawn", "intake assessing pending escalated approved");
    ledger_close(&ledger);
}

/* A returned entry comes back with a duty that is retired: the duty's status is not the entry's. */
static void the_status_of_another_record_is_not_told(void **state)
{
    (void)state;
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-03-02T10:00:00+08:00");
    ledger_give_duty(ledger);
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("社会组织", "authorised", NULL));
    review(ledger, "E1", "'return','reasons':[{'field':'summary','reason':'摘要过于简单'}]");
    ledger_must(ledger, ALPHA "/compile", "duty.retire",
                "{'code':'D1','acts_on':'%s','reason':'机构改革'}",
                ledger_version(ledger, "duty/" ALPHA "/D1"));
    assert_int_equal(ledger_do(ledger, ALPHA "/compile", "catalog.submit",
                               "{'code':'E1','acts_on':'%s','entry':%s}",
                               ledger_version(ledger, "entry/" ALPHA "/E1"),
                               entry_text("社会组织信息", "authorised", NULL)),
                     ERR_STATUS);
    assert_true(ledger_fault(ledger, ERR_STATUS, "entry.duty"));
    told(ledger, ERR_STATUS, "", "");
    ledger_close(&ledger);
}

/* A member's own keys are its chief's to suspend, be it the center. */
static void the_role_is_told(void **state)
{
    (void)state;
    struct ledger *ledger = with_entry("putuo", "authorised");
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "key.suspend",
                               "{'name':'review','acts_on':'%s','reason':'离岗',%s}",
                               ledger_version(ledger, "key/" CENTER "/review"), NO_RISK),
                     ERR_TX_ROLE);
    told(ledger, ERR_TX_ROLE, "admin", "chief");
    ledger_close(&ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_party_is_named),
        cmocka_unit_test(who_may_not_is_not_named),
        cmocka_unit_test(the_status_is_told),
        cmocka_unit_test(the_status_of_another_record_is_not_told),
        cmocka_unit_test(the_role_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
