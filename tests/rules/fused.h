/* A request that fuses data of two agencies, in tests of rules (D7). Include it after
 * rows_requests.h, whose `other` holds its id. */
#ifndef DIRCHAIN_TESTS_RULES_FUSED_H
#define DIRCHAIN_TESTS_RULES_FUSED_H

#define OWN_ACCEPT "'entry':'E1','decision':'accept'"
#define RETURN "'decision':'return','reasons':[{'reason':'已无法提供'}]"

/* ALPHA and GAMMA have an entry E1 each, on Monday, 21 September 2026. */
static inline struct ledger *with_parts(void)
{
    struct ledger *ledger = ledger_open("putuo");
    ledger_at(ledger, "2026-09-21T10:00:00+08:00");
    ledger_give_entry(ledger, "E1", "authorised");
    ledger_give_entry_of(ledger, GAMMA);
    return ledger;
}

/* BETA fuses an entry of ALPHA with GAMMA's E1. */
static inline int fuse(struct ledger *ledger, const char *code, const char *until)
{
    int error = ledger_do(ledger, BETA "/compile", "fusion.submit",
                          "{'plan':'00000000000000000000000000000000000000000000000000000000000000"
                          "dd','parts':[{'provider':'" ALPHA "','entry':'%s','entry_version':'%s',"
                          "'items':['姓名']},{'provider':'" GAMMA "','entry':'E1',"
                          "'entry_version':'%s','items':['姓名']}],'need':'data','purpose':"
                          "'联合核查','basis':'职责清单','goal':'联合核查','mode':'query',"
                          "'frequency':{'times':10,'per':'month'},'security_level':2,"
                          "'safeguards':'专网访问','until':'%s','commitments':"
                          "{'genuine':true,'reasonable':true,'compliant':true}}",
                          code, ledger_version(ledger, "entry/" ALPHA "/%s", code),
                          ledger_version(ledger, "entry/" GAMMA "/E1"), until);
    memcpy(other, ledger->txid, sizeof other);
    return error;
}

static inline struct ledger *with_fusion_until(const char *until)
{
    struct ledger *ledger = with_parts();
    assert_int_equal(fuse(ledger, "E1", until), 0);
    return ledger;
}

static inline struct ledger *with_fusion(void)
{
    return with_fusion_until("2026-12-31");
}

static inline void approve(struct ledger *ledger)
{
    must(ledger, ALPHA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, "'decision':'accept'");
}

static inline int serve(struct ledger *ledger)
{
    return act(ledger, CENTER "/review", "fusion.serve", "fusion", other,
               "'result':'00000000000000000000000000000000000000000000000000000000000000ee'");
}

#endif
