/* Documents generated from the tables of fields: JSON Schema for the OpenAPI document and the
 * Markdown reference of all transaction types. What they say is what schema.c checks, because both
 * read the same tables. */
#include "chain/schema.h"

#include "base/ensure.h"
#include "base/limits.h"
#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

#define PATH_BYTES_MAX 256

static const char *const kind_words[] = {
    [FIELD_TEXT] = "text",
    [FIELD_INT] = "integer",
    [FIELD_BOOL] = "true or false",
    [FIELD_CHOICE] = "choice",
    [FIELD_MEMBER] = "unified social credit code",
    [FIELD_HASH] = "hash (64 hex)",
    [FIELD_CODE] = "code",
    [FIELD_PUBLIC_KEY] = "public key (66 hex)",
    [FIELD_VOTE_KEY] = "vote key (64 hex)",
    [FIELD_PEER_KEY] = "peer key (64 hex)",
    [FIELD_DATE] = "date",
    [FIELD_TIME] = "time (ms since 1970)",
    [FIELD_ENDPOINT] = "host:port",
    [FIELD_OBJECT] = "object",
    [FIELD_LIST] = "list",
};

/* Regular expressions for kinds that are text of a fixed form; NULL for the others. */
static const char *kind_pattern(enum field_kind kind)
{
    switch (kind) {
    case FIELD_MEMBER:
        return "^[0-9A-HJ-NP-RTUWXY]{18}$";
    case FIELD_HASH:
    case FIELD_VOTE_KEY:
    case FIELD_PEER_KEY:
        return "^[0-9a-f]{64}$";
    case FIELD_PUBLIC_KEY:
        return "^0[23][0-9a-f]{64}$";
    case FIELD_CODE:
        return "^[.]*[A-Za-z0-9_-][A-Za-z0-9._-]*$";
    case FIELD_ENDPOINT:
        return "^.+:[1-9][0-9]{0,4}$";
    default:
        return NULL;
    }
}

static struct doc *value_schema(const struct field *field);

static struct doc *choices_list(const struct field *field)
{
    struct doc *list = doc_new_array();
    for (const char *const *choice = field->choices; *choice != NULL; choice++) {
        doc_push_text(list, *choice);
    }
    return list;
}

static void add_bounds(struct doc *schema, const struct field *field, const char *min,
                       const char *max)
{
    doc_set_int(schema, min, field->min);
    doc_set_int(schema, max, field->max);
}

static void add_kind(struct doc *schema, const struct field *field)
{
    const char *pattern = kind_pattern(field->kind);
    doc_set_text(schema, "type", "string");
    if (pattern != NULL) {
        doc_set_text(schema, "pattern", pattern);
    }
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_CODE:
        add_bounds(schema, field, "minLength", "maxLength");
        break;
    case FIELD_CHOICE:
        doc_set(schema, "enum", choices_list(field));
        break;
    case FIELD_DATE:
        doc_set_text(schema, "format", "date");
        break;
    case FIELD_INT:
        doc_set_text(schema, "type", "integer");
        add_bounds(schema, field, "minimum", "maximum");
        break;
    case FIELD_TIME:
        doc_set_text(schema, "type", "integer");
        doc_set_int(schema, "minimum", 0);
        break;
    case FIELD_BOOL:
        doc_set_text(schema, "type", "boolean");
        break;
    case FIELD_LIST:
        doc_set_text(schema, "type", "array");
        add_bounds(schema, field, "minItems", "maxItems");
        doc_set(schema, "items", value_schema(field->element));
        break;
    default:
        break;
    }
}

static struct doc *value_schema(const struct field *field)
{
    struct doc *schema;
    if (field->kind == FIELD_OBJECT) {
        schema = schema_to_json_schema(field->fields);
    } else {
        schema = doc_new_object();
        add_kind(schema, field);
    }
    if (field->english != NULL) {
        AUTO(buf_free) struct buf text = {0};
        buf_append_format(&text, "%s / %s", field->english,
                          field->chinese == NULL ? "" : field->chinese);
        if (field->clause != NULL) {
            buf_append_format(&text, " (%s)", field->clause);
        }
        doc_set_text(schema, "description", buf_text(&text));
    }
    return schema;
}

struct doc *schema_to_json_schema(const struct field *fields)
{
    struct doc *schema = doc_new_object();
    struct doc *properties = doc_new_object();
    struct doc *required = doc_new_array();
    for (; fields->name != NULL; fields++) {
        doc_set(properties, fields->name, value_schema(fields));
        if (fields->required) {
            doc_push_text(required, fields->name);
        }
    }
    doc_set_text(schema, "type", "object");
    doc_set_bool(schema, "additionalProperties", false);
    doc_set(schema, "properties", properties);
    doc_set(schema, "required", required);
    return schema;
}

/* ---- the Markdown reference ---- */

static const char *or_dash(const char *text)
{
    return text == NULL || text[0] == 0 ? "–" : text;
}

