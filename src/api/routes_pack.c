/* What audit packs are put together from: a line for each block, and the line of the block before
 * a range (chain/pack.h). The one who fetches verifies; nothing here is believed. */
#include "api/api_internal.h"
#include "base/errors.h"
#include "chain/pack.h"

#include <stdlib.h>
#include <string.h>

/* The {height} of the path; 0 (no block has it) when it is no number. */
static uint64_t height_of(struct http_request *request)
{
    const char *text = http_path_part(request, "height");
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 15 && text[digits] == 0 ? strtoull(text, NULL, 10) : 0;
}

static void answer_line(struct http_request *request, int error, struct doc *line)
{
    if (error)
        http_answer_problem(request, error, NULL);
    else
        http_answer_doc(request, 200, line);
}

static void serve_block_line(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    struct doc *line = NULL;
    if (!api_view(&view, context, request))
        return;
    bool keys = doc_get_bool(http_query(request), "keys", false);
    int error = pack_block_line(&line, &view, height_of(request), keys);
    answer_line(request, error, line);
}

static void serve_start_line(void *context, struct http_request *request)
{
    AUTO(store_view_close) struct store_view view = {0};
    struct doc *line = NULL;
    if (!api_view(&view, context, request))
        return;
    int error = pack_start_line(&line, &view, height_of(request));
    answer_line(request, error, line);
}

static const struct field fields_block_line[] = {
    {.name = "keys",
     .kind = FIELD_BOOL,
     .english = "With the signers' key records and proofs: for ranges that begin after height 1.",
     .chinese = "附签名者密钥记录及证明（用于不自高度 1 起的区间）。"},
    {.name = NULL},
};

const struct http_route routes_pack[] = {
    {.method = "GET",
     .path = "/v1/packs/blocks/{height}",
     .serve = serve_block_line,
     .query = fields_block_line,
     .english = "A block as a line of an audit pack",
     .chinese = "审计包中的区块行"},
    {.method = "GET",
     .path = "/v1/packs/start/{height}",
     .serve = serve_start_line,
     .english = "The block before a range, as the start line of an audit pack",
     .chinese = "审计包的起始行（区间之前的区块）"},
    {.method = NULL},
};
