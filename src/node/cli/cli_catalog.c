/* dirchain catalog: from compiling entries to publishing and binding them. compile judges a
 * catalog file (cli_entries.h) with no node and fills in what all entries share; submit takes the
 * same form. */
#include "node/cli/cli.h"

#include "base/civil.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "exchange/manifest.h"
#include "exchange/paths.h"
#include "node/cli/cli_batch.h"
#include "node/cli/cli_dcat.h"
#include "node/cli/cli_entries.h"
#include "node/cli/cli_form.h"
#include "node/cli/cli_near.h"
#include "node/cli/cli_text.h"
#include "node/cli/cli_view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct cli_act act_submit = {.type = "catalog.submit",
                                          .subject = "entry/{member}/{code}"};

/* ---- compile ---- */

static int run_compile(struct cli *cli)
{
    char today[CIVIL_TIME_CHARS];
    AUTO(cli_entries_free) struct cli_entries given = {.list = NULL};
    AUTO(doc_free) struct doc *shared = NULL;
    AUTO(doc_free) struct doc *result = doc_new_object();
    AUTO(buf_free) struct buf words = {0};
    const char *path = cli_options_text(&cli->options, "out");
    struct doc *entries = doc_new_array();
    doc_set(result, "entries", entries);
    int status = cli_entries_read(cli, &given, cli->options.arguments[0], true);
    status = status != 0 ? status : cli_act_body(cli, &shared);
    if (status != 0) {
        return status;
    }
    civil_format_date(today, civil_day(clock_wall_ms()));
    AUTO(doc_free) struct doc *publication = doc_new_object();
    AUTO(doc_free) struct doc *last = doc_new_object();
    doc_set_text(publication, "published_on", today);
    doc_set(last, "entry", doc_ref(publication));
    for (size_t i = 0; i < doc_count(given.list); i++) {
        AUTO(doc_free) struct doc *entry = doc_copy(doc_at(given.list, i));
        if (doc_kind(entry) == DOC_OBJECT) {
            doc_fill_in(entry, shared, NULL);
            doc_fill_in(entry, last, NULL);
        }
        doc_push(entries, doc_ref(entry));
    }
    status = cli_entries_check(cli, &given, entries);
    if (status == 0 && path != NULL) {
        status = cli_write_doc(cli, result, path, 0644);
    }
    if (status != 0) {
        return status;
    }
    buf_append_format(&words, "%zu 条目录要素齐全、规范 entries are complete and in form%s%s\n",
                      doc_count(entries), path == NULL ? "" : ": ", path == NULL ? "" : path);
    return cli_result(cli, result, &words);
}

/* ---- submit ---- */

/* Whether the ledger has this content, under review or published. */
static bool stands_already(const struct doc *body, const struct doc *record)
{
    const struct doc *milestone = doc_get(body, "milestone");
    return (doc_text_is(record, "status", "submitted") ||
            doc_text_is(record, "status", "published")) &&
           doc_equal(doc_get(body, "entry"), doc_get(record, "entry")) &&
           (milestone == NULL || doc_equal(milestone, doc_get(record, "milestone")));
}

/* What the ledger holds already is left out; a returned entry is submitted again on the version
 * that was returned. */
static int settle(struct cli_node *node, struct doc **bodies, const char *member, size_t *unchanged)
{
    struct doc *todo = doc_new_array();
    int status = 0;
    for (size_t i = 0; status == 0 && i < doc_count(*bodies); i++) {
        AUTO(doc_free) struct doc *record = NULL;
        AUTO(buf_free) struct buf key = {0};
        AUTO(doc_free) struct doc *body = doc_copy(doc_at(*bodies, i));
        buf_append_format(&key, "entry/%s/%s", member, doc_get_text(body, "code"));
        status = cli_node_state(node, &record, buf_text(&key));
        if (stands_already(body, record)) {
            ++*unchanged;
            continue;
        }
        if (record != NULL && doc_get(body, "acts_on") == NULL) {
            doc_set(body, "acts_on", doc_ref(doc_get(record, "version")));
        }
        doc_push(todo, doc_ref(body));
    }
    doc_free(bodies);
    *bodies = todo;
    return status;
}

