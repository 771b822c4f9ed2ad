/* Asking one untrusted node for certified headers. */
#include "node/cli/follow_source.h"

#include "base/doc.h"
#include "base/errors.h"
#include "base/memory.h"
#include "node/cli/cli_node.h"

#include <inttypes.h>
#include <stdio.h>

#define NOT_A_NUMBER INT64_C(-1)

bool follow_source_is_trouble(int error)
{
    return error == ERR_NETWORK || error == ERR_TIMEOUT || error == ERR_UNAVAILABLE ||
           error == ERR_PRUNED;
}

/* What the answer says of the node before anything in it is read. */
static int judge_answer(struct doc **out, struct faults *faults, int error,
                        const struct cli_http_answer *answer)
{
    if (error == ERR_TOO_LARGE)
        return faults_add(faults, ERR_NODE_ANSWER, NULL, "body: endless");
    if (error != 0)
        return faults_add(faults, error, NULL, "%s", "");
    if (answer->status == 429 || answer->status >= 500)
        return faults_add(faults, ERR_UNAVAILABLE, NULL, "HTTP %ld", answer->status);
    AUTO(doc_free) struct doc *body = NULL;
    error = doc_parse(&body, view_of_buf(&answer->body), CLI_ANSWER_BYTES_MAX);
    if (doc_text_is(body, "code", error_code(ERR_PRUNED)))
        return faults_add(faults, ERR_PRUNED, NULL, "HTTP %ld", answer->status);
    if (answer->status != 200 || error != 0)
        return faults_add(faults, ERR_NODE_ANSWER, NULL, "HTTP %ld", answer->status);
    *out = doc_ref(body);
    return 0;
}

static int ask(struct doc **out, struct follow_source *source, struct faults *faults,
               const char *path)
{
    char url[CLI_URL_BYTES_MAX];
    AUTO(cli_http_answer_free) struct cli_http_answer answer = {0};
    int len = snprintf(url, sizeof url, "%s%s", source->url, path);
    if (len < 0 || (size_t)len >= sizeof url)
        return faults_add(faults, ERR_FIELD_LENGTH, NULL, "url");
    int error = cli_http_get(source->http, &answer, url, source->timeout_ms);
    return judge_answer(out, faults, error, &answer);
}

static int read_items(struct follow_batch *out, struct faults *faults, const struct doc *headers,
                      uint64_t from)
{
    for (size_t i = 0; i < doc_count(headers); i++) {
        char claim[48];
        (void)snprintf(claim, sizeof claim, "height %" PRIu64, from + i);
        int error = light_item_get(&out->item[i], faults, doc_at(headers, i), claim);
        if (error != 0)
            return error;
        if (out->item[i].header.height != from + i)
            return faults_add(faults, ERR_NODE_ANSWER, NULL, "%s: another height", claim);
    }
    out->count = doc_count(headers);
    return 0;
}

/* Its height only ever grows. */
static int note_tip(struct follow_source *source, struct faults *faults, const struct doc *answer)
{
    int64_t tip = doc_get_int(answer, "tip", NOT_A_NUMBER);
    if (tip < 0)
        return faults_add(faults, ERR_NODE_ANSWER, NULL, "tip");
    source->tip = (uint64_t)tip;
    if (source->tip < source->highest)
        return faults_add(faults, ERR_NODE_LOWER, NULL, "height %" PRIu64 " < %" PRIu64,
                          source->tip, source->highest);
    return 0;
}

int follow_source_headers(struct follow_batch *out, struct follow_source *source,
                          struct faults *faults, const struct hash *genesis_hash, uint64_t from,
                          size_t count)
{
    AUTO(doc_free) struct doc *answer = NULL;
    char path[96], expected[2 * HASH_BYTES + 1];
    out->count = 0;
    (void)snprintf(path, sizeof path, "/v1/headers?from=%" PRIu64 "&count=%zu", from, count);
    int error = ask(&answer, source, faults, path);
    if (error != 0)
        return error;
    hash_to_hex(expected, genesis_hash);
    const struct doc *headers = doc_get(answer, "headers");
    if (doc_kind(headers) != DOC_ARRAY || doc_get_text(answer, "genesis") == NULL)
        return faults_add(faults, ERR_NODE_ANSWER, NULL, "headers");
    if (!doc_text_is(answer, "genesis", expected))
        return faults_add(faults, ERR_NODE_CHAIN, NULL, "genesis");
    error = note_tip(source, faults, answer);
    if (error != 0)
        return error;
    /* As many as were asked for, or fewer where the chain ends or the answer is full: never none.
     */
    size_t got = doc_count(headers);
    if (got > count || (got == 0) != (from > source->tip) ||
        (got > 0 && from + got - 1 > source->tip))
        return faults_add(faults, ERR_NODE_ANSWER, NULL, "headers: %zu", got);
    return read_items(out, faults, headers, from);
}

int follow_source_start(struct doc **out, struct follow_source *source, struct faults *faults,
                        uint64_t height)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/packs/start/%" PRIu64, height);
    return ask(out, source, faults, path);
}
