/* Bodies of transactions from command lines, by the tables of chain/schema.h. */
#include "node/cli/cli_act.h"

#include "base/civil.h"
#include "base/ensure.h"
#include "base/errors.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 384
#define OPTION_NAME_BYTES 96
#define PAPER_BYTES_MAX (64 * 1024 * 1024)

/* "sharing_reason" under "entry" → "entry.sharing-reason"; a field "from" → "from-date", since
 * --from is the file with the body. */
static void option_name(char out[OPTION_NAME_BYTES], const char *prefix, const char *field)
{
    bool is_file = prefix[0] == 0 && strcmp(field, "from") == 0;
    (void)snprintf(out, OPTION_NAME_BYTES, "%s%s%s", prefix, prefix[0] == 0 ? "" : ".",
                   is_file ? "from-date" : field);
    for (char *c = out; *c != 0; c++) {
        *c = *c == '_' ? '-' : *c;
    }
}

/* Whether the field is one of the words. */
static bool is_among(const char *words, const char *field)
{
    size_t len = strlen(field);
    for (const char *at = words; at != NULL && *at != 0;) {
        size_t word = strcspn(at, " ");
        if (word == len && strncmp(at, field, len) == 0) {
            return true;
        }
        at += word + strspn(at + word, " ");
    }
    return false;
}

/* ---- papers ---- */

/* Whether the field is the SHA-256 of a paper that stays with who files it, and may be given as the
 * file itself (--NAME-file). Other hashes name records, or are roots over a file's parts. */
static bool is_paper(const struct field *field)
{
    return field->kind == FIELD_HASH &&
           is_among("agreement document evaluation evidence filing form minutes papers plan reply "
                    "report result",
                    field->name);
}

static void paper_option(char out[OPTION_NAME_BYTES], const char *prefix, const char *field)
{
    option_name(out, prefix, field);
    size_t len = strlen(out);
    (void)snprintf(out + len, OPTION_NAME_BYTES - len, "-file");
}

/* ---- options ---- */

static const char *const kind_values[] = {
    [FIELD_TEXT] = "TEXT",      [FIELD_INT] = "N",        [FIELD_CHOICE] = "WORD",
    [FIELD_MEMBER] = "CODE",    [FIELD_HASH] = "HASH",    [FIELD_CODE] = "ID",
    [FIELD_PUBLIC_KEY] = "HEX", [FIELD_VOTE_KEY] = "HEX", [FIELD_PEER_KEY] = "HEX",
    [FIELD_DATE] = "DATE",      [FIELD_TIME] = "TIME",    [FIELD_ENDPOINT] = "HOST:PORT",
    [FIELD_OBJECT] = "JSON",    [FIELD_LIST] = "JSON",    [FIELD_BOOL] = NULL,
};

/* What help calls a value: the choices themselves if they are few, the fields of list elements. */
static char *value_word(const struct field *field, bool required)
{
    AUTO(buf_free) struct buf text = {0};
    const struct field *one = field->kind == FIELD_LIST ? field->element : field;
    if (one->kind == FIELD_CHOICE) {
        for (size_t i = 0; one->choices[i] != NULL; i++) {
            buf_append_format(&text, "%s%s", i == 0 ? "" : "|", one->choices[i]);
        }
    } else if (one->kind == FIELD_OBJECT) {
        for (size_t i = 0; one->fields[i].name != NULL; i++) {
            buf_append_format(&text, "%s%s", i == 0 ? "'" : "|", one->fields[i].name);
        }
        buf_append_text(&text, "'");
    } else if (kind_values[one->kind] != NULL) {
        buf_append_text(&text, kind_values[one->kind]);
    }
    if (required) {
        buf_append_text(&text, text.len == 0 ? "*" : " *");
    }
    return text.len == 0 ? NULL : memory_copy_text(buf_text(&text));
}

static size_t add_fields(struct cli_option *out, size_t count, const struct cli_act *act,
                         const struct field *fields, const char *prefix, bool required)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        char name[OPTION_NAME_BYTES];
        bool looked_up = strcmp(field->name, "acts_on") == 0;
        bool completed = prefix[0] == 0 && is_among(act->completed, field->name);
        bool must = required && field->required && !looked_up && !completed;
        if (prefix[0] == 0 && is_among(act->arguments, field->name)) {
            continue;
        }
        option_name(name, prefix, field->name);
        if (field->kind == FIELD_OBJECT) {
            bool stays = prefix[0] == 0 && is_among(act->amends, field->name);
            count = add_fields(out, count, act, field->fields, name, must && !stays);
            continue;
        }
        ENSURE(count + 1 < OPTIONS_MAX);
        out[count++] = (struct cli_option){
            .name = memory_copy_text(name),
            .kind = field->kind == FIELD_BOOL   ? CLI_FLAG
                    : field->kind == FIELD_LIST ? CLI_LIST
                    : field->kind == FIELD_INT  ? CLI_INT
                                                : CLI_TEXT,
            .value = value_word(field, must),
            .english = looked_up ? "Version acted on; looked up if not given." : field->english,
            .chinese = looked_up ? "所针对的版本，缺省时自动查询。" : field->chinese,
            .clause = field->clause,
        };
        if (is_paper(field)) {
            paper_option(name, prefix, field->name);
            ENSURE(count + 1 < OPTIONS_MAX);
            out[count++] = (struct cli_option){
                .name = memory_copy_text(name),
                .kind = CLI_TEXT,
                .value = memory_copy_text("FILE"),
                .english = "The same from the file itself, which stays off the ledger.",
                .chinese = "同上，由文件本身得出，文件不上链。",
            };
        }
    }
    return count;
}

