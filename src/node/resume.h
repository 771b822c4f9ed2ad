/* The override of a hold (engine.h): the member's chief signs a transaction validator.resume, and
 * whoever runs the node puts it into the node's home as RESUME_FILE. The node judges it by its own
 * ledger and clock, lifts the hold that it names and no other, and submits it to the ledger until
 * that has it: the chain may stand still for lack of this very vote. Then the file goes.
 *
 *   file ──► WAITING ──► REFUSED (code)            set aside as RESUME_REFUSED_FILE
 *               └─────► LIFTED ──► COMMITTED       RESUME_LIFTED_FILE meanwhile, then removed
 *
 * A transaction is judged against the hold of the moment, lifts once, and never lies in wait for a
 * hold to come: what lifts nothing is set aside, and what goes to the ledger has another name
 * before it lifts anything, so that after a crash it is on record rather than good for one hold
 * more. One that the ledger has already, through another node, lifts the hold that it names all the
 * same, as long as it has not expired. What is no transaction stays, and is looked at again: it may
 * still be being written. Loop's thread only. */
#ifndef DIRCHAIN_NODE_RESUME_H
#define DIRCHAIN_NODE_RESUME_H

#include "node/engine.h"
#include "node/intake.h"

#define RESUME_FILE "resume.jws"
#define RESUME_LIFTED_FILE "resume.lifted.jws"
#define RESUME_REFUSED_FILE "resume.refused.jws"

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