static void append_bounds(struct buf *out, const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_CODE:
        buf_append_format(out, ", %" PRId64 "–%" PRId64 " characters", field->min, field->max);
        break;
    case FIELD_INT:
        buf_append_format(out, ", %" PRId64 "…%" PRId64, field->min, field->max);
        break;
    case FIELD_LIST:
        buf_append_format(out, ", %" PRId64 "–%" PRId64 " elements", field->min, field->max);
        break;
    case FIELD_CHOICE:
        buf_append_text(out, ": ");
        for (const char *const *choice = field->choices; *choice != NULL; choice++) {
            buf_append_format(out, "%s`%s`", choice == field->choices ? "" : ", ", *choice);
        }
        break;
    default:
        break;
    }
}

static void append_rows(struct buf *out, const struct field *fields, const char *prefix);

static void append_row(struct buf *out, const struct field *field, const char *path)
{
    bool any = field->kind == FIELD_TEXT && !field->says;
    buf_append_format(out, "| `%s` | %s%s", path, any ? "any " : "", kind_words[field->kind]);
    append_bounds(out, field);
    buf_append_format(out, " | %s | %s | %s | %s |\n", field->required ? "yes" : "no",
                      or_dash(field->english), or_dash(field->chinese), or_dash(field->clause));
}

/* The row of a field, and below it those of what it holds. */
static void append_field(struct buf *out, const struct field *field, const char *path)
{
    append_row(out, field, path);
    AUTO(buf_free) struct buf inner = {0};
    if (field->kind == FIELD_OBJECT) {
        buf_append_format(&inner, "%s.", path);
        append_rows(out, field->fields, buf_text(&inner));
    } else if (field->kind == FIELD_LIST) {
        buf_append_format(&inner, "%s[]", path);
        append_field(out, field->element, buf_text(&inner));
    }
}

static void append_rows(struct buf *out, const struct field *fields, const char *prefix)
{
    for (; fields->name != NULL; fields++) {
        AUTO(buf_free) struct buf path = {0};
        buf_append_format(&path, "%s%s", prefix, fields->name);
        ENSURE(path.len < PATH_BYTES_MAX);
        append_field(out, fields, buf_text(&path));
    }
}

static void append_signers(struct buf *out, const struct tx_type *type)
{
    const char *separator = "Signed by: ";
    for (int role = 0; role < ROLE_COUNT; role++) {
        if ((type->roles & 1u << role) != 0) {
            buf_append_format(out, "%s`%s`", separator, role_text((enum role)role));
            separator = ", ";
        }
    }
    separator = " of: ";
    for (size_t i = 0; party_text(i) != NULL; i++) {
        if ((type->parties & 1u << i) != 0) {
            buf_append_format(out, "%s`%s`", separator, party_text(i));
            separator = ", ";
        }
    }
    buf_append_text(out, type->parties == 0 ? " of any member." : ".");
    buf_append_text(out,
                    type->delegable ? " A third party may be entrusted with it (PT 2).\n" : "\n");
}

static void append_type(struct buf *out, const struct tx_type *type)
{
    buf_append_format(out, "\n## `%s`\n\n%s / %s", type->name, or_dash(type->english),
                      or_dash(type->chinese));
    if (type->clause != NULL) {
        buf_append_format(out, " (%s)", type->clause);
    }
    buf_append_text(out, "\n\n");
    append_signers(out, type);
    buf_append_format(out, "Reads at most %u records, writes at most %u, cost %" PRIu32 ".%s\n",
                      type->reads_max, type->writes_max, type->cost,
                      type->test_only ? " Only on a chain marked test." : "");
    if (type->fields->name != NULL) {
        buf_append_text(out, "\n| field | form | required | meaning | 含义 | clause |\n"
                             "|---|---|---|---|---|---|\n");
        append_rows(out, type->fields, "");
    }
}

static void append_role(struct buf *out, enum role role)
{
    const char *separator = "";
    buf_append_format(out, "| `%s` | ", role_text(role));
    for (size_t i = 0; schema_at(i) != NULL; i++) {
        if ((schema_at(i)->roles & 1u << role) != 0) {
            buf_append_format(out, "%s`%s`", separator, schema_at(i)->name);
            separator = ", ";
        }
    }
    buf_append_format(out, "%s |\n", separator[0] == 0 ? "no transaction" : "");
}

void schema_append_reference(struct buf *out)
{
    buf_append_text(out, "# Transactions\n\nGenerated from the tables in `src/chain/rules/`; do "
                         "not edit by hand.\nUnknown fields are refused. All faults of a document "
                         "are told at once.\n\n## Who signs what\n\n"
                         "A key has one role (CN 24).\n\n| role | signs |\n|---|---|\n");
    for (int role = 0; role < ROLE_COUNT; role++) {
        append_role(out, (enum role)role);
    }
    for (size_t i = 0; schema_at(i) != NULL; i++) {
        append_type(out, schema_at(i));
    }
}
