/* What must not leave a gateway, or not yet: before the certificate, after a suspension or an
 * expiry, while the ledger stands still; to whom it must not. */
#include "exchange_net.h"

/* ---- what must not leave ---- */

static void pause_world(bool paused)
{
    pthread_mutex_lock(&world->lock);
    world->paused = paused;
    pthread_cond_broadcast(&world->changed);
    pthread_mutex_unlock(&world->lock);
}

/* E2: no committed access record, no data. */
static void nothing_before_the_certificate(void **state)
{
    (void)state;
    char grant[65], id[65];
    AUTO(buf_free) struct buf header = {0};
    net_start("certificate", &plain);
    net_grant(grant, "TREES", NULL, "");
    pause_world(true); /* no quorum */
    net_open(id, grant);
    net_opening(&header, id);
    for (int i = 0; i < 10; i++) {
        assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", buf_text(&header)),
                            "access-not-certified");
        assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "access-not-certified");
        assert_true(net_is(id, "state", "opening"));
        assert_int_equal(net_field(id, "bytes_done"), 0);
        usleep(50000);
    }
    pause_world(false);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    net_stop();
}

/* The one transaction that waits for a block. */
static bool take_pending(struct world_pending *out)
{
    pthread_mutex_lock(&world->lock);
    if (world->pending_count == 1 && out->tx == NULL) {
        *out = world->pending[0];
        world->pending_count = 0;
    }
    pthread_mutex_unlock(&world->lock);
    return out->tx != NULL;
}

/* An open that stands in a block whose certificate does not verify: too few signers, or signers
 * that are no validators. */
static void forged_certificates(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("forged", &plain);
    net_grant(grant, "TREES", NULL, "");
    for (int forgery = 0; forgery < 2; forgery++) {
        pause_world(true);
        net_open(id, grant);
        struct world_pending pending = {0};
        NET_WAIT(take_pending(&pending));
        assert_true(world_admit(world, &pending));
        struct app_proposal proposal = {.time_ms = app_tip_time_ms(world->app) + 1,
                                        .proposer = app_next_validators(world->app)->item[0].member,
                                        .candidates = &pending.tx,
                                        .candidate_count = 1};
        AUTO(block_free) struct block *block = NULL;
        struct app_commit commit;
        assert_int_equal(app_prepare(&block, world->app, &proposal), 0);
        assert_int_equal(block->tx_count, 1);
        struct certificate certificate = certify(world->app, block);
        if (forgery == 0) {
            certificate.count--;
        } else {
            certificate.signer[0].signature.bytes[7] ^= 1;
        }
        assert_int_equal(app_commit(&commit, world->app, &block->hash, &certificate), 0);
        app_commit_free(&commit);
        pending.done(pending.argument, 0, NULL, block->header.height);
        tx_free(&pending.tx);
        NET_WAIT(net_is(id, "error", "access-not-certified"));
        usleep(200000);
        assert_true(net_is(id, "state", "waiting"));
        assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "access-not-certified");
        assert_int_equal(net_field(id, "bytes_done"), 0);
        pause_world(false);
    }
    net_stop();
}

static void the_ledger_stands_still(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("stale", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    atomic_fetch_add(&world->now_ms, 31000); /* release_max_age_ms is 30 s */
    NET_WAIT(net_is(id, "error", "ledger-stale"));
    int64_t moved = net_field(id, "bytes_done");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "ledger-stale");
    usleep(300000);
    assert_int_equal(net_field(id, "bytes_done"), moved);
    net_block(0);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    net_stop();
}

/* Lifts the center's hold, or no later test would get anything. */
static void restore(const char *grant)
{
    world_must(world, NULL, CENTER "/review", "grant.restore",
               "{'grant':'%s','acts_on':'%s','reason':'核查完毕'}", grant,
               world_version(world, "grant/%s", grant));
}

static void a_grant_is_suspended(void **state)
{
    (void)state;
    char grant[65], id[65], path[PATH_MAX + 256];
    net_start("suspended", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    world_must(world, NULL, CENTER "/review", "grant.suspend",
               "{'grant':'%s','acts_on':'%s','reason':'安全风险核查'," RISK_REPORT "}", grant,
               world_version(world, "grant/%s", grant));
    int64_t moved = net_field(id, "bytes_done");
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "grant-suspended"));
    assert_true(net_field(id, "bytes_done") <= moved + 2 * CHUNK); /* at most one on its way */
    net_path(path, id, "");                                        /* the part is not kept either */
    assert_int_not_equal(access(path, F_OK), 0);
    /* What had left is receipted by both, and the refusal is on record, once. */
    assert_true(net_is(id, "reconciled", "agreed"));
    NET_WAIT(net_refused(grant) == 1);
    AUTO(doc_free) struct doc *usage = net_record("usage/%s/20260209", grant);
    assert_int_equal(doc_get_int(usage, "bytes", 0), net_field(id, "bytes_done"));
    assert_true(doc_get_int(usage, "rows", 0) > 1000);
    assert_int_equal(doc_get_int(usage, "rows", 0), net_field(id, "rows"));
    restore(grant);
    net_stop();
}

