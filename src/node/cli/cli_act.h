/* Acts on the ledger from options: a command that is a transaction names its type, and everything
 * else follows from the type's table: the options, their help, the body and its faults.
 *
 *   field            option                      value
 *   text, code …     --name-of-field TEXT
 *   object           --object.field …            its fields
 *   digest of a      --name-of-field HASH
 *     paper          --name-of-field-file FILE   made here; the paper stays off the ledger
 *   list of texts    --list TEXT --list TEXT
 *   list of objects  --list 'first|second'       fields in the order of the table; or JSON {…};
 *                                                without "|": the first required field
 *   the whole body   --from FILE                 JSON; options add to it and replace
 */
#ifndef DIRCHAIN_NODE_CLI_CLI_ACT_H
#define DIRCHAIN_NODE_CLI_CLI_ACT_H

#include "chain/schema.h"
#include "node/cli/cli.h"

struct cli_act {
    const char *type;           /* "request.answer"; NULL: no transaction, but what `fields` say */
    const struct field *fields; /* NULL: those of the type */
    const char *arguments;      /* fields given as arguments, in order: "provider code"; or NULL */
    /* State key of the record acted on, e.g. "entry/{provider}/{code}": {field} is taken from the
     * body, {member} from the signing key if the body has none. Its version becomes acts_on. */
    const char *subject;
    const char *completed; /* required fields that are found out if not given; or NULL */
    /* Without --from, what is not given of this object of the body stays as the record has it, and
     * what is given as "" goes; or NULL. Lists are given whole. */
    const char *amends;
    /* State key of what to tell about afterwards; {txid} is the transaction. NULL: the subject. */
    const char *shows;
};

const struct field *cli_act_fields(const struct cli_act *act);
/* Options of the type's table, ended by a NULL name. Owned by the caller. */
struct cli_option *cli_act_options(const struct cli_act *act);
void cli_act_options_free(struct cli_option *options);
/* The body that options, --from and arguments give, not checked yet. 0 or an exit code. */
int cli_act_body(struct cli *cli, struct doc **out);

#endif
