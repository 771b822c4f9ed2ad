/* What the center stopped by a gateway's key stays stopped, and who opens an access, by the clause:
 * PT 2, 31; CESI 6.4.2. */
#include "rows_requests.h"

#include "entry_acts.h"
#include "key_steps.h"

/* BETA has a grant of 15 January. */
static struct ledger *with_grant(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-01-15T10:00:00+08:00");
    ledger_give_grant(ledger, id, NULL);
    return ledger;
}

static int open_as(struct ledger *ledger, const char *kid, const char *operator)
{
    return ledger_do(ledger, kid, "access.open",
                     "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':'%s',"
                     "'purpose':'一网通办：社会组织登记核验','method':'service','parameters':"
                     "'00000000000000000000000000000000000000000000000000000000000000aa'}",
                     id, ledger_version(ledger, "grant/%s", id), operator);
}

static int add_gateway(struct ledger *ledger, const char *name)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, BETA "/%s", name);
    return ledger_do(ledger, BETA "/chief", "key.add",
                     "{'name':'%s','role':'gateway','public':'%s'}", name, fixture_public(kid));
}

static int retire(struct ledger *ledger, const char *kid, const char *rest)
{
    return ledger_do(ledger, kid, "key.retire",
                     "{'name':'gateway','acts_on':'%s','reason':'更换'%s}",
                     ledger_version(ledger, "key/" BETA "/gateway"), rest);
}

static void suspend_gateway(struct ledger *ledger)
{
    ledger_must(ledger, CENTER "/admin", "key.suspend",
                "{'member':'" BETA "','name':'gateway','acts_on':'%s','reason':'正在外泄数据',"
                RISK_REPORT "}",
                ledger_version(ledger, "key/" BETA "/gateway"));
    ledger_blocks(ledger, 1);
}

/* The center restores the key, or retires one that is lost: then BETA has another. */
static void D12_gateway_held(void **state)
{
    (void)state;
    static const char of_beta[] = ",'member':'" BETA "'";
    for (int lost = 0; lost < 2; lost++) {
        struct ledger *ledger = with_grant();
        assert_int_equal(open_as(ledger, BETA "/gateway", "gateway"), 0);
        assert_int_equal(retire(ledger, CENTER "/admin", of_beta), ERR_PARTY); /* it stands */
        suspend_gateway(ledger);
        assert_int_equal(open_as(ledger, BETA "/gateway", "gateway"), ERR_KEY_SUSPENDED);
        assert_int_equal(add_gateway(ledger, "gateway-2"), ERR_GATEWAY_HELD);
        assert_true(ledger_fault(ledger, ERR_GATEWAY_HELD, "role"));
        assert_int_equal(retire(ledger, BETA "/chief", ""), ERR_GATEWAY_HELD);
        assert_true(ledger_fault(ledger, ERR_GATEWAY_HELD, "name"));
        if (lost) {
            assert_int_equal(retire(ledger, CENTER "/admin", of_beta), 0);
        } else {
            assert_int_equal(key_step(ledger, CENTER "/admin", "key.restore", BETA, "gateway"), 0);
        }
        assert_int_equal(add_gateway(ledger, "gateway-2"), 0);
        ledger_blocks(ledger, 1);
        assert_int_equal(open_as(ledger, BETA "/gateway-2", "gateway-2"), 0);
        ledger_close(&ledger);
    }
    /* One that BETA suspended itself is its own affair, and so are keys of other roles. */
    struct ledger *ledger = with_grant();
    assert_int_equal(key_step(ledger, BETA "/chief", "key.suspend", BETA, "gateway"), 0);
    assert_int_equal(add_gateway(ledger, "gateway-2"), 0);
    assert_int_equal(retire(ledger, BETA "/chief", ""), 0);
    assert_int_equal(key_step(ledger, CENTER "/admin", "key.suspend", BETA, "approve"), 0);
    assert_int_equal(ledger_do(ledger, BETA "/chief", "key.add",
                               "{'name':'approve-2','role':'approve','public':'%s'}",
                               fixture_public(BETA "/approve-2")),
                     0);
    ledger_close(&ledger);
}

/* Another agency's chief, whose own is gone. */
static void A2_chief_brought_in(void **state)
{
    (void)state;
    static const char chief[] = "'code':'chief-2','succeeds':'chief','keys':[{'name':'chief-2',"
                                "'role':'chief','public':'%s'}]";
    char body[400];
    struct ledger *ledger = ledger_open("putuo");
    (void)snprintf(body, sizeof body, chief, fixture_public(ALPHA "/chief-2"));
    assert_int_equal(ledger_do(ledger, CENTER "/admin", "officer.register",
                               "{'member':'" ALPHA "',%s}", body),
                     ERR_FIELD_MISSING);
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "filing"));
    assert_true(ledger_fault(ledger, ERR_FIELD_MISSING, "reason"));
    assert_int_equal(ledger_do(ledger, GAMMA "/chief", "officer.register",
                               "{'member':'" ALPHA "',%s}", body),
                     ERR_PARTY);
    ledger_must(ledger, CENTER "/admin", "officer.register",
                "{'member':'" ALPHA "','reason':'原任离职','filing':"
                "'00000000000000000000000000000000000000000000000000000000000000aa',%s}",
                body);
    assert_true(ledger_act_is(ledger, 0, "officer/" ALPHA "/chief-2", "chief-brought-in"));
    ledger_close(&ledger);
}

static void D10_operator_is_its_own(void **state)
{
    (void)state;
    struct ledger *ledger = with_grant();
    key_entrust_refresh(ledger);
    assert_int_equal(add_gateway(ledger, "gateway-2"), 0);
    ledger_blocks(ledger, 1);
    assert_int_equal(open_as(ledger, BETA "/gateway", "gw-lan"), ERR_OPERATOR);
    assert_true(ledger_fault(ledger, ERR_OPERATOR, "operator"));
    assert_int_equal(open_as(ledger, BETA "/gateway", "gateway-2"), 0);
    ledger_close(&ledger);
}
