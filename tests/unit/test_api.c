/* The API over HTTP in front of a real ledger: submissions and receipts, reads with proofs, writes
 * that the node signs, pages, the test clock.
 *
 *   test_api --serve    keeps such a server for tests/e2e: prints its port, ends with its input */
#include "world.h"
#include "world_http.h"

#include "chain/certificate.h"
#include "chain/light.h"
#include "chain/receipt.h"

#include <inttypes.h>

static struct doc *text_body(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    struct doc *body = fixture_body(format, arguments);
    va_end(arguments);
    return body;
}

#define DUTY(code)                                                                                 \
    "{'code':'" code "','name':'社会组织登记','category':'行政许可',"                    \
    "'implementer':'广东省民政厅','basis':'社会团体登记管理条例第六条'}"

/* ---- submissions ---- */

static void check_receipt(const struct doc *receipt)
{
    struct receipt_facts facts;
    struct faults faults = {0};
    if (receipt_verify(&facts, &faults, receipt, world->genesis, &world->genesis_hash) != 0) {
        AUTO(buf_free) struct buf text = {0};
        faults_append_text(&text, &faults);
        fail_msg("%s", buf_text(&text));
    }
    receipt_facts_free(&facts);
}

static void test_submit_and_wait(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf jws = {0};
    AUTO(doc_free) struct doc *body = text_body(DUTY("W1"));
    world_sign(&jws, world, ALPHA "/compile", "duty.publish", body);
    AUTO(answer_free)
    struct answer answer =
        post("/v1/transactions?wait=committed", "application/jose", "", view_of_buf(&jws));
    assert_int_equal(answer.status, 200);
    check_receipt(answer.body);
    expect_problem(
        post("/v1/transactions?wait=committed", "application/jose", "", view_of_buf(&jws)), 409,
        "tx-replay");
}

static void test_submit_and_go(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf jws = {0};
    AUTO(doc_free) struct doc *body = text_body(DUTY("W2"));
    world_sign(&jws, world, ALPHA "/compile", "duty.publish", body);
    AUTO(answer_free)
    struct answer answer = post("/v1/transactions", "application/jose", "", view_of_buf(&jws));
    assert_int_equal(answer.status, 202);
    const char *txid = doc_get_text(answer.body, "txid");
    assert_non_null(txid);
    AUTO(buf_free) struct buf location = {0};
    buf_append_format(&location, "Location: /v1/transactions/%s\r\n", txid);
    assert_non_null(strstr(buf_text(&answer.raw), buf_text(&location)));
    for (int i = 0; i < 200; i++) {
        AUTO(answer_free) struct answer receipt = get("/v1/transactions/%s/receipt", txid);
        if (receipt.status == 200) {
            check_receipt(receipt.body);
            return;
        }
        usleep(5000);
    }
    fail_msg("never committed");
}

static void test_submit_refused(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf jws = {0};
    AUTO(doc_free) struct doc *empty = doc_new_object();
    world_sign(&jws, world, ALPHA "/compile", "duty.publish", empty);
    AUTO(answer_free)
    struct answer answer = post("/v1/transactions", "application/jose", "", view_of_buf(&jws));
    assert_int_equal(answer.status, 422);
    assert_true(doc_count(doc_get(answer.body, "faults")) >= 4); /* all at once */
    const struct doc *fault = doc_at(doc_get(answer.body, "faults"), 0);
    assert_string_equal(doc_get_text(fault, "code"), "field-missing");
    assert_string_equal(doc_get_text(fault, "field"), "code");
    assert_non_null(doc_get_text(fault, "clause"));

    buf_clear(&jws);
    AUTO(doc_free) struct doc *body = text_body(DUTY("W3"));
    world_sign(&jws, world, BETA "/review", "duty.publish", body); /* not its role */
    expect_problem(post("/v1/transactions", "application/jose", "", view_of_buf(&jws)), 403,
                   "tx-role");
    jws.data[jws.len - 10] = jws.data[jws.len - 10] == 'A' ? 'B' : 'A';
    expect_problem(post("/v1/transactions", "application/jose", "", view_of_buf(&jws)), 403,
                   "bad-signature");
    expect_problem(post("/v1/transactions", "application/jose", "", view_of_text("not.a.jws")), 400,
                   "tx-form");
    expect_problem(post("/v1/transactions", "application/json", "", view_of_text("{}")), 415,
                   "http-media-type");
    expect_problem(
        post("/v1/transactions?wait=for-ever", "application/jose", "", view_of_text("x")), 422,
        "field-choice");
    expect_problem(get("/v1/transactions/%064d/receipt", 0), 404, "not-found");
    expect_problem(get("/v1/transactions/xyz"), 400, "bad-hex");
}

