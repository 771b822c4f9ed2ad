/* Problem documents: the one place that maps errors to HTTP statuses. Everything else about an
 * error comes from base/errors.def. */
#include "api/problem.h"

#include "base/errors.h"
#include "exchange/fault_words.h"

static const struct {
    int error;
    unsigned status;
} statuses[] = {
    {ERR_TOO_LARGE, 413},
    {ERR_PERMISSION, 403},
    {ERR_SIGNATURE, 403},
    {ERR_NOT_FOUND, 404},
    {ERR_PRUNED, 410},
    {ERR_BEFORE_HISTORY, 404},
    {ERR_NOT_BEGUN, 422},
    {ERR_EXISTS, 409},
    {ERR_BUSY, 503},
    {ERR_NETWORK, 502},
    {ERR_TIMEOUT, 504},
    {ERR_UNAVAILABLE, 503},
    {ERR_IO, 500},
    {ERR_DISK_FULL, 507},
    {ERR_CORRUPT, 500},
    {ERR_STORE_FORMAT, 500},
    {ERR_TX_CHAIN, 422},
    {ERR_TX_EXPIRED, 422},
    {ERR_TX_LIFETIME, 422},
    {ERR_TX_REPLAY, 409},
    {ERR_TX_MEMBER, 403},
    {ERR_TX_SUSPENDED, 403},
    {ERR_TX_KEY, 403},
    {ERR_KEY_SUSPENDED, 403},
    {ERR_DELEGATION, 403},
    {ERR_DELEGATION_SCOPE, 403},
    {ERR_TX_ROLE, 403},
    {ERR_QUOTA, 429},
    {ERR_VERSION_STALE, 409},
    {ERR_STATUS, 409},
    {ERR_DUPLICATE, 409},
    {ERR_PARTY, 403},
    {ERR_SAME_OFFICER, 403},
    {ERR_NOT_GRANTED, 403},
    {ERR_PURPOSE, 403},
    {ERR_TEST_ONLY, 404},
    {ERR_NO_CERTIFICATE, 409},
    {ERR_SCOPE, 403},
    {ERR_PEER, 403},
    {ERR_ACCESS_KEY, 403},
    {ERR_PROVIDER_KEY, 503},
    {ERR_OPEN_EXPIRED, 410},
    {ERR_OPEN_CLOSED, 409},
    {ERR_GRANT_SUSPENDED, 403},
    {ERR_GRANT_EXPIRED, 403},
    {ERR_RESOURCE, 404},
    {ERR_STALE_LEDGER, 503},
    {ERR_DELIVERY_SHARE, 429},
    {ERR_DELIVERY_FULL, 503},
    {ERR_TRANSFER_SHARE, 429},
    {ERR_TRANSFER_FULL, 503},
    {ERR_HTTP_VERSION, 505},
    {ERR_HTTP_LENGTH_REQUIRED, 411},
    {ERR_HTTP_EXPECT, 417},
    {ERR_HTTP_HEAD_SIZE, 431},
    {ERR_HTTP_TARGET_SIZE, 414},
    {ERR_HTTP_METHOD, 405},
    {ERR_HTTP_METHOD_UNKNOWN, 501},
    {ERR_HTTP_MEDIA_TYPE, 415},
    {ERR_HTTP_CERTIFICATE, 403},
    {ERR_TOKEN, 401},
    {ERR_LOOPBACK, 403},
    {ERR_BROAD, 422},
};

unsigned problem_status(int error)
{
    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].error == error)
            return statuses[i].status;
    /* What concerns a field or a rule of the domain is well-formed but cannot be done; what is
     * left is a request that was not understood. */
    if (error >= ERR_FIELD_MISSING && error <= ERR_CALENDAR_YEAR)
        return 422;
    return error >= ERR_GENESIS && error < ERR_HTTP_LINE ? 422 : 400;
}

struct doc *problem_new(int error, const struct faults *faults)
{
    struct doc *problem = doc_new_object();
    doc_set_text(problem, "code", error_code(error));
    doc_set_text(problem, "detail", error_english(error));
    doc_set_text(problem, "detail_zh", error_chinese(error));
    if (faults && faults->dropped > 0)
        doc_set_int(problem, "dropped", (int64_t)faults->dropped);
    struct doc *list = doc_new_array();
    for (size_t i = 0; faults && i < faults->count; i++)
        doc_push(list, fault_to_doc(&faults->item[i]));
    doc_set(problem, "faults", list);
    doc_set_int(problem, "status", problem_status(error));
    doc_set_text(problem, "title", error_english(error));
    doc_set_format(problem, "type", "urn:dirchain:problem:%s", error_code(error));
    return problem;
}
