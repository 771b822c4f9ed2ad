/* Reading a command line against tables of options, and describing the tables. */
#include "node/cli/cli_options.h"

#include "base/ensure.h"
#include "base/memory.h"
#include "node/cli/cli_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIKENESS_MAX 3    /* edits between what was typed and what is proposed */
#define NAME_BYTES_MAX 64 /* of names compared for likeness */
#define LEFT_COLUMNS 28   /* of the option itself in help */
#define LEFT_INDENT 6     /* where a long one goes on */

void cli_options_add(struct cli_options *options, const struct cli_option *table)
{
    ENSURE(options->table_count < CLI_TABLES_MAX);
    options->tables[options->table_count++] = table;
}

void cli_options_free(struct cli_options *options)
{
    memory_free(options->given);
    memory_free(options->arguments);
    *options = (struct cli_options){0};
}

/* The option of a name, which need not end with NUL. */
static const struct cli_option *find(const struct cli_options *options, const char *name,
                                     size_t len)
{
    for (size_t i = 0; i < options->table_count; i++) {
        const struct cli_option *option = options->tables[i];
        for (; option != NULL && option->name != NULL; option++) {
            if (strlen(option->name) == len && strncmp(option->name, name, len) == 0) {
                return option;
            }
        }
    }
    return NULL;
}

/* ---- what was meant ---- */

/* Levenshtein distance, for short names. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t row[NAME_BYTES_MAX + 1];
    size_t b_len = strlen(b);
    if (a_len > NAME_BYTES_MAX || b_len > NAME_BYTES_MAX) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replace = diagonal + (a[i - 1] != b[j - 1]);
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = replace < least ? replace : least;
        }
    }
    return row[b_len];
}

static void propose(struct buf *problems, const struct cli_options *options, const char *name,
                    size_t len)
{
    const char *best = NULL;
    size_t least = LIKENESS_MAX + 1;
    for (size_t i = 0; i < options->table_count; i++) {
        const struct cli_option *option = options->tables[i];
        for (; option != NULL && option->name != NULL; option++) {
            size_t edits = distance(name, len, option->name);
            if (edits < least) {
                least = edits;
                best = option->name;
            }
        }
    }
    if (best != NULL) {
        buf_append_format(problems, " 是否指 Did you mean --%s?", best);
    }
    buf_append_text(problems, "\n");
}

/* ---- reading ---- */

static bool read_int(int64_t *out, const char *text)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != 0 || *text == ' ' || *text == '+') {
        return false;
    }
    *out = value;
    return true;
}

static bool is_given(const struct cli_options *options, const struct cli_option *option)
{
    for (size_t i = 0; i < options->given_count; i++) {
        if (options->given[i].option == option) {
            return true;
        }
    }
    return false;
}

static void take(struct cli_options *options, struct buf *problems, const struct cli_option *option,
                 const char *text)
{
    struct cli_given given = {.option = option, .text = text};
    if (option->kind != CLI_LIST && is_given(options, option)) {
        buf_append_format(problems, "--%s 只能给出一次 may be given only once.\n", option->name);
        return;
    }
    if (option->kind == CLI_INT && !read_int(&given.number, text)) {
        buf_append_format(problems, "--%s 应为整数 takes an integer.\n", option->name);
        return;
    }
    if (option->kind == CLI_FLAG && strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
        buf_append_format(problems, "--%s 只接受 true 或 false takes true or false only.\n",
                          option->name);
        return;
    }
    options->given[options->given_count++] = given;
}

/* Reads the option at argv[i]; the index of the last argument it used. */
static int read_option(struct cli_options *options, struct buf *problems, int i, int argc,
                       char **argv)
{
    const char *name = argv[i] + 2;
    const char *equals = strchr(name, '=');
    size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
    const struct cli_option *option = find(options, name, len);
    if (option == NULL) {
        buf_append_format(problems, "没有选项 No such option: --%.*s.", (int)len, name);
        propose(problems, options, name, len);
        /* A value that follows is the unknown option's, most likely: no second complaint. */
        return equals == NULL && i + 1 < argc && argv[i + 1][0] != '-' ? i + 1 : i;
    }
    if (equals != NULL) {
        take(options, problems, option, equals + 1);
    } else if (option->kind == CLI_FLAG) {
        take(options, problems, option, "true");
    } else if (i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0) {
        take(options, problems, option, argv[++i]);
    } else {
        buf_append_format(problems, "--%s 缺少值 needs a value: %s.\n", option->name,
                          option->value == NULL ? "TEXT" : option->value);
    }
    return i;
}

