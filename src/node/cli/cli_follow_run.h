/* What the parts of dirchain audit follow share: cli_follow.c does, cli_follow_tell.c tells. */
#ifndef DIRCHAIN_NODE_CLI_FOLLOW_RUN_H
#define DIRCHAIN_NODE_CLI_FOLLOW_RUN_H

#include "chain/pack.h"
#include "node/cli/cli_follow.h"
#include "node/cli/cli_node.h"
#include "node/cli/cli_output.h"
#include "node/cli/follower.h"

#define FOLLOW_NODES_MAX 16

struct follow_node {
    struct follow_source source;
    char url[CLI_NODE_URL_BYTES];
    int error; /* of the last time; told when it changes */
    bool dropped;
};

struct follow_run {
    struct cli *cli;
    struct pack_trust trust;
    struct follow_book *book;
    struct follower follower;
    struct follow_node nodes[FOLLOW_NODES_MAX];
    size_t node_count;
    const char *path;
    bool once;
    int64_t max_age_ms, interval_ms, start_ms;
    uint64_t told_height;
    bool told_old;
    struct cli_progress progress;
};

/* The newest verified block, if it was not told yet; a warning when it is old, once until it is
 * not; what a node did wrong; the summary. */
void follow_tell_verified(struct follow_run *run);
void follow_tell_age(struct follow_run *run);
void follow_tell_node(struct follow_run *run, const struct follow_node *node, int error,
                      const struct faults *faults);
void follow_tell_end(struct follow_run *run);
/* Writes the evidence of the fork and tells what it proves. Returns the exit code. */
int follow_tell_fork(struct follow_run *run, const struct follow_node *node);

#endif