const struct field *cli_act_fields(const struct cli_act *act)
{
    const struct tx_type *type = schema_find(act->type);
    ENSURE(act->fields != NULL || type != NULL);
    return act->fields != NULL ? act->fields : type->fields;
}

struct cli_option *cli_act_options(const struct cli_act *act)
{
    struct cli_option *options = memory_alloc(OPTIONS_MAX * sizeof *options);
    size_t count = add_fields(options, 0, act, cli_act_fields(act), "", true);
    options[count] = (struct cli_option){
        .name = memory_copy_text("from"),
        .kind = CLI_TEXT,
        .value = memory_copy_text("FILE"),
        .english = "JSON file with the body; options add to it and replace.",
        .chinese = "交易内容 JSON 文件，选项在其上补充或替换。",
    };
    return options;
}

void cli_act_options_free(struct cli_option *options)
{
    for (struct cli_option *option = options; option != NULL && option->name != NULL; option++) {
        memory_free((char *)(uintptr_t)option->name);
        memory_free((char *)(uintptr_t)option->value);
    }
    memory_free(options);
}

/* ---- values ---- */

static struct doc *value_of_int(const char *text)
{
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    bool good =
        errno == 0 && end != text && *end == 0 && value >= -DOC_INT_MAX && value <= DOC_INT_MAX;
    return good ? doc_new_int(value) : NULL;
}

static struct doc *value_of_time(const char *text)
{
    int64_t time_ms;
    return civil_parse_time(&time_ms, text) == 0 ? doc_new_int(time_ms) : value_of_int(text);
}

static struct doc *value_of_object(const struct field *fields, const char *text);

/* A value that the table will judge; NULL when the text cannot be a value of this kind at all. */
static struct doc *value_of(const struct field *field, const char *text)
{
    switch (field->kind) {
    case FIELD_INT:
        return value_of_int(text);
    case FIELD_TIME:
        return value_of_time(text);
    case FIELD_BOOL:
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0
                   ? doc_new_bool(strcmp(text, "true") == 0)
                   : NULL;
    case FIELD_OBJECT:
        return value_of_object(field->fields, text);
    case FIELD_LIST:
        return NULL;
    default:
        return doc_text_valid(view_of_text(text)) ? doc_new_text(text) : NULL;
    }
}

static const struct field *first_required(const struct field *fields)
{
    for (const struct field *field = fields; field->name != NULL; field++) {
        if (field->required) {
            return field;
        }
    }
    return fields;
}

static bool set_part(struct doc *object, const struct field *field, const char *text, size_t len)
{
    AUTO(buf_free) struct buf part = {0};
    buf_append(&part, text, len);
    if (len == 0) {
        return true;
    }
    struct doc *value = field->name == NULL ? NULL : value_of(field, buf_text(&part));
    if (value != NULL) {
        doc_set(object, field->name, value);
    }
    return value != NULL;
}

/* {…} as JSON, "a|b" by the order of the table, "a" as the first required field. */
static struct doc *value_of_object(const struct field *fields, const char *text)
{
    struct doc *object = NULL;
    if (text[0] == '{') {
        return doc_parse(&object, view_of_text(text), TX_PAYLOAD_BYTES_MAX) == 0 ? object : NULL;
    }
    object = doc_new_object();
    bool good = true;
    if (strchr(text, '|') == NULL) {
        good = set_part(object, first_required(fields), text, strlen(text));
    } else {
        for (const struct field *field = fields; good; field++) {
            size_t len = strcspn(text, "|");
            good = set_part(object, field, text, len);
            if (text[len] == 0 || field->name == NULL) {
                good = good && text[len] == 0;
                break;
            }
            text += len + 1;
        }
    }
    if (!good) {
        doc_free(&object);
    }
    return object;
}

/* ---- bodies ---- */

struct builder {
    struct cli *cli;
    struct buf problems;
    int status; /* of the first file that could not be read */
};

static void builder_free(struct builder *builder)
{
    buf_free(&builder->problems);
}

static struct doc *build_list(struct builder *builder, const struct field *field, const char *name)
{
    struct doc *list = doc_new_array();
    for (size_t i = 0; i < cli_options_count(&builder->cli->options, name); i++) {
        const char *text = cli_options_text_at(&builder->cli->options, name, i);
        struct doc *value = value_of(field->element, text);
        if (value == NULL) {
            buf_append_format(&builder->problems, "--%s %s: 无法理解 not understood.\n", name,
                              text);
            continue;
        }
        doc_push(list, value);
    }
    return list;
}