/* ---- writes that the node signs ---- */

#define BEARER "Authorization: Bearer " WORLD_TOKEN "\r\n"
#define JSON_DUTY(code)                                                                            \
    "{\"code\":\"" code "\",\"name\":\"Name\",\"category\":\"其他\",\"implementer\":\"单位\"," \
    "\"basis\":\"依据\"}"

static void test_sign(void **state)
{
    (void)state;
    struct view body = view_of_text(JSON_DUTY("S1"));
    AUTO(answer_free) struct answer answer = post("/v1/duties", "application/json", BEARER, body);
    assert_int_equal(answer.status, 200);
    check_receipt(answer.body);
    AUTO(answer_free)
    struct answer again = post("/v1/duties/publish?wait=none&key=compile", "application/json",
                               BEARER, view_of_text(JSON_DUTY("S2")));
    assert_int_equal(again.status, 202);
    expect_problem(post("/v1/duties", "application/json", BEARER, body), 409, "duplicate");
    expect_problem(post("/v1/duties", "application/json", "", body), 401, "token");
    expect_problem(post("/v1/duties", "application/json", "Authorization: Bearer x\r\n", body), 401,
                   "token");
    expect_problem(
        post("/v1/duties", "application/json", "Authorization: Basic " WORLD_TOKEN "\r\n", body),
        401, "token");
    expect_problem(post("/v1/duties?key=other", "application/json", BEARER, body), 401, "token");
    expect_problem(post("/v1/duties", "application/json", BEARER, view_of_text("{}")), 422,
                   "field-missing");
    expect_problem(post("/v1/duties", "application/json", BEARER, view_of_text("{\"a\":1.5}")), 400,
                   "json-real");
    /* The key's role is judged by the ledger. */
    expect_problem(post("/v1/profiles", "application/json", BEARER, view_of_text("{}")), 422,
                   "field-missing");
}

/* ---- reads ---- */

static void test_state_with_proof(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer plain = get("/v1/state/member/" ALPHA);
    assert_int_equal(plain.status, 200);
    assert_string_equal(doc_get_text(doc_get(plain.body, "value"), "id"), ALPHA);
    static const char *const keys[] = {"member/" ALPHA, "answer/none"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        AUTO(answer_free) struct answer answer = get("/v1/state/%s?proof=1", keys[i]);
        assert_int_equal(answer.status, 200);
        AUTO(buf_free) struct buf value = {0};
        AUTO(buf_free) struct buf bytes = {0};
        bool present = doc_get_bool(answer.body, "present", false);
        assert_int_equal(present, i == 0);
        if (present)
            doc_append_canonical(&value, doc_get(answer.body, "value"));
        const char *hex = doc_get_text(answer.body, "proof");
        buf_reserve(&bytes, strlen(hex) / 2);
        bytes.len = strlen(hex) / 2;
        assert_int_equal(hex_decode(bytes.data, bytes.len, view_of_text(hex)), 0);
        struct reader reader = reader_of(view_of_buf(&bytes));
        struct state_proof proof;
        assert_int_equal(state_proof_decode(&proof, &reader), 0);
        uint8_t encoded[HEADER_BYTES];
        const char *header_hex = doc_get_text(answer.body, "header");
        assert_int_equal(hex_decode(encoded, sizeof encoded, view_of_text(header_hex)), 0);
        struct reader header_reader = reader_of(view_of(encoded, sizeof encoded));
        struct header header;
        assert_int_equal(header_decode(&header, &header_reader), 0);
        assert_int_equal(state_proof_verify(&proof, keys[i],
                                            present ? view_of_buf(&value) : view_of(NULL, 0),
                                            &header.state_root),
                         0);
    }
    expect_problem(get("/v1/state/answer/none"), 404, "not-found");
}

