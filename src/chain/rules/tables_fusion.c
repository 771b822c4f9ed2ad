/* Requests that fuse data of several agencies: the bodies of fusion.*. */
#include "chain/rules/tables_use.h"

static const char *const choices_verdict[] = {"accept", "refuse", NULL};
static const char *const choices_conclusion[] = {"accept", "return", NULL};
static const char *const choices_dispute[] = {"need", "refusal", "shareability", NULL};

static const struct field fields_part[] = {
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "责任单位。", "PT 22"),
    F("entry", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", "PT 22"),
    F("entry_version", HASH, MUST, 0, 0, "Its current version.", "目录当前版本。", NULL),
    F_LIST("items", MUST, 1, 100, each_item_name, "Items that are fused.", "融合的信息项。",
           "PT 22"),
    F_END,
};
static const struct field each_part[] = {EACH_OBJECT(fields_part)};
static const struct field fields_submit[] = {
    F("plan", HASH, MUST, 0, 0, "SHA-256 of the plan of fusion and governance.",
      "数据融合治理方案的 SHA-256 摘要。", "PT 22"),
    F_LIST("parts", MUST, 2, FUSION_PARTS_MAX, each_part,
           "What is fused, of two agencies at least.",
           "所融合的数据（不少于两个责任单位）。", "PT 22"),
    F_USE_WHAT_FOR,
    F_USE_HOW,
    F_END,
};

#define FUSION_COMMON                                                                              \
    F("fusion", HASH, MUST, 0, 0, "The request (its txid).", "融合需求申请（交易号）。", NULL),    \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "申请当前版本。", NULL)
static const struct field fields_review[] = {
    FUSION_COMMON,
    F("entry", CODE, MUST, 1, 64, "The part that is reviewed: an entry of the signer.",
      "所审核的本单位目录代码。", "PT 22"),
    F_CHOICE("decision", MUST, choices_verdict, "Verdict.", "审核意见。", "PT 22"),
    F_OBJECT(
        "grounds", MAY, fields_grounds,
        "Refuse: the grounds that the policy profile demands of a refused request; a plan that "
        "is not in order says so there.",
        "审核不通过时：政策规定的依据或理由，与共享需求申请相同；方案不规范的在此说明。", "PT 20"),
    F_END,
};
static const struct field fields_conclude[] = {
    FUSION_COMMON,
    F_CHOICE("decision", MUST, choices_conclusion, "Accepted by all, or returned.",
             "审核通过，或退回。", "PT 22"),
    F_LIST("reasons", MAY, 1, 50, each_reason, "Return: all reasons.", "退回原因。", "PT 22"),
    F_END,
};
static const struct field fields_dispute[] = {
    FUSION_COMMON,
    F("provider", MEMBER, MAY, 0, 0,
      "Who refused its part; without, where no part is refused, the return by the center.",
      "审核未通过的责任单位；各部分均未被拒绝而由中心退回的，不填。", "PT 24, CN 17"),
    F("entry", CODE, MAY, 1, 64, "The part that it refused.", "审核未通过的目录代码。",
      "PT 24, CN 17"),
    F_CHOICE("kind", MUST, choices_dispute,
             "About what: whether the need is reasonable, a refusal, or whether the data can be "
             "shared.",
             "争议事项（need 需求的合理性；refusal 审核未通过；shareability 数据的可共享性）。",
             "PT 24, CN 17"),
    F_OBJECTION,
    F_END,
};
static const struct field fields_extend[] = {
    FUSION_COMMON,
    F("until", DATE, MUST, 0, 0, "The day until which it will be served, later than the term's.",
      "预计完成日期（晚于原期限）。", "PT 22"),
    F("reason", TEXT, MUST, 2, 1000, "What makes it especially complex.", "特别复杂的情况说明。",
      "PT 22"),
    F_END,
};
static const struct field fields_serve[] = {
    FUSION_COMMON,
    F("result", HASH, MUST, 0, 0, "SHA-256 of the description of what came of it.",
      "融合成果说明的 SHA-256 摘要。", "PT 22"),
    F_END,
};
static const struct field fields_withdraw[] = {
    FUSION_COMMON,
    F("reason", TEXT, MUST, 2, 1000, "Why.", "撤回原因。", NULL),
    F_END,
};

#define FUSION_TYPE(verb, en, zh, law, by, party, reads, writes)                                   \
    FUSION_TYPE_CHECKED(verb, en, zh, law, by, party, reads, writes, NULL)
#define FUSION_TYPE_CHECKED(verb, en, zh, law, by, party, reads, writes, of_body)                  \
    const struct tx_type type_fusion_##verb = {.name = "fusion." #verb,                            \
                                               .english = (en),                                    \
                                               .chinese = (zh),                                    \
                                               .clause = (law),                                    \
                                               .roles = (by),                                      \
                                               .parties = (party),                                 \
                                               .fields = fields_##verb,                            \
                                               .reads_max = (reads),                               \
                                               .writes_max = (writes),                             \
                                               .cost = 200,                                        \
                                               .apply = fusion_##verb,                             \
                                               .check = (of_body)}
FUSION_TYPE_CHECKED(conclude, "Conclude the review of a fusion", "融合需求审核结论", "PT 22",
                    BY(REVIEW), PARTY_CENTER, 736, 136, rule_check_review);
FUSION_TYPE(dispute, "Dispute a refused part of a fusion, or its return", "对融合需求审核提出争议",
            "PT 24, CN 17", BY(COMPILE), PARTY_CONSUMER, 192, 48);
FUSION_TYPE(extend, "Extend the service term of a complex fusion", "延长融合治理期限", "PT 22",
            BY(REVIEW), PARTY_CENTER, 64, 8);
FUSION_TYPE(review, "Review the own part of a fusion", "审核融合需求", "PT 22", BY(APPROVE),
            PARTY_PROVIDER, 96, 12);
FUSION_TYPE(serve, "Serve a fusion: all its grants", "提供融合数据共享服务", "PT 22", BY(REVIEW),
            PARTY_CENTER, 672, 208);
FUSION_TYPE_CHECKED(submit, "Ask for a fusion of several agencies' data", "提出跨部门数据融合需求",
                    "PT 22", BY(COMPILE), PARTY_CONSUMER, 320, 72, request_check_body);
FUSION_TYPE(withdraw, "Withdraw a fusion", "撤回融合需求", "PT 22", BY(COMPILE), PARTY_CONSUMER,
            672, 208);
