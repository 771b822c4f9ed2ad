/* Access to data: the bodies of access.*. No parameter and no result stands on the chain, only
 * commitments under a fresh salt whose opening stays with the gateway. */
#include "chain/rules/bars.h"
#include "chain/rules/tables.h"

static const char *const choices_side[] = {"provider", "consumer", NULL};
static const char *const choices_result[] = {"complete", "partial", "empty", "failed", NULL};
static const char *const choices_refusal[] = {"not-granted",   "expired",      "suspended",
                                              "off-purpose",   "off-scope",    "over-quota",
                                              "not-certified", "stale-ledger", NULL};

#define ACCESS_COMMON                                                                              \
    F("grant", HASH, MUST, 0, 0, "The grant.", "授权。", "E2"),                                    \
        F("acts_on", HASH, MUST, 0, 0, "Its current version.", "授权当前版本。", NULL),            \
        F("system", TEXT, MUST, 1, 200, "Using system, as granted.", "使用系统，与授权一致。",     \
          "CESI 6.4.2"),                                                                           \
        F("operator", CODE, MUST, 1, 64,                                                           \
          "Who uses it: the name of a gateway key of the consumer, in force; never a person's.",   \
          "使用人：使用方现行有效的网关密钥名称，不得为姓名。", "CESI 6.4.2"),                     \
        F("purpose", TEXT, MUST, 2, 500, "Purpose, as granted.", "用途，与授权一致。", "PT 25")
/* Known before the data moves, so that opens side by side share a day's quota between them. One
 * that may carry nothing calls no data (PT 26: 未发生数据调用), and is none. */
#define VOLUME                                                                                     \
    F("rows_max", INT, MAY, 1, DOC_INT_MAX,                                                        \
      "Most rows that may move; reserved. Under a quota, all that the day has left if not "        \
      "stated.",                                                                                   \
      "本次最多传输条数，计入当日预留；授权有配额而未填的，预留当日全部余量。", "D10"),            \
        F("bytes_max", INT, MAY, 1, DOC_INT_MAX, "Most bytes that may move, likewise.",            \
          "本次最多传输字节数，同上。", "D10")
#define COMMITMENTS                                                                                \
    F("parameters", HASH, MUST, 0, 0, "Commitment to the query's parameters.", "查询参数承诺值。", \
      "E2"),                                                                                       \
        F("authorisation", HASH, MAY, 0, 0,                                                        \
          "Commitment to the person's authorisation, where the grant is bound to it.",             \
          "当事人可信授权的承诺值（授权以此为限时）。", "PT 19")

static const struct field fields_open[] = {
    ACCESS_COMMON,
    F_CHOICE("method", MUST, choices_method, "Exchange method, as granted.",
             "交换方式，与授权一致。", "E1"),
    VOLUME,
    COMMITMENTS,
    F_END,
};
static const struct field fields_call[] = {COMMITMENTS, F_END};
static const struct field each_call[] = {EACH_OBJECT(fields_call)};
static const struct field fields_batch[] = {
    ACCESS_COMMON,
    F_CHOICE("method", MUST, choices_method, "Exchange method, as granted.",
             "交换方式，与授权一致。", "E1"),
    VOLUME,
    F_LIST("calls", MUST, 1, 1000, each_call, "One record for each call.", "逐次调用记录。", "E2"),
    F_END,
};
static const struct field fields_receipt[] = {
    F("open", HASH, MUST, 0, 0, "The access.open or access.batch (its txid).", "访问记录。", "E5"),
    F_CHOICE("side", MUST, choices_side, "Side that signs.", "签收方。", "E5"),
    F("digest", HASH, MUST, 0, 0, "Merkle root of what was sent or received.",
      "发送或接收数据的默克尔根。", "E5"),
    F("rows", INT, MUST, 0, DOC_INT_MAX, "Rows.", "条数。", "E5"),
    F("bytes", INT, MUST, 0, DOC_INT_MAX, "Bytes.", "字节数。", "E5"),
    F_CHOICE("result", MUST, choices_result, "How it ended.", "结果。", "E5"),
    F_END,
};
static const struct field fields_refused[] = {
    F("grant", HASH, MAY, 0, 0, "The grant, if there is one.", "授权（如有）。", "D10"),
    F("provider", MEMBER, MUST, 0, 0, "Whose data was asked for.", "提供方。", "D10"),
    F("consumer", MEMBER, MUST, 0, 0, "Who asked.", "使用方。", "D10"),
    F("system", TEXT, MAY, 1, 200, "Using system as stated.", "所称使用系统。", "D10"),
    F("operator", CODE, MAY, 1, 64, "Who, as stated, if it is the name of a key of the consumer.",
      "所称使用人（须为使用方的密钥名称）。", "D10"),
    F("purpose", TEXT, MAY, 2, 500, "Purpose as stated.", "所称用途。", "PT 25"),
    F_CHOICE("method", MAY, choices_method, "Exchange method.", "交换方式。", NULL),
    F("parameters", HASH, MAY, 0, 0, "Commitment to the query's parameters.", "查询参数承诺值。",
      NULL),
    F_CHOICE("reason", MUST, choices_refusal, "Why it was refused.", "拒绝原因。", "D10"),
    F_END,
};

const struct tx_type type_access_open = {.name = "access.open",
                                         .english = "Open an access",
                                         .chinese = "发起访问",
                                         .clause = "PT 30, CESI 6.4.2",
                                         .roles = BY(GATEWAY),
                                         .parties = PARTY_CONSUMER,
                                         .fields = fields_open,
                                         .reads_max = 16 + BAR_READS_MAX,
                                         .writes_max = 12,
                                         .cost = 50,
                                         .apply = access_open};
const struct tx_type type_access_batch = {.name = "access.batch",
                                          .english = "Open many calls at once",
                                          .chinese = "批量发起调用",
                                          .clause = "PT 30, CESI 6.4.2",
                                          .roles = BY(GATEWAY),
                                          .parties = PARTY_CONSUMER,
                                          .fields = fields_batch,
                                          .reads_max = 16 + BAR_READS_MAX,
                                          .writes_max = 12,
                                          .cost = 100,
                                          .apply = access_batch};
const struct tx_type type_access_receipt = {.name = "access.receipt",
                                            .english = "Receipt for an access",
                                            .chinese = "访问回执",
                                            .clause = "PT 16, CESI 5.6.1",
                                            .roles = BY(GATEWAY),
                                            .parties = 0,
                                            .fields = fields_receipt,
                                            .reads_max = 64,
                                            .writes_max = 16,
                                            .cost = 50,
                                            .apply = access_receipt};
const struct tx_type type_access_refused = {.name = "access.refused",
                                            .english = "Record a refused access",
                                            .chinese = "记录被拒访问",
                                            .clause = "PT 25",
                                            .roles = BY(GATEWAY),
                                            .parties = 0,
                                            .fields = fields_refused,
                                            .reads_max = 16,
                                            .writes_max = 4,
                                            .cost = 50,
                                            .apply = access_refused};
