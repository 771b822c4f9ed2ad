/* The follower: blocks taken one batch after another, and forks that it notices. */
#include "follower_world.h"

static const size_t first_three[] = {1, 2, 3};

/* ---- following ---- */

static void to_the_tip_and_on(void **state)
{
    (void)state;
    struct client client = client_of();
    struct hash newest = block_hash(&client.ledger, HEIGHT);
    node.tip = 3;
    assert_int_equal(advance(&client), 0);
    assert_int_equal(height_of(&client), 3);
    reopen(&client);
    assert_int_equal(height_of(&client), 3);
    assert_int_equal(follow_book_node(client.book, node.url), 3);
    node.tip = HEIGHT;
    assert_int_equal(advance(&client), 0);
    assert_int_equal(client.follower.headers, HEIGHT - 3);
    reopen(&client);
    const struct light *light = follow_book_light(client.book);
    assert_int_equal(light->tip.height, HEIGHT);
    assert_true(hash_equal(&light->tip.hash, &newest));
    assert_int_equal(light->walk.set.count, LEDGER_VALIDATORS - 1);
    assert_int_equal(doc_count(follow_book_history(client.book)), 1);
    for (uint64_t height = 1; height <= HEIGHT; height++) {
        struct light_item item;
        AUTO(doc_free) struct doc *expected = item_doc(&client.ledger, height);
        assert_int_equal(follow_book_read(&item, client.book, height), 0);
        AUTO(doc_free) struct doc *kept = light_item_doc(&item);
        assert_true(doc_equal(kept, expected));
    }
    client_free(&client);
}

static void nothing_of_a_batch_with_a_lie(void **state)
{
    (void)state;
    struct client client = client_of();
    for (uint64_t height = 1; height <= HEIGHT; height++) {
        struct light_item item = item_at(&client.ledger, height);
        char claim[64];
        item.certificate.signer[2].signature.bytes[40] ^= 1;
        serve_ledger(&client.ledger);
        doc_free(&node.item[height]);
        node.item[height] = light_item_doc(&item);
        assert_int_equal(advance(&client), ERR_SIGNATURE);
        snprintf(claim, sizeof claim, "height %" PRIu64 ".certificate", height);
        assert_string_equal(client.faults.item[0].field, claim);
        assert_int_equal(height_of(&client), 0);
    }
    client_free(&client);
}

static void from_a_checkpoint(void **state)
{
    (void)state;
    struct client client = client_of();
    struct store_view view;
    struct hash hash = block_hash(&client.ledger, 5), other = hash;
    other.bytes[0] ^= 1;
    assert_int_equal(store_view_open(&view, client.ledger.kv), 0);
    assert_int_equal(pack_start_line(&node.start, &view, 5), 0);
    store_view_close(&view);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 5, &other),
        ERR_NODE_CHECKPOINT);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 4, &hash),
        ERR_NODE_CHECKPOINT);
    assert_int_equal(height_of(&client), 0);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 5, &hash), 0);
    assert_int_equal(follow_book_first(client.book), 5);
    assert_int_equal(advance(&client), 0);
    reopen(&client);
    assert_int_equal(height_of(&client), HEIGHT);
    assert_int_equal(follow_book_first(client.book), 5);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 5, &hash), 0);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 5, &other),
        ERR_CHECKPOINT);
    assert_int_equal(
        follower_checkpoint(&client.follower, &client.faults, &client.source, 4, &hash),
        ERR_CHECKPOINT);
    client_free(&client);
}

/* ---- forks ---- */

static void a_branch_that_is_certified(void **state)
{
    (void)state;
    for (uint64_t from = 1; from <= HEIGHT; from++) {
        struct client client = client_of();
        struct fork_facts facts;
        assert_int_equal(advance(&client), 0);
        branch_off(&client, from, 2, 3);
        assert_int_equal(advance(&client), ERR_FORK);
        assert_int_equal(client.follower.fork.height, from);
        assert_int_equal(fork_verify(&facts, NULL, view_of_buf(&client.follower.evidence),
                                     client.ledger.genesis, &client.ledger.genesis_hash),
                         0);
        assert_int_equal(facts.height, from);
        /* A node that has less than we do, and other blocks. */
        if (from < HEIGHT - 1) {
            client.source.highest = 0;
            node.tip = HEIGHT - 1;
            assert_int_equal(advance(&client), ERR_FORK);
            assert_int_equal(client.follower.fork.height, from);
        }
        client_free(&client);
    }
}

