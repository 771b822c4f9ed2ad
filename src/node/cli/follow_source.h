/* One node as a light client asks it: for certified headers, bounded in every way. Nothing that it
 * says is believed here but the height it claims, and that only against itself. */
#ifndef DIRCHAIN_NODE_CLI_FOLLOW_SOURCE_H
#define DIRCHAIN_NODE_CLI_FOLLOW_SOURCE_H

#include "chain/light.h"
#include "node/cli/cli_http.h"

struct follow_source {
    const char *url; /* borrowed; without a slash at the end */
    struct cli_http *http;
    int64_t timeout_ms;
    uint64_t tip;     /* that it claimed last */
    uint64_t highest; /* that it has ever shown: certified headers were there up to it */
};

struct follow_batch {
    size_t count;
    struct light_item item[HTTP_HEADERS_ITEMS_MAX];
};

/* Certified headers from a height on, at most `count`: consecutive heights, forms and sets checked,
 * nothing else. Faults name what is wrong.
 * ERR_NETWORK, ERR_TIMEOUT, ERR_UNAVAILABLE (it is busy), ERR_PRUNED: no node that lies;
 * ERR_NODE_ANSWER (no such answer, too long a body, a redirect, too few headers), ERR_NODE_CHAIN,
 * ERR_NODE_LOWER, and those of light_item_get. */
int follow_source_headers(struct follow_batch *out, struct follow_source *source,
                          struct faults *faults, const struct hash *genesis_hash, uint64_t from,
                          size_t count);
/* The start line of a height (chain/pack.h); caller owns. Errors as above. */
int follow_source_start(struct doc **out, struct follow_source *source, struct faults *faults,
                        uint64_t height);
/* Whether the error tells of the way to the node, and not of the node. */
bool follow_source_is_trouble(int error);

#endif
