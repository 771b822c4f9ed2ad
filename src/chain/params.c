/* The table of chain parameters, and reading them. */
#include "chain/params.h"

#include "base/limits.h"

#include <stddef.h>

#define SECOND INT64_C(1000)
#define HOUR (3600 * SECOND)
#define DAY (24 * HOUR)
/* Room for the largest transaction beside header and evidence. */
#define BLOCK_BYTES_MIN (TX_BYTES_MAX + 16 * 1024)

/*     name                default        least            most */
#define PARAMS(X)                                                                                  \
    X(tx_lifetime_ms, HOUR, SECOND, DAY, "Longest lifetime of a transaction.",                     \
      "交易最长有效期（毫秒）。")                                                                  \
    X(idle_block_ms, 5 * SECOND, 100, HOUR, "An idle chain makes a block that often.",             \
      "空闲时的出块间隔（毫秒）。")                                                                \
    X(outage_ms, 600 * SECOND, SECOND, 30 * DAY, "A longer gap between blocks moves terms.",       \
      "出块间断超过此时长则期限顺延（毫秒）。")                                                    \
    X(release_max_age_ms, 30 * SECOND, SECOND, DAY,                                                \
      "Data is released only under a header younger than this.",                                   \
      "仅在最新区块头不早于此时长时放行数据（毫秒）。")                                            \
    X(precision_ms, 500, 1, HOUR, "Bound on the clock skew between correct nodes.",                \
      "正常节点间时钟偏差上限（毫秒）。")                                                          \
    X(message_delay_ms, 2 * SECOND, 1, HOUR, "Bound on the delay of a proposal in round 0.",       \
      "首轮提案传输时延上限（毫秒）。")                                                            \
    X(block_bytes_max, 4 * 1024 * 1024, BLOCK_BYTES_MIN, BLOCK_BYTES_MAX,                          \
      "Largest block in bytes.", "区块字节数上限。")                                               \
    X(block_txs_max, 4000, 1, BLOCK_TXS_MAX, "Most transactions in a block.", "区块交易数上限。")  \
    X(block_cost_max, BLOCK_COST_MAX, 1, BLOCK_COST_MAX,                                           \
      "Largest sum of the costs of a block's transactions.", "区块交易代价总和上限。")             \
    X(evidence_max_age, 10000, 1, EVIDENCE_AGE_HEIGHTS_MAX,                                        \
      "Evidence of equivocation is accepted that many heights later.", "双签证据的有效区块数。")   \
    X(member_txs_max, 2000, 1, BLOCK_TXS_MAX, "Most transactions of one member in a block.",       \
      "单个成员在一个区块中的交易数上限。")

const struct field chain_params_fields[] = {
#define X(field_name, standard, least, most, en, zh)                                               \
    {.name = #field_name,                                                                          \
     .kind = FIELD_INT,                                                                            \
     .required = true,                                                                             \
     .min = (least),                                                                               \
     .max = (most),                                                                                \
     .english = (en),                                                                              \
     .chinese = (zh)},
    PARAMS(X)
#undef X
        {.name = NULL},
};

void chain_params_complete(struct doc *params)
{
#define X(field_name, standard, least, most, en, zh)                                               \
    if (doc_get(params, #field_name) == NULL)                                                      \
        doc_set_int(params, #field_name, (standard));
    PARAMS(X)
#undef X
}

int chain_params_read(struct chain_params *out, struct faults *faults, const struct doc *params,
                      bool test)
{
    *out = (struct chain_params){.test = test};
    int error = schema_check_fields(chain_params_fields, params, "params", faults);
#define X(field_name, standard, least, most, en, zh)                                               \
    out->field_name = doc_get_int(params, #field_name, (standard));
    PARAMS(X)
#undef X
    return error;
}
