/* What the commands about validators share: a look at who votes at present, as the asked node sees
 * it, and the preflight made from it (cli_validator.c); the commands themselves. */
#ifndef DIRCHAIN_NODE_CLI_CLI_VALIDATOR_H
#define DIRCHAIN_NODE_CLI_CLI_VALIDATOR_H

#include "node/cli/cli_node.h"

struct cli_look {
    struct doc *status;
    struct doc *validators; /* state record */
    struct doc *took_part;  /* members with a vote or a block among the last ones */
};
int cli_look_at(struct cli_look *look, struct cli_node *node); /* 0 or an exit code */
void cli_look_free(struct cli_look *look);
/* The asked node itself, or linked to it and not behind. */
bool cli_look_is_level(const struct cli_look *look, const char *member);

/* Refuses a change {"add","remove"} that could stop the chain as the asked node sees it; --force of
 * the command goes past it. 0 or an exit code. */
int cli_validator_preflight(struct cli *cli, const struct doc *change);

int cli_validator_status_run(struct cli *cli); /* cli_validator_status.c */
extern const struct cli_option cli_options_status[];

/* Borrowed from the look: the set that decides the next height, and the one to come, or NULL. */
struct cli_sets {
    const struct doc *in_force, *to_come;
    int64_t height; /* of the newest block */
};
struct cli_sets cli_sets_of(const struct cli_look *look);
/* The vote key of the member's seat; NULL: it has none. */
const char *cli_set_key(const struct doc *set, const char *member);

/* Adds what is on record of double votes to both: "evidence", "evidence_more", "outcomes",
 * "effect". 0 or an exit code. */
int cli_validator_evidence(struct buf *words, struct doc *result, struct cli_node *node,
                           const struct cli_sets *sets);

int cli_validator_prove_run(struct cli *cli); /* cli_validator_rotate.c */
int cli_validator_rotate_run(struct cli *cli);
extern const struct cli_act cli_act_rotate;
extern const struct cli_option cli_options_rotate[];

int cli_validator_resume_run(struct cli *cli); /* cli_validator_resume.c */
extern const struct cli_act cli_act_resume;
extern const struct cli_option cli_options_resume[];

#endif