static void demand_required(const struct cli_options *options, struct buf *problems)
{
    for (size_t i = 0; i < options->table_count; i++) {
        const struct cli_option *option = options->tables[i];
        for (; option != NULL && option->name != NULL; option++) {
            if (option->required && !is_given(options, option)) {
                buf_append_format(problems, "缺少必填选项 Missing: --%s %s（%s %s）\n",
                                  option->name, option->value == NULL ? "" : option->value,
                                  option->chinese, option->english);
            }
        }
    }
}

bool cli_options_read(struct cli_options *options, struct buf *problems, int argc, char **argv)
{
    size_t before = problems->len;
    bool ended = false;
    options->given = memory_alloc(((size_t)argc + 1) * sizeof *options->given);
    options->arguments = memory_alloc(((size_t)argc + 1) * sizeof *options->arguments);
    for (int i = 0; i < argc; i++) {
        bool dashes = !ended && argv[i][0] == '-' && argv[i][1] == '-';
        if (dashes && argv[i][2] == 0) {
            ended = true;
        } else if (!ended && (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)) {
            options->help = true;
        } else if (dashes) {
            i = read_option(options, problems, i, argc, argv);
        } else if (!ended && argv[i][0] == '-' && argv[i][1] != 0) {
            buf_append_format(problems, "没有选项 No such option: %s.\n", argv[i]);
        } else {
            options->arguments[options->argument_count++] = argv[i];
        }
    }
    if (options->help) {
        problems->len = before;
        return true;
    }
    demand_required(options, problems);
    return problems->len == before;
}

/* ---- asking ---- */

static const struct cli_given *given_at(const struct cli_options *options, const char *name,
                                        size_t index)
{
    const struct cli_option *option = find(options, name, strlen(name));
    ENSURE(option != NULL);
    for (size_t i = 0; i < options->given_count; i++) {
        if (options->given[i].option == option && index-- == 0) {
            return &options->given[i];
        }
    }
    return NULL;
}

const char *cli_options_text_at(const struct cli_options *options, const char *name, size_t index)
{
    const struct cli_given *given = given_at(options, name, index);
    return given == NULL ? NULL : given->text;
}

const char *cli_options_text(const struct cli_options *options, const char *name)
{
    return cli_options_text_at(options, name, 0);
}

int64_t cli_options_int(const struct cli_options *options, const char *name, int64_t otherwise)
{
    const struct cli_given *given = given_at(options, name, 0);
    return given == NULL ? otherwise : given->number;
}

bool cli_options_flag(const struct cli_options *options, const char *name)
{
    const struct cli_given *given = given_at(options, name, 0);
    return given != NULL && strcmp(given->text, "true") == 0;
}

size_t cli_options_count(const struct cli_options *options, const char *name)
{
    size_t count = 0;
    while (given_at(options, name, count) != NULL) {
        count++;
    }
    return count;
}

/* ---- help ---- */

static void help_one(struct buf *out, const struct cli_option *option, size_t columns)
{
    AUTO(buf_free) struct buf left = {0};
    AUTO(buf_free) struct buf right = {0};
    buf_append_format(&left, "  --%s%s%s%s", option->name, option->value == NULL ? "" : " ",
                      option->value == NULL ? "" : option->value, option->required ? " *" : "");
    buf_append_format(&right, "%s %s", option->chinese == NULL ? "" : option->chinese,
                      option->english == NULL ? "" : option->english);
    if (option->kind == CLI_LIST) {
        buf_append_text(&right, " 可重复 Repeatable.");
    }
    if (option->clause != NULL) {
        buf_append_format(&right, " [%s]", option->clause);
    }
    size_t width = cli_text_width(buf_text(&left));
    cli_text_wrap(out, buf_text(&left), 0, LEFT_INDENT, columns);
    if (width + 2 > LEFT_COLUMNS) {
        buf_append_text(out, "\n");
        width = 0;
    }
    for (; width < LEFT_COLUMNS; width++) {
        buf_append_text(out, " ");
    }
    cli_text_wrap(out, buf_text(&right), LEFT_COLUMNS, LEFT_COLUMNS, columns);
    buf_append_text(out, "\n");
}

void cli_options_help(struct buf *out, const struct cli_options *options, size_t columns)
{
    for (size_t i = 0; i < options->table_count; i++) {
        const struct cli_option *option = options->tables[i];
        for (; option != NULL && option->name != NULL; option++) {
            help_one(out, option, columns);
        }
    }
}
