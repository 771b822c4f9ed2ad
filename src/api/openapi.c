/* OpenAPI from two kinds of tables: routes say where and how, fields say what. Nothing is described
 * here that is not in a table, so the document cannot say other than what is served. */
#include "api/openapi.h"

#include "api/problem.h"
#include "base/memory.h"
#include "chain/rules/tables.h"
#include "chain/tx.h"

#include <ctype.h>
#include <string.h>

static struct doc *reference(const char *kind, const char *name)
{
    struct doc *reference = doc_new_object();
    doc_set_format(reference, "$ref", "#/components/%s/%s", kind, name);
    return reference;
}

static struct doc *text_schema(void)
{
    struct doc *schema = doc_new_object();
    doc_set_text(schema, "type", "string");
    return schema;
}

/* {media type: {"schema": …}} */
static struct doc *content(const char *type, struct doc *schema)
{
    AUTO(buf_free) struct buf bare = {0};
    buf_append(&bare, type, strcspn(type, ";"));
    struct doc *content = doc_new_object(), *media = doc_new_object();
    if (schema)
        doc_set(media, "schema", schema);
    doc_set(content, buf_text(&bare), media);
    return content;
}

/* ---- parameters ---- */

static void push_parameter(struct doc *list, const char *name, const char *in, bool required,
                           const struct doc *schema)
{
    struct doc *parameter = doc_new_object();
    const char *description = doc_get_text(schema, "description");
    if (description)
        doc_set_text(parameter, "description", description);
    doc_set_text(parameter, "in", in);
    doc_set_text(parameter, "name", name);
    doc_set_bool(parameter, "required", required);
    doc_set(parameter, "schema", doc_ref(schema));
    doc_push(list, parameter);
}

/* The {names} of a path, and the path without the marks that only the router knows. */
static void read_path(struct buf *path, struct doc *parameters, const char *pattern)
{
    for (const char *at = pattern; *at; at++) {
        if (*at == '{') {
            AUTO(buf_free) struct buf name = {0};
            AUTO(doc_free) struct doc *schema = text_schema();
            buf_append(&name, at + 1, strcspn(at + 1, "+}"));
            push_parameter(parameters, buf_text(&name), "path", true, schema);
        }
        if (*at != '+')
            buf_append_u8(path, (uint8_t)*at);
    }
}

static void push_query(struct doc *parameters, const struct field *fields)
{
    AUTO(doc_free) struct doc *schema = schema_to_json_schema(fields);
    const struct doc *properties = doc_get(schema, "properties");
    for (; fields->name; fields++)
        push_parameter(parameters, fields->name, "query", fields->required,
                       doc_get(properties, fields->name));
}

/* ---- operations ---- */

static struct doc *request_body(const struct http_route *route)
{
    struct doc *body = doc_new_object();
    struct doc *schema = route->signs         ? reference("schemas", route->signs->name)
                         : route->body_fields ? schema_to_json_schema(route->body_fields)
                                              : text_schema();
    doc_set(body, "content", content(route->body_type, schema));
    doc_set_bool(body, "required", true);
    return body;
}

static struct doc *answers(const struct http_route *route)
{
    const char *type = route->answer_type ? route->answer_type : HTTP_TYPE_JSON;
    bool json = strncmp(type, "application/json", 16) == 0;
    struct doc *good = doc_new_object(), *bad = doc_new_object(), *all = doc_new_object();
    doc_set(good, "content", content(type, json ? NULL : text_schema()));
    doc_set_text(good, "description", route->english);
    doc_set(bad, "content", content(PROBLEM_TYPE, reference("schemas", "problem")));
    doc_set_text(bad, "description", "What is wrong, in English and Chinese.");
    doc_set(all, "200", good);
    doc_set(all, "default", bad);
    return all;
}

/* "GET /v1/members/{id}/keys" → "get-v1-members-id-keys" */
static void set_operation_id(struct doc *operation, const struct http_route *route)
{
    AUTO(buf_free) struct buf id = {0};
    for (const char *c = route->method; *c; c++)
        buf_append_u8(&id, (uint8_t)tolower((unsigned char)*c));
    for (const char *c = route->path; *c; c++)
        if (isalnum((unsigned char)*c))
            buf_append_u8(&id, (uint8_t)*c);
        else if (id.data[id.len - 1] != '-' && c[1])
            buf_append_u8(&id, '-');
    doc_set_text(operation, "operationId", buf_text(&id));
}

static struct doc *operation_of(const struct http_route *route, struct doc *parameters)
{
    struct doc *operation = doc_new_object();
    if (route->chinese)
        doc_set_text(operation, "description", route->chinese);
    set_operation_id(operation, route);
    if (route->query)
        push_query(parameters, route->query);
    doc_set(operation, "parameters", parameters);
    if (route->body_type)
        doc_set(operation, "requestBody", request_body(route));
    doc_set(operation, "responses", answers(route));
    if (route->caller == HTTP_TOKEN) {
        struct doc *needed = doc_new_object(), *list = doc_new_array();
        doc_set(needed, "token", doc_new_array());
        doc_push(list, needed);
        doc_set(operation, "security", list);
    }
    doc_set_text(operation, "summary", route->english);
    return operation;
}

static void put_route(struct doc *paths, const struct http_route *route)
{
    AUTO(buf_free) struct buf path = {0};
    AUTO(buf_free) struct buf method = {0};
    struct doc *parameters = doc_new_array();
    read_path(&path, parameters, route->path);
    for (const char *c = route->method; *c; c++)
        buf_append_u8(&method, (uint8_t)tolower((unsigned char)*c));
    struct doc *item = doc_new_object();
    const struct doc *known = doc_get(paths, buf_text(&path));
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    while (known && doc_next(known, &cursor, &key, &value))
        doc_set(item, key, doc_ref(value));
    doc_set(item, buf_text(&method), operation_of(route, parameters));
    doc_set(paths, buf_text(&path), item);
}

