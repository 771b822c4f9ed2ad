/* The override of a hold (engine.h): the member's chief signs a transaction validator.resume, and
 * whoever runs the node puts it into the node's home as RESUME_FILE. The node judges it by its own
 * ledger and clock, lifts the hold that it names and no other, and submits it to the ledger until
 * that has it: the chain may stand still for lack of this very vote. Then the file goes.
 *
 *   file ──► WAITING ──► REFUSED (code)            looked at again every second, as is a new file
 *               └─────► LIFTED ──► COMMITTED       the file is removed
 *
 * Loop's thread only. */
#ifndef DIRCHAIN_NODE_RESUME_H
#define DIRCHAIN_NODE_RESUME_H

#include "node/engine.h"
#include "node/intake.h"

#define RESUME_FILE "resume.jws"

struct resume;

struct resume *resume_open(const struct node_parts *parts, struct engine *engine,
                           struct intake *intake, const char *data_directory);
void resume_free(struct resume **resume);
/* Once a second. */
void resume_tick(struct resume *resume);

enum resume_state { RESUME_NONE, RESUME_WAITING, RESUME_REFUSED, RESUME_LIFTED, RESUME_COMMITTED };
struct resume_status {
    enum resume_state state; /* NONE: no file was there since the start */
    struct hash txid;        /* zero if the file holds no transaction */
    int error;               /* of REFUSED */
};
struct resume_status resume_status(const struct resume *resume);

#endif
