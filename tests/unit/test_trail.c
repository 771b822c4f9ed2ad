/* The trail of one datum (cli_trail.h): what was begun by something that belongs to it belongs. */
#include "check.h"

#include "base/memory.h"
#include "chain/schema.h"
#include "node/cli/cli_trail.h"

#include <string.h>

#define PROVIDER "11440000006940175Y"
#define CONSUMER "11440000006939916J"

/* A transaction whose id is all `digit`s. */
static void told(struct trail *trail, char digit, const char *member, const char *type,
                 const char *json)
{
    static uint64_t height; /* one after another */
    struct header header = {.height = ++height, .time_ms = 1};
    struct tx tx = {.type = schema_find(type)};
    char hex[2 * HASH_BYTES + 1], body[400];
    struct doc *parsed = NULL;
    memset(hex, digit, sizeof hex - 1);
    hex[sizeof hex - 1] = 0;
    assert_int_equal(hash_from_hex(&tx.id, hex), 0);
    (void)snprintf(body, sizeof body, "%s", json);
    for (char *c = body; *c != 0; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    assert_int_equal(doc_parse(&parsed, view_of_text(body), sizeof body), 0);
    tx.body = parsed;
    (void)snprintf(tx.member, sizeof tx.member, "%s", member);
    trail_transaction(trail, &header, &tx);
    doc_free(&parsed);
}

static void acted(struct trail *trail, const char *subject)
{
    struct header header = {.height = 1, .time_ms = 1};
    AUTO(doc_free) struct doc *act = doc_new_object();
    doc_set_text(act, "subject", subject);
    trail_act(trail, &header, act);
}

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define ID_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static size_t steps_of(const struct trail *trail)
{
    AUTO(doc_free) struct doc *result = trail_result(trail);
    return doc_count(doc_get(result, "steps"));
}

static void what_belongs_to_an_entry(void **state)
{
    (void)state;
    AUTO(trail_close) struct trail *trail = trail_open(PROVIDER, "E1");
    told(trail, '1', PROVIDER, "catalog.submit", "{'code':'E1','entry':{'duty':'D1'}}");
    told(trail, 'a', CONSUMER, "request.submit", "{'provider':'" PROVIDER "','entry':'E1'}");
    told(trail, 'b', CONSUMER, "dispute.raise", "{'request':'" ID_A "','kind':'refusal'}");
    told(trail, '2', PROVIDER, "dispute.refer", "{'dispute':'" ID_B "'}");
    told(trail, '3', PROVIDER, "dispute.rule", "{'dispute':'" ID_B "','decision':'as-asked'}");
    told(trail, 'c', CONSUMER, "access.open", "{'grant':'" ID_A "'}");
    told(trail, '4', CONSUMER, "access.receipt", "{'open':'" ID_C "'}");
    told(trail, '5', PROVIDER, "catalog.refresh", "{'entries':[{'code':'E2'},{'code':'E1'}]}");
    assert_int_equal(steps_of(trail), 8);
    acted(trail, "refresh/" PROVIDER "/E1");
    acted(trail, "dispute/" ID_B);
    acted(trail, "grant/" ID_A);
    assert_int_equal(steps_of(trail), 11);
}

/* The duty's steps stand where they were taken. */
static void in_the_order_of_blocks(void **state)
{
    (void)state;
    static const char *const types[] = {"duty.publish", "catalog.submit", "duty.retire",
                                        "catalog.retire", "duty.publish"};
    AUTO(trail_close) struct trail *trail = trail_open(PROVIDER, "E1");
    told(trail, '1', PROVIDER, types[0], "{'code':'D1'}");
    told(trail, '2', PROVIDER, types[1], "{'code':'E1','entry':{'duty':'D1'}}");
    told(trail, '3', PROVIDER, types[2], "{'code':'D1'}");
    told(trail, '4', PROVIDER, types[3], "{'code':'E1'}");
    told(trail, '5', PROVIDER, types[4], "{'code':'D1'}");
    AUTO(doc_free) struct doc *result = trail_result(trail);
    const struct doc *steps = doc_get(result, "steps");
    assert_int_equal(doc_count(steps), sizeof types / sizeof *types);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_string_equal(doc_get_text(doc_at(steps, i), "type"), types[i]);
    }
}

static void what_does_not(void **state)
{
    (void)state;
    AUTO(trail_close) struct trail *trail = trail_open(PROVIDER, "E1");
    told(trail, '1', PROVIDER, "catalog.submit", "{'code':'E2','entry':{'duty':'D1'}}");
    told(trail, '2', CONSUMER, "catalog.submit", "{'code':'E1','entry':{'duty':'D1'}}");
    told(trail, 'a', CONSUMER, "request.submit", "{'provider':'" PROVIDER "','entry':'E2'}");
    told(trail, 'b', CONSUMER, "dispute.raise", "{'request':'" ID_A "','kind':'refusal'}");
    told(trail, '3', PROVIDER, "catalog.milestone", "{'code':'E1','kind':'business'}");
    told(trail, '4', PROVIDER, "catalog.refresh", "{'entries':[{'code':'E2'}]}");
    acted(trail, "dispute/" ID_B);
    acted(trail, "milestone/" PROVIDER "/E1");
    acted(trail, "refresh/" CONSUMER "/E1");
    assert_int_equal(steps_of(trail), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_belongs_to_an_entry),
        cmocka_unit_test(in_the_order_of_blocks),
        cmocka_unit_test(what_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