/* PT 31: 暂停相应共享服务: a second grant on the entry gives nothing more either. */
static void another_grant_is_suspended(void **state)
{
    (void)state;
    char held[65], grant[65], id[65];
    net_start("other", &slow);
    net_grant(held, "TREES", NULL, "");
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_until_moved(id, 5 * CHUNK);
    world_must(world, NULL, CENTER "/review", "grant.suspend",
               "{'grant':'%s','acts_on':'%s','reason':'安全风险核查'," RISK_REPORT "}", held,
               world_version(world, "grant/%s", held));
    net_until(id, "state", "failed");
    assert_true(net_is(id, "error", "grant-suspended"));
    NET_WAIT(net_refused(grant) == 1);
    restore(held);
    net_stop();
}

static void an_open_expires(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("expires", &plain);
    net_grant(grant, "TREES", NULL, "");
    http_server_stop(&alpha.server);
    net_open(id, grant);
    NET_WAIT(net_is(id, "error", "network"));
    net_block(3601000); /* access.open_ms of the profile is an hour */
    NET_WAIT(net_is(id, "state", "closing"));
    AUTO(doc_free) struct doc *item = net_reconcile(id);
    assert_true(doc_get_bool(item, "overdue", false));
    agency_listen(&alpha);
    const char *code = net_ask(NULL, beta.seed, id, "chunks/0", NULL);
    if (strcmp(code, "access-closed") != 0) /* our receipt may be in already */
        assert_string_equal(code, "access-expired");
    net_until(id, "state", "expired");
    assert_true(net_is(id, "error", "access-expired"));
    assert_true(net_is(id, "reconciled", "agreed")); /* both say that nothing moved */
    net_stop();
}

static void who_may_not(void **state)
{
    (void)state;
    static const uint8_t stranger[TLS_KEY_BYTES] = {9, 9, 9};
    char grant[65], id[65];
    AUTO(buf_free) struct buf header = {0};
    net_start("callers", &slow);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    net_opening(&header, id);
    net_until_moved(id, CHUNK);
    const char *opening = buf_text(&header);
    assert_string_equal(net_ask(NULL, stranger, id, "chunks/0", NULL), "peer-unknown");
    assert_string_equal(net_ask(NULL, stranger, id, "manifest", opening), "peer-unknown");
    assert_string_equal(net_ask(NULL, gamma_agency.seed, id, "manifest", opening), "not-granted");
    assert_string_equal(net_ask(NULL, gamma_agency.seed, id, "chunks/0", NULL), "not-granted");
    assert_string_equal(net_ask(NULL, gamma_agency.seed, id, "complete", NULL), "not-granted");
    assert_string_equal(net_ask(NULL, alpha.seed, id, "chunks/0", NULL), "not-granted");
    NET_WAIT(net_on_record(GAMMA, "not-granted"));
    net_until(id, "state", "complete");
    net_stop();
}

/* The consumer's own questions, by hand, where they are out of turn. */
static void questions_out_of_turn(void **state)
{
    (void)state;
    static const char nobody[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    char grant[65], id[65];
    AUTO(buf_free) struct buf header = {0};
    AUTO(buf_free) struct buf forged = {0};
    AUTO(buf_free) struct buf body = {0};
    net_start("turns", &(struct agency_plan){.chunk_bytes = CHUNK});
    net_grant(grant, "TREES", NULL, "");
    atomic_store(&net_diverted, "127.0.0.1:9"); /* the job itself finds nobody */
    net_open(id, grant);
    net_until(id, "state", "waiting");
    net_opening(&header, id);
    AUTO(doc_free) struct doc *other = doc_new_object();
    struct hash salt = {{1}};
    buf_append_text(&forged, OPENING_HEADER ": ");
    opening_to_text(&forged, &salt, other);
    assert_string_equal(net_ask(NULL, beta.seed, nobody, "manifest", NULL), "access-not-certified");
    assert_string_equal(net_ask(NULL, beta.seed, "zz", "manifest", NULL), "bad-hex");
    assert_string_equal(net_ask(NULL, beta.seed, grant, "manifest", NULL), "not-granted");
    assert_string_equal(net_ask(NULL, beta.seed, id, "nothing", NULL), "not-found");
    assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", NULL), "field-missing");
    assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", buf_text(&forged)),
                        "digest-mismatch");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), "status");
    NET_WAIT(net_ask(NULL, beta.seed, id, "manifest", buf_text(&header))[0] == 0);
    assert_string_equal(net_ask(NULL, beta.seed, id, "manifest", NULL), ""); /* known by now */
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/1", NULL), "field-range");
    assert_string_equal(net_ask(&body, beta.seed, id, "chunks/0", NULL), "");
    assert_int_equal(body.len, CHUNK);
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/0", NULL), ""); /* once more */
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/2", NULL), "field-range");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/1", NULL), "");
    static const char *const bad[] = {"chunks/x", "chunks/00", "chunks/-1", "chunks/1e1"};
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        assert_string_equal(net_ask(NULL, beta.seed, id, bad[i], NULL), "field-format");
    assert_string_equal(net_ask(NULL, beta.seed, id, "chunks/99999", NULL), "field-range");
    atomic_store(&net_diverted, NULL);
    net_until(id, "state", "complete");
    net_arrived_whole(id);
    assert_true(net_is(id, "reconciled", "agreed"));
    net_stop();
}