static void test_blocks(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer status = get("/v1/status");
    assert_int_equal(status.status, 200);
    int64_t tip = doc_get_int(doc_get(status.body, "tip"), "height", 0);
    assert_true(tip >= 3);
    int64_t expected = tip;
    char cursor[256] = "";
    do { /* all blocks, two by two, newest first */
        AUTO(answer_free) struct answer page = get("/v1/blocks?limit=2%s", cursor);
        assert_int_equal(page.status, 200);
        const struct doc *items = doc_get(page.body, "items");
        assert_in_range(doc_count(items), 1, 2);
        for (size_t i = 0; i < doc_count(items); i++)
            assert_int_equal(doc_get_int(doc_at(items, i), "height", 0), expected--);
        const char *next = doc_get_text(page.body, "next");
        snprintf(cursor, sizeof cursor, "&cursor=%s", next ? next : "");
        if (!next)
            cursor[0] = 0;
    } while (cursor[0]);
    assert_int_equal(expected, 0);
    AUTO(answer_free) struct answer block = get("/v1/blocks/%d", 2);
    assert_int_equal(block.status, 200);
    assert_int_equal(doc_count(doc_get(block.body, "transactions")), 1);
    assert_int_equal(doc_count(doc_get(doc_get(block.body, "certificate"), "signers")), 3);
    expect_problem(get("/v1/blocks/%" PRId64, tip + 100), 404, "not-found");
    expect_problem(get("/v1/blocks/x"), 422, "field-type");
    expect_problem(get("/v1/blocks?cursor=x"), 400, "bad-cursor");
    expect_problem(get("/v1/blocks?cursor=bWVtYmVyLwAx"), 400, "bad-cursor"); /* of members */
    expect_problem(get("/v1/blocks?limit=201"), 422, "field-range");
}

/* What light clients follow: no more than asked for, none beyond the tip, bounds kept. */
static void test_headers(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer all = get("/v1/headers");
    const struct doc *headers = doc_get(all.body, "headers");
    int64_t tip = doc_get_int(all.body, "tip", 0);
    char genesis[2 * HASH_BYTES + 1];
    hash_to_hex(genesis, &world->genesis_hash);
    assert_int_equal(all.status, 200);
    assert_true(doc_text_is(all.body, "genesis", genesis));
    assert_true(tip >= 3);
    assert_int_equal(doc_count(headers), tip);
    struct light light;
    assert_int_equal(light_start(&light, world->genesis, &world->genesis_hash), 0);
    for (size_t i = 0; i < doc_count(headers); i++) {
        struct light_item item;
        assert_int_equal(light_item_get(&item, NULL, doc_at(headers, i), "item"), 0);
        assert_int_equal(light_link(&light, NULL, &item, "item"), 0);
        assert_int_equal(light_verify(&light, NULL, &item, "item"), 0);
        light_advance(&light, &item);
    }
    AUTO(answer_free) struct answer two = get("/v1/headers?from=2&count=2");
    assert_int_equal(doc_count(doc_get(two.body, "headers")), 2);
    assert_true(doc_equal(doc_at(doc_get(two.body, "headers"), 0), doc_at(headers, 1)));
    AUTO(answer_free) struct answer none = get("/v1/headers?from=%" PRId64, tip + 1000);
    assert_int_equal(none.status, 200);
    assert_int_equal(doc_count(doc_get(none.body, "headers")), 0);
    expect_problem(get("/v1/headers?from=0"), 422, "field-range");
    expect_problem(get("/v1/headers?count=0"), 422, "field-range");
    expect_problem(get("/v1/headers?count=%d", HTTP_HEADERS_ITEMS_MAX + 1), 422, "field-range");
}

static void test_consistency(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer answer = get("/v1/proofs/consistency?from=1&to=3");
    assert_int_equal(answer.status, 200);
    struct hash older, newer;
    const struct doc *from = doc_get(answer.body, "from"), *to = doc_get(answer.body, "to");
    assert_int_equal(hash_from_hex(&older, doc_get_text(from, "log_root")), 0);
    assert_int_equal(hash_from_hex(&newer, doc_get_text(to, "log_root")), 0);
    const char *hex = doc_get_text(answer.body, "proof");
    struct log_proof proof = {.count = strlen(hex) / 2 / HASH_BYTES};
    assert_int_equal(hex_decode((uint8_t *)proof.node, strlen(hex) / 2, view_of_text(hex)), 0);
    assert_int_equal(log_verify_consistency(&proof, (uint64_t)doc_get_int(from, "log_size", 0),
                                            &older, (uint64_t)doc_get_int(to, "log_size", 0),
                                            &newer),
                     0);
    expect_problem(get("/v1/proofs/consistency?from=3&to=1"), 422, "field-range");
    expect_problem(get("/v1/proofs/consistency?from=1&to=100000"), 404, "not-found");
}

