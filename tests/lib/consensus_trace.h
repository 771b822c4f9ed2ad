/* Writes what a state machine of consensus was told and what it answered: one line of JSON for each
 * step. tests/model/check_trace.py reads it and judges it by the rules of docs/spec/consensus.md.
 *
 * Whoever wraps consensus_step at link time calls this after the real one. Hashes are cut to their
 * first eight bytes; signatures are left out. */
#ifndef DIRCHAIN_TESTS_LIB_CONSENSUS_TRACE_H
#define DIRCHAIN_TESTS_LIB_CONSENSUS_TRACE_H

#include "consensus/consensus.h"

/* Whose step it was. */
struct trace_node {
    const char *name;   /* of the node, whatever life it is in */
    const char *member; /* whose key it has; "": an observer */
    unsigned life;
    const struct hash *genesis;
    bool honest; /* nobody else has its key, and its host does what it is told */
};

/* Ends the process if the file cannot be made. */
void consensus_trace_open(const char *path);
bool consensus_trace_is_open(void);
/* Another network begins: nothing before it counts. NULL timing: every height brings its own. */
void consensus_trace_world(uint64_t seed, const struct consensus_timing *timing);
/* `before`: the status when the step began; `effects` as they came out. */
void consensus_trace_step(const struct trace_node *node, const struct consensus_status *before,
                          const struct event *event, int error, const struct effects *effects,
                          const struct consensus_status *after);
void consensus_trace_close(void);

#endif