/* One consumer asks for more than its share and takes nothing: others are served, and a transfer
 * that waits knows why. */
static void one_consumer_is_not_all(void **state)
{
    (void)state;
    char grant[3][65], others[65], id[65], waiting[65], last[65];
    AUTO(buf_free) struct buf header = {0};
    net_start("share", &plain);
    for (int i = 0; i < 3; i++)
        net_grant(grant[i], "TREES", NULL, "");
    net_grant_to(others, GAMMA, "TREES", NULL, "");
    for (int i = 0; i <= DELIVERIES_GRANT_MAX; i++) {
        net_open_by_hand(id, &header, BETA, grant[0]);
        const char *said = net_ask(NULL, beta.seed, id, "manifest", buf_text(&header));
        assert_string_equal(said, i < DELIVERIES_GRANT_MAX ? "wait" : "delivery-share");
    }
    for (int i = 0; i <= DELIVERIES_MEMBER_MAX - DELIVERIES_GRANT_MAX; i++) {
        net_open_by_hand(id, &header, BETA, grant[1 + i / DELIVERIES_GRANT_MAX]);
        const char *said = net_ask(NULL, beta.seed, id, "manifest", buf_text(&header));
        bool within = i < DELIVERIES_MEMBER_MAX - DELIVERIES_GRANT_MAX;
        assert_string_equal(said, within ? "wait" : "delivery-share");
        if (within)
            memcpy(last, id, sizeof last);
        if (i == 0) /* its turn comes, however many of one member wait */
            net_open_by_hand(waiting, &header, GAMMA, others);
    }
    net_open(id, grant[2]); /* the consumer's own gateway hears why it waits */
    NET_WAIT(net_is(id, "error", "delivery-share"));
    assert_true(net_is(id, "state", "waiting"));
    NET_WAIT(net_ask(NULL, gamma_agency.seed, waiting, "manifest", buf_text(&header))[0] == 0);
    assert_string_equal(net_ask(NULL, gamma_agency.seed, waiting, "chunks/0", NULL), "");
    struct exchange_stats stats;
    exchange_gateway_stats(&stats, alpha.gateway);
    assert_int_equal(stats.deliveries, DELIVERIES_MEMBER_MAX + 1);
    /* Also after a restart, when the opens have not been looked at again. */
    NET_WAIT(net_ask(NULL, beta.seed, last, "manifest", NULL)[0] == 0); /* all are prepared */
    agency_stop(&alpha);
    agency_start(&alpha, &plain);
    net_open_by_hand(waiting, &header, BETA, grant[2]);
    assert_string_equal(net_ask(NULL, beta.seed, waiting, "manifest", buf_text(&header)),
                        "delivery-share");
    net_block(3640000); /* all of them end, and their places are free */
    net_until(id, "state", "expired");
    net_stop();
}

/* A gateway with another key than the provider's on the ledger gets no question. */
static void another_server(void **state)
{
    (void)state;
    char grant[65], id[65];
    net_start("server", &plain);
    agency_prepare(&gamma_agency, "server");
    agency_copy(&gamma_agency, TREES, "trees.csv");
    agency_start(&gamma_agency, &plain);
    atomic_store(&net_diverted, gamma_agency.endpoint);
    net_grant(grant, "TREES", NULL, "");
    net_open(id, grant);
    NET_WAIT(net_is(id, "error", "network"));
    assert_true(net_is(id, "state", "waiting"));
    atomic_store(&net_diverted, NULL);
    net_until(id, "state", "complete");
    agency_stop(&gamma_agency);
    net_stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_before_the_certificate),
        cmocka_unit_test(the_ledger_stands_still),
        cmocka_unit_test(a_grant_is_suspended),
        cmocka_unit_test(another_grant_is_suspended),
        cmocka_unit_test(who_may_not),
        cmocka_unit_test(questions_out_of_turn),
        cmocka_unit_test(one_consumer_is_not_all),
        cmocka_unit_test(another_server),
        cmocka_unit_test(an_open_expires),
        cmocka_unit_test(forged_certificates),
    };
    return cmocka_run_group_tests_name("exchange_release", tests, net_open_all, net_close_all);
}