static void test_members(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer all = get("/v1/members");
    assert_int_equal(doc_count(doc_get(all.body, "items")), MEMBER_COUNT);
    assert_int_equal(doc_kind(doc_get(all.body, "next")), DOC_NULL);
    AUTO(answer_free) struct answer first = get("/v1/members?limit=4");
    AUTO(answer_free)
    struct answer rest = get("/v1/members?limit=4&cursor=%s", doc_get_text(first.body, "next"));
    assert_int_equal(doc_count(doc_get(rest.body, "items")), 1);
    AUTO(answer_free) struct answer one = get("/v1/members/" ALPHA);
    assert_string_equal(doc_get_text(one.body, "id"), ALPHA);
    AUTO(answer_free) struct answer keys = get("/v1/members/" ALPHA "/keys");
    assert_int_equal(doc_count(doc_get(keys.body, "items")), 5);
    expect_problem(get("/v1/members/" NEWCOMER), 404, "not-found");
    expect_problem(get("/v1/members/a"), 404, "not-found");
    AUTO(answer_free) struct answer set = get("/v1/validators?height=1");
    assert_int_equal(doc_get_int(set.body, "quorum", 0), 3);
    assert_int_equal(doc_get_int(set.body, "from", 0), 1);
    AUTO(answer_free) struct answer genesis = get("/v1/genesis");
    assert_true(doc_equal(genesis.body, world->genesis));
}

static void test_health_and_metrics(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer health = get("/healthz");
    assert_string_equal(doc_get_text(health.body, "status"), "ok");
    AUTO(answer_free) struct answer metrics = get("/metrics");
    assert_int_equal(metrics.status, 200);
    static const char *const lines[] = {
        "Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n",
        "\n# TYPE dirchain_mempool_txs gauge\ndirchain_mempool_txs 7\n",
        "\n# TYPE dirchain_txs_submitted_total counter\ndirchain_txs_submitted_total 12\n",
        "\n# TYPE dirchain_verifier_queued gauge\ndirchain_verifier_queued 5\n",
        "\n# TYPE dirchain_verifier_verified_total counter\ndirchain_verifier_verified_total 6\n",
        "\ndirchain_peer_up{member=\"" BETA "\"} 1\n",
        "\ndirchain_api_submissions_total{outcome=\"committed\"} ",
        "\ndirchain_api_answers_total{class=\"2xx\"} ",
        "\ndirchain_process_resident_bytes ",
    };
    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if (!strstr(buf_text(&metrics.raw), lines[i]))
            fail_msg("no %s in\n%s", lines[i], buf_text(&metrics.raw));
}

/* ---- the test clock: five working days pass, and silence becomes approval ---- */

