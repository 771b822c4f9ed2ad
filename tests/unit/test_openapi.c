/* The OpenAPI document says what the tables say: every route, every parameter, every transaction
 * type; and every reference in it leads somewhere. */
#include "world.h"
#include "world_http.h"

#include "api/api_internal.h"
#include "api/openapi.h"
#include "chain/schema.h"

#include <ctype.h>

static struct doc *document;

/* The operation of a route, as OpenAPI names it. */
static const struct doc *operation_of(const struct http_route *route)
{
    char path[256], method[16];
    size_t len = 0;
    for (const char *c = route->path; *c; c++)
        if (*c != '+')
            path[len++] = *c;
    path[len] = 0;
    for (len = 0; route->method[len]; len++)
        method[len] = (char)tolower((unsigned char)route->method[len]);
    method[len] = 0;
    return doc_get(doc_get(doc_get(document, "paths"), path), method);
}

static const struct doc *parameter_of(const struct doc *operation, const char *name, const char *in)
{
    const struct doc *list = doc_get(operation, "parameters");
    for (size_t i = 0; i < doc_count(list); i++)
        if (doc_text_is(doc_at(list, i), "name", name) && doc_text_is(doc_at(list, i), "in", in))
            return doc_at(list, i);
    return NULL;
}

static void check_route(const struct http_route *route, struct doc *ids)
{
    const struct doc *operation = operation_of(route);
    if (!operation)
        fail_msg("%s %s is not told", route->method, route->path);
    assert_string_equal(doc_get_text(operation, "summary"), route->english);
    assert_string_equal(doc_get_text(operation, "description"), route->chinese);
    for (const struct field *field = route->query; field && field->name; field++) {
        const struct doc *parameter = parameter_of(operation, field->name, "query");
        if (!parameter || !doc_get(parameter, "schema"))
            fail_msg("%s: %s is not told", route->path, field->name);
        assert_int_equal(doc_get_bool(parameter, "required", false), field->required);
    }
    for (const char *at = strchr(route->path, '{'); at; at = strchr(at + 1, '{')) {
        char name[64];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "+}"), at + 1);
        assert_non_null(parameter_of(operation, name, "path"));
    }
    assert_int_equal(doc_get(operation, "requestBody") != NULL, route->body_type != NULL);
    assert_int_equal(doc_get(operation, "security") != NULL, route->caller == HTTP_TOKEN);
    const char *id = doc_get_text(operation, "operationId");
    assert_false(doc_has_text(ids, id)); /* generators make names of them */
    doc_push_text(ids, id);
}

static void test_every_route(void **state)
{
    (void)state;
    struct http_routes routes[API_TABLES_MAX];
    struct api fake = {.routes_sign = routes_sign_new()};
    AUTO(doc_free) struct doc *ids = doc_new_array();
    size_t count = api_tables(routes, &fake), told = 0;
    for (size_t i = 0; i < count; i++)
        for (const struct http_route *route = routes[i].table; route->method; route++)
            if (route->english) {
                check_route(route, ids);
                told++;
            }
    assert_true(told > 60);
    routes_sign_free(&fake.routes_sign);
}

static void test_every_type(void **state)
{
    (void)state;
    const struct doc *schemas = doc_get(doc_get(document, "components"), "schemas");
    const struct tx_type *type;
    for (size_t i = 0; (type = schema_at(i)) != NULL; i++) {
        const struct doc *schema = doc_get(schemas, type->name);
        assert_true(doc_text_is(schema, "title", type->name));
        assert_true(doc_text_is(schema, "x-chinese", type->chinese));
        for (const struct field *field = type->fields; field->name; field++)
            assert_non_null(doc_get(doc_get(schema, "properties"), field->name));
        for (int role = 0; role < ROLE_COUNT; role++)
            assert_int_equal(doc_has_text(doc_get(schema, "x-roles"), role_text((enum role)role)),
                             (type->roles >> role & 1u) != 0);
    }
}

/* Each $ref anywhere in the document names something in it. */
static size_t follow(const struct doc *doc)
{
    size_t found = 0, cursor = 0;
    const char *key;
    const struct doc *value;
    if (doc_kind(doc) == DOC_ARRAY)
        for (size_t i = 0; i < doc_count(doc); i++)
            found += follow(doc_at(doc, i));
    if (doc_kind(doc) != DOC_OBJECT)
        return found;
    const char *reference = doc_get_text(doc, "$ref");
    if (reference) {
        const char *prefix = "#/components/schemas/";
        assert_memory_equal(reference, prefix, strlen(prefix));
        const struct doc *schemas = doc_get(doc_get(document, "components"), "schemas");
        assert_non_null(doc_get(schemas, reference + strlen(prefix)));
        found++;
    }
    while (doc_next(doc, &cursor, &key, &value))
        found += follow(value);
    return found;
}

static void test_references(void **state)
{
    (void)state;
    assert_true(follow(document) > 60);
}

static void test_convenience_paths(void **state)
{
    (void)state;
    static const struct {
        const char *path, *type;
    } cases[] = {
        {"/v1/catalogs", "catalog.submit"},      {"/v1/catalogs/review", "catalog.review"},
        {"/v1/duties", "duty.publish"},          {"/v1/duties/retire", "duty.retire"},
        {"/v1/requests", "request.submit"},      {"/v1/requests/answer", "request.answer"},
        {"/v1/grants/suspend", "grant.suspend"}, {"/v1/agreements", "agreement.sign"},
        {"/v1/members", "member.admit"},         {"/v1/keys", "key.add"},
        {"/v1/accesses", "access.open"},         {"/v1/validators", "validator.change"},
        {"/v1/calendars", "calendar.publish"},   {"/v1/profiles", "profile.publish"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct doc *operation =
            doc_get(doc_get(doc_get(document, "paths"), cases[i].path), "post");
        const struct doc *content = doc_get(doc_get(operation, "requestBody"), "content");
        const struct doc *schema = doc_get(doc_get(content, "application/json"), "schema");
        char expected[128];
        snprintf(expected, sizeof expected, "#/components/schemas/%s", cases[i].type);
        if (!doc_text_is(schema, "$ref", expected))
            fail_msg("%s", cases[i].path);
    }
}

static int start(void **state)
{
    if (world_start(state) != 0)
        return -1;
    struct answer answer = get("/openapi.json");
    if (answer.status == 200)
        document = doc_ref(answer.body);
    answer_free(&answer);
    return document ? 0 : -1;
}

static int stop(void **state)
{
    doc_free(&document);
    return world_stop(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_route),
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_convenience_paths),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
