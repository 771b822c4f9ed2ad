/* Supervision: dirchain notice, risk, case, measure, rectify, disclosure, incident, feedback,
 * quality, onward. A matter is named by the txid of the act that began it. */
#include "node/cli/cli.h"

#include "base/errors.h"
#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_act.h"
#include "node/cli/cli_node.h"
#include "node/cli/cli_output.h"
#include "node/cli/cli_submit.h"

#include <stdio.h>
#include <string.h>

/* ---- show ---- */

/* The record <table>/<txid>, labelled by the type that began it. */
static int show_matter(struct cli *cli, const char *table, const char *type)
{
    AUTO(cli_node_close) struct cli_node node = {0};
    AUTO(doc_free) struct doc *record = NULL;
    AUTO(buf_free) struct buf words = {0};
    char key[128];
    int status = cli_node_open(&node, cli);
    if (status != 0) {
        return status;
    }
    (void)snprintf(key, sizeof key, "%s/%.64s", table, cli->options.arguments[0]);
    status = cli_node_state(&node, &record, key);
    if (status != 0 || record == NULL) {
        return status != 0 ? status : cli_fail(cli, ERR_SUBJECT, "%s:", key);
    }
    cli_record_append(&words, record, schema_find(type)->fields, cli->columns);
    return cli_result(cli, record, &words);
}

/* ---- commands ---- */

#define BEGIN(word, zh, en, which)                                                                 \
    {                                                                                              \
        .name = (word), .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which),    \
        .run = cli_act_run                                                                         \
    }
#define STEP(word, args, zh, en, which)                                                            \
    {                                                                                              \
        .name = (word), .arguments = (args), .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_WRITES, .act = &(which), .run = cli_act_run \
    }
#define SHOW(args, zh, en, function)                                                               \
    {                                                                                              \
        .name = "show", .arguments = (args), .arguments_min = 1, .arguments_max = 1,               \
        .chinese = (zh), .english = (en), .needs = CLI_NEEDS_NODE, .run = (function)               \
    }
#define COMMANDS_END                                                                               \
    {                                                                                              \
        .name = NULL                                                                               \
    }
#define BEGINS(name, which, table)                                                                 \
    static const struct cli_act name = {.type = (which), .shows = table "/{txid}"}
#define ON(name, which, table)                                                                     \
    static const struct cli_act name = {                                                           \
        .type = (which), .arguments = (table), .subject = table "/{" table "}"}

BEGINS(act_notice_file, "notice.file", "notice");
ON(act_notice_hold, "notice.hold", "notice");
ON(act_notice_lift, "notice.lift", "notice");
ON(act_notice_resolve, "notice.resolve", "notice");

static int show_notice(struct cli *cli)
{
    return show_matter(cli, "notice", "notice.file");
}

const struct cli_command cli_notice_commands[] = {
    BEGIN(
        "file", "登记权利人告知或风险告知：材料只以摘要上链（中心审核或提供方审批密钥）。",
        "File a notice of a rights holder or of a risk; of its papers only the digest goes on the "
        "ledger (the center's review or the provider's approve key).",
        act_notice_file),
    STEP("hold", "NOTICE", "立即中止提供，待核实。", "Withhold the data until it is verified.",
         act_notice_hold),
    STEP("resolve", "NOTICE", "核实后撤回、恢复或处理后再开放，并反馈。",
         "Withdraw, restore or reprocess, after it is verified, and say what was replied.",
         act_notice_resolve),
    STEP("lift", "NOTICE", "权利人同意或者核实不涉及其权益的，解除该告知所作脱敏。",
         "Lift what the notice had masked, its holder agreeing, or not being touched.",
         act_notice_lift),
    SHOW("NOTICE", "显示一项告知及其办理。", "Show a notice and what was done.", show_notice),
    COMMANDS_END,
};

/* ---- risk ---- */

ON(act_risk_handle, "risk.handle", "risk");

static int show_risk(struct cli *cli)
{
    return show_matter(cli, "risk", "grant.suspend");
}

const struct cli_command cli_risk_commands[] = {
    STEP("handle", "RISK", "处理中心报送的安全风险（主管部门审核或审批密钥）。",
         "Say what became of a risk that the center reported (the supervisor's review or approve "
         "key).",
         act_risk_handle),
    SHOW("RISK", "显示一项安全风险及其处理。", "Show a risk and what was done.", show_risk),
    COMMANDS_END,
};

/* ---- case ---- */

BEGINS(act_case_open, "case.open", "case");
ON(act_case_find, "case.find", "case");

static int show_case(struct cli *cli)
{
    return show_matter(cli, "case", "case.open");
}

const struct cli_command cli_case_commands[] = {
    BEGIN("open", "登记案件或举报：材料只以摘要上链。",
          "Open a case, or take a report by anyone; of its papers only the digest goes on the "
          "ledger.",
          act_case_open),
    STEP("find", "CASE", "认定是否属实（中心审核、主管部门审核或审批密钥）。",
         "Say what was found (the center's review, the supervisor's review or approve key).",
         act_case_find),
    SHOW("CASE", "显示办理情况。", "Show it, and what was done.", show_case),
    COMMANDS_END,
};

/* ---- measure ---- */

BEGINS(act_measure_impose, "measure.impose", "measure");
ON(act_measure_lift, "measure.lift", "measure");

static int show_measure(struct cli *cli)
{
    return show_matter(cli, "measure", "measure.impose");
}