static void test_clock(void **state)
{
    (void)state;
    AUTO(buf_free) struct buf in = {0};
    int fd = listen_from("?only=act HTTP/1.1\r\n" HOST);
    wait_for(&in, fd, "retry:");
    AUTO(buf_free) struct buf warnings = {0};
    int warnings_fd = listen_from("?only=term-warning HTTP/1.1\r\n" HOST);
    wait_for(&warnings, warnings_fd, "retry:");
    char request_id[2 * HASH_BYTES + 1];
    world_must(world, NULL, ALPHA "/compile", "duty.publish", DUTY("D1"));
    world_must(world, NULL, ALPHA "/compile", "catalog.submit", "{'code':'C1','entry':%s}",
               entry_text("社会组织", "authorised", NULL));
    world_must(world, NULL, CENTER "/review", "catalog.review",
               "{'provider':'" ALPHA "','code':'C1','acts_on':'%s','decision':'accept'}",
               world_version(world, "entry/" ALPHA "/C1"));
    world_must(world, NULL, ALPHA "/compile", "catalog.collect",
               "{'code':'C1','acts_on':'%s','method':'table','system':'业务系统',"
               "'content':'业务信息','tables':1,'rows':1200}",
               world_version(world, "entry/" ALPHA "/C1"));
    world_must(
        world, request_id, BETA "/compile", "request.submit",
        "{'provider':'" ALPHA "','entry':'C1','acts_on':'%s','need':'service',"
        "'purpose':'核验','basis':'职责','goal':'减少材料','items':['姓名'],'mode':'service',"
        "'frequency':{'times':10,'per':'month'},'security_level':2,'safeguards':'专网',"
        "'system':'受理系统','until':'2026-12-31',"
        "'commitments':{'genuine':true,'reasonable':true,'compliant':true}}",
        world_version(world, "entry/" ALPHA "/C1"));
    AUTO(answer_free)
    struct answer answer =
        post("/v1/test/clock", "application/json", "", view_of_text("{\"advance_ms\":60000}"));
    assert_int_equal(answer.status, 200);
    for (int day = 0; day < 8; day++) { /* in steps below outage_ms: an outage approves nothing */
        AUTO(answer_free)
        struct answer step = post("/v1/test/clock", "application/json", "",
                                  view_of_text("{\"advance_ms\":86400000}"));
        assert_int_equal(step.status, 200);
    }
    wait_for(&in, fd, "deemed-approved");
    close(fd);
    wait_for(&warnings, warnings_fd, "\"member\":\"" ALPHA "\"");
    assert_non_null(strstr(buf_text(&warnings), "event: term-warning\ndata: {\"act\":{"));
    assert_null(strstr(buf_text(&warnings), "deemed-approved"));
    close(warnings_fd);
    AUTO(answer_free) struct answer grant = get("/v1/state/grant/%s", request_id);
    assert_string_equal(doc_get_text(doc_get(grant.body, "value"), "status"), "active");
    expect_problem(post("/v1/test/clock", "application/json", "", view_of_text("{}")), 422,
                   "field-missing");
    expect_problem(
        post("/v1/test/clock", "application/json", "", view_of_text("{\"advance_ms\":-1}")), 422,
        "field-range");
    expect_problem(post("/v1/test/clock", "text/plain", "", view_of_text("{}")), 415,
                   "http-media-type");
}

/* ---- pages ---- */

static void test_pages(void **state)
{
    (void)state;
    AUTO(answer_free) struct answer index = get("/");
    assert_int_equal(index.status, 200);
    const char *text = buf_text(&index.raw);
    assert_non_null(strstr(text, "Content-Type: text/html; charset=utf-8\r\n"));
    assert_non_null(strstr(text, "Content-Security-Policy: default-src 'none'; script-src 'self'"));
    assert_non_null(strstr(text, "目录链"));
    const char *tag = strstr(text, "ETag: ") + 6;
    AUTO(answer_free)
    struct answer same = ask("GET / HTTP/1.1\r\n" HOST "If-None-Match: %.*s\r\n"
                             "Connection: close\r\n\r\n",
                             (int)strcspn(tag, "\r"), tag);
    assert_non_null(strstr(buf_text(&same.raw), "HTTP/1.1 304 "));
    AUTO(answer_free) struct answer script = get("/app.mjs");
    assert_non_null(strstr(buf_text(&script.raw), "Content-Type: text/javascript"));
    static const char *const absent[] = {"/index.htm",
                                         "/app.mjs/",
                                         "/../CMakeLists.txt",
                                         "/%2e%2e/CMakeLists.txt",
                                         "/..%2fCMakeLists.txt",
                                         "/.git/config",
                                         "/nothing.html",
                                         "/v1/nothing",
                                         "/web"};
    for (size_t i = 0; i < COUNT_OF(absent); i++) {
        AUTO(answer_free) struct answer answer = get("%s", absent[i]);
        assert_true(answer.status == 404 || answer.status == 400);
    }
    expect_problem(post("/v1/nothing", "text/plain", "", view_of_text("x")), 404, "not-found");
}

static int start(void **state)
{
    fixture_warns = true;
    return world_start(state);
}

static int serve(void)
{
    char line[16];
    if (start(NULL) != 0)
        return 1;
    printf("%u\n", api_port(world->api));
    fflush(stdout);
    while (fgets(line, sizeof line, stdin))
        ;
    return world_stop(NULL);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--serve") == 0)
        return serve();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_submit_and_wait),
        cmocka_unit_test(test_submit_and_go),
        cmocka_unit_test(test_submit_refused),
        cmocka_unit_test(test_sign),
        cmocka_unit_test(test_state_with_proof),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_consistency),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_health_and_metrics),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_pages),
    };
    return cmocka_run_group_tests(tests, start, world_stop);
}
