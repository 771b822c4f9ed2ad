/* Sharing requests: the bodies of request.*. */
#include "base/limits.h"
#include "chain/rules/tables_use.h"

const char *const choices_need[] = {"data", "service", "comparison", NULL};
static const char *const choices_per[] = {"day", "week", "month", "quarter", "year", NULL};
static const char *const choices_restriction[] = {"person-authorised", "comparison", "masked",
                                                  NULL};
static const char *const choices_answer[] = {"approve", "refuse", NULL};
static const char *const choices_verdict[] = {"accept", "refuse", NULL};

static const struct field fields_recognition[] = {
    F("authority", TEXT, MUST, 2, 200, "Competent department.", "主管部门。", "PT 19"),
    F("document", TEXT, MUST, 2, 200, "Its document: title, number, date.",
      "认定文件（名称、文号、日期）。", "PT 19"),
    F_END,
};
static const struct field fields_project[] = {
    F("authority", TEXT, MUST, 2, 200, "Who approved the plan or the project.",
      "批准规划或者立项的部门。", "PT 19"),
    F("document", TEXT, MUST, 2, 200, "Its document: title, number, date.",
      "规划或者立项文件（名称、文号、日期）。", "PT 19"),
    F_END,
};
static const struct field fields_scenario[] = {
    F("case", INT, MUST, 1, SCENARIO_CASES_MAX,
      "Case of PT 19: 1 one-stop services or standard scenes, 2 key work, 3 large cross-agency "
      "systems, 4 authorised by the person, comparison only or masked only; or one of the policy "
      "profile's own (scenario.own), which is shown as the case of PT 19 that it names.",
      "第十九条情形（1 一网通办、一网统管或标准化场景；2 重点工作；3 跨部门大系统大平台；4 "
      "可信授权、批量比对或仅用脱敏数据），或者现行政策另列的情形（scenario.own），材料同其所指情形。",
      "PT 19"),
    F("description", TEXT, MUST, 2, 2000, "How the scenario meets the case.", "应用场景说明。",
      "PT 19"),
    F("matter", CODE, MAY, 1, 64,
      "Case 1, one-stop services: the matter, a duty in force of the requester.",
      "情形一“一网通办”“一网统管”：事项，即需求单位现行有效的职责代码。", "PT 19"),
    F_OBJECT("recognition", MAY, fields_recognition,
             "Case 1, standard scenes: who recognised it; the center looks at it first.",
             "情形一标准化、规范化业务场景：主管部门的认定，由中心核对。", "PT 19"),
    F_OBJECT("project", MAY, fields_project,
             "Case 3: the system or platform that is planned or built; the center looks at it "
             "first.",
             "情形三：规划、建设中的跨部门大系统、大平台，由中心核对。", "PT 19"),
    F_CHOICE("restriction", MAY, choices_restriction,
             "Case 4: the mode that the grant is bound to. Masked otherwise than as a file, which "
             "the gateway masks, the center looks at it first.",
             "情形四：授权所限定的方式。仅用脱敏数据而不以文件方式（由网关脱敏）使用的，由中心核对。",
             "PT 19"),
    F_END,
};
const struct field fields_use_frequency[] = {
    F("times", INT, MUST, 1, 1000000000, "How many times.", "次数。", "PT 17"),
    F_CHOICE("per", MUST, choices_per, "In which period.", "周期。", "PT 17"),
    F("reason", TEXT, MAY, 2, 1000, "Reason for a lower frequency than the policy's.",
      "低于规定频率的理由。", "PT 17"),
    F_END,
};
const struct field fields_use_commitments[] = {
    F("genuine", BOOL, MUST, 0, 0, "The need is genuine.", "需求真实。", "PT 18"),
    F("reasonable", BOOL, MUST, 0, 0, "The aim of use is reasonable.", "使用目标合理。", "PT 18"),
    F("compliant", BOOL, MUST, 0, 0, "Use will be safe and lawful.", "使用过程安全合规。", "PT 18"),
    F_END,
};

