/* Officers and the standing of their keys: the bodies of officer.*, key.suspend, key.restore and
 * key.rotate. */
#include "chain/rules/tables.h"

/* What a person signs with; a gateway's key is a system's. */
static const char *const choices_officer_role[] = {"chief", "compile", "review", "approve",
                                                   "audit", "admin",   NULL};
static const struct field fields_officer_key[] = {
    F("name", CODE, MUST, 1, KEY_NAME_CHARS_MAX, "Name within the member; never used before.",
      "成员内的密钥名称，不得重用。", NULL),
    F_CHOICE("role", MUST, choices_officer_role, "What it may sign; one role a key.",
             "密钥角色，一钥一角色。", "CN 24"),
    F("public", PUBLIC_KEY, MUST, 0, 0, "Compressed secp256k1 public key.",
      "压缩格式的 secp256k1 公钥。", NULL),
    F_END,
};
static const struct field each_officer_key[] = {EACH_OBJECT(fields_officer_key)};

#define OFFICER_CODE(en, zh) F("code", CODE, MUST, 1, KEY_NAME_CHARS_MAX, en, zh, "PT 6")
#define OFFICER_FILING(must)                                                                       \
    F("filing", HASH, must, 0, 0,                                                                  \
      "SHA-256 of the papers filed with the authority; they stay off "                             \
      "the ledger.",                                                                               \
      "备案材料的 SHA-256 摘要（材料不上链）。", "CN 24")
#define OFFICER_CHANGED_ON                                                                         \
    F("changed_on", DATE, MAY, 0, 0, "Day of the change itself, not after today.",                 \
      "人员实际变动日期，不晚于当日。", "CN 24")

static const struct field fields_officer_register[] = {
    F("member", MEMBER, MAY, 0, 0,
      "Another member: only the center's admin, only a chief for one who is gone.",
      "其他成员（仅限中心为其登记继任首席数据官）。", "CN 24"),
    OFFICER_CODE("Code of the office, a to z, 0 to 9 and hyphen; never a person's name or number.",
                 "岗位代码（a-z、0-9、连字符），不得为个人姓名或编号。"),
    F_LIST("keys", MUST, 1, OFFICER_KEYS_MAX, each_officer_key,
           "The keys that the officer signs with, from the next block on.",
           "该岗位人员所用密钥，自下一区块起生效。", "PT 6"),
    F("succeeds", CODE, MAY, 1, KEY_NAME_CHARS_MAX,
      "The officer in whose place this one comes: leaves office with all keys, without a gap.",
      "所接替的岗位代码：其密钥随即停用，无空档。", "CN 24"),
    OFFICER_FILING(MAY),
    OFFICER_CHANGED_ON,
    F("reason", TEXT, MAY, 2, 500, "Remark.", "说明。", NULL),
    F_END,
};
static const struct field fields_officer_update[] = {
    OFFICER_CODE("The officer.", "岗位代码。"),
    F("acts_on", HASH, MUST, 0, 0, "Version of the officer's record.", "岗位记录版本。", NULL),
    OFFICER_FILING(MUST),
    OFFICER_CHANGED_ON,
    F("reason", TEXT, MUST, 2, 500, "What changed.", "变动说明。", "CN 24"),
    F_END,
};
static const struct field fields_officer_end[] = {
    OFFICER_CODE("The officer.", "岗位代码。"),
    F("acts_on", HASH, MUST, 0, 0, "Version of the officer's record.", "岗位记录版本。", NULL),
    OFFICER_CHANGED_ON,
    F("reason", TEXT, MUST, 2, 500, "Why.", "离任原因。", "CN 24"),
    F_END,
};

