/* A world (world.h) in which there is one of each matter: what the lists and pages of the law show.
 * It is Monday, 9 February 2026. Include once a program, behind world_http.h. */
#ifndef DIRCHAIN_TESTS_UNIT_WORLD_LAW_H
#define DIRCHAIN_TESTS_UNIT_WORLD_LAW_H

#include "world_http.h"

#include "chain/rules/possession.h"

#define PAPERS "'papers':'00000000000000000000000000000000000000000000000000000000000000dd'"
#define PLAN "'plan':'00000000000000000000000000000000000000000000000000000000000000bb'"
#define USE                                                                                        \
    "'need':'service','purpose':'%s','basis':'职责清单',"                                      \
    "'goal':'减少材料提交','mode':'service',"                                                \
    "'frequency':{'times':10,'per':'month'},'security_level':2,"                                   \
    "'safeguards':'专网访问','system':'一网通办受理系统',"                             \
    "'until':'2026-12-31',"                                                                        \
    "'commitments':{'genuine':true,'reasonable':true,'compliant':true}"

static char law_request[2 * HASH_BYTES + 1], law_need[2 * HASH_BYTES + 1],
    law_case[2 * HASH_BYTES + 1], law_dispute[2 * HASH_BYTES + 1];

/* An agency's duty D1, and entry E1 of it, accepted. */
static void law_publish(const char *member, const char *entry)
{
    char kid[40];
    (void)snprintf(kid, sizeof kid, "%s/compile", member);
    world_must(world, NULL, kid, "duty.publish",
               "{'code':'D1','name':'社会组织登记','category':'行政许可',"
               "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}");
    world_must(world, NULL, kid, "catalog.submit", "{'code':'E1','entry':%s}",
               entry_text(entry, "authorised", NULL));
    world_must(world, NULL, CENTER "/review", "catalog.review",
               "{'provider':'%s','code':'E1','acts_on':'%s','decision':'accept'}", member,
               world_version(world, "entry/%s/E1", member));
}

/* BETA asks for E1 of ALPHA, and disputes a part of it while it waits. */
static void law_ask(void)
{
    world_must(world, law_request, BETA "/compile", "request.submit",
               "{'provider':'" ALPHA "','entry':'E1','acts_on':'%s','items':['姓名']," USE "}",
               world_version(world, "entry/" ALPHA "/E1"), "一网通办：社会组织登记核验");
    world_must(world, law_dispute, BETA "/compile", "dispute.raise",
               "{'request':'%s','acts_on':'%s','kind':'need','reason':'对需求的合理性有不同意见'}",
               law_request, world_version(world, "request/%s", law_request));
}

/* BETA needs what no catalog has; the center asks GAMMA for it. */
static void law_require(void)
{
    world_must(world, law_need, BETA "/compile", "need.submit",
               "{'name':'社会组织年检结果','wanted':['名称','年检结论']," USE "}", "年检结果核验");
    world_must(world, NULL, CENTER "/review", "need.intake",
               "{'need':'%s','acts_on':'%s','decision':'accept','provider':'" GAMMA "'}", law_need,
               world_version(world, "need/%s", law_need));
}

static void law_collect(const char *member)
{
    char kid[64];
    (void)snprintf(kid, sizeof kid, "%s/compile", member);
    world_must(world, NULL, kid, "catalog.collect",
               "{'code':'E1','acts_on':'%s','method':'table','system':'民政业务系统',"
               "'content':'社会组织基本信息','tables':1,'rows':1200}",
               world_version(world, "entry/%s/E1", member));
}

#define PART(provider)                                                                             \
    "{'provider':'" provider "','entry':'E1','entry_version':'%s','items':['姓名']}"
static void law_fuse(void)
{
    law_collect(GAMMA);
    world_must(world, NULL, BETA "/compile", "fusion.submit",
               "{" PLAN ",'parts':[" PART(ALPHA) "," PART(GAMMA) "]," USE "}",
               world_version(world, "entry/" ALPHA "/E1"),
               world_version(world, "entry/" GAMMA "/E1"), "企业与社会组织联合画像");
}

static void law_delegate(void)
{
    static const char kid[] = ALPHA "/compile-lan";
    struct hash digest;
    struct signature signature;
    AUTO(buf_free) struct buf proof = {0};
    struct secret_key secret = fixture_secret_of(kid);
    possession_digest(&digest, &world->genesis_hash, ALPHA, "compile-lan", fixture_public(kid));
    assert_int_equal(es256k_sign(&signature, &secret, &digest), 0);
    base64url_append(&proof, view_of(signature.bytes, sizeof signature.bytes));
    world_must(world, NULL, ALPHA "/chief", "delegation.grant",
               "{'code':'lan','delegate':'" NEWCOMER "','delegate_name':'数据服务公司',"
               "'types':['catalog.submit'],'until':'2026-03-31','basis':'政府采购法',"
               "'keys':[{'name':'compile-lan','role':'compile','public':'%s','proof':'%s'}]}",
               fixture_public(kid), buf_text(&proof));
}

static void law_supervise(void)
{
    world_must(world, NULL, SUPERVISOR "/approve", "catalog.designate",
               "{'matter':'社会组织信用信息','member':'" ALPHA "','reason':'职责不明确'}");
    world_must(world, law_case, CENTER "/review", "case.open",
               "{'member':'" BETA "','kind':'off-purpose','source':'report'," PAPERS
               ",'statement':'用于其他场景'}");
    world_must(world, NULL, ALPHA "/chief", "incident.report",
               "{'kind':'leak','found_ms':1000,'statement':'密钥外泄','actions':'停用密钥',"
               "'authority':'区委网信办'}");
}

#endif