static const char *const choices_applicant[] = {"person", "company", "organisation", NULL};
static const struct field fields_material[] = {
    F_CHOICE("kind", MUST, choices_material, "What it proves.", "材料类别。", "OPEN 18"),
    F("digest", HASH, MUST, 0, 0, "SHA-256 of the paper, salted.", "材料的加盐 SHA-256 摘要。",
      "OPEN 18"),
    F_END,
};
static const struct field each_material[] = {EACH_OBJECT(fields_material)};
static const struct field fields_applicant[] = {
    F_CHOICE("kind", MUST, choices_applicant, "Who it is.", "申请主体类别。", "OPEN 18"),
    F("identity", HASH, MUST, 0, 0,
      "Digest of its identity under a salt that stays with the member that files the application; "
      "the same salt in each application of the same applicant: what is held, masked or limited "
      "for it is so by this digest.",
      "申请主体身份的加盐摘要（盐由代为提交的单位保管；同一主体的各次申请用同一盐，对其暂停、脱敏、"
      "限制以此为准）。",
      "OPEN 18, OPEN 31, OPEN 32"),
    F_LIST("materials", MUST, 1, MATERIALS_BROUGHT_MAX, each_material,
           "Materials, each by its digest.", "申请材料（仅上链摘要）。", "OPEN 18"),
    F_END,
};
static const struct field fields_submit[] = {
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "资源提供方。", "CN 附件2"),
    F("entry", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", "PT 17"),
    F("acts_on", HASH, MUST, 0, 0, "Current version of the entry.", "目录当前版本。", NULL),
    F("for_need", HASH, MAY, 0, 0,
      "The need that this entry meets: its answer was the review, and what it names is granted at "
      "once.",
      "所依据的未编目数据需求：其答复即为审核结果，所列内容直接共享。", "PT 22"),
    F_OBJECT("applicant", MAY, fields_applicant,
             "Open data: the person, company or organisation that the member applies for.",
             "申请开放数据的自然人、法人或非法人组织（由成员单位代为提交）。", "OPEN 18"),
    F_USE_WHAT_FOR,
    F_OBJECT("scenario", MAY, fields_scenario, "Claim to sharing by authorised scenario.",
             "申请场景授权共享。", "PT 19"),
    F_LIST("items", MUST, 1, 500, each_item_name, "Items asked for, by name.", "申请的信息项。",
           "PT 17, CN 附件2"),
    F_LIST("rows", MAY, 1, 16, each_row_filter, "Rows asked for: all conditions hold.",
           "申请的数据范围（同时满足）。", "D10"),
    F_USE_HOW,
    F_OBJECT("quota", MAY, fields_quota, "Volume asked for.", "申请的用量。", "D10"),
    F_END,
};

#define REQUEST_COMMON                                                                             \
    F("request", HASH, MUST, 0, 0, "The request (its txid).", "共享申请。", NULL),                 \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "申请当前版本。", NULL)
static const struct field fields_intake[] = {
    REQUEST_COMMON,
    F_CHOICE("decision", MUST, choices_verdict, "Materials complete, or not accepted.",
             "受理或不予受理。", "OPEN 19"),
    F_LIST("reasons", MAY, 1, 50, each_reason, "All reasons for not accepting, at once.",
           "不予受理的全部理由。", "OPEN 19"),
    F_END,
};
static const struct field fields_assess[] = {
    REQUEST_COMMON,
    F_CHOICE("scenario", MAY, choices_verdict,
             "Verdict on the scenario; a refused one goes to the provider.",
             "场景评估结论；未通过的转提供方审核。", "PT 19"),
    F_CHOICE("mode", MAY, choices_verdict, "Verdict on the way of use; refused: the request ends.",
             "使用方式技术评估结论；未通过的申请终止。", "PT 21"),
    F("opinion", TEXT, MUST, 2, 2000, "Assessment.", "评估意见。", "PT 19, PT 21"),
    F_END,
};
static const struct field fields_law[] = {
    F("law", TEXT, MUST, 2, 200, "Law, regulation or rule.", "法律、法规、规章名称。", "PT 20"),
    F("article", TEXT, MUST, 1, 100, "Article.", "条款。", "PT 20"),
    F_END,
};
static const struct field each_law[] = {EACH_OBJECT(fields_law)};
static const struct field each_ground[] = {EACH(TEXT, 2, 1000)};
const struct field fields_grounds[] = {
    F("not_in_order", BOOL, MAY, 0, 0, "The request itself is not in order; reasons say what.",
      "共享需求申请不规范（理由中说明）。", "PT 20"),
    F_LIST("legal_basis", MAY, 1, 20, each_law, "Laws and regulations that forbid it.",
           "法律法规依据。", "PT 20"),
    F_LIST("reasons", MAY, 1, 50, each_ground, "Concrete reasons.", "具体原因。", "CN 17, OPEN 19"),
    F("complete", BOOL, MAY, 0, 0, "These are all the reasons there are.", "已一次性告知全部理由。",
      "OPEN 19"),
    F_END,
};
static const struct field fields_answer[] = {
    REQUEST_COMMON,
    F_CHOICE("decision", MUST, choices_answer, "Approve or refuse.", "同意或不同意。",
             "PT 20, CN 17"),
    F_LIST("items", MAY, 1, 500, each_item_name, "Approve: fewer items than asked for.",
           "同意时：缩减后的信息项。", "D10"),
    F_LIST("rows", MAY, 1, 16, each_row_filter, "Approve: further conditions on rows.",
           "同意时：附加的数据范围条件。", "D10"),
    F_LIST("masked", MAY, 1, 500, each_item_name, "Approve: items that leave masked only.",
           "同意时：须脱敏的信息项。", "E6"),
    F("until", DATE, MAY, 0, 0, "Approve: an earlier last day.", "同意时：较早的截止日期。", "D10"),
    F_OBJECT("quota", MAY, fields_quota, "Approve: quota.", "同意时：用量上限。", "D10"),
    F("terms", TEXT, MAY, 1, 2000, "Approve: further terms.", "同意时：其他条件。", NULL),
    F_OBJECT("grounds", MAY, fields_grounds,
             "Refuse, or approve less (items, rows, masked, until, quota): the grounds that the "
             "policy profile demands, for what is not given. Approve all: reasons, if any.",
             "不同意，或缩减信息项、数据范围、期限、用量以及要求脱敏时：政策规定的依据或理由；"
             "全部同意时可填理由。",
             "PT 20, CN 17, OPEN 19"),
    F_END,
};
static const struct field fields_withdraw[] = {
    REQUEST_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why.", "撤回原因。", NULL),
    F_END,
};

