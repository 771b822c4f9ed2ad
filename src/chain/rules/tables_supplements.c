/* The regional supplementary catalog (C9). */
#include "chain/rules/tables.h"

static const char *const choices_outcome[] = {"accepted", "partly", "refused", NULL};

static const struct field fields_named[] = {
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "目录提供方。", NULL),
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F_END,
};
static const struct field each_named[] = {EACH_OBJECT(fields_named)};
static const struct field fields_supplement[] = {
    F("number", CODE, MUST, 1, 64, "Number of the list, never used before.",
      "补充目录编号，不重复。", "PT 12"),
    F("title", TEXT, MUST, 2, 200, "Title.", "名称。", "PT 12"),
    F_LIST("entries", MUST, 1, 200, each_named,
           "Published entries that the upper platform's catalog lacks; the ledger adds their "
           "versions.",
           "未纳入市级目录的已发布目录，版本由账本补记。", "PT 12"),
    F_END,
};
static const struct field fields_refused[] = {
    F("provider", MEMBER, MUST, 0, 0, "Provider of the entry.", "目录提供方。", NULL),
    F("code", CODE, MUST, 1, 64, "Code of the entry.", "信息资源代码。", NULL),
    F("reason", TEXT, MUST, 2, 500, "Why.", "未接收的原因。", "PT 12"),
    F_END,
};
static const struct field each_refused[] = {EACH_OBJECT(fields_refused)};
static const struct field fields_synchronise[] = {
    F("number", CODE, MUST, 1, 64, "Number of the list.", "补充目录编号。", "PT 12"),
    F("acts_on", HASH, MUST, 0, 0, "Current version of the list.", "补充目录当前版本。", NULL),
    F("digest", HASH, MUST, 0, 0, "Digest of the list that was synchronised, as the ledger has it.",
      "所同步目录的摘要，须与账本一致。", "PT 12"),
    F_CHOICE("outcome", MUST, choices_outcome, "The upper platform's answer.",
             "市级平台的答复：全部接收、部分接收、未接收。", "PT 12"),
    F("reference", TEXT, MUST, 1, 200, "Its reference.", "市级平台回执编号。", "PT 12"),
    F_LIST("refused", MAY, 1, 200, each_refused, "Entries it did not take, if it took others.",
           "部分接收时未接收的目录。", "PT 12"),
    F_END,
};

const struct tx_type type_catalog_supplement = {.name = "catalog.supplement",
                                                .english = "Submit a supplementary catalog",
                                                .chinese = "提交区域补充目录",
                                                .clause = "PT 12",
                                                .roles = BY(REVIEW),
                                                .parties = PARTY_CENTER,
                                                .fields = fields_supplement,
                                                .reads_max = 256,
                                                .writes_max = 2,
                                                .cost = 400,
                                                .apply = catalog_supplement};
const struct tx_type type_catalog_synchronise = {.name = "catalog.synchronise",
                                                 .english = "Record its synchronisation",
                                                 .chinese = "登记补充目录同步结果",
                                                 .clause = "PT 12",
                                                 .roles = BY(REVIEW) | BY(APPROVE),
                                                 .parties = PARTY_CENTER | PARTY_UPPER,
                                                 .fields = fields_synchronise,
                                                 .reads_max = 16,
                                                 .writes_max = 2,
                                                 .cost = 200,
                                                 .apply = catalog_synchronise};