static const struct field fields_key_standing[] = {
    F("member", MEMBER, MAY, 0, 0, "Another member: only the center's admin.",
      "其他成员（仅限中心）。", "PT 29"),
    F("name", CODE, MUST, 1, KEY_NAME_CHARS_MAX, "The key.", "密钥名称。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of the key's record.", "密钥记录版本。", NULL),
    F("reason", TEXT, MUST, 2, 500, "Why.", "理由。", "PT 29"),
    F_END,
};
static const struct field fields_key_suspend[] = {
    F("member", MEMBER, MAY, 0, 0, "Another member: only the center's admin.",
      "其他成员（仅限中心）。", "PT 29"),
    F("name", CODE, MUST, 1, KEY_NAME_CHARS_MAX, "The key.", "密钥名称。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of the key's record.", "密钥记录版本。", NULL),
    F("reason", TEXT, MUST, 2, 500, "Why.", "理由。", "PT 29, PT 31"),
    F_CAUSE,
    F_END,
};
static const struct field fields_key_rotate[] = {
    F("name", CODE, MUST, 1, KEY_NAME_CHARS_MAX, "The key that goes.", "被更换的密钥名称。", NULL),
    F("acts_on", HASH, MUST, 0, 0, "Version of its record.", "该密钥的记录版本。", NULL),
    F("new_name", CODE, MUST, 1, KEY_NAME_CHARS_MAX, "Name of the new key; never used before.",
      "新密钥名称，不得重用。", NULL),
    F("new_public", PUBLIC_KEY, MUST, 0, 0, "Its compressed secp256k1 public key.",
      "新密钥的压缩格式 secp256k1 公钥。", NULL),
    F("proof", TEXT, MUST, 86, 86,
      "Proof of possession: base64url of the new key's ES256K signature over the tagged hash "
      "dirchain/possession/1 of the canonical {\"chain\",\"member\",\"name\",\"public\"}: genesis "
      "hash, this member, new_name, new_public.",
      "持有证明：新密钥对创世哈希、本成员代码、新密钥名称和公钥的签名（base64url）。", "PT 6"),
    F("reason", TEXT, MUST, 2, 500, "Why.", "更换原因。", NULL),
    F_END,
};

const struct tx_type type_officer_register = {.name = "officer.register",
                                              .english = "Register an officer with their keys",
                                              .chinese = "登记首席数据官或数据执行专员",
                                              .clause = "PT 6, CN 24",
                                              .roles = BY(CHIEF) | BY(ADMIN),
                                              .parties = 0,
                                              .fields = fields_officer_register,
                                              .reads_max = 6 * OFFICER_KEYS_MAX + 24,
                                              .writes_max = 4 * OFFICER_KEYS_MAX + 14,
                                              .cost = 1000,
                                              .apply = officer_register,
                                              .check = officer_check_body};
const struct tx_type type_officer_update = {.name = "officer.update",
                                            .english = "Update what is filed about an officer",
                                            .chinese = "更新人员备案",
                                            .clause = "CN 24",
                                            .roles = BY(CHIEF),
                                            .parties = 0,
                                            .fields = fields_officer_update,
                                            .reads_max = 8,
                                            .writes_max = 2,
                                            .cost = 50,
                                            .apply = officer_update};
const struct tx_type type_officer_end = {.name = "officer.end",
                                         .english = "An officer leaves office with all keys",
                                         .chinese = "人员离任",
                                         .clause = "CN 24",
                                         .roles = BY(CHIEF),
                                         .parties = 0,
                                         .fields = fields_officer_end,
                                         .reads_max = OFFICER_KEYS_MAX + 16,
                                         .writes_max = OFFICER_KEYS_MAX + 10,
                                         .cost = 300,
                                         .apply = officer_end};
const struct tx_type type_key_suspend = {.name = "key.suspend",
                                         .english = "Suspend a key",
                                         .chinese = "暂停密钥",
                                         .clause = "PT 29",
                                         .roles = BY(CHIEF) | BY(ADMIN),
                                         .parties = 0,
                                         .fields = fields_key_suspend,
                                         .reads_max = 48,
                                         .writes_max = 16,
                                         .cost = 100,
                                         .apply = key_suspend};
const struct tx_type type_key_restore = {.name = "key.restore",
                                         .english = "Restore a suspended key",
                                         .chinese = "恢复密钥",
                                         .clause = "PT 29",
                                         .roles = BY(CHIEF) | BY(ADMIN),
                                         .parties = 0,
                                         .fields = fields_key_standing,
                                         .reads_max = 16,
                                         .writes_max = 10,
                                         .cost = 100,
                                         .apply = key_restore};
const struct tx_type type_key_rotate = {.name = "key.rotate",
                                        .english = "Put a new key in the place of one",
                                        .chinese = "更换密钥",
                                        .clause = "PT 6",
                                        .roles = BY(CHIEF) | BY(COMPILE) | BY(REVIEW) |
                                                 BY(APPROVE) | BY(GATEWAY) | BY(ADMIN),
                                        .parties = 0,
                                        .fields = fields_key_rotate,
                                        .reads_max = 24,
                                        .writes_max = 14,
                                        .cost = 200,
                                        .apply = key_rotate};