const struct tx_type type_request_submit = {.name = "request.submit",
                                            .english = "Ask for data",
                                            .chinese = "提出共享申请",
                                            .clause = "PT 17, PT 18, CN 17",
                                            .roles = BY(COMPILE),
                                            .parties = PARTY_CONSUMER,
                                            .fields = fields_submit,
                                            .reads_max = 32,
                                            .writes_max = 10,
                                            .cost = 100,
                                            .apply = request_submit,
                                            .check = request_check_body};
const struct tx_type type_request_intake = {.name = "request.intake",
                                            .english = "Check a request's materials",
                                            .chinese = "受理审查",
                                            .clause = "OPEN 19",
                                            .roles = BY(REVIEW) | BY(APPROVE),
                                            .parties =
                                                PARTY_CENTER | PARTY_SUPERVISOR | PARTY_PROVIDER,
                                            .fields = fields_intake,
                                            .reads_max = 64,
                                            .writes_max = 12,
                                            .cost = 100,
                                            .apply = request_intake,
                                            .check = rule_check_review};
const struct tx_type type_request_assess = {.name = "request.assess",
                                            .english = "Assess a scenario or a way of use",
                                            .chinese = "评估场景或使用方式",
                                            .clause = "PT 19, PT 21",
                                            .roles = BY(REVIEW) | BY(APPROVE),
                                            .parties =
                                                PARTY_CENTER | PARTY_SUPERVISOR | PARTY_PROVIDER,
                                            .fields = fields_assess,
                                            .reads_max = 64,
                                            .writes_max = 12,
                                            .cost = 100,
                                            .apply = request_assess};
const struct tx_type type_request_answer = {.name = "request.answer",
                                            .english = "Answer a request",
                                            .chinese = "答复共享申请",
                                            .clause = "PT 20, CN 17, OPEN 19",
                                            .roles = BY(APPROVE),
                                            .parties = PARTY_PROVIDER,
                                            .fields = fields_answer,
                                            .reads_max = 64,
                                            .writes_max = 16,
                                            .cost = 100,
                                            .apply = request_answer};
const struct tx_type type_request_withdraw = {.name = "request.withdraw",
                                              .english = "Withdraw a request",
                                              .chinese = "撤回共享申请",
                                              .clause = "PT 26",
                                              .roles = BY(COMPILE),
                                              .parties = PARTY_CONSUMER,
                                              .fields = fields_withdraw,
                                              .reads_max = 64,
                                              .writes_max = 12,
                                              .cost = 50,
                                              .apply = request_withdraw};
