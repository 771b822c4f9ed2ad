/* Part of rules_fixture.h: what several tests begin with. An accepted entry, its data collected; a
 * request for it; a grant in force. */
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

char *entry_text(const char *name, const char *sharing, const char *extra)
{
    static char text[4][8192];
    static size_t next;
    char *out = text[next++ % COUNT_OF(text)];
    bool open = strcmp(sharing, "unconditional") == 0;
    bool coded = extra != NULL && (extra[0] == 0 || strstr(extra, "class_code") != NULL);
    (void)snprintf(
        out, sizeof text[0],
        "{'category':'部门数据资产目录-省级地方-对象数据','name':'%s','summary':'用于测试的目录。',"
        "'format':'database','sharing':'%s',%s'opening':'closed','update':'irregular',"
        "'published_on':'2026-01-05','source':{'system':'民政业务系统'},'grade':2,"
        "'coverage':'广东省，2020 年以来','manager':'社会组织管理处','duty':'D1',%s%s"
        "'items':[{'name':'姓名','field':'XM','type':'C','length':20,'description':'负责人姓名'},"
        "{'name':'证件号码','field':'ZJHM','type':'C','length':18,'sharing':'%s',"
        "'description':'负责人的居民身份证号码'}]}",
        name, sharing,
        open ? "" : "'sharing_reason':'涉及个人信息','sharing_basis':'个人信息保护法第十三条',",
        coded ? "" : "'class_code':'301999',", extra == NULL ? "" : extra, sharing);
    return out;
}

void ledger_give_duty(struct ledger *ledger)
{
    ledger_must(ledger, ALPHA "/compile", "duty.publish",
                "{'code':'D1','name':'社会组织登记','category':'行政许可',"
                "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}");
}

/* PT 22, CN 17: what is so shared is shared when its data has been collected. */
static bool collected_first(struct ledger *ledger, const char *sharing)
{
    const struct doc *profile = doc_get(ledger_get(ledger, "profile"), "profile");
    return doc_has_text(doc_get(doc_get(profile, "collected"), "sharing"), sharing);
}

static void collect_of(struct ledger *ledger, const char *provider, const char *code)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, "%s/compile", provider);
    ledger_must(ledger, kid, "catalog.collect",
                "{'code':'%s','acts_on':'%s','method':'table','system':'业务系统',"
                "'content':'业务信息','tables':1,'rows':1200}",
                code, ledger_version(ledger, "entry/%s/%s", provider, code));
}

void ledger_give_entry(struct ledger *ledger, const char *code, const char *sharing)
{
    if (ledger_get(ledger, "duty/" ALPHA "/D1") == NULL) {
        ledger_give_duty(ledger);
    }
    ledger_must(ledger, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
                entry_text(code, sharing, NULL));
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "entry/" ALPHA "/%s", code));
    if (ledger_get(ledger, "collection/" ALPHA "/%s", code) != NULL ||
        collected_first(ledger, sharing)) {
        ledger_collect(ledger, code);
    }
}

void ledger_give_entry_of(struct ledger *ledger, const char *provider)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, "%s/compile", provider);
    ledger_must(ledger, kid, "duty.publish",
                "{'code':'D1','name':'律师执业管理','category':'行政许可',"
                "'implementer':'广东省司法厅','basis':'律师法第六条'}");
    ledger_must(ledger, kid, "catalog.submit", "{'code':'E1','entry':%s}",
                entry_text("律师事务所", "authorised", NULL));
    ledger_must(ledger, CENTER "/review", "catalog.review",
                "{'provider':'%s','code':'E1','acts_on':'%s','decision':'accept'}", provider,
                ledger_version(ledger, "entry/%s/E1", provider));
    if (collected_first(ledger, "authorised")) {
        collect_of(ledger, provider, "E1");
    }
}

void ledger_list_open(struct ledger *ledger, const char *code, const char *type)
{
    bool conditional = strcmp(type, "conditional") == 0;
    ledger_must(ledger, ALPHA "/compile", "open.list",
                "{'code':'%s','acts_on':'%s','reason':'社会迫切需要','listing':{"
                "'theme':'社会组织','type':'%s',%s'items':['姓名'],'update':'irregular'}}",
                code, ledger_version(ledger, "entry/" ALPHA "/%s", code), type,
                conditional ? "'conditions':[{'kind':'scenario','text':'仅限研究与服务用途'}],"
                              "'materials':[{'kind':'qualification','text':'资质与能力证明'}],"
                            : "");
    ledger_must(ledger, CENTER "/review", "open.review",
                "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'accept'}", code,
                ledger_version(ledger, "listing/" ALPHA "/%s", code));
}