/* ---- schemas ---- */

#define FAULT_CODE F("code", CODE, MUST, 1, 64, "Stable code.", "稳定的错误代码。", NULL)
static const struct field each_word[] = {
    {.kind = FIELD_TEXT, .min = 1, .max = FAULT_WORDS_BYTES_MAX}};
static const struct field fields_fault[] = {
    FAULT_CODE,
    F("field", TEXT, MUST, 0, FAULT_FIELD_BYTES_MAX, "Field it concerns; empty: the whole.",
      "所涉字段，空为整体。", NULL),
    F("english", TEXT, MUST, 0, 1000, "What is wrong, in English.", "英文说明。", NULL),
    F("chinese", TEXT, MUST, 0, 1000, "What is wrong, in Chinese.", "中文说明。", NULL),
    F("clause", TEXT, MAY, 0, 100, "The clause behind it.", "依据条款。", NULL),
    F_LIST("now", MAY, 0, FAULT_WORDS_BYTES_MAX, each_word,
           "What is: the status of the record, the role of the key.", "现状：记录的状态、密钥的角色。",
           NULL),
    F_LIST("may", MAY, 0, FAULT_WORDS_BYTES_MAX, each_word,
           "What would have been allowed: statuses, roles, parties.", "所允许的状态、角色或办理方。",
           NULL),
    F("told", TEXT, MAY, 0, 1000, "What is and what may be, or the bounds, in a sentence, in English.", "英文说明。", NULL),
    F("told_zh", TEXT, MAY, 0, 1000, "What is and what may be, or the bounds, in a sentence, in Chinese.", "中文说明。", NULL),
    F_END,
};
static const struct field each_fault[] = {EACH_OBJECT(fields_fault)};
static const struct field fields_problem[] = {
    F("type", TEXT, MUST, 1, 200, "urn:dirchain:problem: and the code.", "错误类型标识。", NULL),
    F("title", TEXT, MUST, 1, 1000, "What is wrong.", "标题。", NULL),
    F("status", INT, MUST, 400, 599, "HTTP status.", "HTTP 状态码。", NULL),
    FAULT_CODE,
    F("detail", TEXT, MUST, 0, 1000, "In English.", "英文说明。", NULL),
    F("detail_zh", TEXT, MUST, 0, 1000, "In Chinese.", "中文说明。", NULL),
    F_LIST("faults", MUST, 0, FAULTS_MAX, each_fault, "All faults at once.", "全部问题，一次告知。",
           NULL),
    F("dropped", INT, MAY, 1, DOC_INT_MAX, "Further faults that did not fit.", "未列出的问题数。",
      NULL),
    F_END,
};

static struct doc *words_of(unsigned bits, const char *(*word)(size_t index), size_t count)
{
    struct doc *list = doc_new_array();
    for (size_t i = 0; i < count; i++)
        if (bits >> i & 1u)
            doc_push_text(list, word(i));
    return list;
}

static const char *role_word(size_t index)
{
    return role_text((enum role)index);
}

static struct doc *type_schema(const struct tx_type *type)
{
    struct doc *schema = schema_to_json_schema(type->fields);
    doc_set_text(schema, "description", type->english);
    doc_set_text(schema, "title", type->name);
    doc_set_text(schema, "x-chinese", type->chinese);
    if (type->clause)
        doc_set_text(schema, "x-clause", type->clause);
    if (type->parties)
        doc_set(schema, "x-parties", words_of(type->parties, party_text, 6));
    doc_set(schema, "x-roles", words_of(type->roles, role_word, ROLE_COUNT));
    return schema;
}

static struct doc *components(void)
{
    struct doc *schemas = doc_new_object();
    const struct tx_type *type;
    for (size_t i = 0; (type = schema_at(i)) != NULL; i++)
        doc_set(schemas, type->name, type_schema(type));
    doc_set(schemas, "problem", schema_to_json_schema(fields_problem));
    struct doc *token = doc_new_object(), *schemes = doc_new_object();
    doc_set_text(token, "description",
                 "Lets the node sign with the key that the token stands for.");
    doc_set_text(token, "scheme", "bearer");
    doc_set_text(token, "type", "http");
    doc_set(schemes, "token", token);
    struct doc *components = doc_new_object();
    doc_set(components, "schemas", schemas);
    doc_set(components, "securitySchemes", schemes);
    return components;
}

struct doc *openapi_new(const struct http_routes *routes, size_t routes_count)
{
    struct doc *info = doc_new_object(), *paths = doc_new_object();
    doc_set_text(
        info, "description",
        "Ledger of duties, catalog entries, requests, grants and access records. "
        "Lists come by page: {\"items\":[…],\"next\":cursor or null}. A list of what "
        "happened has since_block: a node that keeps no older blocks knows nothing of what "
        "happened before that block, so what is not listed may be on the ledger all the "
        "same. height and tip: the list goes up to this block, the newest is that.");
    doc_set_text(info, "title", "dirchain 目录链");
    doc_set_text(info, "version", "1");
    for (size_t i = 0; i < routes_count; i++)
        for (const struct http_route *route = routes[i].table; route->method; route++)
            if (route->english)
                put_route(paths, route);
    struct doc *document = doc_new_object();
    doc_set(document, "components", components());
    doc_set(document, "info", info);
    doc_set_text(document, "openapi", "3.1.0");
    doc_set(document, "paths", paths);
    return document;
}
