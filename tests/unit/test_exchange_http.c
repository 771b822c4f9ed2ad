/* A transfer over the API of the consumer's node, and what the ledger and the provider refuse. */
#include "exchange_net.h"
#include "http_client.h"

/* ---- over the API of the consumer's node ---- */

#define TOKEN "token-of-the-gateway-0123456789"

static struct doc *http(int *status, uint16_t port, const char *method, const char *path,
                        const char *token, const char *body)
{
    AUTO(buf_free) struct buf request = {0};
    AUTO(buf_free) struct buf raw = {0};
    const char *answer = "";
    struct doc *document = NULL;
    buf_append_format(&request, "%s %s HTTP/1.1\r\nHost: localhost\r\n", method, path);
    if (token != NULL)
        buf_append_format(&request, "Authorization: Bearer %s\r\n", token);
    if (body != NULL)
        buf_append_format(&request, "Content-Type: application/json\r\nContent-Length: %zu\r\n",
                          strlen(body));
    else if (strcmp(method, "POST") == 0)
        buf_append_text(&request, "Content-Length: 0\r\n");
    buf_append_format(&request, "\r\n%s", body == NULL ? "" : body);
    *status = http_ask(&raw, &answer, port, buf_text(&request));
    (void)doc_parse(&document, view_of_text(answer), 1 << 20);
    return document;
}

/* One a page, and another page after it. */
static bool lists_open_transfers(uint16_t port)
{
    int status = 0;
    AUTO(doc_free)
    struct doc *open = http(&status, port, "GET", "/v1/reconciliation?limit=1", NULL, NULL);
    assert_int_equal(status, 200);
    return doc_count(doc_get(open, "items")) == 1 && doc_get_text(open, "next") != NULL;
}

static void over_http(void **state)
{
    (void)state;
    char grant[65], id[65], path[256], body[1024];
    int status = 0;
    struct faults faults = {0};
    struct api *api = NULL;
    net_start("http", &plain);
    net_grant(grant, "TREES", NULL, "");
    const struct api_signer signer = {.name = "data platform",
                                      .token_hash = hash_sha256(view_of_text(TOKEN)),
                                      .key_name = "gateway",
                                      .secret = &beta.secret};
    struct api_config config = {
        .listen_host = "127.0.0.1", .signers = &signer, .signer_count = 1, .test = true};
    (void)snprintf(config.data_directory, sizeof config.data_directory, "%.500s",
                   scratch_directory);
    const struct api_backend backend = {.context = world,
                                        .kv = world->kv,
                                        .genesis = world->genesis,
                                        .genesis_hash = world->genesis_hash,
                                        .member = BETA,
                                        .submit = world_submit,
                                        .status = world_status,
                                        .now_ms = world_now_ms,
                                        .advance_clock = world_advance};
    assert_int_equal(api_start(&api, &faults, &config, &backend, beta.gateway), 0);
    uint16_t port = api_port(api);
    (void)snprintf(body, sizeof body,
                   "{\"grant\":\"%s\",\"system\":\"" SYSTEM "\",\"operator\":\"gateway\","
                   "\"purpose\":\"" PURPOSE "\"}",
                   grant);
    AUTO(doc_free) struct doc *none = http(&status, port, "POST", "/v1/transfers", NULL, body);
    assert_non_null(none);
    assert_int_equal(status, 401);
    AUTO(doc_free) struct doc *wrong = http(&status, port, "POST", "/v1/transfers", "x", body);
    assert_non_null(wrong);
    assert_int_equal(status, 401);
    AUTO(doc_free) struct doc *bad = http(&status, port, "POST", "/v1/transfers", TOKEN, "{}");
    assert_int_equal(status, 422);
    assert_int_equal(doc_count(doc_get(bad, "faults")), 4);
    AUTO(doc_free) struct doc *made = http(&status, port, "POST", "/v1/transfers", TOKEN, body);
    assert_int_equal(status, 202);
    (void)snprintf(id, sizeof id, "%s", doc_get_text(made, "id"));
    net_until(id, "state", "complete");
    (void)snprintf(path, sizeof path, "/v1/transfers/%s", id);
    AUTO(doc_free) struct doc *seen = http(&status, port, "GET", path, TOKEN, NULL);
    assert_int_equal(status, 200);
    assert_true(doc_text_is(seen, "reconciled", "agreed"));
    AUTO(doc_free) struct doc *unseen = http(&status, port, "GET", path, NULL, NULL);
    assert_non_null(unseen);
    assert_int_equal(status, 401);
    AUTO(doc_free) struct doc *list = http(&status, port, "GET", "/v1/transfers", TOKEN, NULL);
    assert_int_equal(status, 200);
    assert_true(doc_text_is(doc_at(doc_get(list, "items"), 0), "id", id));
    AUTO(doc_free)
    struct doc *absent = http(&status, port, "GET", "/v1/transfers/nothing", TOKEN, NULL);
    assert_non_null(absent);
    assert_int_equal(status, 404);
    (void)snprintf(path, sizeof path, "/v1/transfers/%s/erase", id);
    AUTO(doc_free) struct doc *erased = http(&status, port, "POST", path, TOKEN, NULL);
    assert_non_null(erased);
    assert_int_equal(status, 200);
    agency_stop(&alpha); /* two opens that lack both receipts */
    net_open(id, grant);
    net_open(id, grant);
    NET_WAIT(lists_open_transfers(port));
    api_stop(&api);
    agency_stop(&beta);
}