/* The digest of the file that an option names; whether it does. */
static bool build_paper(struct builder *builder, struct doc *object, const struct field *field,
                        const char *prefix)
{
    char name[OPTION_NAME_BYTES];
    AUTO(buf_free) struct buf paper = {0};
    paper_option(name, prefix, field->name);
    const char *path = cli_options_text(&builder->cli->options, name);
    if (path == NULL) {
        return false;
    }
    char digest_name[OPTION_NAME_BYTES];
    option_name(digest_name, prefix, field->name);
    if (cli_options_count(&builder->cli->options, digest_name) > 0) {
        buf_append_format(&builder->problems,
                          "--%s 与 --%s 只能用其一 Either --%s or --%s.\n", digest_name, name,
                          digest_name, name);
        return true;
    }
    int error = file_read(&paper, path, PAPER_BYTES_MAX);
    if (error == 0 && paper.len == 0) {
        buf_append_format(&builder->problems,
                          "--%s: 文件为空，请核对 The file is empty; look at it again: %s\n", name,
                          path);
    } else if (error == 0) {
        struct hash digest = hash_sha256(view_of_buf(&paper));
        doc_set_hash(object, field->name, &digest);
    } else if (builder->status == 0) {
        builder->status = cli_fail(builder->cli, error, "--%s %s:", name, path);
    }
    return true;
}

static void build_fields(struct builder *builder, struct doc *object, const struct field *fields,
                         const char *prefix, const struct cli_act *act)
{
    const struct cli_options *options = &builder->cli->options;
    for (const struct field *field = fields; field->name != NULL; field++) {
        char name[OPTION_NAME_BYTES];
        if (prefix[0] == 0 && is_among(act->arguments, field->name)) {
            continue;
        }
        option_name(name, prefix, field->name);
        if (field->kind == FIELD_OBJECT) {
            const struct doc *old = doc_get(object, field->name);
            AUTO(doc_free)
            struct doc *child = doc_kind(old) == DOC_OBJECT ? doc_copy(old) : doc_new_object();
            build_fields(builder, child, field->fields, name, act);
            if (doc_count(child) > 0) {
                doc_set(object, field->name, doc_ref(child));
            }
            continue;
        }
        if (is_paper(field) && build_paper(builder, object, field, prefix)) {
            continue;
        }
        if (cli_options_count(options, name) == 0) {
            continue;
        }
        struct doc *value = field->kind == FIELD_LIST
                                ? build_list(builder, field, name)
                                : value_of(field, cli_options_text(options, name));
        if (value == NULL) {
            buf_append_format(&builder->problems, "--%s %s: 无法理解 not understood.\n", name,
                              cli_options_text(options, name));
            continue;
        }
        doc_set(object, field->name, value);
    }
}

static const struct field *field_named(const struct field *fields, const char *name, size_t len)
{
    while (fields->name != NULL &&
           (strlen(fields->name) != len || strncmp(fields->name, name, len) != 0)) {
        fields++;
    }
    return fields;
}

static void build_arguments(struct builder *builder, struct doc *body, const struct field *fields,
                            const struct cli_act *act)
{
    const char *at = act->arguments == NULL ? "" : act->arguments;
    for (size_t i = 0; i < builder->cli->options.argument_count && *at != 0; i++) {
        size_t len = strcspn(at, " ");
        const struct field *field = field_named(fields, at, len);
        ENSURE(field->name != NULL);
        const char *text = builder->cli->options.arguments[i];
        struct doc *value = value_of(field, text);
        if (value == NULL) {
            buf_append_format(&builder->problems, "%s: 无法理解 not understood.\n", text);
        } else {
            doc_set(body, field->name, value);
        }
        at += len + strspn(at + len, " ");
    }
}

int cli_act_body(struct cli *cli, struct doc **out)
{
    AUTO(builder_free) struct builder builder = {.cli = cli};
    AUTO(doc_free) struct doc *body = NULL;
    const struct cli_act *act = cli->command->act;
    const struct field *fields = cli_act_fields(act);
    const char *path = cli_options_text(&cli->options, "from");
    if (path == NULL) {
        body = doc_new_object();
    } else {
        int status = cli_read_doc(cli, &body, path, TX_PAYLOAD_BYTES_MAX);
        if (status != 0) {
            return status;
        }
        if (doc_kind(body) != DOC_OBJECT) {
            return cli_fail(cli, ERR_FIELD_TYPE, "%s:", path);
        }
    }
    build_fields(&builder, body, fields, "", act);
    if (builder.status != 0) {
        return builder.status;
    }
    build_arguments(&builder, body, fields, act);
    if (builder.problems.len > 0) {
        builder.problems.len--;
        return cli_usage(cli, "%s", buf_text(&builder.problems));
    }
    *out = doc_ref(body);
    return 0;
}
