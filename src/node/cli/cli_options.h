/* Options of the command line, as tables. A command's options come from one or more tables; the
 * same tables give its help. All that is wrong with a command line is told at once.
 *
 *   --name value   --name=value   --flag   --flag=true|false   --   (ends the options)
 *
 * A value that begins with "--" is given with "=". */
#ifndef DIRCHAIN_NODE_CLI_OPTIONS_H
#define DIRCHAIN_NODE_CLI_OPTIONS_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cli_kind {
    CLI_FLAG, /* true when given; --flag=false says so aloud */
    CLI_TEXT,
    CLI_INT,
    CLI_LIST /* text, may be given several times */
};

struct cli_option {
    const char *name; /* without "--"; NULL ends a table */
    enum cli_kind kind;
    bool required;
    const char *value;   /* how help calls the value: "FILE"; NULL for flags */
    const char *english; /* what it means, one sentence */
    const char *chinese;
    const char *clause; /* or NULL */
};

#define CLI_TABLES_MAX 8

/* What was given. Texts are borrowed from argv, options from the tables. */
struct cli_given {
    const struct cli_option *option;
    const char *text; /* "true" or "false" for flags */
    int64_t number;
};
struct cli_options {
    const struct cli_option *tables[CLI_TABLES_MAX]; /* NULL ones are skipped */
    size_t table_count;
    struct cli_given *given;
    size_t given_count;
    const char **arguments; /* what is no option, in order */
    size_t argument_count;
    bool help; /* --help or -h was among them: nothing else counts */
};

void cli_options_add(struct cli_options *options, const struct cli_option *table);
/* Reads argv[0 … argc) against the tables. Problems are appended to `problems`, one line each
 * (Chinese and English); false if there are any. Required options are demanded unless help is. */
bool cli_options_read(struct cli_options *options, struct buf *problems, int argc, char **argv);
void cli_options_free(struct cli_options *options);

/* A value by option name. Asking for an option that no table has is our own bug. */
const char *cli_options_text(const struct cli_options *options, const char *name); /* or NULL */
int64_t cli_options_int(const struct cli_options *options, const char *name, int64_t otherwise);
bool cli_options_flag(const struct cli_options *options, const char *name);
size_t cli_options_count(const struct cli_options *options, const char *name);
const char *cli_options_text_at(const struct cli_options *options, const char *name, size_t index);

/* The tables for people: one option a paragraph, Chinese first, at most `columns` wide. */
void cli_options_help(struct buf *out, const struct cli_options *options, size_t columns);

#endif