static int run_submit(struct cli *cli)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(cli_signer_close) struct cli_signer signer = {.member = ""};
    AUTO(cli_entries_free) struct cli_entries given = {.list = NULL};
    AUTO(doc_free) struct doc *bodies = NULL;
    const char *path = cli->options.arguments[0];
    size_t unchanged = 0;
    int status = cli_signer_peek(&signer, cli);
    status = status != 0 ? status : cli_entries_read(cli, &given, path, false);
    status = status != 0 ? status : cli_entries_check(cli, &given, given.list);
    bodies = given.list == NULL ? NULL : doc_ref(given.list);
    status = status != 0 ? status : cli_node_open(&node, cli);
    status = status != 0 ? status : settle(&node, &bodies, signer.member, &unchanged);
    status = status != 0 ? status : cli_signer_open(&signer, cli);
    if (status != 0) {
        return status;
    }
    if (unchanged > 0 && !cli->json) {
        (void)printf("%zu 条已在链上且未变 are on the ledger already, unchanged.\n", unchanged);
    }
    const struct cli_batch batch = {.act = &act_submit,
                                    .label = "提交目录 Submitting entries",
                                    .naming = "code",
                                    .bodies = bodies};
    return cli_batch_submit(&node, &signer, &batch);
}

/* ---- bind ---- */

static const struct cli_act act_bind = {.type = "catalog.bind",
                                        .arguments = "code",
                                        .subject = "entry/{member}/{code}",
                                        .shows = "binding/{member}/{code}"};

/* A file's binding with its size and the root of its content: to that very content. */
static struct doc *binding_of_file(int *error, const char *path, const char *resource)
{
    AUTO(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
    AUTO(manifest_free) struct manifest manifest = {.bytes = 0};
    struct stat status;
    struct doc *binding = NULL;
    *error = fd < 0                                                ? file_error(errno)
             : fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) ? ERR_IO
                                                                   : 0;
    if (*error == 0) {
        *error =
            manifest_of_file(&manifest, fd, (uint64_t)status.st_size, TRANSFER_CHUNK_BYTES_DEFAULT);
    }
    if (*error == 0) {
        binding = doc_new_object();
        doc_set_text(binding, "method", "file");
        doc_set_text(binding, "resource", doc_text_valid(view_of_text(resource)) ? resource : "?");
        doc_set_hash(binding, "digest", &manifest.root);
        doc_set_int(binding, "bytes", (int64_t)manifest.bytes);
    }
    return binding;
}

static int run_bind(struct cli *cli)
{
    AUTO(doc_free) struct doc *body = NULL;
    const char *path = cli_options_text(&cli->options, "file");
    const char *resource = cli_options_text(&cli->options, "resource");
    int status = cli_act_body(cli, &body);
    if (status == 0 && (path == NULL) != (resource == NULL)) {
        status = cli_usage(cli, "--file 与 --resource 须同时给出 go together.");
    }
    if (status == 0 && path != NULL) {
        int error;
        const struct doc *given = doc_get(body, "bindings");
        struct doc *bindings = doc_kind(given) == DOC_ARRAY ? doc_copy(given) : doc_new_array();
        struct doc *binding = binding_of_file(&error, path, resource);
        if (binding != NULL) {
            doc_push(bindings, binding);
        }
        doc_set(body, "bindings", bindings);
        status = error == 0 ? 0 : cli_fail(cli, error, "%s:", path);
    }
    return status != 0 ? status : cli_act_submit(cli, &act_bind, body);
}

/* ---- showing ---- */

