/* The stream of events over HTTP in front of a real ledger: live, again from the store, and where
 * blocks are no longer here. */
#include "world_http.h"

#include <inttypes.h>

static void test_events(void **state)
{
    (void)state;
    char txid[2 * HASH_BYTES + 1], wanted[128];
    AUTO(buf_free) struct buf live = {0};
    int fd = listen_from(" HTTP/1.1\r\n" HOST);
    wait_for(&live, fd, "retry:");
    assert_non_null(strstr(buf_text(&live), "Content-Type: text/event-stream\r\n"));
    world_must(world, txid, ALPHA "/compile", "duty.publish",
               "{'code':'V1','name':'社会组织登记','category':'行政许可',"
               "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}");
    AUTO(answer_free) struct answer tx = get("/v1/transactions/%s", txid);
    int64_t height = doc_get_int(tx.body, "height", 0);
    snprintf(wanted, sizeof wanted, "event: block\nid: %" PRId64 "\n", height);
    wait_for(&live, fd, wanted);
    assert_non_null(strstr(buf_text(&live), txid));
    close(fd);

    /* Again from the store, by either way of saying where. */
    AUTO(buf_free) struct buf from = {0};
    char request[256];
    snprintf(request, sizeof request, "?from=%" PRId64 " HTTP/1.1\r\n" HOST, height);
    fd = listen_from(request);
    wait_for(&from, fd, wanted);
    assert_non_null(strstr(buf_text(&from), txid));
    close(fd);
    AUTO(buf_free) struct buf resumed = {0};
    snprintf(request, sizeof request,
             "?from=1&only=transaction HTTP/1.1\r\n" HOST "Last-Event-ID: %" PRId64, height - 1);
    fd = listen_from(request);
    wait_for(&resumed, fd, txid);
    snprintf(request, sizeof request, "}\n\nid: %" PRId64 "\n\n", height);
    wait_for(&resumed, fd, request); /* what to come back with */
    assert_null(strstr(buf_text(&resumed), "event: block"));
    assert_null(strstr(strstr(buf_text(&resumed), "event: transaction") + 1, "event:"));
    close(fd);

    AUTO(buf_free) struct buf all = {0};
    fd = listen_from("?from=1&only=block HTTP/1.1\r\n" HOST);
    wait_for(&all, fd, wanted);
    for (int64_t h = 1; h < height; h++) {
        snprintf(wanted, sizeof wanted, "\nid: %" PRId64 "\n", h);
        assert_non_null(strstr(buf_text(&all), wanted));
    }
    close(fd);
    expect_problem(ask("GET /v1/events HTTP/1.1\r\n" HOST "Last-Event-ID: x\r\n\r\n"), 422,
                   "field-type");
}

/* Who comes back for blocks that are no longer here is told which, before what is. */
static void test_events_of_blocks_let_go(void **state)
{
    (void)state;
    enum { FIRST = 7 };
    for (int i = 0; i < EVENTS_BLOCKS_KEPT + FIRST; i++)
        assert_int_equal(world_advance(world, 1000), 0);
    pthread_mutex_lock(&world->lock); /* nobody else touches the ledger */
    for (bool more = true; more;)
        assert_int_equal(app_prune(&more, world->app, FIRST, 1000), 0);
    pthread_mutex_unlock(&world->lock);
    AUTO(buf_free) struct buf in = {0};
    int fd = listen_from("?from=2&only=block HTTP/1.1\r\n" HOST);
    wait_for(&in, fd, "\nid: 8\n");
    const char *dropped = strstr(buf_text(&in), "event: dropped\ndata: {\"from\":2,\"to\":6}\n\n");
    assert_non_null(dropped);
    const char *next = strstr(buf_text(&in), "event: block\n");
    assert_true(next > dropped && strncmp(next, "event: block\nid: 7\n", 19) == 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),
        cmocka_unit_test(test_events_of_blocks_let_go),
    };
    return cmocka_run_group_tests(tests, world_start, world_stop);
}
