/* The command-line tool dirchain: families of commands as tables.
 *
 *   main_dirchain.c → cli_main → a row of cli_families → a row of its commands → run
 *
 * Exit codes are an interface: 0 ok, 1 refused (by the ledger, or by its rules here), 2 usage,
 * 3 environment. Results go to standard output (words, or one JSON document with --json); what
 * went wrong goes to standard error, with --json as a problem document to standard output.
 * Nothing secret is ever an argument. */
#ifndef DIRCHAIN_NODE_CLI_CLI_H
#define DIRCHAIN_NODE_CLI_CLI_H

#include "base/doc.h"
#include "base/faults.h"
#include "base/keyfile.h"
#include "node/cli/cli_options.h"

enum cli_exit { CLI_OK = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_ENVIRONMENT = 3 };

/* What a command needs: each adds its table of options. */
enum cli_needs {
    CLI_NEEDS_KEY = 1,    /* --key, --passphrase-file */
    CLI_NEEDS_NODE = 2,   /* --node, --timeout-s */
    CLI_NEEDS_SUBMIT = 4, /* --genesis, --chain, --expires-s, --no-wait */
    CLI_NEEDS_TOKEN = 8,  /* --token-file */
    CLI_WRITES = CLI_NEEDS_KEY | CLI_NEEDS_NODE | CLI_NEEDS_SUBMIT
};

struct cli;
struct cli_act;  /* cli_act.h */
struct cli_view; /* cli_view.h */

struct cli_command {
    const char *name;      /* one word or two ("key add"); "" when the family is the command;
                            * NULL ends a table */
    const char *arguments; /* for help: "FILE…"; NULL if there are none */
    size_t arguments_min;
    size_t arguments_max;
    const char *english; /* one sentence */
    const char *chinese;
    unsigned needs;
    const struct cli_option *options; /* its own; may be NULL */
    const struct cli_act *act;        /* a transaction whose body is made from options; or NULL */
    const struct cli_view *view;      /* a list or record from the node; or NULL */
    int (*run)(struct cli *cli);      /* returns an exit code */
};

struct cli_family {
    const char *name; /* NULL ends the table */
    const char *english;
    const char *chinese;
    const struct cli_command *commands;
};
extern const struct cli_family cli_families[];

/* One invocation. */
struct cli {
    const struct cli_family *family;
    const struct cli_command *command;
    struct cli_options options;
    struct cli_option *act_options; /* made from the type's table; owned */
    bool json;
    size_t columns; /* of standard output */
};

int cli_main(int argc, char **argv);

/* ---- what commands share (cli_common.c) ---- */

/* Environment or a default for an option; NULL without either. */
const char *cli_setting(const struct cli *cli, const char *option, const char *variable);

/* The exit code of an error's kind: environment 3, usage 2, everything else 1. */
int cli_exit_of(int error);
/* Prints one sentence: detail, what the error means, its code. Returns the exit code of the
 * error's kind: environment 3, usage 2, everything else 1. */
int cli_fail(struct cli *cli, int error, const char *detail_format, ...)
    __attribute__((format(printf, 3, 4)));
/* Prints a sentence and all faults. The exit code is that of the first fault. */
int cli_refuse(struct cli *cli, const struct faults *faults, const char *detail_format, ...)
    __attribute__((format(printf, 3, 4)));
/* Prints a problem document as a node gave it. */
int cli_problem(struct cli *cli, const struct doc *problem);
/* A command line that cannot be: says why and where help is. Returns CLI_USAGE. */
int cli_usage(struct cli *cli, const char *detail_format, ...)
    __attribute__((format(printf, 2, 3)));

/* The result: as JSON when that was asked for, otherwise `words`. */
int cli_result(struct cli *cli, const struct doc *result, struct buf *words);
/* Text to standard output. */
void cli_print(const struct buf *text);
/* Words for people, to standard output and to standard error: lines fit the terminal. */
void cli_print_words(struct buf *words);
void cli_tell_words(struct buf *words);

/* Reads a JSON file; says what is wrong with it. 0 or an exit code. */
int cli_read_doc(struct cli *cli, struct doc **out, const char *path, size_t bytes_max);
/* The same of what was read already from the file of that name. */
int cli_parse_doc(struct cli *cli, struct doc **out, const char *path, struct view text,
                  size_t bytes_max);
/* Writes a document for people to a new file. 0 or an exit code. */
int cli_write_doc(struct cli *cli, const struct doc *doc, const char *path, unsigned mode);
/* From --passphrase-file, or asked for on the terminal. 0 or an exit code. */
int cli_passphrase(struct cli *cli, struct passphrase *out, const char *prompt, bool confirm);
/* Opens the key file of --key (or DIRCHAIN_KEY). 0 or an exit code. */
int cli_open_key(struct cli *cli, struct keyfile *out);
/* Opens the file of a key that is to take another's place, of this kind. 0 or an exit code. */
int cli_open_new_key(struct cli *cli, struct keyfile *out, const char *path, enum keyfile_kind kind,
                     const char *prompt);
/* Splits "<member>/<name>". False if the label is no such thing. */
bool cli_split_label(char member[MEMBER_ID_CHARS + 1], char name[KEY_NAME_CHARS_MAX + 1],
                     const char *label);

/* ---- the families (one file each) ---- */

extern const struct cli_command cli_key_commands[];
extern const struct cli_command cli_genesis_commands[];
extern const struct cli_command cli_member_commands[];
extern const struct cli_command cli_officer_commands[];
extern const struct cli_command cli_delegation_commands[];
extern const struct cli_command cli_designation_commands[];
extern const struct cli_command cli_validator_commands[];
extern const struct cli_command cli_profile_commands[];
extern const struct cli_command cli_calendar_commands[];
extern const struct cli_command cli_duty_commands[];
extern const struct cli_command cli_open_commands[];
extern const struct cli_command cli_catalog_commands[];
extern const struct cli_command cli_request_commands[];
extern const struct cli_command cli_agreement_commands[];
extern const struct cli_command cli_dispute_commands[];
extern const struct cli_command cli_fusion_commands[];
extern const struct cli_command cli_need_commands[];
extern const struct cli_command cli_upper_commands[];
extern const struct cli_command cli_grant_commands[];
extern const struct cli_command cli_matter_commands[];
extern const struct cli_command cli_notice_commands[];
extern const struct cli_command cli_risk_commands[];
extern const struct cli_command cli_case_commands[];
extern const struct cli_command cli_measure_commands[];
extern const struct cli_command cli_rectify_commands[];
extern const struct cli_command cli_disclosure_commands[];
extern const struct cli_command cli_incident_commands[];
extern const struct cli_command cli_feedback_commands[];
extern const struct cli_command cli_quality_commands[];
extern const struct cli_command cli_onward_commands[];
extern const struct cli_command cli_transfer_commands[];
extern const struct cli_command cli_assessment_commands[];
extern const struct cli_command cli_deadline_commands[];
extern const struct cli_command cli_tx_commands[];
extern const struct cli_command cli_status_commands[];
extern const struct cli_command cli_audit_commands[];
extern const struct cli_command cli_explorer_commands[];

#endif
