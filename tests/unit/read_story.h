/* A whole story on the real ledger for the read model: two duties, three entries, a grant, accesses
 * that are closed, differ and lack a side. Include it once a program. */
#ifndef DIRCHAIN_TESTS_UNIT_READ_STORY_H
#define DIRCHAIN_TESTS_UNIT_READ_STORY_H

#include "world.h"
#include "world_http.h"

static char request_id[2 * HASH_BYTES + 1], closed_id[2 * HASH_BYTES + 1];
static char differing_id[2 * HASH_BYTES + 1], open_id[2 * HASH_BYTES + 1];

static inline void receipt(const char *id, const char *kid, const char *side, int rows)
{
    world_must(world, NULL, kid, "access.receipt",
               "{'open':'%s','side':'%s','digest':'%064d','rows':%d,'bytes':100,"
               "'result':'complete'}",
               id, side, 7, rows);
}

static inline void open_access(char *id)
{
    world_must(world, id, BETA "/gateway", "access.open",
               "{'grant':'%s','acts_on':'%s','system':'一网通办受理系统','operator':'gateway',"
               "'purpose':'一网通办：社会组织登记核验','method':'service','parameters':'%064d'}",
               request_id, world_version(world, "grant/%s", request_id), 1);
}

static inline void publish_duty(const char *code, const char *name, const char *category)
{
    world_must(world, NULL, ALPHA "/compile", "duty.publish",
               "{'code':'%s','name':'%s','category':'%s','implementer':'广东省民政厅',"
               "'basis':'社会团体登记管理条例第六条','information':['登记证书信息']}",
               code, name, category);
}

static inline void submit_entry(const char *code, const char *name, const char *sharing,
                                bool accept)
{
    world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'%s','entry':%s}", code,
               entry_text(name, sharing, strcmp(code, "E2") == 0 ? "'theme':'林业'," : NULL));
    world_must(world, NULL, CENTER "/review", "catalog.review",
               "{'provider':'" ALPHA "','code':'%s','acts_on':'%s','decision':'%s'%s}", code,
               world_version(world, "entry/" ALPHA "/%s", code), accept ? "accept" : "return",
               accept ? "" : ",'reasons':[{'field':'summary','reason':'摘要过短'}]");
}

static inline void tell_story(void)
{
    publish_duty("D1", "社会组织登记", "行政许可");
    publish_duty("D2", "慈善组织认定", "行政确认");
    submit_entry("E1", "社会组织名录", "unconditional", true);
    world_must(world, NULL, ALPHA "/compile", "catalog.collect",
               "{'code':'E1','acts_on':'%s','method':'table','system':'业务系统',"
               "'content':'业务信息','tables':1,'rows':1200}",
               world_version(world, "entry/" ALPHA "/E1"));
    submit_entry("E2", "古树名木保护信息", "authorised", true);
    submit_entry("E3", "养老机构备案", "authorised", false);
    world_must(world, request_id, BETA "/compile", "request.submit",
               "{'provider':'" ALPHA "','entry':'E1','acts_on':'%s','need':'service',"
               "'purpose':'一网通办：社会组织登记核验','basis':'职责清单','goal':'减少材料提交',"
               "'items':['姓名'],'mode':'service','frequency':{'times':10,'per':'month'},"
               "'security_level':2,'safeguards':'专网访问','system':'一网通办受理系统',"
               "'until':'2026-12-31',"
               "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}",
               world_version(world, "entry/" ALPHA "/E1"));
    open_access(closed_id);
    receipt(closed_id, ALPHA "/gateway", "provider", 3);
    receipt(closed_id, BETA "/gateway", "consumer", 3);
    open_access(differing_id);
    receipt(differing_id, ALPHA "/gateway", "provider", 3);
    receipt(differing_id, BETA "/gateway", "consumer", 2);
    open_access(open_id);
    receipt(open_id, ALPHA "/gateway", "provider", 1);
}

/* Group setup. */
static inline int start(void **state)
{
    if (world_start(state) != 0)
        return -1;
    tell_story();
    return 0;
}

#endif
