/* Delegations: the bodies of delegation.grant and delegation.end. */
#include "chain/rules/tables.h"

static const char *const choices_delegate_role[] = {"compile", "gateway", NULL};
static const struct field fields_delegate_key[] = {
    F("name", CODE, MUST, 1, KEY_NAME_CHARS_MAX, "Name within the agency; never used before.",
      "委托单位名下的密钥名称，不得重用。", NULL),
    F_CHOICE("role", MUST, choices_delegate_role, "What it may sign; one role a key.",
             "密钥角色，一钥一角色。", "PT 2"),
    F("public", PUBLIC_KEY, MUST, 0, 0, "Compressed secp256k1 public key.",
      "压缩格式的 secp256k1 公钥。", NULL),
    F("proof", TEXT, MUST, 86, 86,
      "Proof of possession, as of key.rotate: the delegate takes the task on.",
      "持有证明（同 key.rotate），即受托方接受委托。", "PT 2"),
    F_END,
};
static const struct field each_delegate_key[] = {EACH_OBJECT(fields_delegate_key)};
static const struct field each_type[] = {EACH(CODE, 1, 64)};
static const struct field each_duty[] = {EACH(CODE, 1, 64)};

static const struct field fields_delegation_grant[] = {
    F("code", CODE, MUST, 1, KEY_NAME_CHARS_MAX,
      "Code of the delegation, a to z, 0 to 9 and hyphen; never used before.",
      "委托代码（a-z、0-9、连字符），不得重用。", "PT 2"),
    F("delegate", MEMBER, MUST, 0, 0,
      "Unified social credit code of the third party, a member or not.",
      "受托第三方的统一社会信用代码（不必为成员）。", "PT 2"),
    F("delegate_name", TEXT, MUST, 2, 100, "Its full name.", "受托方名称。", "PT 2"),
    F_LIST("keys", MUST, 1, OFFICER_KEYS_MAX, each_delegate_key,
           "The keys that it signs with in the agency's name.", "受托方以委托单位名义所用的密钥。",
           "PT 2"),
    F_LIST(
        "types", MUST, 1, 32, each_type,
        "Transaction types that it may sign: of those that may be delegated, which collecting and "
        "producing data takes.",
        "可办理的交易类型（限收集、产生数据所需的可委托类型）。", "PT 2"),
    F_LIST("duties", MAY, 1, 100, each_duty,
           "Only entries that stem from these duties, before the act and after it.",
           "仅限源于这些职责的目录（办理前后均须如此）。", "PT 2"),
    F("from", DATE, MAY, 0, 0, "First day; without it from the next block on.",
      "起始日，缺省为下一区块起。", "PT 2"),
    F("until", DATE, MUST, 0, 0, "Last day; it ends at 24:00 Beijing time.",
      "终止日，至当日 24 时（北京时间）。", "PT 2"),
    F("basis", TEXT, MUST, 2, 1000, "Legal basis of entrusting (依法委托).", "委托的法定依据。",
      "PT 2"),
    F("agreement", HASH, MAY, 0, 0, "SHA-256 of the contract; it stays off the ledger.",
      "委托协议的 SHA-256 摘要（协议不上链）。", "PT 2"),
    F_END,
};
static const struct field fields_delegation_end[] = {
    F("code", CODE, MUST, 1, KEY_NAME_CHARS_MAX, "The delegation.", "委托代码。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of its record.", "委托记录版本。", NULL),
    F("reason", TEXT, MUST, 2, 500, "Why.", "理由。", "PT 2"),
    F_END,
};

const struct tx_type type_delegation_grant = {.name = "delegation.grant",
                                              .english = "Entrust a third party, with a term",
                                              .chinese = "委托第三方",
                                              .clause = "PT 2, PT 11",
                                              .roles = BY(CHIEF),
                                              .parties = PARTY_PROVIDER,
                                              .fields = fields_delegation_grant,
                                              .reads_max = 192,
                                              .writes_max = 2 * OFFICER_KEYS_MAX + 14,
                                              .cost = 2000,
                                              .apply = delegation_grant,
                                              .check = delegation_check_body};
const struct tx_type type_delegation_end = {.name = "delegation.end",
                                            .english = "End a delegation before its term",
                                            .chinese = "提前终止委托",
                                            .clause = "PT 2",
                                            .roles = BY(CHIEF),
                                            .parties = PARTY_PROVIDER,
                                            .fields = fields_delegation_end,
                                            .reads_max = 32,
                                            .writes_max = OFFICER_KEYS_MAX + 10,
                                            .cost = 100,
                                            .apply = delegation_end};