/* Returned entries with every reason, so that one pass mends them all. */
static int run_returned(struct cli *cli)
{
    AUTO(doc_free) struct doc *result = NULL;
    AUTO(buf_free) struct buf words = {0};
    int status = cli_view_gather(cli, &result, "/v1/entries?status=returned");
    if (status != 0) {
        return status;
    }
    const struct doc *items = doc_get(result, "items");
    for (size_t i = 0; i < doc_count(items); i++) {
        const struct doc *record = doc_at(items, i);
        const struct doc *reasons = cli_doc_at(record, "review.reasons");
        const char *name = doc_text(cli_doc_at(record, "entry.name"));
        AUTO(buf_free) struct buf text = {0};
        buf_append_format(&text, "%s  %s  %s\n", doc_get_text(record, "provider"),
                          doc_get_text(record, "code"), name == NULL ? "" : name);
        for (size_t k = 0; k < doc_count(reasons); k++) {
            const char *field = doc_get_text(doc_at(reasons, k), "field");
            const char *reason = doc_get_text(doc_at(reasons, k), "reason");
            buf_append_format(&text, "%zu. %s%s%s\n", k + 1, field == NULL ? "" : field,
                              field == NULL ? "" : "  ", reason == NULL ? "" : reason);
        }
        text.len--;
        cli_text_wrap(&words, buf_text(&text), 0, 4, cli->columns);
        buf_append_text(&words, "\n");
    }
    buf_append_format(&words, "共 %zu 条被退回 entries are returned\n", doc_count(items));
    cli_view_append_reach(&words, result, cli->columns);
    return cli_result(cli, result, &words);
}

/* ---- tables ---- */