void ledger_collect(struct ledger *ledger, const char *code)
{
    collect_of(ledger, ALPHA, code);
}

/* Members of `extra` replace those of the body. */
static void fixture_merge(struct doc *body, const char *extra, ...)
{
    va_list arguments;
    va_start(arguments, extra);
    AUTO(doc_free) struct doc *more = fixture_body(extra, arguments);
    va_end(arguments);
    size_t cursor = 0;
    const char *name;
    const struct doc *value;
    while (doc_next(more, &cursor, &name, &value)) {
        if (doc_kind(value) == DOC_NULL) {
            doc_remove(body, name);
        } else {
            doc_set(body, name, doc_ref(value));
        }
    }
}

int ledger_ask_by(struct ledger *ledger, char id[2 * HASH_BYTES + 1], const char *consumer,
                  const char *code, const char *extra)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, "%s/compile", consumer);
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'provider':'" ALPHA "','entry':'%s','acts_on':'%s','need':'service',"
        "'purpose':'一网通办：社会组织登记核验','basis':'职责清单','goal':'减少材料提交',"
        "'items':['姓名'],'mode':'service','frequency':{'times':10,'per':'month'},"
        "'security_level':2,'safeguards':'专网访问，最小授权','system':'一网通办受理系统',"
        "'until':'2026-12-31',"
        "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}",
        code, ledger_version(ledger, "entry/" ALPHA "/%s", code));
    fixture_merge(body, "%s", extra == NULL ? "{}" : extra);
    ledger->faults = (struct faults){0};
    int error = fixture_submit(ledger, kid, "request.submit", body);
    memcpy(id, ledger->txid, sizeof ledger->txid);
    return error;
}

int ledger_ask(struct ledger *ledger, char id[2 * HASH_BYTES + 1], const char *code,
               const char *extra)
{
    return ledger_ask_by(ledger, id, BETA, code, extra);
}

int ledger_need(struct ledger *ledger, char id[2 * HASH_BYTES + 1], const char *extra)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'name':'社会组织年检结果','wanted':['名称','年检结论'],'need':'service',"
        "'purpose':'一网通办：社会组织登记核验','basis':'职责清单','goal':'减少材料提交',"
        "'mode':'service','frequency':{'times':10,'per':'month'},'security_level':2,"
        "'safeguards':'专网访问，最小授权','system':'一网通办受理系统','until':'2026-12-31',"
        "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}");
    fixture_merge(body, "%s", extra == NULL ? "{}" : extra);
    ledger->faults = (struct faults){0};
    int error = fixture_submit(ledger, BETA "/compile", "need.submit", body);
    memcpy(id, ledger->txid, sizeof ledger->txid);
    return error;
}

void ledger_give_grant(struct ledger *ledger, char id[2 * HASH_BYTES + 1], const char *extra)
{
    if (ledger_get(ledger, "entry/" ALPHA "/E1") == NULL) {
        ledger_give_entry(ledger, "E1", "unconditional");
    }
    int error = ledger_ask(ledger, id, "E1", extra);
    if (error != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &ledger->faults);
        fail_msg("request: %s", buf_text(&text));
    }
}

const char *ledger_no_risk(const char *type)
{
    bool stops = strcmp(type, "member.suspend") == 0 || strcmp(type, "member.remove") == 0;
    return stops ? "," NO_RISK : "";
}

void ledger_member(struct ledger *ledger, const char *type, const char *member)
{
    ledger_must(ledger, CENTER "/admin", type,
                "{'member':'%s','acts_on':'%s','reason':'机构调整'%s}", member,
                ledger_version(ledger, "member/%s", member), ledger_no_risk(type));
}

void ledger_take_out(struct ledger *ledger, const char *member)
{
    ledger_must(ledger, CENTER "/admin", "validator.change", "{'remove':['%s'],'reason':'撤并'}",
                member);
    ledger_blocks(ledger, 3);
    ledger_member(ledger, "member.remove", member);
}

void ledger_admit_as(struct ledger *ledger, const char *party)
{
    AUTO(doc_free) struct doc *body = doc_new_object();
    struct doc *join = ledger_join(5, NEWCOMER);
    struct doc *parties = doc_new_array();
    doc_push_text(parties, "provider");
    doc_push_text(parties, party);
    doc_set(join, "parties", parties);
    ledger_sign_join(join, 5);
    doc_set(body, "join", join);
    ledger->faults = (struct faults){0};
    assert_int_equal(fixture_submit(ledger, CENTER "/admin", "member.admit", body), 0);
    ledger_blocks(ledger, 2);
}

void ledger_admit_upper(struct ledger *ledger)
{
    ledger_admit_as(ledger, "upper");
}
