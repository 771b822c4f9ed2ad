/* The sections of the policy profile about requests. */
#include "chain/rules/tables_use.h"

const struct field fields_profile_dispute[] = {
    F("negotiate", BOOL, MUST, 0, 0,
      "Both sides negotiate first; the dispute goes on when that failed.",
      "双方先行协商，协商不成的再提请协调。", "PT 24, CN 17"),
    F_OBJECT("term", MAY, fields_term_section,
             "How long they negotiate at most, where the document says so.",
             "协商期限（文件有规定的）。", "PT 24"),
    F_CLAUSE,
    F_END,
};
static const char *const choices_ruler[] = {"center", "supervisor", NULL};
static const struct field each_ruler[] = {EACH_CHOICE(choices_ruler)};
static const char *const choices_substitute[] = {"auditor",    "center", "provider",
                                                 "supervisor", "upper",  NULL};
static const struct field each_substitute[] = {EACH_CHOICE(choices_substitute)};
const struct field fields_profile_ruling[] = {
    F_LIST("by", MUST, 1, 2, each_ruler, "Who rules: any of these who is no side of the dispute.",
           "作出结论的一方（其中任何一方，争议当事方除外）。", "PT 24, CN 17"),
    F_LIST("instead", MUST, 1, 5, each_substitute,
           "Who rules where each of those is itself a side or may not act: the first of these of "
           "whom somebody is left. The last is provider.",
           "上列各方均为争议当事方或不能履职时，依次代为作出结论的一方；末项须为 provider。",
           "PT 24, CN 17"),
    F_CHOICE("above", MAY, choices_ruler,
             "Who rules again on what another has ruled, and last; without it each ruling is the "
             "last.",
             "对他方结论再作决定、且为最终决定的一方；缺省时各方结论均为最终结论。", "CN 17"),
    F_OBJECT("term", MAY, fields_term_section, "In how long, where the document says so.",
             "作出结论的期限（文件有规定的）。", "PT 24, CN 17"),
    F_CLAUSE,
    F_END,
};

/* OPEN 32: 市经济信息化部门应当会同市大数据中心和数据开放主体对其予以记录. */
const struct field fields_profile_finding[] = {
    F_LIST("by", MUST, 1, 2, each_ruler, "Who says what was found: any of these.",
           "作出认定并记录的一方（其中任何一方）。", "OPEN 32"),
    F("jointly", BOOL, MUST, 0, 0,
      "A violation is recorded jointly with the others: the digest of their record is filed with "
      "it.",
      "属实的须会同有关各方记录，并附会同记录的摘要。", "OPEN 32"),
    F_CLAUSE,
    F_END,
};

static const char *const choices_collected[] = {"authorised", "unconditional", NULL};
static const struct field each_collected[] = {EACH_CHOICE(choices_collected)};
const struct field fields_profile_collected[] = {
    F_LIST("sharing", MUST, 1, 2, each_collected, "By how it is shared.", "共享属性。",
           "PT 22, CN 17"),
    F_CLAUSE,
    F_END,
};

const struct field fields_profile_need[] = {
    F_OBJECT("term", MAY, fields_term_section,
             "In how long the agency answers, where the document says so.",
             "责任单位编目、归集和审核的期限（文件有规定的）。", "PT 22"),
    F_CLAUSE,
    F_END,
};

static const char *const choices_forwarder[] = {"center", "supervisor", NULL};
const struct field fields_profile_upper[] = {
    F_CHOICE("by", MUST, choices_forwarder, "Who forwards needs to the upper platform.",
             "向市级平台提出需求的一方。", "PT 23, CN 5"),
    F_OBJECT("term", MAY, fields_term_section,
             "In how long the upper platform answers, where the document says so.",
             "市级平台答复的期限（文件有规定的）。", "PT 23"),
    F_CLAUSE,
    F_END,
};

const struct field fields_profile_fusion[] = {
    F_OBJECT("review", MUST, fields_term_section,
             "Review of the plan by the center and all agencies.", "融合治理方案审核期限。",
             "PT 22"),
    F_OBJECT("service", MUST, fields_term_section, "Fusion and service after approval.",
             "融合治理并提供服务的期限。", "PT 22"),
    F_CLAUSE,
    F_END,
};

/* OPEN 20: 应用场景要求、数据利用情况报送、数据安全保障措施、违约责任等内容; CN 17: 安全保密协议.
 */
static const char *const choices_content[] = {"scenario",  "usage-reports",   "safeguards",
                                              "liability", "confidentiality", NULL};
const struct field each_agreement_content[] = {EACH_CHOICE(choices_content)};
const struct field fields_profile_agreement[] = {
    F("required", BOOL, MUST, 0, 0, "Whether it is demanded.", "是否必须。", NULL),
    F_LIST("contents", MAY, 1, 5, each_agreement_content, "What it has to contain.",
           "协议须包含的内容。", "OPEN 20, CN 17"),
    F("stamped_form", BOOL, MAY, 0, 0,
      "Whether the form of the request, stamped by both sides, comes with it.",
      "是否须附双方盖章的申请审核表。", "CN 17, CN 附件2"),
    F_OBJECT("term", MAY, fields_term_section,
             "In how long the other side signs once one has, where the document says so.",
             "一方签署后另一方签署的期限（文件有规定的）。", "CN 17, OPEN 20"),
    F_CLAUSE,
    F_END,
};

/* OPEN 18: 相关资质与能力证明、数据安全管理制度、应用场景说明等. */
const char *const choices_material[] = {"qualification", "security", "scenario", "other", NULL};
#define MATERIAL_KINDS (sizeof choices_material / sizeof *choices_material - 1)
_Static_assert(MATERIALS_LISTED_MAX + MATERIAL_KINDS - 1 <= MATERIALS_BROUGHT_MAX,
               "what is demanded can be brought");
static const struct field each_material_kind[] = {EACH_CHOICE(choices_material)};
const struct field fields_profile_applicants[] = {
    F_LIST("materials", MUST, 1, 4, each_material_kind, "Materials that each application has.",
           "申请须具备的材料。", "OPEN 18"),
    F_CLAUSE,
    F_END,
};