static const struct cli_option options_compile[] = {
    {"out", CLI_TEXT, false, "FILE", "Where the completed file goes; not overwritten.",
     "写出补全后的文件，不覆盖。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
#define FORMAT_OPTION                                                                              \
    {                                                                                              \
        "format", CLI_TEXT, true, "WORD", "dcat-us (data.json) or dcat-ap (RDF/XML).",             \
            "格式：dcat-us（data.json）或 dcat-ap（RDF/XML）。", NULL                              \
    }
#define FORMAT_OR_TABLE_OPTION                                                                     \
    {                                                                                              \
        "format", CLI_TEXT, false, "WORD",                                                         \
            "dcat-us (data.json), dcat-ap (RDF/XML), xlsx or csv; tables are known without it.",   \
            "格式：dcat-us（data.json）、dcat-ap（RDF/XML）、xlsx 或 csv；表格可不指定。", NULL    \
    }
static const struct cli_option options_import[] = {
    FORMAT_OR_TABLE_OPTION,
    {"defaults", CLI_TEXT, false, "FILE",
     "JSON {\"entry\":{…},\"cases\":[…]}: what DCAT does not say, such as grade, duty, sharing.",
     "默认值文件（JSON）：DCAT 未载明的要素，如分级、职责、共享属性。", NULL},
    {"out", CLI_TEXT, false, "FILE", "Where the drafts go, for catalog submit; not overwritten.",
     "草案写入的文件，供 catalog submit 提交，不覆盖。", NULL},
    {"skip-faulty", CLI_FLAG, false, NULL, "Write the drafts that are in order all the same.",
     "跳过有误的条目，写出其余草案。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_template[] = {
    {"out", CLI_TEXT, true, "FILE.xlsx", "Where the template goes; not overwritten.",
     "模板写入的文件，不覆盖。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_export[] = {
    FORMAT_OR_TABLE_OPTION,
    {"out", CLI_TEXT, true, "FILE", "Where the catalog goes; not overwritten.",
     "目录写入的文件，不覆盖。", NULL},
    {"provider", CLI_TEXT, false, "CODE", "Of this agency only.", "仅此单位。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_harvest[] = {
    FORMAT_OPTION,
    {"from", CLI_TEXT, true, "FILE|URL", "The feed: a file, or an http(s) address.",
     "来源：文件，或 http(s) 地址。", NULL},
    {"allow-host", CLI_LIST, false, "HOST[:PORT]", "Where an address may lead.",
     "允许访问的主机（含端口）。", NULL},
    {"state", CLI_TEXT, true, "FILE", "What is known of this feed; made at the first harvest.",
     "该来源的进度文件，首次采集时建立。", NULL},
    {"defaults", CLI_TEXT, false, "FILE", "As for catalog import.", "同 catalog import。", NULL},
    {"absences", CLI_INT, false, "N", "Harvests that a dataset has to stay away (default 3).",
     "连续多少次采集未列出才申请删除（默认 3）。", "PT 14"},
    {"days", CLI_INT, false, "N", "Days that it has to stay away besides (default 14).",
     "并须缺失满多少天（默认 14）。", "PT 14"},
    {"accept-shrink", CLI_FLAG, false, NULL,
     "Take a feed that has become less than half as large as the last one.",
     "接受条目数不足上次一半的来源。", NULL},
    {"dry-run", CLI_FLAG, false, NULL, "Show the plan; submit and note nothing.",
     "仅显示计划，不提交、不记录。", NULL},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_bind[] = {
    {"file", CLI_TEXT, false, "FILE", "A file to bind: its size and root of content are recorded.",
     "待挂接的文件，记录其大小和内容摘要。", "C7"},
    {"resource", CLI_TEXT, false, "ID", "The file's opaque id in the gateway's configuration.",
     "该文件在网关配置中的资源标识。", "C7"},
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_list[] = {
    {"provider", CLI_TEXT, false, "CODE", "Of this agency only.", "仅此单位。", NULL},
    {"status", CLI_TEXT, false, "WORD", "submitted, returned, published or retired.",
     "状态：submitted 待审查、returned 已退回、published 已发布、retired 已撤销。", NULL},
    {"sharing", CLI_TEXT, false, "WORD", "unconditional, authorised or none.",
     "共享属性：unconditional、authorised、none。", NULL},
    {"theme", CLI_TEXT, false, "WORD", "Of this theme only.", "仅此主题。", NULL},
    {"duty", CLI_TEXT, false, "MEMBER/CODE", "Stemming from this duty only.", "仅源自此职责。",
     NULL},
    {"without-duty", CLI_FLAG, false, NULL, "Only entries that name no duty.",
     "仅未关联职责的目录。", "B2"},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_near[] = {
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_option options_returned[] = {
    {"provider", CLI_TEXT, false, "CODE", "Of this agency only.", "仅此单位。", NULL},
    CLI_LIMIT_OPTION,
    {NULL, CLI_FLAG, false, NULL, NULL, NULL, NULL},
};
static const struct cli_column columns_entries[] = {
    {.title = "提供方 provider", .path = "provider", .keep = true},
    {.title = "代码 code", .path = "code", .keep = true},
    {.title = "名称 name", .path = "entry.name"},
    {.title = "共享", .path = "entry.sharing", .as = CLI_AS_WORD},
    {.title = "状态", .path = "status", .as = CLI_AS_WORD},
    {.title = NULL},
};
static const struct cli_view view_list = {.path = "/v1/entries", .columns = columns_entries};

#define ENTRY_OF_OTHER "provider code"
static const struct cli_act act_review = {
    .type = "catalog.review", .arguments = ENTRY_OF_OTHER, .subject = "entry/{provider}/{code}"};
static const struct cli_act act_change = {.type = "catalog.change",
                                          .arguments = "code",
                                          .subject = "entry/{member}/{code}",
                                          .amends = "entry",
                                          .shows = "change/{member}/{code}"};
static const struct cli_act act_retire = {.type = "catalog.retire",
                                          .arguments = "code",
                                          .subject = "entry/{member}/{code}",
                                          .shows = "change/{member}/{code}"};
static const struct cli_act act_withdraw = {
    .type = "catalog.withdraw", .arguments = "code", .subject = "change/{member}/{code}"};
static const struct cli_act act_assess = {
    .type = "catalog.assess", .arguments = ENTRY_OF_OTHER, .subject = "change/{provider}/{code}"};
static const struct cli_act act_propose = {
    .type = "plan.propose", .arguments = ENTRY_OF_OTHER, .subject = "change/{provider}/{code}"};
static const struct cli_act act_sign = {.type = "plan.sign",
                                        .arguments = ENTRY_OF_OTHER,
                                        .subject = "change/{provider}/{code}",
                                        .shows = "plan/{provider}/{code}/{member}"};
static const struct cli_act act_designate = {.type = "catalog.designate",
                                             .shows = "designation/{txid}"};
static const struct cli_act act_attribute = {
    .type = "catalog.attribute", .arguments = ENTRY_OF_OTHER, .subject = "entry/{provider}/{code}"};

static const struct cli_act act_milestone = {
    .type = "catalog.milestone", .arguments = "code", .subject = "milestone/{member}/{code}"};
static const struct cli_act act_collect = {.type = "catalog.collect",
                                           .arguments = "code",
                                           .subject = "entry/{member}/{code}",
                                           .shows = "collection/{member}/{code}"};
static const struct cli_act act_certify = {.type = "catalog.certify",
                                           .arguments = ENTRY_OF_OTHER,
                                           .subject = "collection/{provider}/{code}"};
static const struct cli_act act_report = {.type = "catalog.report",
                                          .arguments = ENTRY_OF_OTHER,
                                          .subject = "collection/{provider}/{code}"};
static const struct cli_act act_refresh = {.type = "catalog.refresh"};
static const struct cli_act act_maintain = {.type = "catalog.maintain",
                                            .shows = "maintenance/{member}"};

static const struct cli_act act_supplement = {
    .type = "catalog.supplement", .arguments = "number", .shows = "supplement/{number}"};
static const struct cli_act act_synchronise = {
    .type = "catalog.synchronise", .arguments = "number", .subject = "supplement/{number}"};

#define ACT(word, args, count, zh, en, which)                                                      \
    {                                                                                              \
        .name = (word), .arguments = (args), .arguments_min = (count), .arguments_max = (count),   \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which), .run = cli_act_run \
    }

const struct cli_command cli_catalog_commands[] = {
    {.name = "compile",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "编制目录：补全共同要素，逐条校验完整性、规范性（不联网）。",
     .english = "Compile entries: fill in what they share, check each for completeness and form; "
                "needs no node.",
     .options = options_compile,
     .act = &act_submit,
     .run = run_compile},
    {.name = "import",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "读入表格（.xlsx、CSV）或 DCAT 目录为草案：一次列出全部条目的全部问题（不联网）。",
     .english = "Read a table (.xlsx, CSV) or a DCAT catalog into drafts: all faults of all "
                "entries at once; needs no node.",
     .options = options_import,
     .run = cli_entries_import},
    {.name = "export",
     .chinese = "导出已发布目录为表格（.xlsx、CSV）或 DCAT；再读入即为同一目录。",
     .english = "Write the published entries as a table (.xlsx, CSV) or as DCAT; read again they "
                "are the same entries.",
     .needs = CLI_NEEDS_NODE,
     .options = options_export,
     .run = cli_entries_export},
    {.name = "template",
     .chinese =
         "写出供编目的 .xlsx 模板：目录、信息项等工作表，下拉列表、示例和填写说明（不联网）。",
     .english = "Write an .xlsx template for entries and their items, with drop-down lists, an "
                "example and explanations; needs no node.",
     .options = options_template,
     .run = cli_entries_template},
    {.name = "harvest",
     .chinese = "采集 DCAT 来源：提交新条目、申请变更；长期不再列出的申请删除（编制密钥）。",
     .english = "Harvest a DCAT feed: submit what is new, change what changed, retire what stayed "
                "away (compile key).",
     .needs = CLI_WRITES,
     .options = options_harvest,
     .run = cli_dcat_harvest},
    {.name = "submit",
     .arguments = "FILE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "提交编制好的目录，退回的重新提交（编制密钥）。",
     .english = "Submit compiled entries, returned ones again (compile key).",
     .needs = CLI_WRITES,
     .run = run_submit},
    ACT("review", "PROVIDER CODE", 2, "审查目录：通过，或附全部原因退回（中心审核密钥）。",
        "Review an entry: accept, or return with all reasons (the center's review key).",
        act_review),
    {.name = "bind",
     .arguments = "CODE",
     .arguments_min = 1,
     .arguments_max = 1,
     .chinese = "挂接资源（编制密钥）；替换原有挂接。",
     .english = "Bind a published entry to real resources (compile key); replaces those before.",
     .needs = CLI_WRITES,
     .options = options_bind,
     .act = &act_bind,
     .run = run_bind},
    ACT("change", "CODE", 1, "申请变更目录（编制密钥）：未以选项填写的要素保持不变，空值“''”删去；列表须整列"
        "给出；--from 的文件须完整。",
        "Apply for a change of an entry (compile key): what options do not name stays, '' takes "
        "away; lists are given whole; a file (--from) has all of it.",
        act_change),
    ACT("retire", "CODE", 1, "申请删除目录（编制密钥）。",
        "Apply for the deletion of an entry (compile key).", act_retire),
    ACT("withdraw", "CODE", 1, "撤回尚未评估的变更或删除申请（编制密钥）。",
        "Take back an application for change or deletion (compile key).", act_withdraw),
    ACT("assess", "PROVIDER CODE", 2, "评估变更或删除申请（中心审核密钥）。",
        "Assess a change or deletion (the center's review key).", act_assess),
    ACT("propose", "PROVIDER CODE", 2, "提出目录调整方案，交相关各方签署（中心审核密钥）。",
        "Propose an adjustment plan, for all concerned to sign (the center's review key).",
        act_propose),
    ACT("sign", "PROVIDER CODE", 2, "签署目录调整方案：同意，或提出异议（审批或首席密钥）。",
        "Sign an adjustment plan: agree, or object (approve or chief key).", act_sign),
    ACT("designate", NULL, 0, "指定责任单位（主管部门审批密钥）。",
        "Designate the responsible agency (the supervisor's approve key).", act_designate),
    ACT("attribute", "PROVIDER CODE", 2, "认定共享属性（主管部门审批密钥）。",
        "Rule on a sharing attribute (the supervisor's approve key).", act_attribute),
    ACT("milestone", "CODE", 1, "登记业务批准、系统验收或涉及目录的变化（编制密钥）。",
        "Record a business approved, a system accepted, or a change (compile key).", act_milestone),
    ACT("collect", "CODE", 1, "报告数据归集，或附依据拒绝归集（编制密钥）。",
        "Report the collection of an entry's data, or refuse it with its basis (compile key).",
        act_collect),
    ACT("certify", "PROVIDER CODE", 2, "认定数据汇聚，或退回（中心审核密钥）。",
        "Certify a collection, or return it (the center's review key).", act_certify),
    ACT("report", "PROVIDER CODE", 2, "报告无依据拒绝归集（主管部门审核或审批密钥）。",
        "Report an unfounded refusal to collect (the supervisor's review or approve key).",
        act_report),
    {.name = "form",
     .arguments = "PROVIDER CODE",
     .arguments_min = 2,
     .arguments_max = 2,
     .chinese = "打印汇聚成果认定表（附件1），由账本记录填写。",
     .english = "Print the certificate of collection (annex 1) from the ledger's records.",
     .needs = CLI_NEEDS_NODE,
     .options = cli_form_options,
     .run = cli_form_collection},
    ACT("refresh", NULL, 0, "登记数据已更新，可一次多条（编制或网关密钥）。",
        "Record that data was brought up to date, several entries at once (compile or gateway "
        "key).",
        act_refresh),
    ACT("maintain", NULL, 0, "登记本单位目录年度全面维护（编制密钥）。",
        "Record the yearly maintenance of the agency's catalog (compile key).", act_maintain),
    ACT("supplement", "NUMBER", 1, "提交区域补充目录（中心审核密钥）。",
        "Submit a supplementary catalog for the upper platform (the center's review key).",
        act_supplement),
    ACT("synchronise", "NUMBER", 1, "登记补充目录同步结果（中心或市级平台）。",
        "Record what the upper platform answered to it (the center or the upper platform).",
        act_synchronise),
    {.name = "list",
     .chinese = "列出目录。",
     .english = "List entries.",
     .needs = CLI_NEEDS_NODE,
     .options = options_list,
     .view = &view_list,
     .run = cli_view_list},
    {.name = "show",
     .arguments = "PROVIDER CODE",
     .arguments_min = 2,
     .arguments_max = 2,
     .chinese = "显示一条目录。",
     .english = "Show an entry.",
     .needs = CLI_NEEDS_NODE,
     .run = cli_near_show},
    {.name = "near",
     .arguments = "PROVIDER CODE",
     .arguments_min = 2,
     .arguments_max = 2,
     .chinese = "列出名称近似的目录，供查重。",
     .english = "List entries with a name like this one's: near duplicates.",
     .needs = CLI_NEEDS_NODE,
     .options = options_near,
     .view = &cli_near_view,
     .run = cli_view_list},
    {.name = "returned",
     .chinese = "列出被退回的目录及全部原因。",
     .english = "List returned entries with all reasons.",
     .needs = CLI_NEEDS_NODE,
     .options = options_returned,
     .run = run_returned},
    {.name = NULL},
};