/* What the ledger refuses never begins; PT 25: 超出应用场景的，拒绝并记录. */
static void what_the_ledger_refuses(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("refused", &plain);
    net_grant(grant, "TREES", NULL, "");
    assert_int_equal(net_try(id, grant, "商业分析", NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "off-purpose"));
    NET_WAIT(net_refused(grant) == 1);
    assert_true(net_on_record(BETA, "off-purpose"));
    /* A person's name is refused, and the refusal of something else does not carry it either. */
    net_operator = "zhang.san";
    assert_int_equal(net_try(id, grant, PURPOSE, NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "operator-unknown"));
    assert_int_equal(net_try(id, grant, "广告投放", NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "off-purpose"));
    NET_WAIT(net_refused(grant) == 2);
    net_operator = "gateway";
    assert_int_equal(net_try(id, id, PURPOSE, NULL), ERR_SUBJECT);
    assert_int_equal(net_try(id, grant, "", NULL), ERR_FIELD_LENGTH);
    world_must(world, NULL, BETA "/compile", "grant.end",
               "{'grant':'%s','acts_on':'%s','reason':'业务调整'}", grant,
               world_version(world, "grant/%s", grant));
    assert_int_equal(net_try(id, grant, PURPOSE, NULL), 0);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "not-granted"));
    net_stop();
}

/* What a grant does not cover, a path that leaves the root, a quota that is too small. */
static void what_the_provider_refuses(void **state)
{
    (void)state;
    static const int one[] = {1, 0};
    char grant[65], id[65], path[PATH_MAX + 64];
    agency_prepare(&alpha, "scope");
    agency_prepare(&beta, "scope");
    agency_copy(&alpha, TREES, "trees.csv");
    agency_start(&beta, &plain);

    agency_start(&alpha, &(struct agency_plan){.no_table = true}); /* cannot be cut */
    net_grant(grant, "TREES", one, "");
    net_open(id, grant);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "off-scope"));
    NET_WAIT(net_refused(grant) == 1);
    net_grant(grant, "TREES", NULL, ""); /* all of it may leave as it is */
    net_open(id, grant);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    assert_int_equal(net_field(id, "rows"), 0); /* no table: rows are not counted */
    agency_stop(&alpha);

    snprintf(path, sizeof path, "%s/outside.csv", alpha.directory);
    AUTO(buf_free) struct buf text = {0};
    assert_int_equal(file_read(&text, TREES, 1 << 24), 0);
    assert_int_equal(file_write_atomic(path, view_of_buf(&text), 0600), 0);
    snprintf(path, sizeof path, "%s/shared/link.csv", alpha.directory);
    assert_int_equal(symlink("trees.csv", path), 0);
    static const char *const escapes[] = {"../outside.csv", "link.csv", "/etc/passwd"};
    for (size_t i = 0; i < COUNT_OF(escapes); i++) {
        agency_start(&alpha, &(struct agency_plan){.path = escapes[i]});
        net_open(id, grant);
        net_until(id, "state", "failed");
        assert_true(net_is(id, "error", "path-escapes"));
        assert_int_equal(net_field(id, "bytes"), 0);
        assert_true(net_is(id, "reconciled", "agreed"));
        agency_stop(&alpha);
    }

    agency_start(&alpha, &plain);
    net_grant(grant, "TREES", NULL, "'quota':{'rows_per_day':16483},");
    net_open(id, grant);
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "quota"));
    assert_true(net_is(id, "error_detail",
                       "The quota has no room for this. (quota.rows_per_day: 16484 > 16483)"));
    NET_WAIT(net_refused(grant) == 1);
    net_stop();
}

/* Side by side, before the first receipt, through a restart of the provider: the day's quota leaves
 * once. Nothing of it is the gateway's to remember: the ledger has reserved it. */
static void a_quota_is_shared_by_opens_side_by_side(void **state)
{
    (void)state;
    char grant[65], id[4][65];
    net_start("parallel", &slow);
    AUTO(buf_free) struct buf file = {0};
    assert_int_equal(file_read(&file, TREES, 1 << 24), 0);
    int64_t file_bytes = (int64_t)file.len;
    char quota[80];
    (void)snprintf(quota, sizeof quota, "'quota':{'bytes_per_day':%lld},",
                   (long long)(2 * file_bytes + file_bytes / 2));
    net_grant(grant, "TREES", NULL, quota);
    net_bytes_max = file_bytes;
    net_open(id[0], grant);
    net_open(id[1], grant);
    net_open(id[2], grant); /* half of it is left */
    net_until(id[2], "state", "failed");
    assert_true(net_is(id[2], "error", "quota"));
    net_bytes_max = file_bytes / 2; /* reserved, but less than the file */
    net_open(id[3], grant);
    net_until_moved(id[0], 2 * CHUNK);
    agency_stop(&alpha);
    agency_start(&alpha, &plain);
    net_bytes_max = 0;
    net_until(id[3], "state", "failed");
    assert_true(net_is(id[3], "error", "quota"));
    assert_int_equal(net_field(id[3], "bytes_done"), 0);
    net_until(id[0], "state", "complete");
    net_until(id[1], "state", "complete");
    AUTO(doc_free) struct doc *usage = net_record("usage/%s/20260209", grant);
    assert_int_equal(doc_get_int(usage, "bytes", 0), 2 * file_bytes);
    assert_int_equal(doc_get_int(usage, "bytes_reserved", -1), 0);
    net_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_http),
        cmocka_unit_test(what_the_ledger_refuses),
        cmocka_unit_test(what_the_provider_refuses),
        cmocka_unit_test(a_quota_is_shared_by_opens_side_by_side),
    };
    return cmocka_run_group_tests_name("exchange_http", tests, net_open_all, net_close_all);
}
