/* Join requests on the command line; shared by the families member and genesis. */
#ifndef DIRCHAIN_NODE_CLI_CLI_JOIN_H
#define DIRCHAIN_NODE_CLI_CLI_JOIN_H

#include "chain/schema.h"
#include "node/cli/cli.h"

/* Reads and verifies a join request; tells what is wrong. 0 or an exit code. */
int cli_join_read(struct cli *cli, struct doc **out, const char *path);

/* The role that a key's name says: all of it, or what stands before the first hyphen. */
int cli_join_role_of(enum role *role, const char *name);

/* {"name","public"} of an officer's key file, and "role" when the name says one; `member` (may be
 * NULL) is whose it is. Caller owns. 0 or an exit code. */
int cli_join_key(struct cli *cli, struct doc **out, char member[MEMBER_ID_CHARS + 1],
                 const char *path);

/* dirchain member join-request and verify. */
extern const struct cli_option cli_join_options[];
int cli_join_request_run(struct cli *cli);
int cli_join_verify_run(struct cli *cli);

#endif