const struct cli_command cli_measure_commands[] = {
    BEGIN("impose", "限制或关闭数据获取权限（中心、主管部门，或提供方就其数据）。",
          "Limit or close access (center, supervisor, or a provider for its own data).",
          act_measure_impose),
    STEP("lift", "MEASURE", "解除措施。", "Lift a measure.", act_measure_lift),
    SHOW("MEASURE", "显示办理情况。", "Show it, and what was done.", show_measure),
    COMMANDS_END,
};

/* ---- rectify ---- */

BEGINS(act_rectify_order, "rectify.order", "rectification");
ON(act_rectify_done, "rectify.done", "rectification");
ON(act_rectify_review, "rectify.review", "rectification");

static int show_rectify(struct cli *cli)
{
    return show_matter(cli, "rectification", "rectify.order");
}

const struct cli_command cli_rectify_commands[] = {
    BEGIN("order", "责令限期改正（中心或主管部门）。",
          "Order an agency to rectify in time (center or supervisor).", act_rectify_order),
    STEP("done", "ORDER", "报告改正情况。", "Report that it was rectified.", act_rectify_done),
    STEP("review", "ORDER", "核查改正情况，认可或退回。",
         "Accept what was done, or return it with another day.", act_rectify_review),
    SHOW("ORDER", "显示办理情况。", "Show it, and what was done.", show_rectify),
    COMMANDS_END,
};

/* ---- disclosure ---- */

BEGINS(act_disclosure_publish, "disclosure.publish", "disclosure");
ON(act_disclosure_withdraw, "disclosure.withdraw", "disclosure");

static int show_disclosure(struct cli *cli)
{
    return show_matter(cli, "disclosure", "disclosure.publish");
}

const struct cli_command cli_disclosure_commands[] = {
    BEGIN("publish", "通报（主管部门）或公示（中心、提供方）。",
          "Publish a circular (supervisor) or make public (center, provider).",
          act_disclosure_publish),
    STEP("withdraw", "DISCLOSURE", "撤回通报或公示。", "Withdraw what was published.",
         act_disclosure_withdraw),
    SHOW("DISCLOSURE", "显示办理情况。", "Show it, and what was done.", show_disclosure),
    COMMANDS_END,
};

/* ---- incident ---- */

BEGINS(act_incident_report, "incident.report", "incident");
ON(act_incident_close, "incident.close", "incident");

static int show_incident(struct cli *cli)
{
    return show_matter(cli, "incident", "incident.report");
}

const struct cli_command cli_incident_commands[] = {
    BEGIN("report", "报告数据安全事件。", "Report a security incident.", act_incident_report),
    STEP("close", "INCIDENT", "办结数据安全事件。", "Close a security incident.",
         act_incident_close),
    SHOW("INCIDENT", "显示办理情况。", "Show it, and what was done.", show_incident),
    COMMANDS_END,
};

/* ---- feedback ---- */

BEGINS(act_feedback_submit, "feedback.submit", "feedback");
ON(act_feedback_check, "feedback.check", "feedback");

static int show_feedback(struct cli *cli)
{
    return show_matter(cli, "feedback", "feedback.submit");
}

const struct cli_command cli_feedback_commands[] = {
    BEGIN("submit", "反馈数据利用情况（使用方编制密钥）。",
          "Report how data are used (the consumer's compile key).", act_feedback_submit),
    STEP("check", "REPORT", "抽查数据利用情况。", "Check a report of use.", act_feedback_check),
    SHOW("REPORT", "显示办理情况。", "Show it, and what was done.", show_feedback),
    COMMANDS_END,
};

/* ---- quality ---- */

BEGINS(act_quality_object, "quality.object", "objection");
ON(act_quality_answer, "quality.answer", "objection");
ON(act_quality_close, "quality.close", "objection");

static int show_quality(struct cli *cli)
{
    return show_matter(cli, "objection", "quality.object");
}

const struct cli_command cli_quality_commands[] = {
    BEGIN("object", "提出数据异议（使用方编制密钥或中心审核密钥）。",
          "Object to the quality of data (a consumer's compile key, the center's review key).",
          act_quality_object),
    STEP("answer", "OBJECTION", "核实处理数据异议（提供方）。",
         "Answer an objection (the provider).", act_quality_answer),
    STEP("close", "OBJECTION", "认可、仍有异议或裁定。",
         "Accept the answer, dispute it, or settle the dispute.", act_quality_close),
    SHOW("OBJECTION", "显示办理情况。", "Show it, and what was done.", show_quality),
    COMMANDS_END,
};

/* ---- onward ---- */

BEGINS(act_onward_ask, "onward.ask", "onward");
ON(act_onward_answer, "onward.answer", "onward");
ON(act_onward_record, "onward.record", "onward");

static int show_onward(struct cli *cli)
{
    return show_matter(cli, "onward", "onward.ask");
}

const struct cli_command cli_onward_commands[] = {
    BEGIN("ask", "申请对外提供或发布（使用方）。", "Ask to pass data on (the consumer).",
          act_onward_ask),
    STEP("answer", "APPLICATION", "同意、不同意或撤回同意（提供方）。",
         "Consent, refuse, or revoke (the provider).", act_onward_answer),
    STEP("record", "APPLICATION", "记录一次对外提供或发布（使用方）。",
         "Record that data were passed on (the consumer).", act_onward_record),
    SHOW("APPLICATION", "显示办理情况。", "Show it, and what was done.", show_onward),
    COMMANDS_END,
};