static void a_branch_that_is_not_certified(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    branch_off(&client, 3, 0, 2);
    assert_int_equal(advance(&client), ERR_NODE_BRANCH);
    assert_int_equal(client.follower.evidence.len, 0);
    assert_int_equal(client.faults.item[0].error, ERR_CERT_QUORUM);
    /* Certified by one who is no validator any more at that height. */
    serve_ledger(&client.ledger);
    struct light_item item = item_at(&client.ledger, HEIGHT);
    static const size_t with_the_last[] = {1, 2, 4};
    item.header.log_size++;
    recertify(&item, &client.ledger, 0, with_the_last, 3);
    doc_free(&node.item[HEIGHT]);
    node.item[HEIGHT] = light_item_doc(&item);
    assert_int_equal(advance(&client), ERR_NODE_BRANCH);
    assert_int_equal(client.follower.evidence.len, 0);
    client_free(&client);
}

/* Rot on our own disk accuses nobody: the evidence is judged before anybody sees it. */
static void our_own_certificate_is_damaged(void **state)
{
    (void)state;
    struct client client = client_of();
    node.tip = 1;
    assert_int_equal(advance(&client), 0);
    FILE *file = fopen(client.headers, "r+");
    assert_int_equal(fseek(file, 4 + HEADER_BYTES + 46 + MEMBER_ID_CHARS + 10, SEEK_SET), 0);
    assert_int_equal(fputc(0x5a, file), 0x5a);
    fclose(file);
    struct light_item other = item_at(&client.ledger, 1);
    other.header.state_root.bytes[0] ^= 1;
    recertify(&other, &client.ledger, 0, first_three, 3);
    doc_free(&node.item[1]);
    node.item[1] = light_item_doc(&other);
    assert_int_equal(advance(&client), ERR_SIGNATURE);
    client_free(&client);
}

static void nodes_that_show_less(void **state)
{
    (void)state;
    struct client client = client_of();
    assert_int_equal(advance(&client), 0);
    node.tip = 4;
    assert_int_equal(advance(&client), ERR_NODE_LOWER);
    reopen(&client); /* it is remembered */
    assert_int_equal(advance(&client), ERR_NODE_LOWER);
    client.source.highest = 0; /* another node, which is behind */
    assert_int_equal(advance(&client), 0);
    node.tip = HEIGHT;
    assert_int_equal(advance(&client), 0);
    node.genesis.bytes[0] ^= 1;
    assert_int_equal(advance(&client), ERR_NODE_CHAIN);
    client_free(&client);
}

/* A height that nothing backs is not held against the node when it is honest again. */
static void a_tip_without_headers(void **state)
{
    (void)state;
    struct client client = client_of();
    node.tip = HEIGHT + 100;
    assert_int_equal(advance(&client), ERR_NODE_ANSWER);
    assert_int_equal(height_of(&client), HEIGHT);
    node.tip = HEIGHT;
    assert_int_equal(advance(&client), 0);
    reopen(&client);
    assert_int_equal(advance(&client), 0);
    node.tip = HEIGHT - 1; /* what it did show is */
    assert_int_equal(advance(&client), ERR_NODE_LOWER);
    client_free(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(to_the_tip_and_on),
        cmocka_unit_test(nothing_of_a_batch_with_a_lie),
        cmocka_unit_test(from_a_checkpoint),
        cmocka_unit_test(a_branch_that_is_certified),
        cmocka_unit_test(a_branch_that_is_not_certified),
        cmocka_unit_test(our_own_certificate_is_damaged),
        cmocka_unit_test(nodes_that_show_less),
        cmocka_unit_test(a_tip_without_headers),
    };
    return cmocka_run_group_tests(tests, start_server, stop_server);
}
